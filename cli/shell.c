/* airlock shell: a shell in a VM.  It needs fork(), which the kernel does not have yet. */
#include "shell.h"

#include <stdio.h>
#include <string.h>

#include "message.h"

int shell_command(int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "--help") == 0) {
		printf("Usage: airlock shell\nA shell in a VM of its own.\n");
		return 0;
	}
	return message_fail(STATUS_AIRLOCK,
		"%s is not possible yet: a shell needs fork(), which the kernel does not have",
		argv[0] + strlen("airlock "));
}

/*
 * airlock shell: a shell in a VM.
 *
 * It is `airlock run -t` of busybox, whose one file brings some hundred commands along: its shell runs them without looking for files.
 */
#include "shell.h"

#include <stdio.h>
#include <string.h>

#include "run.h"
#include "text.h"

int shell_command(int argc, char **argv)
{
	struct text_list arguments = {0};
	if (argc > 1 && strcmp(argv[1], "--help") == 0) {
		printf("Usage: airlock shell [OPTION...]\n"
		       "A shell in a VM of its own, with this terminal.  Options as for airlock run.\n"
		       "Ctrl-] and a full stop leave it at once.\n");
		return 0;
	}
	text_list_add(&arguments, "airlock run");
	text_list_add(&arguments, "--tty");
	for (int i = 1; i < argc; i++)
		text_list_add(&arguments, argv[i]);
	text_list_add(&arguments, "--");
	text_list_add(&arguments, "busybox");
	text_list_add(&arguments, "sh");
	int status = run_command((int)arguments.count, arguments.items);
	text_list_free(&arguments);
	return status;
}

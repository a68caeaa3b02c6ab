/* airlock check: hands over to the checker of entry code. */
#include "check.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "message.h"
#include "paths.h"

int check_command(int argc, char **argv)
{
	(void)argc;
	char *checker = paths_build("bin/entrycheck");
	execv(checker, argv);
	if (errno == ENOENT)
		return message_fail(
			STATUS_AIRLOCK, "check is not possible yet: %s is not built", checker);
	return message_fail(STATUS_AIRLOCK, "cannot start %s: %s", checker, strerror(errno));
}

/* Users without privileges, and processes of theirs. */
#ifndef ABI_USERS_H
#define ABI_USERS_H

#include "proc.h"

#include <sys/prctl.h>

#define NOBODY 65534
#define OTHER 65533

static inline void become(int id)
{
	if (setresgid(id, id, id) || setresuid(id, id, id))
		printf("become %d: %s\n", id, error_name(errno));
	/* Linux forbids to look at a process that has changed its ids. */
	prctl(PR_SET_DUMPABLE, 1);
}

/* A process that waits to be killed, of a user. */
static inline pid_t sleeper(int id)
{
	int told[2];
	char byte;

	if (pipe(told))
		exit(1);
	pid_t child = CHILD({
		if (id)
			become(id);
		close(told[1]);
		for (;;)
			pause();
	});
	close(told[1]);
	/* Its end of the pipe is closed when it is ready. */
	while (read(told[0], &byte, 1) > 0)
		;
	close(told[0]);
	return child;
}

static inline void end(pid_t child)
{
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
}

#endif

#include "orphans.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "text.h"

void orphans_adopt(void)
{
	prctl(PR_SET_CHILD_SUBREAPER, 1);
}

/* Signals each child once. Those that have ended already are still listed, as nobody has waited for them. */
static void orphans_signal(void)
{
	char *path = text_format("/proc/self/task/%ld/children", (long)getpid());
	FILE *file = fopen(path, "re");
	char *children = NULL;
	size_t size = 0;
	if (file && getdelim(&children, &size, '\0', file) > 0) {
		char *next = children, *end;
		for (long child; (child = strtol(next, &end, 10)) > 0; next = end)
			kill((pid_t)child, SIGKILL);
	}
	if (file)
		fclose(file);
	free(children);
	free(path);
}

void orphans_kill(void)
{
	/* A killed child's children are ours before it can be waited for, so none is missed. */
	do {
		orphans_signal();
	} while (waitpid(-1, NULL, 0) > 0 || errno == EINTR);
}

/* What the tests of processes share. */
#ifndef ABI_PROC_H
#define ABI_PROC_H

#include "abi.h"

#include <sched.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#pragma GCC diagnostic ignored "-Woverride-init"
#pragma GCC diagnostic ignored "-Wunused-parameter"
#pragma GCC diagnostic ignored "-Wnonnull"
#pragma GCC diagnostic ignored "-Wunused-result"

/* A child that runs the block and ends with 0 unless the block says otherwise. */
#define CHILD(...)                      \
	({                              \
		fflush(stdout);         \
		pid_t child_ = fork();  \
		if (child_ == 0) {      \
			__VA_ARGS__;    \
			fflush(stdout); \
			_exit(0);       \
		}                       \
		child_;                 \
	})

/* "exited 3", "killed 9", "stopped 19", "continued". */
static inline const char *status_text(int status)
{
	static char text[32];

	if (WIFEXITED(status))
		snprintf(text, sizeof(text), "exited %d", WEXITSTATUS(status));
	else if (WIFSIGNALED(status))
		snprintf(text, sizeof(text), "killed %d", WTERMSIG(status));
	else if (WIFSTOPPED(status))
		snprintf(text, sizeof(text), "stopped %d", WSTOPSIG(status));
	else if (WIFCONTINUED(status))
		snprintf(text, sizeof(text), "continued");
	else
		snprintf(text, sizeof(text), "%#x", status);
	return text;
}

/* Waits for one child and says how it ended. */
static inline void show_end(const char *what, pid_t child)
{
	int status = 0;
	pid_t got = waitpid(child, &status, 0);

	printf("%s: %s\n", what, got == child ? status_text(status) : error_name(errno));
}

#define SHOW_CHILD(...) show_end(#__VA_ARGS__, CHILD(__VA_ARGS__))

/* So many times the same letter. */
static inline char *string_of(size_t length)
{
	char *s = malloc(length + 1);

	memset(s, 'y', length);
	s[length] = 0;
	return s;
}

#endif

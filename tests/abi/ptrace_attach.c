// summary: ptrace(2) of a process that has only just stopped: the tracer finds a stop of its own
// quick: most
//
// Seen to fail: under --fuzz, while a thread was marked as resting only after its parent had been told.
#include "trace.h"

#define ROUNDS 600

/* The stop that attaching is answered with is there when attaching returns, however recent the one is that it takes over. */
int main(void)
{
	int there = 0, status, seized;
	pid_t child = CHILD(for (;;) raise(SIGSTOP));

	waitpid(child, &status, WUNTRACED);
	for (int i = 0; i < ROUNDS; i++) {
		kill(child, SIGCONT);
		waitpid(child, &status, WUNTRACED);
		seized = i & 1;
		trace(seized ? PTRACE_SEIZE : PTRACE_ATTACH, child, 0, 0);
		there += waitpid(child, &status, WNOHANG | __WALL) == child && WIFSTOPPED(status);
		trace(PTRACE_DETACH, child, 0, 0);
	}
	SHOW(there);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	return 0;
}

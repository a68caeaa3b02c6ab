// summary: a blocked deadly signal takes effect when it is unblocked
#include "abi.h"
#include <signal.h>

int main(void)
{
	sigset_t set;
	sigfillset(&set);
	sigprocmask(SIG_SETMASK, &set, NULL);
	SHOW(kill(getpid(), SIGUSR1));
	SHOW(raise(SIGTERM));
	puts("still here");
	fflush(stdout);
	sigemptyset(&set);
	sigprocmask(SIG_SETMASK, &set, NULL);
	puts("NOT HERE");
	return 0;
}

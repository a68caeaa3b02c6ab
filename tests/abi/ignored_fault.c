// summary: a fault ends the program although SIGSEGV is ignored and blocked
#include "abi.h"
#include <signal.h>

int main(void)
{
	sigset_t set;
	sigfillset(&set);
	sigprocmask(SIG_SETMASK, &set, NULL);
	signal(SIGSEGV, SIG_IGN);
	puts("now");
	fflush(stdout);
	*(volatile int *)8 = 1;
	puts("NOT HERE");
	return 0;
}

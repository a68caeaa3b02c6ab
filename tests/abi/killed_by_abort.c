// summary: abort ends the program by SIGABRT, even when that is blocked and ignored
#include "abi.h"
#include <signal.h>

int main(void)
{
	signal(SIGABRT, SIG_IGN);
	puts("now");
	fflush(stdout);
	abort();
}

/*
 * Two processes that do nothing but trap, so that the kernel returns to them by IRETQ all the time, and a timer interrupt
 * comes at every tick, because two want to run. Never ends.
 */
#include <signal.h>
#include <unistd.h>

static void noop(int number)
{
	(void)number;
}

int main(void)
{
	signal(SIGTRAP, noop);
	if (fork() < 0)
		return 1;
	for (;;)
		__asm__ volatile("int3");
}

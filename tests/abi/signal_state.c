// summary: rt_sigaction, rt_sigprocmask, rt_sigpending, sigaltstack: what is stored comes back
#include "abi.h"
#include <signal.h>

/* The kernel's own structure, since libc's has more. */
struct kernel_action {
	void *handler;
	unsigned long flags;
	void *restorer;
	uint64_t mask;
};

static void handler(int number)
{
	(void)number;
}

static long action(
	int number, const struct kernel_action *new, struct kernel_action *old, size_t size)
{
	return syscall(SYS_rt_sigaction, number, new, old, size);
}

static void show_action(int number)
{
	struct kernel_action old = {0};
	if (action(number, NULL, &old, 8) == 0)
		printf("%d: %s, flags %lx, mask %lx\n", number,
			old.handler == SIG_DFL		 ? "default"
			: old.handler == SIG_IGN	 ? "ignored"
			: old.handler == (void *)handler ? "handler"
							 : "?",
			old.flags, old.mask);
}

int main(void)
{
	struct kernel_action new = {(void *)handler, SA_RESTART | SA_SIGINFO | 0x04000000,
		(void *)handler, 0xffffffffffffffff};
	struct kernel_action old;
	for (int i = 1; i < 65; i++)
		show_action(i);
	SHOW(action(SIGUSR1, &new, &old, 8));
	SHOW(action(SIGUSR1, &new, &old, 8));
	show_action(SIGUSR1);
	new.handler = SIG_IGN;
	SHOW(action(64, &new, NULL, 8));
	show_action(64);
	SHOW(action(SIGKILL, &new, NULL, 8));
	SHOW(action(SIGSTOP, &new, NULL, 8));
	SHOW(action(SIGKILL, NULL, &old, 8));
	SHOW(action(0, &new, NULL, 8));
	SHOW(action(65, &new, NULL, 8));
	SHOW(action(-1, &new, NULL, 8));
	SHOW(action(SIGUSR1, &new, NULL, 4));
	SHOW(action(SIGUSR1, NULL, NULL, 8));

	uint64_t mask = 0x00ff00ff00ff00ff, was = 1;
	SHOW(syscall(SYS_rt_sigprocmask, SIG_SETMASK, &mask, &was, 8));
	printf("%lx\n", was);
	mask = 0xf000;
	SHOW(syscall(SYS_rt_sigprocmask, SIG_BLOCK, &mask, &was, 8));
	printf("%lx\n", was);
	mask = 0xff;
	SHOW(syscall(SYS_rt_sigprocmask, SIG_UNBLOCK, &mask, &was, 8));
	printf("%lx\n", was);
	SHOW(syscall(SYS_rt_sigprocmask, SIG_BLOCK, NULL, &was, 8));
	printf("%lx\n", was);
	SHOW(syscall(SYS_rt_sigprocmask, 99, NULL, &was, 8));
	SHOW(syscall(SYS_rt_sigprocmask, 99, &mask, &was, 8));
	SHOW(syscall(SYS_rt_sigprocmask, SIG_BLOCK, &mask, &was, 4));
	mask = 0xffffffffffffffff;
	SHOW(syscall(SYS_rt_sigprocmask, SIG_SETMASK, &mask, NULL, 8));
	SHOW(syscall(SYS_rt_sigprocmask, SIG_SETMASK, NULL, &was, 8));
	printf("%lx\n", was);

	/* Blocked: it waits, and ignoring it takes it away. */
	uint64_t pending = 1;
	SHOW(syscall(SYS_rt_sigpending, &pending, 8));
	printf("%lx\n", pending);
	SHOW(kill(getpid(), SIGTERM));
	SHOW(kill(getpid(), SIGUSR2));
	SHOW(syscall(SYS_rt_sigpending, &pending, 8));
	printf("%lx\n", pending);
	SHOW(action(SIGTERM, &new, NULL, 8));
	SHOW(syscall(SYS_rt_sigpending, &pending, 8));
	printf("%lx\n", pending);
	SHOW(action(SIGUSR2, &new, NULL, 8));
	mask = 0;
	SHOW(syscall(SYS_rt_sigprocmask, SIG_SETMASK, &mask, NULL, 8));
	SHOW(kill(getpid(), SIGTERM));
	SHOW(kill(getpid(), 0));

	char area[8192];
	stack_t stack = {.ss_sp = area, .ss_size = sizeof(area)}, before;
	SHOW(sigaltstack(&stack, &before));
	printf("%d %zu\n", before.ss_flags, before.ss_size);
	SHOW(sigaltstack(NULL, &before));
	HOLDS(before.ss_sp == area && before.ss_size == sizeof(area) && before.ss_flags == 0);
	stack.ss_size = 100;
	SHOW(sigaltstack(&stack, NULL));
	stack.ss_flags = 0x77;
	SHOW(sigaltstack(&stack, NULL));
	stack.ss_flags = SS_DISABLE;
	SHOW(sigaltstack(&stack, NULL));
	return 0;
}

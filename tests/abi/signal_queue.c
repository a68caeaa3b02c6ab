// summary: queued signals: order, siginfo, limits, sigwaitinfo, sigsuspend, and every error
//
// Not yet seen to fail by a broken kernel.
#include "abi.h"
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

static volatile int order[200], values[200], codes[200], count;

static void note(int number, siginfo_t *info, void *context)
{
	(void)context;
	order[count] = number;
	values[count] = info->si_value.sival_int;
	codes[count] = info->si_code;
	count++;
}

static void set(int number, void *handler, int flags)
{
	struct sigaction a = {.sa_flags = flags};
	a.sa_sigaction = handler;
	sigfillset(&a.sa_mask);
	sigaction(number, &a, NULL);
}

static void block(int how, ...)
{
	sigset_t all;
	sigfillset(&all);
	sigprocmask(how, &all, NULL);
}

static void queue(int number, int value)
{
	if (sigqueue(getpid(), number, (union sigval){.sival_int = value}))
		printf("sigqueue %d: %s\n", number, error_name(errno));
}

static void show_order(const char *what)
{
	printf("%s:", what);
	for (int i = 0; i < count; i++)
		printf(" %d/%d/%d", order[i], values[i], codes[i]);
	printf("\n");
	count = 0;
}

static void orders(void)
{
	for (int i = 1; i <= 64; i++)
		if (i != SIGKILL && i != SIGSTOP && i != 32 && i != 33)
			set(i, note, SA_SIGINFO);
	block(SIG_BLOCK);
	for (int i = 0; i < 5; i++)
		queue(40, i);
	queue(38, 7);
	queue(64, 9);
	queue(40, 5);
	for (int i = 0; i < 3; i++)
		queue(SIGUSR1, i);
	queue(SIGTERM, 11);
	queue(SIGSEGV, 12);
	queue(SIGHUP, 13);
	queue(SIGCONT, 14);
	block(SIG_UNBLOCK);
	show_order("values");
	block(SIG_BLOCK);
	kill(getpid(), 40);
	queue(40, 1);
	kill(getpid(), 40);
	raise(40);
	block(SIG_UNBLOCK);
	/* value is whatever lies there for kill: not shown. */
	printf("kinds:");
	for (int i = 0; i < count; i++)
		printf(" %d", codes[i]);
	printf("\n");
	count = 0;
	/* To the thread comes before to the process. */
	block(SIG_BLOCK);
	queue(40, 1);
	raise(50);
	queue(39, 2);
	raise(41);
	block(SIG_UNBLOCK);
	printf("threads first:");
	for (int i = 0; i < count; i++)
		printf(" %d", order[i]);
	printf("\n");
	count = 0;
}

static void taking(void)
{
	sigset_t set_, pending;
	siginfo_t info;
	struct timespec none = {0, 0}, bad = {0, 1000000000}, negative = {-1, 0},
			little = {0, 20000000};
	block(SIG_BLOCK);
	sigemptyset(&set_);
	sigaddset(&set_, 40);
	sigaddset(&set_, SIGUSR1);
	SHOW(sigtimedwait(&set_, &info, &none));
	SHOW(sigtimedwait(&set_, &info, &little));
	SHOW(sigtimedwait(&set_, &info, &bad));
	SHOW(sigtimedwait(&set_, &info, &negative));
	queue(40, 77);
	queue(40, 78);
	queue(SIGUSR1, 79);
	queue(SIGUSR2, 80);
	sigpending(&pending);
	for (int i = 1; i <= 64; i++)
		if (sigismember(&pending, i) == 1)
			printf("pending %d\n", i);
	for (int i = 0; i < 3; i++) {
		memset(&info, 0, sizeof(info));
		SHOW(sigwaitinfo(&set_, &info));
		printf("%d %d %d %d, from here %d\n", info.si_signo, info.si_code, info.si_errno,
			info.si_value.sival_int, info.si_pid == getpid());
	}
	SHOW(sigtimedwait(&set_, NULL, &none));
	sigaddset(&set_, SIGUSR2);
	SHOW(sigtimedwait(&set_, NULL, NULL));
	/* Wrong arguments. */
	SHOW(syscall(SYS_rt_sigtimedwait, &set_, &info, &none, 4));
	SHOW(syscall(SYS_rt_sigtimedwait, &set_, &info, &none, 16));
	SHOW(syscall(SYS_rt_sigtimedwait, 1, &info, &none, 8));
	SHOW(syscall(SYS_rt_sigtimedwait, &set_, &info, 1, 8));
	queue(40, 1);
	SHOW(syscall(SYS_rt_sigtimedwait, &set_, 1, &none, 8));
	SHOW(syscall(SYS_rt_sigtimedwait, &set_, &info, &none, 8));
	/* SIGKILL and SIGSTOP in the set mean nothing. */
	sigfillset(&set_);
	SHOW(sigtimedwait(&set_, &info, &none));
	/* A child's signal ends the wait. */
	for (int i = 0; i < 3; i++) {
		pid_t child = fork();
		if (child == 0) {
			until_state(getppid(), 'S');
			sigqueue(getppid(), 45, (union sigval){.sival_int = i});
			_exit(0);
		}
		sigemptyset(&set_);
		sigaddset(&set_, 45);
		memset(&info, 0, sizeof(info));
		SHOW(sigwaitinfo(&set_, &info));
		printf("from the child %d, value %d, code %d\n", info.si_pid == child,
			info.si_value.sival_int, info.si_code);
		waitpid(child, NULL, 0);
		sigaddset(&set_, SIGCHLD);
		sigdelset(&set_, 45);
		while (sigtimedwait(&set_, &info, &none) > 0)
			;
	}
	/* Another one that is not waited for, and has a handler, ends it with EINTR. */
	sigset_t open;
	sigemptyset(&open);
	sigaddset(&open, SIGUSR2);
	sigprocmask(SIG_UNBLOCK, &open, NULL);
	set(SIGUSR2, note, SA_SIGINFO | SA_RESTART);
	pid_t child = fork();
	if (child == 0) {
		until_state(getppid(), 'S');
		kill(getppid(), SIGUSR2);
		_exit(0);
	}
	sigemptyset(&set_);
	sigaddset(&set_, 45);
	SHOW(sigwaitinfo(&set_, &info));
	waitpid(child, NULL, 0);
	printf("handler ran %d times\n", count);
	count = 0;
	sigaddset(&set_, SIGCHLD);
	sigtimedwait(&set_, NULL, &none);
	block(SIG_UNBLOCK);
	count = 0;
}

static void suspending(void)
{
	sigset_t none, now, only;
	sigemptyset(&none);
	block(SIG_BLOCK);
	set(SIGUSR1, note, SA_SIGINFO | SA_RESTART);
	queue(SIGUSR1, 5);
	SHOW(sigsuspend(&none));
	sigprocmask(SIG_BLOCK, NULL, &now);
	printf("mask is back: %d %d\n", sigismember(&now, SIGUSR1), sigismember(&now, SIGTERM));
	show_order("suspended");
	/* The mask lets in one of two. */
	sigfillset(&only);
	sigdelset(&only, 40);
	queue(41, 1);
	queue(40, 2);
	SHOW(sigsuspend(&only));
	show_order("only one");
	/* Both, and both act before it returns. */
	queue(40, 3);
	SHOW(sigsuspend(&none));
	show_order("both");
	/* The context of the handler has the old mask. */
	SHOW(syscall(SYS_rt_sigsuspend, &none, 4));
	SHOW(syscall(SYS_rt_sigsuspend, 1, 8));
	/* An ignored one does not end it. */
	signal(SIGWINCH, SIG_IGN);
	pid_t child = fork();
	if (child == 0) {
		until_state(getppid(), 'S');
		kill(getppid(), SIGWINCH);
		usleep(20000);
		until_state(getppid(), 'S');
		kill(getppid(), SIGUSR1);
		_exit(0);
	}
	sigfillset(&only);
	sigdelset(&only, SIGUSR1);
	sigdelset(&only, SIGWINCH);
	SHOW(sigsuspend(&only));
	printf("signal %d\n", order[0]);
	count = 0;
	waitpid(child, NULL, 0);
	set(SIGCHLD, SIG_DFL, 0);
	block(SIG_UNBLOCK);
	count = 0;
}

static void errors(void)
{
	siginfo_t info;
	sigset_t s;
	memset(&info, 0, sizeof(info));
	SHOW(syscall(SYS_rt_sigqueueinfo, getpid(), 40, 1));
	info.si_code = SI_QUEUE;
	SHOW(syscall(SYS_rt_sigqueueinfo, getpid(), 65, &info));
	SHOW(syscall(SYS_rt_sigqueueinfo, getpid(), -1, &info));
	SHOW(syscall(SYS_rt_sigqueueinfo, getpid(), 0, &info));
	SHOW(syscall(SYS_rt_sigqueueinfo, 0, 0, &info));
	SHOW(syscall(SYS_rt_sigqueueinfo, -1, 0, &info));
	SHOW(syscall(SYS_rt_sigqueueinfo, 0x3ffffff, 0, &info));
	SHOW(syscall(SYS_rt_sigqueueinfo, 0x3ffffff, 99, &info));
	info.si_code = SI_USER;
	SHOW(syscall(SYS_rt_sigqueueinfo, getppid(), 0, &info));
	info.si_code = SI_TKILL;
	SHOW(syscall(SYS_rt_sigqueueinfo, getppid(), 0, &info));
	info.si_code = SI_KERNEL;
	SHOW(syscall(SYS_rt_sigqueueinfo, getppid(), 0, &info));
	info.si_code = -100;
	SHOW(syscall(SYS_rt_sigqueueinfo, getpid(), 0, &info));
	((char *)&info)[100] = 1;
	SHOW(syscall(SYS_rt_sigqueueinfo, getpid(), 0, &info));
	info.si_code = SI_QUEUE;
	SHOW(syscall(SYS_rt_sigqueueinfo, getpid(), 0, &info));
	int pid = getpid();
	SHOW(syscall(SYS_rt_tgsigqueueinfo, pid, pid, 40, 1));
	SHOW(syscall(SYS_rt_tgsigqueueinfo, pid, pid, 65, &info));
	SHOW(syscall(SYS_rt_tgsigqueueinfo, pid, pid, 0, &info));
	SHOW(syscall(SYS_rt_tgsigqueueinfo, 0, pid, 0, &info));
	SHOW(syscall(SYS_rt_tgsigqueueinfo, pid, 0, 0, &info));
	SHOW(syscall(SYS_rt_tgsigqueueinfo, -1, pid, 0, &info));
	SHOW(syscall(SYS_rt_tgsigqueueinfo, 0x3ffffff, pid, 0, &info));
	SHOW(syscall(SYS_rt_tgsigqueueinfo, pid, 0x3ffffff, 0, &info));
	info.si_code = SI_USER;
	SHOW(syscall(SYS_rt_tgsigqueueinfo, pid, pid, 0, &info));
	SHOW(syscall(SYS_rt_sigpending, 1, 8));
	SHOW(syscall(SYS_rt_sigpending, &s, 16));
	SHOW(syscall(SYS_rt_sigpending, &s, 4));
	SHOW(syscall(SYS_rt_sigpending, &s, 0));
	SHOW(syscall(SYS_tgkill, pid, pid, 0));
	SHOW(syscall(SYS_tgkill, pid, pid, 65));
	SHOW(syscall(SYS_tgkill, pid, pid, -1));
	SHOW(syscall(SYS_tgkill, 0, pid, 0));
	SHOW(syscall(SYS_tgkill, pid, 0, 0));
	SHOW(syscall(SYS_tgkill, -1, pid, 0));
	SHOW(syscall(SYS_tgkill, pid, -1, 0));
	SHOW(syscall(SYS_tgkill, 0x3ffffff, pid, 0));
	SHOW(syscall(SYS_tgkill, pid, 0x3ffffff, 0));
	SHOW(syscall(SYS_tgkill, 0x3ffffff, 0x3ffffff, 99));
	SHOW(syscall(SYS_tkill, pid, 0));
	SHOW(syscall(SYS_tkill, 0, 0));
	SHOW(syscall(SYS_tkill, -1, 0));
	SHOW(syscall(SYS_tkill, pid, 65));
	SHOW(syscall(SYS_tkill, 0x3ffffff, 0));
	SHOW(syscall(SYS_tkill, 0x3ffffff, 65));
	SHOW(kill(pid, 0));
	SHOW(kill(pid, 65));
	SHOW(kill(pid, -1));
	SHOW(kill(0x3ffffff, 0));
	SHOW(kill(0x3ffffff, 65));
	SHOW(kill(-0x3ffffff, 0));
	SHOW(kill(-0x3ffffff, 65));
	SHOW(kill(0, 65));
	SHOW(kill(INT32_MIN, 0));
	SHOW(kill(0, 0));
}

static void limits(void)
{
	struct rlimit l, old;
	getrlimit(RLIMIT_SIGPENDING, &old);
	pid_t child = fork();
	if (child == 0) {
		/* In a user of its own, so that nobody else's signals count. */
		if (syscall(SYS_setuid, 54321))
			_exit(1);
		l.rlim_cur = l.rlim_max = 3;
		setrlimit(RLIMIT_SIGPENDING, &l);
		block(SIG_BLOCK);
		for (int i = 0; i < 5; i++) {
			int r = sigqueue(getpid(), 40, (union sigval){.sival_int = i});
			printf("limit of 3: %s\n", r ? error_name(errno) : "ok");
		}
		SHOW(sigqueue(getpid(), 41, (union sigval){.sival_int = 1}));
		SHOW(kill(getpid(), 42));
		SHOW(kill(getpid(), SIGUSR1));
		SHOW(sigqueue(getpid(), SIGUSR2, (union sigval){.sival_int = 1}));
		sigset_t s;
		siginfo_t info;
		struct timespec none = {0, 0};
		sigfillset(&s);
		for (int i = 0; i < 10; i++) {
			memset(&info, 0x55, sizeof(info));
			int r = sigtimedwait(&s, &info, &none);
			if (r < 0)
				break;
			printf("took %d, code %d, mine %d\n", r, info.si_code,
				info.si_pid == getpid());
		}
		SHOW(sigqueue(getpid(), 41, (union sigval){.sival_int = 1}));
		fflush(stdout);
		_exit(0);
	}
	int status;
	waitpid(child, &status, 0);
	printf("%d\n", status);
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	orders();
	taking();
	suspending();
	errors();
	if (getuid() == 0)
		limits();
	return 0;
}

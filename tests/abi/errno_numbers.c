// summary: every number among the arguments of calls about processes, signals, timers, scheduling and memory, in many values
//
// Seen to fail: before readv() took 32 bits of how many pieces there are, and while a thread could sleep on its own processor time.
#include "numbers.h"
#include "proc.h"

#include <linux/capability.h>
#include <linux/futex.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>

static unsigned long me;

/* -- signals: all are blocked, so what comes only waits -- */

static void signals(void)
{
	/* The C library would leave out its own two. */
	unsigned long all = ~0UL;

	unsigned long pidfd = (unsigned long)syscall(SYS_pidfd_open, me, 0);
	NUMBERS(rt_sigaction, NULL, N(SIGUSR1), 0, P(2), N(8));
	NUMBERS(rt_sigprocmask, NULL, N(SIG_BLOCK), P(1), P(2), N(8));
	NUMBERS(rt_sigprocmask, NULL, N(SIG_BLOCK), 0, P(2), 8);
	NUMBERS(rt_sigpending, NULL, P(0), N(8));
	NUMBERS(rt_sigtimedwait, NULL, P(0), P(1), P(2), N(8));
	syscall(SYS_rt_sigprocmask, SIG_SETMASK, &all, NULL, 8);
	NUMBERS(kill, NULL, me, N(0));
	NUMBERS(tkill, NULL, D(me), N(0));
	NUMBERS(tgkill, NULL, D(me), D(me), N(0));
	NUMBERS(rt_sigqueueinfo, info_2, D(me), N(0), P(2));
	NUMBERS(rt_tgsigqueueinfo, info_3, D(me), D(me), N(0), P(3));
	/* Newer kernels know more flags. */
	NUMBERS(pidfd_send_signal, NULL, D(pidfd), N(0), 0, D(0));
	NUMBERS(pidfd_send_signal, info_2, pidfd, N(SIGUSR1), P(2), 0);
	NUMBERS(pidfd_open, NULL, D(me), D(0));
	close((int)pidfd);
}

/* The stack that signals could run on. */
static void stacks(void)
{
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		stack_t s = {.ss_sp = pages[0], .ss_size = 1 << 20, .ss_flags = (int)numbers[i]};
		printf("flags %#lx: %s\n", numbers[i],
			sigaltstack(&s, NULL) ? error_name(errno) : "ok");
		s = (stack_t){.ss_sp = pages[0], .ss_size = numbers[i]};
		/* Those in between depend on the processor's registers. */
		if (numbers[i] <= 1000 || numbers[i] >= 0xffff)
			printf("size %#lx: %s\n", numbers[i],
				sigaltstack(&s, NULL) ? error_name(errno) : "ok");
	}
	sigaltstack(&(stack_t){.ss_flags = SS_DISABLE}, NULL);
}

/* -- timers and clocks -- */

static void event_1(void)
{
	((struct sigevent *)pages[1])->sigev_notify = SIGEV_NONE;
}

static void timer_1(void)
{
	((struct itimerval *)pages[1])->it_value.tv_sec = 1000;
}

static void timers(void)
{
	struct sigevent e = {.sigev_notify = SIGEV_NONE};
	int timer;

	syscall(SYS_timer_create, CLOCK_MONOTONIC, &e, &timer);
	NUMBERS(getitimer, NULL, N(ITIMER_REAL), P(1));
	NUMBERS(setitimer, timer_1, N(ITIMER_VIRTUAL), P(1), P(2));
	setitimer(ITIMER_REAL, &(struct itimerval){0}, NULL);
	NUMBERS(timer_create, event_1, D(CLOCK_MONOTONIC), P(1), P(2));
	NUMBERS(timer_settime, NULL, D(timer), N(0), P(2), P(3));
	NUMBERS(timer_gettime, NULL, D(timer), P(1));
	NUMBERS(timer_getoverrun, NULL, D(timer));
	NUMBERS(timer_delete, NULL, D(timer));
	NUMBERS(clock_gettime, NULL, D(CLOCK_MONOTONIC), P(1));
	NUMBERS(clock_getres, NULL, D(CLOCK_MONOTONIC), P(1));
	NUMBERS(clock_nanosleep, NULL, D(CLOCK_MONOTONIC), N(0), P(2), P(3));
	NUMBERS(clock_nanosleep, NULL, CLOCK_REALTIME, N(0), P(2), P(3));
	NUMBERS(alarm, NULL, N(0));
	alarm(0);
}

/* What a timer is to do when it fires, and the times that it can be set to. */
static void timer_fields(void)
{
	int timer;

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		struct sigevent e = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = (int)numbers[i]};
		printf("signal %#lx: %s\n", numbers[i],
			syscall(SYS_timer_create, CLOCK_MONOTONIC, &e, &timer) ? error_name(errno)
									       : "ok");
		e = (struct sigevent){.sigev_notify = (int)numbers[i], .sigev_signo = SIGUSR1};
		printf("kind %#lx: %s\n", numbers[i],
			syscall(SYS_timer_create, CLOCK_MONOTONIC, &e, &timer) ? error_name(errno)
									       : "ok");
	}
	syscall(SYS_timer_create, CLOCK_MONOTONIC, NULL, &timer);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		long n = (long)numbers[i];
		struct itimerspec nanoseconds = {.it_value = {1000000, n}},
				  again = {{0, n}, {1000000, 0}};
		struct itimerval micro = {.it_value = {1000000, n}};
		printf("%#lx ns: %s\n", n,
			syscall(SYS_timer_settime, timer, 0, &nanoseconds, NULL) ? error_name(errno)
										 : "ok");
		printf("%#lx ns again: %s\n", n,
			syscall(SYS_timer_settime, timer, 0, &again, NULL) ? error_name(errno)
									   : "ok");
		printf("%#lx us: %s\n", n,
			syscall(SYS_setitimer, ITIMER_VIRTUAL, &micro, NULL) ? error_name(errno)
									     : "ok");
		if (n < 0)
			printf("%#lx s: %s\n", n,
				syscall(SYS_timer_settime, timer, 0,
					&(struct itimerspec){.it_value = {n, 0}}, NULL)
					? error_name(errno)
					: "ok");
	}
	setitimer(ITIMER_VIRTUAL, &(struct itimerval){0}, NULL);
}

/* -- scheduling -- */

static void cpu_2(void)
{
	pages[2][0] = 1;
}

static void sched(void)
{
	NUMBERS(sched_get_priority_max, NULL, D(0));
	NUMBERS(sched_get_priority_min, NULL, D(0));
	/* 7 is SCHED_EXT, which only the newest have. */
	for (int policy = 0; policy < 7; policy++)
		printf("priorities of %d: %d to %d\n", policy, sched_get_priority_min(policy),
			sched_get_priority_max(policy));
	NUMBERS(sched_getscheduler, NULL, D(0));
	NUMBERS(sched_getparam, NULL, D(0), P(1));
	NUMBERS(sched_setparam, NULL, D(0), P(1));
	NUMBERS(sched_setscheduler, NULL, D(0), D(SCHED_OTHER), P(2));
	NUMBERS(sched_rr_get_interval, NULL, D(0), P(1));
	NUMBERS(sched_getattr, NULL, D(0), P(1), N(48), N(0));
	NUMBERS(sched_setattr, NULL, D(0), P(1), N(0));
	NUMBERS(sched_getaffinity, NULL, D(0), 128, P(2));
	NUMBERS(sched_setaffinity, cpu_2, D(0), N(8), P(2));
	NUMBERS(getpriority, NULL, D(PRIO_PROCESS), D(0));
}

/* The fields of what sched_setattr() is given: its size says how much of that is there. */
static void sched_fields(void)
{
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		unsigned *attr = (unsigned *)pages[1];
		prepare();
		attr[0] = (unsigned)numbers[i];
		printf("size %#lx: %s, then %d\n", numbers[i],
			syscall(SYS_sched_setattr, 0, attr, 0) ? error_name(errno) : "ok",
			(int)attr[0]);
		prepare();
		attr[0] = 48;
		attr[5] = (unsigned)numbers[i];
		printf("priority %#lx: %s\n", numbers[i],
			syscall(SYS_sched_setattr, 0, attr, 0) ? error_name(errno) : "ok");
	}
}

/* -- processes -- */

static void version_0(void)
{
	((struct __user_cap_header_struct *)pages[0])->version = _LINUX_CAPABILITY_VERSION_3;
}

static void processes(void)
{
	NUMBERS(wait4, NULL, D(-1), P(1), N(WNOHANG), P(3));
	NUMBERS(waitid, NULL, D(P_ALL), 0, P(2), N(WEXITED), P(4));
	NUMBERS(waitid, NULL, P_PID, D(1 << 30), P(2), WEXITED, P(4));
	NUMBERS(waitid, NULL, P_PGID, D(1 << 30), P(2), WEXITED, P(4));
	NUMBERS(waitid, NULL, P_PIDFD, D(1 << 30), P(2), WEXITED, P(4));
	NUMBERS(getpgid, NULL, D(0));
	NUMBERS(getsid, NULL, D(0));
	NUMBERS(setpgid, NULL, D(me), 1 << 30);
	NUMBERS(getrlimit, NULL, N(RLIMIT_CORE), P(1));
	NUMBERS(prlimit64, NULL, D(0), N(RLIMIT_CORE), 0, P(3));
	NUMBERS(getrusage, NULL, D(RUSAGE_SELF), P(1));
	NUMBERS(getrusage, NULL, N(RUSAGE_SELF), P(1));
	NUMBERS(get_robust_list, NULL, D(0), P(1), P(2));
	NUMBERS(set_robust_list, NULL, P(0), N(24));
	NUMBERS(getrandom, NULL, P(0), 8, N(0));
	NUMBERS(capget, version_0, P(0), P(1));
	for (size_t i = 0; i < sizeof(identities) / sizeof(identities[0]); i++) {
		prepare();
		version_0();
		((struct __user_cap_header_struct *)pages[0])->pid = (int)identities[i];
		printf("capget of %#lx: %s\n", identities[i],
			syscall(SYS_capget, pages[0], pages[1]) ? error_name(errno) : "ok");
	}
}

/* -- memory -- */

static unsigned char *place;

static void vectors(void)
{
	*(struct iovec *)pages[1] = (struct iovec){pages[5], 8};
	*(struct iovec *)pages[3] = (struct iovec){pages[5] + 100, 8};
}

/* How many pieces there are, of which all but the first are empty. */
static void counts(void)
{
	static const unsigned long n[] = {0, 1, 2, 9, 255, 1025, 1UL << 31, UINT_MAX, 1UL << 32,
		(1UL << 32) + 1, (1UL << 32) + 1025, LONG_MAX, 1UL << 63, -1UL};
	int null = open("/dev/null", O_RDWR);

	for (size_t i = 0; i < sizeof(n) / sizeof(n[0]); i++) {
		prepare();
		vectors();
		printf("%#lx pieces\n", n[i]);
		SHOW(syscall(SYS_process_vm_readv, me, pages[1], n[i], pages[3], 1, 0));
		SHOW(syscall(SYS_process_vm_readv, me, pages[1], 1, pages[3], n[i], 0));
		SHOW(syscall(SYS_readv, null, pages[1], n[i]));
		SHOW(syscall(SYS_writev, null, pages[1], n[i]));
		SHOW(syscall(SYS_preadv, null, pages[1], n[i], 0, 0));
		SHOW(syscall(SYS_pwritev2, null, pages[1], n[i], 0, 0, 0));
	}
	close(null);
}

/* Sixteen pages, with nothing behind them: what calls do that go on behind a hole would be our own end. */
static void memory(void)
{
	place = mmap(NULL, 64 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	munmap(place + 16 * PAGE, 48 * PAGE);
	unsigned long at = (unsigned long)place;
	NUMBERS(mprotect, NULL, at, N(PAGE), N(PROT_READ));
	NUMBERS(madvise, NULL, at, N(PAGE), MADV_NORMAL);
	NUMBERS(mincore, NULL, at, N(PAGE), P(2));
	NUMBERS(msync, NULL, at, N(PAGE), N(MS_ASYNC));
	NUMBERS(mlock, NULL, at, N(PAGE));
	NUMBERS(munlock, NULL, at, N(PAGE));
	NUMBERS(mlock2, NULL, at, N(PAGE), N(MLOCK_ONFAULT));
	munlock(place, 16 * PAGE);
	NUMBERS(mlockall, NULL, N(0));
	munlockall();
	NUMBERS(mremap, NULL, at, PAGE, PAGE, N(0), 0);
	NUMBERS(process_vm_readv, vectors, D(me), P(1), 1, P(3), 1, N(0));
	NUMBERS(shmat, NULL, D(1 << 30), 0, N(0));
	NUMBERS(shmctl, NULL, D(1 << 30), IPC_STAT, P(2));
	NUMBERS(shmdt, NULL, N(0));
}

/* Every operation on a word that is 0, with and without the bits beside it. Nobody waits: the word is not 1. */
static void futexes(void)
{
	static const int bits[] = {0, FUTEX_PRIVATE_FLAG, FUTEX_CLOCK_REALTIME,
		FUTEX_PRIVATE_FLAG | FUTEX_CLOCK_REALTIME};

	for (int operation = 0; operation < 16; operation++)
		for (int b = 0; b < 4; b++) {
			prepare();
			errno = 0;
			long r = syscall(
				SYS_futex, pages[0], operation | bits[b], 1, NULL, pages[4], 1);
			printf("futex %d, bits %#x: %ld %s, word %s\n", operation, bits[b], r,
				r < 0 ? error_name(errno) : "",
				*(int *)pages[0] == (int)me ? "ours"
				: *(int *)pages[0]	    ? "changed"
							    : "0");
		}
	NUMBERS(futex, NULL, P(0), N(FUTEX_WAKE), 1, 0, P(4), 0);
	NUMBERS(futex, NULL, P(0), FUTEX_WAKE, N(1), 0, 0, 0);
	NUMBERS(futex, NULL, P(0), FUTEX_CMP_REQUEUE, N(1), N(1), P(4), 0);
	NUMBERS(futex, NULL, P(0), FUTEX_CMP_REQUEUE_PI, N(1), N(1), P(4), 0);
	NUMBERS(futex, NULL, P(0), FUTEX_WAKE_OP, N(1), N(1), P(4), N(0));
	NUMBERS(futex, NULL, P(0), FUTEX_WAKE_BITSET, 1, 0, 0, N(1));
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	me = (unsigned long)getpid();
	pointers_begin();
	timers();
	timer_fields();
	sched();
	sched_fields();
	processes();
	counts();
	memory();
	futexes();
	stacks();
	signals();
	return 0;
}

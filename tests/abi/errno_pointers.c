// summary: every pointer argument of calls about processes, signals, timers, scheduling and memory, wrong in ten ways
//
// The kin of sys_pointers.c, for calls that change something: what they need is made anew for each, in a process that is not privileged
// where the call could otherwise change the system.
//
// Seen to fail: with a wait4() that looks where the status goes before it takes the child (as sys_effects.c has it).
#include "pointers.h"
#include "proc.h"

#include <linux/capability.h>
#include <linux/futex.h>
#include <linux/sched.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <time.h>

#define NOBODY 65534

static pid_t me;

/* -- signals -- */

static void nothing(int signal)
{
}

static void usr1_in_0(void)
{
	sigset_t *set = (void *)pages[0];
	sigemptyset(set);
	sigaddset(set, SIGUSR1);
	raise(SIGUSR1);
}

/* Its handler ends the wait, as no signal is blocked there. */
static void usr2_pending(void)
{
	raise(SIGUSR2);
}

static void stack_disabled_0(void)
{
	((stack_t *)pages[0])->ss_flags = SS_DISABLE;
}

static void signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGUSR2);
	sigprocmask(SIG_BLOCK, &set, NULL);
	sigaction(SIGUSR1, &(struct sigaction){.sa_handler = nothing}, NULL);
	sigaction(SIGUSR2, &(struct sigaction){.sa_handler = nothing}, NULL);
	long pidfd = syscall(SYS_pidfd_open, me, 0);
	TRY(rt_sigtimedwait, usr1_in_0, P(0), P(1), T(2), 8);
	TRY(rt_sigsuspend, usr2_pending, P(0), 8);
	TRY(rt_sigqueueinfo, info_2, me, SIGUSR1, P(2));
	TRY(rt_tgsigqueueinfo, info_3, me, me, SIGUSR1, P(3));
	TRY(pidfd_send_signal, info_2, pidfd, SIGUSR1, P(2), 0);
	TRY(sigaltstack, stack_disabled_0, P(0), P(1));
	TRY(rt_sigpending, NULL, P(0), 8);
	TRY(rt_sigprocmask, NULL, SIG_UNBLOCK, P(1), P(2), 8);
	close(pidfd);
}

/* -- timers -- */

static int timer;

static void no_event_1(void)
{
	((struct sigevent *)pages[1])->sigev_notify = SIGEV_NONE;
}

static void timers(void)
{
	struct sigevent e = {.sigev_notify = SIGEV_NONE};

	syscall(SYS_timer_create, CLOCK_MONOTONIC, &e, &timer);
	TRY(setitimer, NULL, ITIMER_VIRTUAL, P(1), P(2));
	TRY(setitimer, NULL, ITIMER_REAL, P(1), P(2));
	TRY(getitimer, NULL, ITIMER_PROF, P(1));
	TRY(timer_create, no_event_1, CLOCK_MONOTONIC, P(1), P(2));
	TRY(timer_settime, NULL, timer, 0, P(2), P(3));
	TRY(timer_settime, NULL, timer, TIMER_ABSTIME, P(2), P(3));
	TRY(timer_gettime, NULL, timer, P(1));
}

/* Nobody but the administrator may, so that no time is set whatever was there to read. */
static void clocks_of_nobody(void)
{
	if (setgid(NOBODY) || setuid(NOBODY))
		_exit(1);
	TRY(clock_settime, NULL, CLOCK_REALTIME, P(1));
	TRY(clock_settime, NULL, CLOCK_MONOTONIC, P(1));
	TRY(settimeofday, NULL, P(0), P(1));
	TRY(sethostname, NULL, P(0), 4);
	TRY(setdomainname, NULL, P(0), 4);
	TRY(setgroups, NULL, 2, P(1));
	TRY(chroot, NULL, P(0));
}

/* -- scheduling, identity, limits -- */

static void limit_1(void)
{
	*(struct rlimit *)pages[1] = (struct rlimit){0, 0};
}

static void limits_2(void)
{
	*(struct rlimit *)pages[2] = (struct rlimit){0, 0};
}

static void sched(void)
{
	TRY(sched_setparam, NULL, 0, P(1));
	TRY(sched_getparam, NULL, 0, P(1));
	TRY(sched_setscheduler, NULL, 0, SCHED_OTHER, P(2));
	TRY(sched_rr_get_interval, NULL, 0, P(1));
	TRY(sched_setattr, NULL, 0, P(1), 0);
	TRY(sched_getattr, NULL, 0, P(1), 48, 0);
	TRY(setrlimit, limit_1, RLIMIT_CORE, P(1));
	TRY(prlimit64, limits_2, 0, RLIMIT_CORE, P(2), P(3));
	TRY(getrusage, NULL, RUSAGE_CHILDREN, P(1));
}

static void version_0(void)
{
	((struct __user_cap_header_struct *)pages[0])->version = _LINUX_CAPABILITY_VERSION_3;
}

static void own_capabilities(void)
{
	version_0();
	syscall(SYS_capget, pages[0], pages[1]);
	version_0();
}

static void capabilities(void)
{
	TRY(capget, version_0, P(0), P(1));
	TRY(capset, own_capabilities, P(0), P(1));
}

/* -- children -- */

/* One that is dead and can be waited for. */
static void dead_child(void)
{
	siginfo_t info;
	pid_t child;

	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
	child = fork();
	if (child == 0)
		_exit(3);
	waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT);
}

/* A new process must not go on here. */
static void end_children(void)
{
	if (getpid() != me)
		_exit(0);
	while (waitpid(-1, NULL, __WALL) > 0)
		;
}

static void clone_args(void)
{
	((struct clone_args *)pages[0])->exit_signal = SIGCHLD;
}

static void children(void)
{
	TRY(wait4, dead_child, -1, P(1), WNOHANG, P(3));
	TRY(waitid, dead_child, P_ALL, 0, P(2), WEXITED, P(4));
	while (waitpid(-1, NULL, 0) > 0)
		;
	pointers_after = end_children;
	TRY(clone, NULL, SIGCHLD | CLONE_PARENT_SETTID, 0, P(2), 0, 0);
	TRY(clone, NULL, SIGCHLD | CLONE_CHILD_SETTID, 0, 0, P(3), 0);
	TRY(clone, NULL, SIGCHLD | CLONE_CHILD_CLEARTID, 0, 0, P(3), 0);
	TRY(clone3, clone_args, P(0), sizeof(struct clone_args));
	TRY(clone3, clone_args, P(0), CLONE_ARGS_SIZE_VER0);
	pointers_after = NULL;
	TRY(get_robust_list, NULL, 0, P(1), P(2));
	TRY(set_tid_address, NULL, P(0));
}

/* -- a tracee, stopped -- */

static pid_t tracee;

static void registers_3(void)
{
	syscall(SYS_ptrace, PTRACE_GETREGS, tracee, 0, pages[3]);
}

static void vector_3(void)
{
	*(struct iovec *)pages[3] = (struct iovec){pages[5], sizeof(struct user_regs_struct)};
	syscall(SYS_ptrace, PTRACE_GETREGS, tracee, 0, pages[5]);
}

static void information_3(void)
{
	syscall(SYS_ptrace, PTRACE_GETSIGINFO, tracee, 0, pages[3]);
}

static void all_signals_2(void)
{
	((struct __ptrace_peeksiginfo_args *)pages[2])->nr = 1;
}

static void tracing(void)
{
	int status;

	tracee = CHILD({
		ptrace(PTRACE_TRACEME, 0, 0, 0);
		raise(SIGSTOP);
	});
	waitpid(tracee, &status, 0);
	TRY(ptrace, NULL, PTRACE_PEEKDATA, tracee, P(2), P(3));
	TRY(ptrace, NULL, PTRACE_POKEDATA, tracee, P(2), 0);
	TRY(ptrace, NULL, PTRACE_PEEKUSER, tracee, 0, P(3));
	TRY(ptrace, NULL, PTRACE_GETREGS, tracee, 0, P(3));
	TRY(ptrace, registers_3, PTRACE_SETREGS, tracee, 0, P(3));
	TRY(ptrace, NULL, PTRACE_GETFPREGS, tracee, 0, P(3));
	TRY(ptrace, vector_3, PTRACE_GETREGSET, tracee, 1, P(3));
	TRY(ptrace, vector_3, PTRACE_SETREGSET, tracee, 1, P(3));
	TRY(ptrace, NULL, PTRACE_GETSIGINFO, tracee, 0, P(3));
	TRY(ptrace, information_3, PTRACE_SETSIGINFO, tracee, 0, P(3));
	TRY(ptrace, NULL, PTRACE_GETSIGMASK, tracee, 8, P(3));
	TRY(ptrace, NULL, PTRACE_SETSIGMASK, tracee, 8, P(3));
	TRY(ptrace, NULL, PTRACE_GETEVENTMSG, tracee, 0, P(3));
	TRY(ptrace, all_signals_2, PTRACE_PEEKSIGINFO, tracee, P(2), P(3));
	TRY(ptrace, NULL, 0x420e, tracee, 88, P(3));
	kill(tracee, SIGKILL);
	waitpid(tracee, &status, 0);
}

/* -- memory -- */

static int segment;

static void vectors(void)
{
	*(struct iovec *)pages[1] = (struct iovec){pages[5], 8};
	*(struct iovec *)pages[3] = (struct iovec){pages[5] + 100, 8};
}

static void permissions_2(void)
{
	((struct shmid_ds *)pages[2])->shm_perm.mode = 0600;
}

static void memory(void)
{
	segment = shmget(IPC_PRIVATE, PAGE, 0600);
	TRY(process_vm_readv, vectors, me, P(1), 1, P(3), 1, 0);
	TRY(process_vm_writev, vectors, me, P(1), 1, P(3), 1, 0);
	TRY(mincore, NULL, P(0), PAGE, P(2));
	TRY(mlock, NULL, P(0), 8);
	TRY(mlock2, NULL, P(0), 8, MLOCK_ONFAULT);
	TRY(munlock, NULL, P(0), 8);
	TRY(msync, NULL, P(0), PAGE, MS_ASYNC);
	TRY(madvise, NULL, P(0), PAGE, MADV_NORMAL);
	TRY(madvise, NULL, P(0), PAGE, MADV_POPULATE_READ);
	TRY(shmctl, NULL, segment, IPC_STAT, P(2));
	TRY(shmctl, permissions_2, segment, IPC_SET, P(2));
	shmctl(segment, IPC_RMID, NULL);
	TRY(prctl, NULL, PR_GET_PDEATHSIG, P(1));
	TRY(prctl, NULL, PR_GET_CHILD_SUBREAPER, P(1));
	TRY(prctl, NULL, PR_GET_TSC, P(1));
}

/* -- futexes -- */

static void owned_0(void)
{
	*(int *)pages[0] = me;
}

static void limits_3(void)
{
	struct timespec t = {0, 1};
	memcpy(pages[3], &t, sizeof(t));
}

static void futexes(void)
{
	TRY(futex, NULL, P(0), FUTEX_WAKE, 1, 0, 0, 0);
	TRY(futex, NULL, P(0), FUTEX_WAKE_BITSET, 1, 0, 0, 1);
	TRY(futex, NULL, P(0), FUTEX_REQUEUE, 1, 1, P(4), 0);
	TRY(futex, NULL, P(0), FUTEX_CMP_REQUEUE, 1, 1, P(4), 0);
	TRY(futex, NULL, P(0), FUTEX_WAKE_OP, 1, 1, P(4),
		FUTEX_OP(FUTEX_OP_ADD, 1, FUTEX_OP_CMP_EQ, 0));
	TRY(futex, limits_3, P(0), FUTEX_LOCK_PI, 0, P(3), 0, 0);
	TRY(futex, NULL, P(0), FUTEX_TRYLOCK_PI, 0, 0, 0, 0);
	TRY(futex, owned_0, P(0), FUTEX_UNLOCK_PI, 0, 0, 0, 0);
	TRY(futex, NULL, P(0), FUTEX_CMP_REQUEUE_PI, 1, 1, P(4), 0);
	TRY(futex, limits_3, P(0), FUTEX_WAIT_REQUEUE_PI, 0, T(3), P(4), 0);
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	me = getpid();
	pointers_begin();
	signals();
	timers();
	SHOW_CHILD(clocks_of_nobody());
	sched();
	SHOW_CHILD(capabilities());
	children();
	tracing();
	memory();
	futexes();
	return 0;
}

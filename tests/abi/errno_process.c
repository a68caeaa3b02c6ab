// summary: calls about processes: what another user may not do to them, and other errors of the manual pages
//
// Seen to fail: with a pidfd_send_signal() that asks whether it may before it looks whether the process is there.
#include "schedattr.h"
#include "users.h"

#include <asm/prctl.h>
#include <linux/sched.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <time.h>

/* -- another's process -- */

static void signals_to(pid_t pid, int pidfd)
{
	siginfo_t info = {.si_signo = SIGCONT, .si_code = SI_QUEUE};

	SHOW(kill(pid, 0));
	SHOW(kill(pid, SIGCONT));
	SHOW(kill(pid, 65));
	SHOW(syscall(SYS_tkill, pid, 0));
	SHOW(syscall(SYS_tkill, pid, SIGCONT));
	SHOW(syscall(SYS_tkill, pid, 65));
	SHOW(syscall(SYS_tgkill, pid, pid, 0));
	SHOW(syscall(SYS_tgkill, pid, pid, SIGCONT));
	SHOW(syscall(SYS_rt_sigqueueinfo, pid, SIGCONT, &info));
	SHOW(syscall(SYS_rt_tgsigqueueinfo, pid, pid, SIGCONT, &info));
	info.si_code = SI_USER;
	SHOW(syscall(SYS_rt_sigqueueinfo, pid, SIGCONT, &info));
	SHOW(syscall(SYS_rt_tgsigqueueinfo, pid, pid, SIGCONT, &info));
	SHOW(syscall(SYS_pidfd_send_signal, pidfd, SIGCONT, NULL, 0));
	SHOW(syscall(SYS_pidfd_send_signal, pidfd, 0, NULL, 0));
	SHOW(syscall(SYS_pidfd_send_signal, pidfd, 65, NULL, 0));
	SHOW(syscall(SYS_pidfd_send_signal, pidfd, SIGCONT, &info, 0));
	SHOW(syscall(SYS_pidfd_send_signal, pidfd, SIGCONT, NULL, 1U << 30));
}

static void scheduling_of(pid_t pid)
{
	struct sched_param p = {0};
	struct attr a = {.size = sizeof(a)};
	struct timespec t;
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(0, &set);
	SHOW(getpriority(PRIO_PROCESS, (id_t)pid));
	SHOW(setpriority(PRIO_PROCESS, (id_t)pid, 5));
	SHOW(setpriority(PRIO_PROCESS, (id_t)pid, 0));
	SHOW(sched_getscheduler(pid));
	SHOW(sched_setscheduler(pid, SCHED_OTHER, &p));
	SHOW(sched_setscheduler(pid, SCHED_BATCH, &p));
	SHOW(sched_setscheduler(pid, SCHED_IDLE, &p));
	SHOW(sched_setscheduler(pid, 99, &p));
	SHOW(sched_getparam(pid, &p));
	SHOW(sched_setparam(pid, &p));
	p.sched_priority = 1;
	SHOW(sched_setparam(pid, &p));
	SHOW(sched_setscheduler(pid, SCHED_FIFO, &p));
	SHOW(syscall(SYS_sched_setattr, pid, &a, 0));
	SHOW(syscall(SYS_sched_setattr, pid, &a, 1));
	a.policy = 77;
	SHOW(syscall(SYS_sched_setattr, pid, &a, 0));
	SHOW(syscall(SYS_sched_getattr, pid, &a, sizeof(a), 0));
	SHOW_OK(syscall(SYS_sched_getaffinity, pid, sizeof(set), &set));
	SHOW(sched_setaffinity(pid, sizeof(set), &set));
	SHOW(sched_rr_get_interval(pid, &t));
}

static void rest_of(pid_t pid)
{
	struct rlimit r;
	void *head;
	size_t length;
	char here[8], there[8];
	struct iovec l = {here, 8}, v = {there, 8};

	SHOW(syscall(SYS_prlimit64, pid, RLIMIT_CORE, NULL, &r));
	SHOW(syscall(SYS_prlimit64, pid, RLIMIT_CORE, &r, NULL));
	SHOW(syscall(SYS_prlimit64, pid, 99, NULL, &r));
	SHOW(syscall(SYS_get_robust_list, pid, &head, &length));
	SHOW(process_vm_readv(pid, &l, 1, &v, 1, 0));
	SHOW(process_vm_writev(pid, &l, 1, &v, 1, 0));
	SHOW_OK(getpgid(pid));
	SHOW_OK(getsid(pid));
	SHOW(setpgid(pid, 0));
	SHOW(wait4(pid, NULL, WNOHANG, NULL));
	SHOW(waitid(P_PID, (id_t)pid, NULL, WEXITED | WNOHANG));
	SHOW(ptrace(PTRACE_PEEKDATA, pid, 0, 0));
	SHOW(ptrace(PTRACE_SEIZE, pid, 0, 0));
	SHOW(ptrace(PTRACE_DETACH, pid, 0, 0));
	SHOW(ptrace(PTRACE_ATTACH, pid, 0, 0));
}

static void another_user(void)
{
	static const int users[] = {0, NOBODY, OTHER};

	for (int i = 0; i < 3; i++) {
		pid_t pid = sleeper(users[i]);
		int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);

		printf("-- of %d\n", users[i]);
		SHOW_CHILD(become(NOBODY), signals_to(pid, pidfd));
		SHOW_CHILD(become(NOBODY), scheduling_of(pid));
		SHOW_CHILD(become(NOBODY), rest_of(pid));
		end(pid);
		/* The number is nobody's; the descriptor still says whom it meant. */
		SHOW_CHILD(
			become(NOBODY), signals_to(pid, pidfd), scheduling_of(pid), rest_of(pid));
		close(pidfd);
	}
}

/* -- children that are to wait for; groups and sessions -- */

static void waiting(void)
{
	siginfo_t info;

	SHOW(wait4(-1, NULL, 0, NULL));
	SHOW(wait4(999999999, NULL, 0, NULL));
	SHOW(wait4((pid_t)0x80000000, NULL, 0, NULL));
	SHOW(wait4(-1, NULL, 0x1000, NULL));
	SHOW(waitid(P_ALL, 0, &info, WEXITED));
	SHOW(waitid(P_ALL, 0, &info, 0));
	SHOW(waitid(P_ALL, 0, &info, WNOHANG));
	SHOW(waitid(P_ALL, 0, &info, WEXITED | 0x100));
	SHOW(waitid(9, 0, &info, WEXITED));
	SHOW(waitid(P_PID, 0, &info, WEXITED));
	SHOW(waitid(P_PID, (id_t)-1, &info, WEXITED));
	SHOW(waitid(P_PGID, (id_t)-1, &info, WEXITED));
	SHOW(waitid(P_PIDFD, (id_t)-1, &info, WEXITED));
	SHOW(waitid(P_PIDFD, 999, &info, WEXITED));
	SHOW(waitid(P_PIDFD, 0, &info, WEXITED));
	int pidfd = (int)syscall(SYS_pidfd_open, getpid(), 0);
	SHOW(waitid(P_PIDFD, (id_t)pidfd, &info, WEXITED));
	close(pidfd);
	pid_t child = sleeper(0);
	pidfd = (int)syscall(SYS_pidfd_open, child, O_NONBLOCK);
	SHOW(waitid(P_PIDFD, (id_t)pidfd, &info, WEXITED));
	SHOW(waitid(P_PIDFD, (id_t)pidfd, &info, WEXITED | WNOHANG));
	SHOW(wait4(child, NULL, WNOHANG, NULL));
	end(child);
	SHOW(waitid(P_PIDFD, (id_t)pidfd, &info, WEXITED));
	SHOW(syscall(SYS_pidfd_send_signal, pidfd, 0, NULL, 0));
	SHOW(syscall(SYS_pidfd_send_signal, pidfd, 65, NULL, 0));
	close(pidfd);
}

static void groups(void)
{
	pid_t child = sleeper(0);

	SHOW(setpgid(child, child));
	SHOW(setpgid(child, 999999999));
	SHOW(setpgid(child, -1));
	SHOW(setpgid(-1, 0));
	SHOW(setpgid(999999999, 0));
	SHOW(getpgid(-1));
	SHOW(getsid(-1));
	SHOW_CHILD({
		SHOW_OK(setsid());
		SHOW(setsid());
		SHOW(setpgid(0, 0));
		SHOW(setpgid(0, getppid()));
	});
	SHOW_CHILD({
		SHOW(setpgid(0, 0));
		SHOW(setsid());
	});
	end(child);
}

/* -- what only this machine has -- */

static void machine(void)
{
	unsigned long value;

	/* Where CPUID can be made to fault there is nothing to refuse. */
	long r = syscall(SYS_arch_prctl, ARCH_SET_CPUID, 1);
	HOLDS(r == 0 || errno == ENODEV);
	SHOW(syscall(SYS_arch_prctl, ARCH_GET_CPUID, 0));
	SHOW(syscall(SYS_arch_prctl, ARCH_GET_FS, 8));
	SHOW(syscall(SYS_arch_prctl, ARCH_SET_GS, 1UL << 47));
	SHOW(syscall(SYS_arch_prctl, 0x7777, &value));
	SHOW(syscall(SYS_personality, 0xffffffff) < 0);
	SHOW(syscall(SYS_set_robust_list, &value, 23));
	SHOW(syscall(SYS_set_robust_list, 8, 25));
	SHOW(syscall(SYS_get_robust_list, -1, &value, &value));
	SHOW(syscall(SYS_get_robust_list, 999999999, &value, &value));
	SHOW(syscall(SYS_getrandom, &value, 8, 8));
	SHOW(syscall(SYS_getrandom, &value, 8, 6));
	SHOW(syscall(SYS_membarrier, 1 << 20, 0, 0));
	SHOW(syscall(SYS_membarrier, 0, 1, 0));
	SHOW(syscall(SYS_membarrier, 8, 0, 0));
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	another_user();
	waiting();
	groups();
	machine();
	return 0;
}

/* Calls about processes, tracees, terminals and futexes that copy much or both ways: see copied.c. */
#include "failing.h"

#include <elf.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <linux/ptrace.h>
#include <linux/sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#define IN (buffer + BUFFER_SIZE)
static long fd, to;

/* -- processes -- */

static struct clone_args clone_args;

/* Its descriptor, number and thread's number are stored; the last of these alone may fail. */
/* EFAULT: as clone:pidfd. */
WAY(clone3, told, .forks = 1, .errors = {ENOMEM, EFAULT})
{
	clone_args = (struct clone_args){.exit_signal = SIGCHLD,
		.flags = CLONE_PIDFD | CLONE_PARENT_SETTID | CLONE_CHILD_SETTID,
		.pidfd = (uint64_t)buffer,
		.parent_tid = (uint64_t)(buffer + 8),
		.child_tid = (uint64_t)(buffer + 16)};
	long pid = kernel(SYS_clone3, &clone_args, sizeof(clone_args));

	if (pid == 0)
		kernel(SYS_exit, 0);
	if (pid > 0) {
		insist(SYS_close, *(int *)buffer);
		insist(SYS_wait4, pid, NULL, __WALL, NULL);
	}
	return pid;
}

static long zombie;

static void make_zombie(void)
{
	zombie = must(SYS_fork);
	if (zombie == 0)
		kernel(SYS_exit, 0);
	must(SYS_waitid, P_PID, zombie, IN, WEXITED | WNOWAIT, NULL);
}

static void make_another(long result)
{
	(void)result;
	make_zombie();
}

WAY(waitid, usage, .prepare = make_zombie, .undo = make_another,
	.takes_effect = "the child has been taken")
{
	return kernel(SYS_waitid, P_PID, zombie, buffer, WEXITED, buffer + 256);
}
WAY(waitid, left, .prepare = make_zombie)
{
	return kernel(SYS_waitid, P_PID, zombie, buffer, WEXITED | WNOWAIT, buffer + 256);
}

#define PRCTL(name, variant)                                     \
	WAY(prctl, variant)                                      \
	{                                                        \
		return kernel(SYS_prctl, name, buffer, 0, 0, 0); \
	}

PRCTL(PR_GET_PDEATHSIG, death_signal)
PRCTL(PR_GET_CHILD_SUBREAPER, subreaper)
PRCTL(PR_GET_TID_ADDRESS, tid_address)
PRCTL(PR_GET_TSC, tsc)

/* -- tracing -- */

static long tracee;
static struct iovec part = {.iov_base = buffer, .iov_len = 1024};

static void make_tracee(void)
{
	tracee = must(SYS_fork);
	if (tracee == 0) {
		kernel(SYS_ptrace, PTRACE_TRACEME);
		kernel(SYS_kill, getpid(), SIGSTOP);
		kernel(SYS_exit, 0);
	}
	must(SYS_wait4, tracee, NULL, 0, NULL);
	must(SYS_ptrace, PTRACE_SETOPTIONS, tracee, 0, PTRACE_O_EXITKILL);
	must(SYS_ptrace, PTRACE_GETREGS, tracee, 0, IN);
	must(SYS_ptrace, PTRACE_GETFPREGS, tracee, 0, IN + 4096);
	must(SYS_ptrace, PTRACE_GETSIGINFO, tracee, 0, IN + 8192);
	must(SYS_ptrace, PTRACE_GETSIGMASK, tracee, 8, IN + 12288);
}

#define PTRACE(request, variant, address, data)                                   \
	WAY(ptrace, variant, .prepare = make_tracee)                              \
	{                                                                         \
		part.iov_len = 1024;                                              \
		long result = kernel(SYS_ptrace, request, tracee, address, data); \
		return result > 0 ? 0 : result;                                   \
	}

PTRACE(PTRACE_SETREGS, set_registers, 0, IN)
PTRACE(PTRACE_GETFPREGS, vectors, 0, buffer)
PTRACE(PTRACE_SETFPREGS, set_vectors, 0, IN + 4096)
PTRACE(PTRACE_GETREGSET, set_of_registers, NT_PRSTATUS, &part)
PTRACE(PTRACE_GETREGSET, set_of_vectors, NT_X86_XSTATE, &part)
PTRACE(PTRACE_GETSIGINFO, signal, 0, buffer)
PTRACE(PTRACE_SETSIGINFO, set_signal, 0, IN + 8192)
PTRACE(PTRACE_GETSIGMASK, mask, 8, buffer)
PTRACE(PTRACE_SETSIGMASK, set_mask, 8, IN + 12288)
PTRACE(PTRACE_PEEKUSR, user, 0, buffer)
PTRACE(PTRACE_GETEVENTMSG, message, 0, buffer)
PTRACE(PTRACE_GET_SYSCALL_INFO, call, 84, buffer)

WAY(ptrace, write_registers, .prepare = make_tracee)
{
	struct iovec all = {.iov_base = IN, .iov_len = sizeof(struct user_regs_struct)};

	return kernel(SYS_ptrace, PTRACE_SETREGSET, tracee, NT_PRSTATUS, &all);
}

/* -- terminals -- */

static void open_terminal(void)
{
	int number, unlocked = 0;
	char name[32] = "/dev/pts/";

	fd = must(SYS_open, "/dev/ptmx", O_RDWR | O_NOCTTY | O_NONBLOCK);
	must(SYS_ioctl, fd, TIOCGPTN, &number);
	must(SYS_ioctl, fd, TIOCSPTLCK, &unlocked);
	name[9] = (char)('0' + number);
	to = must(SYS_open, name, O_RDWR | O_NOCTTY | O_NONBLOCK);
	must(SYS_ioctl, to, TCGETS, IN);
	must(SYS_ioctl, to, TIOCGWINSZ, IN + 4096);
}

#define IOCTL(on, request, variant, argument)                    \
	WAY(ioctl, variant, .prepare = open_terminal)            \
	{                                                        \
		return kernel(SYS_ioctl, on, request, argument); \
	}

IOCTL(to, TCGETS, modes, buffer)
IOCTL(to, TCSETS, set_modes, IN)
IOCTL(to, TCSETSF, set_modes_flush, IN)
IOCTL(to, TIOCGWINSZ, size, buffer)
IOCTL(to, TIOCSWINSZ, set_size, IN + 4096)
IOCTL(to, FIONREAD, readable_terminal, buffer)
IOCTL(to, TIOCOUTQ, written_terminal, buffer)
IOCTL(fd, TIOCGPTN, terminal_number, buffer)
IOCTL(fd, TIOCGPTLCK, terminal_lock, buffer)

static void drain(long result)
{
	(void)result;
	kernel(SYS_read, fd, buffer, 4096);
}

WAY(write, terminal, .prepare = open_terminal, .undo = drain, .tolerates_copy = partly)
{
	return kernel(SYS_write, to, IN + 4096, 8);
}

/* -- futexes -- */

static uint32_t *const words = (uint32_t *)IN;
static const char again[] = "the word is there, so it is looked at again";

static void clear_words(void)
{
	words[0] = words[16] = 0;
}

WAY(futex, wake_op, .prepare = clear_words, .tolerates_copy = again)
{
	return kernel(SYS_futex, words, FUTEX_WAKE_OP, 1, 1, words + 16,
		FUTEX_OP(FUTEX_OP_SET, 0, FUTEX_OP_CMP_EQ, 0));
}
WAY(futex, requeue, .prepare = clear_words, .tolerates_copy = again)
{
	return kernel(SYS_futex, words, FUTEX_CMP_REQUEUE, 1, 1, words + 16, 0);
}
WAY(futex, wait_until, .prepare = clear_words, .tolerates_copy = again)
{
	struct timespec past = {.tv_sec = 1};
	long result = kernel(SYS_futex, words, FUTEX_WAIT_BITSET, 0, &past, NULL, 1);

	return result == -ETIMEDOUT ? 0 : result;
}

/* Making processes and threads: fork, vfork, clone, clone3; and descriptors of processes. */
#include <linux/pidfd.h>
#include <linux/sched.h>
#include <linux/signal.h>

#include "arch/layout.h"
#include "arch/ucopy.h"
#include "fs/fs.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "proc/clone.h"
#include "proc/pidfd.h"
#include "proc/process.h"
#include "proc/signal.h"
#include "proc/signal_kill.h"
#include "sys/args.h"
#include "sys/signal_info.h"
#include "sys/sys.h"

s64 sys_fork(void)
{
	struct clone_request r = {.exit_signal = SIGCHLD};

	return process_clone(&r);
}

s64 sys_vfork(void)
{
	struct clone_request r = {.flags = CLONE_VFORK | CLONE_VM, .exit_signal = SIGCHLD};

	return process_clone(&r);
}

s64 sys_clone(u64 flags, uaddr_t stack, uaddr_t parent_tid, uaddr_t child_tid, u64 tls)
{
	/* Only 32 bits of flags; CLONE_PIDFD uses the place of the parent's number. */
	struct clone_request r = {
		.flags = (u32)flags & ~(u32)CSIGNAL,
		.exit_signal = flags & CSIGNAL,
		.stack = stack,
		.tls = tls,
		.pidfd = parent_tid,
		.parent_tid = parent_tid,
		.child_tid = child_tid,
	};
	return process_clone(&r);
}

/* -- clone3 -- */

/* How deep Linux nests pid namespaces. */
#define PID_LEVELS_MAX 32
#define CLONE3_FLAGS (0xffffffffUL | CLONE_CLEAR_SIGHAND | CLONE_INTO_CGROUP)

/* Copies a structure that may be shorter or longer than ours; what we don't know must be zero. */
static int copy_args(struct clone_args *args, uaddr_t from, size_t size)
{
	u64 rest;

	if (size > PAGE_SIZE)
		return -E2BIG;
	if (size < CLONE_ARGS_SIZE_VER0)
		return -EINVAL;
	memset(args, 0, sizeof(*args));
	for (size_t i = sizeof(*args); i < size; i += sizeof(rest)) {
		rest = 0;
		if (copy_from_user(&rest, from + i, MIN(sizeof(rest), size - i)))
			return -EFAULT;
		if (rest)
			return -E2BIG;
	}
	return copy_from_user(args, from, MIN(size, sizeof(*args)));
}

static bool stack_ok(const struct clone_args *a)
{
	if (!a->stack)
		return a->stack_size == 0;
	return a->stack_size != 0 && user_range_ok(a->stack, a->stack_size);
}

static int check_args(const struct clone_args *a)
{
	/* The numbers of a new process can't be chosen, though Linux lets root do it. */
	if (!a->set_tid != !a->set_tid_size || a->set_tid_size > PID_LEVELS_MAX)
		return -EINVAL;
	if ((a->exit_signal & ~(u64)CSIGNAL) || a->exit_signal > SIGNAL_COUNT)
		return -EINVAL;
	if (a->flags & ~CLONE3_FLAGS)
		return -EINVAL;
	/* In the old call's flags these bits are the signal, but for one that is a flag here. */
	if (a->flags & (CLONE_DETACHED | (CSIGNAL & ~CLONE_NEWTIME)))
		return -EINVAL;
	if ((a->flags & (CLONE_THREAD | CLONE_PARENT)) && a->exit_signal)
		return -EINVAL;
	if (!stack_ok(a))
		return -EINVAL;
	if (a->flags & CLONE_INTO_CGROUP)
		return -EBADF;
	return a->set_tid ? -EPERM : 0;
}

s64 sys_clone3(uaddr_t from, size_t size)
{
	struct clone_args a;

	int err = copy_args(&a, from, size);
	if (!err)
		err = check_args(&a);
	if (err)
		return err;
	struct clone_request r = {
		.flags = a.flags,
		.exit_signal = a.exit_signal,
		.stack = a.stack ? a.stack + a.stack_size : 0,
		.tls = a.tls,
		.pidfd = a.pidfd,
		.parent_tid = a.parent_tid,
		.child_tid = a.child_tid,
	};
	return process_clone(&r);
}

/* -- pidfd -- */

s64 sys_pidfd_open(s32 pid, u32 flags)
{
	if (flags & ~(u32)PIDFD_NONBLOCK)
		return -EINVAL;
	if (pid <= 0)
		return -EINVAL;
	struct process *p = process_find(pid);
	if (!p) {
		/* A thread's number is a number, but not a process's. */
		struct thread *t = process_find_thread(pid);
		if (t)
			thread_put(t);
		return t ? -ENOENT : -ESRCH;
	}
	s64 fd = pidfd_install(p, flags);
	process_put(p);
	return fd;
}

/* The process with a reference, or NULL if the descriptor is none of a process, nor of its folder in /proc, which is as good. */
static struct process *process_of_fd(u32 fd)
{
	struct file *f = arg_file(fd);

	if (!f)
		return NULL;
	struct process *p = pidfd_process(f);
	if (!p)
		p = fs_file_process(f);
	file_put(f);
	return p;
}

static s64 pidfd_signal(struct process *p, s32 signal, uaddr_t from)
{
	struct signal_info info;

	if (!from) {
		signal_info_from_current(&info, signal, SI_USER);
		return kill_one(p, &info);
	}
	int err = signal_info_get(&info, signal, from);
	s32 number;
	if (!err)
		err = get_user_u32((u32 *)&number, from);
	if (err)
		return err;
	if (number != signal)
		return -EINVAL;
	/* Nobody may pretend to be the kernel or kill(2), except to itself. */
	if (p != current_process() && (info.si_code >= 0 || info.si_code == SI_TKILL))
		return -EPERM;
	return kill_one(p, &info);
}

s64 sys_pidfd_send_signal(s32 fd, s32 signal, uaddr_t info, u32 flags)
{
	if (flags)
		return -EINVAL;
	struct process *p = process_of_fd(fd);
	if (!p)
		return -EBADF;
	s64 err = pidfd_signal(p, signal, info);
	process_put(p);
	return err;
}

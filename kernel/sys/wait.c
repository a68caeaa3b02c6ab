/* Waiting for children: wait4, waitid. What they find is proc/childwait.c's affair. */
#include <asm/fcntl.h>
#include <linux/resource.h>
#include <linux/signal.h>
#include <linux/wait.h>

#include "arch/ucopy.h"
#include "lib/errno.h"
#include "proc/childwait.h"
#include "proc/pidfd.h"
#include "proc/process.h"
#include "sys/args.h"
#include "sys/sys.h"
#include "sys/usage.h"

#define ALWAYS (__WNOTHREAD | __WCLONE | __WALL)

static int put_usage(uaddr_t to, const struct usage *u)
{
	struct rusage r;

	usage_convert(&r, u);
	return copy_to_user(to, &r, sizeof(r));
}

static int wait4_target(s32 pid, struct child_wait *w)
{
	if (pid == INT32_MIN)
		return -ESRCH;
	if (pid == -1) {
		w->which = CHILD_ANY;
	} else if (pid < 0) {
		w->which = CHILD_GROUP;
		w->number = -pid;
	} else if (pid == 0) {
		w->which = CHILD_GROUP;
		w->number = READ_ONCE(current_process()->group);
	} else {
		w->which = CHILD_PID;
		w->number = pid;
	}
	return 0;
}

s64 sys_wait4(s32 pid, uaddr_t status, s32 options, uaddr_t usage)
{
	struct child_wait w = {.options = options | WEXITED};

	if (options & ~(WNOHANG | WUNTRACED | WCONTINUED | ALWAYS))
		return -EINVAL;
	int err = wait4_target(pid, &w);
	if (!err)
		err = child_wait(&w);
	if (err || !w.pid)
		return err;
	/* The child has been reaped all the same, as on Linux. */
	if (status && put_user_u32(status, w.wstatus))
		return -EFAULT;
	if (usage && put_usage(usage, &w.usage))
		return -EFAULT;
	return w.pid;
}

/* The process of a descriptor, which must stay what it is while we wait: its number does, as long as
 * it is our child and was not reaped. */
static int waitid_pidfd(s32 fd, struct child_wait *w)
{
	struct file *f = fd >= 0 ? arg_file(fd) : NULL;

	if (fd < 0)
		return -EINVAL;
	if (!f)
		return -EBADF;
	struct process *p = pidfd_process(f);
	bool nonblock = atomic32_load_relaxed(&f->flags) & O_NONBLOCK;
	file_put(f);
	if (!p)
		return -EBADF;
	w->which = CHILD_PID;
	w->number = p->pid;
	bool gone = READ_ONCE(p->reaped);
	process_put(p);
	if (nonblock)
		w->options |= WNOHANG;
	return gone ? -ECHILD : nonblock;
}

/* 1: would rather fail with -EAGAIN than wait. */
static int waitid_target(s32 type, s32 id, struct child_wait *w)
{
	switch (type) {
	case P_ALL:
		w->which = CHILD_ANY;
		return 0;
	case P_PID:
		w->which = CHILD_PID;
		w->number = id;
		return id > 0 ? 0 : -EINVAL;
	case P_PGID:
		w->which = CHILD_GROUP;
		w->number = id ? (u32)id : READ_ONCE(current_process()->group);
		return id >= 0 ? 0 : -EINVAL;
	case P_PIDFD:
		return waitid_pidfd(id, w);
	default:
		return -EINVAL;
	}
}

/* The fields of siginfo that waitid(2) fills in; the others keep what they were. */
static int put_info(uaddr_t to, const struct child_wait *w)
{
	static const siginfo_t *const layout = NULL;
	u64 signo = (u64)&layout->si_signo, code = (u64)&layout->si_code;

	if (put_user_u32(to + signo, w->pid ? SIGCHLD : 0) ||
		put_user_u32(to + (u64)&layout->si_errno, 0) ||
		put_user_u32(to + code, (u32)w->code) ||
		put_user_u32(to + (u64)&layout->si_pid, w->pid) ||
		put_user_u32(to + (u64)&layout->si_uid, w->uid) ||
		put_user_u32(to + (u64)&layout->si_status, w->status))
		return -EFAULT;
	return 0;
}

static int waitid_find(s32 type, s32 id, s32 options, struct child_wait *w)
{
	if (options & ~(WNOHANG | WNOWAIT | WEXITED | WSTOPPED | WCONTINUED | ALWAYS))
		return -EINVAL;
	if (!(options & (WEXITED | WSTOPPED | WCONTINUED)))
		return -EINVAL;
	int nonblock = waitid_target(type, id, w);
	if (nonblock < 0)
		return nonblock;
	int err = child_wait(w);
	return !err && !w->pid && nonblock && !(options & WNOHANG) ? -EAGAIN : err;
}

/* As on Linux, info is filled in even if the call fails: with zeros. */
s64 sys_waitid(s32 type, s32 id, uaddr_t info, s32 options, uaddr_t usage)
{
	struct child_wait w = {.options = options};

	int err = waitid_find(type, id, options, &w);
	if (w.pid && usage && put_usage(usage, &w.usage))
		return -EFAULT;
	if (info && put_info(info, &w))
		return -EFAULT;
	return err;
}

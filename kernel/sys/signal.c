/* Signals: the calls. What they do is in proc/signal.c. */
#include <linux/signal.h>

#include "arch/ucopy.h"
#include "lib/errno.h"
#include "proc/pid.h"
#include "proc/process.h"
#include "proc/restart.h"
#include "proc/signal.h"
#include "sched/wait.h"
#include "sys/sys.h"

#define SET_SIZE sizeof(sigset_t)

s64 sys_rt_sigaction(s32 signal, uaddr_t act, uaddr_t old, size_t set_size)
{
	struct sigaction new, before;

	if (set_size != SET_SIZE)
		return -EINVAL;
	if (act && copy_from_user(&new, act, sizeof(new)))
		return -EFAULT;
	int err = signal_action(signal, act ? &new : NULL, &before);
	if (!err && old && copy_to_user(old, &before, sizeof(before)))
		err = -EFAULT;
	return err;
}

static int mask_change(s32 how, u64 set)
{
	u64 blocked = current_thread()->signals.blocked;

	switch (how) {
	case SIG_BLOCK:
		blocked |= set;
		break;
	case SIG_UNBLOCK:
		blocked &= ~set;
		break;
	case SIG_SETMASK:
		blocked = set;
		break;
	default:
		return -EINVAL;
	}
	signal_set_blocked(blocked);
	return 0;
}

s64 sys_rt_sigprocmask(s32 how, uaddr_t set, uaddr_t old, size_t set_size)
{
	u64 before = current_thread()->signals.blocked;
	u64 new;

	if (set_size != SET_SIZE)
		return -EINVAL;
	if (set) {
		if (copy_from_user(&new, set, sizeof(new)))
			return -EFAULT;
		int err = mask_change(how, new);
		if (err)
			return err;
	}
	return old ? copy_to_user(old, &before, sizeof(before)) : 0;
}

s64 sys_rt_sigpending(uaddr_t to, size_t set_size)
{
	u64 set = signal_pending_set();

	if (set_size > SET_SIZE)
		return -EINVAL;
	return copy_to_user(to, &set, set_size);
}

/* Whether the caller may signal the process: root, or the same user. */
static bool may_signal(const struct process *p)
{
	const struct credentials *own = &current_process()->cred;
	u32 uid = READ_ONCE(own->uid), euid = READ_ONCE(own->euid);
	u32 target_uid = READ_ONCE(p->cred.uid), target_suid = READ_ONCE(p->cred.suid);

	return euid == 0 || euid == target_suid || euid == target_uid || uid == target_suid ||
	       uid == target_uid;
}

static s64 send(struct process *p, u32 tid, u32 signal)
{
	struct signal_info info;

	if (!may_signal(p))
		return -EPERM;
	signal_info_from_current(&info, signal, tid ? SI_TKILL : SI_USER);
	return signal_send_info(p, tid, &info);
}

static s64 send_to_pid(u32 pid, u32 signal)
{
	struct process *p = process_find(pid);

	if (!p)
		return -ESRCH;
	s64 err = signal <= SIGNAL_COUNT ? send(p, 0, signal) : -EINVAL;
	process_put(p);
	return err;
}

/* The next process of a broadcast: pids in rising order, so that none is met twice. */
struct broadcast {
	u32 after;
	u32 group; /* 0: all but the caller and the first process */
};

static bool broadcast_matches(struct process *p, void *arg)
{
	const struct broadcast *b = arg;

	if (p->pid <= b->after)
		return false;
	if (b->group)
		return READ_ONCE(p->group) == b->group;
	return p->pid > 1 && p != current_process();
}

static s64 send_to_many(u32 group, u32 signal)
{
	struct broadcast b = {.group = group};
	struct process *p;
	s64 result = -ESRCH;

	while ((p = pid_table_search(broadcast_matches, &b)) != NULL) {
		s64 err = send(p, 0, signal);
		b.after = p->pid;
		process_put(p);
		/* One success is success; otherwise the last failure counts. */
		if (result != 0)
			result = err;
	}
	return result;
}

s64 sys_kill(s32 pid, s32 signal)
{
	/* Linux looks for the process first: ESRCH comes before EINVAL. */
	if (pid > 0)
		return send_to_pid(pid, signal);
	if (signal < 0 || (u32)signal > SIGNAL_COUNT)
		return -EINVAL;
	if (pid == 0)
		return send_to_many(READ_ONCE(current_process()->group), signal);
	if (pid == -1)
		return send_to_many(0, signal);
	/* -INT_MIN is no number. */
	return pid == INT32_MIN ? -ESRCH : send_to_many(-pid, signal);
}

s64 sys_tgkill(s32 pid, s32 tid, s32 signal)
{
	if (pid <= 0 || tid <= 0)
		return -EINVAL;
	struct process *p = process_find(pid);
	if (!p)
		return -ESRCH;
	s64 err = -EINVAL;
	if (signal >= 0 && (u32)signal <= SIGNAL_COUNT)
		err = send(p, tid, signal);
	process_put(p);
	return err;
}

static bool has_thread(struct process *p, void *arg)
{
	u64 unused;

	return process_thread_runtime(p, *(u32 *)arg, &unused);
}

s64 sys_tkill(s32 tid, s32 signal)
{
	u32 number = tid;

	if (tid <= 0)
		return -EINVAL;
	struct process *p = pid_table_search(has_thread, &number);
	if (!p)
		return -ESRCH;
	s64 err = -EINVAL;
	if (signal >= 0 && (u32)signal <= SIGNAL_COUNT)
		err = send(p, tid, signal);
	process_put(p);
	return err;
}

s64 sys_pause(void)
{
	int err = sleep_until(WAIT_FOREVER);

	return err == -EINTR ? -ERESTART_NO_HANDLER : err;
}

s64 sys_sigaltstack(uaddr_t new, uaddr_t old)
{
	u64 sp = thread_user_frame(&current_thread()->arch)->rsp;
	stack_t before = signal_stack_get(sp);
	stack_t wanted;

	if (new &&copy_from_user(&wanted, new, sizeof(wanted)))
		return -EFAULT;
	int err = new ? signal_stack_set(&wanted, sp) : 0;
	if (!err && old && copy_to_user(old, &before, sizeof(before)))
		err = -EFAULT;
	return err;
}

s64 sys_rt_sigreturn(void)
{
	return signal_return(thread_user_frame(&current_thread()->arch));
}

s64 sys_restart_syscall(void)
{
	struct restart *r = &current_thread()->signals.restart;
	s64 (*fn)(struct restart * r) = r->fn;

	r->fn = NULL;
	return fn ? fn(r) : -EINTR_FINAL;
}

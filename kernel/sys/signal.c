/* Signals: the calls. What they do is in proc/signal.c. */
#include <linux/signal.h>

#include "arch/ucopy.h"
#include "lib/errno.h"
#include "proc/process.h"
#include "proc/restart.h"
#include "proc/signal.h"
#include "proc/signal_kill.h"
#include "sched/wait.h"
#include "sys/signal_info.h"
#include "sys/sys.h"
#include "sys/timeout.h"

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

s64 sys_pause(void)
{
	int err = sleep_until(WAIT_FOREVER);

	return err == -EINTR ? -ERESTART_NO_HANDLER : err;
}

s64 sys_rt_sigsuspend(uaddr_t set, size_t set_size)
{
	u64 mask;

	if (set_size != SET_SIZE)
		return -EINVAL;
	if (copy_from_user(&mask, set, sizeof(mask)))
		return -EFAULT;
	signal_set_blocked_for_call(mask);
	return sys_pause();
}

/* -- taking signals -- */

int signal_info_put(uaddr_t to, const struct signal_info *info)
{
	union {
		struct signal_info info;
		siginfo_t whole;
	} u = {.whole = {.si_signo = 0}};

	u.info = *info;
	return copy_to_user(to, &u, sizeof(u));
}

s64 sys_rt_sigtimedwait(uaddr_t set, uaddr_t to, uaddr_t time, size_t set_size)
{
	struct signal_info info;
	u64 mask, deadline;

	if (set_size != SET_SIZE)
		return -EINVAL;
	if (copy_from_user(&mask, set, sizeof(mask)))
		return -EFAULT;
	int err = wait_deadline_get(time, &deadline);
	if (err)
		return err;
	s32 signal = signal_wait(mask, &info, deadline);
	if (signal > 0 && to && signal_info_put(to, &info))
		return -EFAULT;
	return signal;
}

/* -- sending -- */

s64 sys_kill(s32 pid, s32 signal)
{
	struct signal_info info;

	signal_info_from_current(&info, signal, SI_USER);
	if (pid > 0)
		return kill_process(pid, &info);
	if (pid == 0)
		return kill_group(READ_ONCE(current_process()->group), &info);
	if (pid == -1)
		return kill_all(&info);
	/* -INT_MIN is no number. */
	return pid == INT32_MIN ? -ESRCH : kill_group(-pid, &info);
}

s64 sys_tgkill(s32 pid, s32 tid, s32 signal)
{
	struct signal_info info;

	if (pid <= 0 || tid <= 0)
		return -EINVAL;
	signal_info_from_current(&info, signal, SI_TKILL);
	return kill_thread(pid, tid, &info);
}

s64 sys_tkill(s32 tid, s32 signal)
{
	struct signal_info info;

	if (tid <= 0)
		return -EINVAL;
	signal_info_from_current(&info, signal, SI_TKILL);
	return kill_thread(0, tid, &info);
}

/* True if Linux knows what lies behind such a code, so that the rest means nothing. */
static bool layout_is_known(s32 code)
{
	return (code >= SI_DETHREAD && code <= NSIGPOLL) || code == SI_KERNEL || code == SI_ASYNCNL;
}

int signal_info_get(struct signal_info *info, u32 signal, uaddr_t from)
{
	u8 rest[sizeof(siginfo_t) - sizeof(*info)];

	if (copy_from_user(info, from, sizeof(*info)))
		return -EFAULT;
	info->si_signo = signal;
	if (layout_is_known(info->si_code))
		return 0;
	if (copy_from_user(rest, from + sizeof(*info), sizeof(rest)))
		return -EFAULT;
	for (u32 i = 0; i < sizeof(rest); i++)
		if (rest[i])
			return -E2BIG;
	return 0;
}

/* Nobody may pretend to be the kernel or kill(2), except to itself. */
static bool pretends(const struct signal_info *info, s32 number)
{
	return (info->si_code >= 0 || info->si_code == SI_TKILL) &&
	       (u32)number != current_thread()->tid;
}

s64 sys_rt_sigqueueinfo(s32 pid, s32 signal, uaddr_t from)
{
	struct signal_info info;

	int err = signal_info_get(&info, signal, from);
	if (err)
		return err;
	if (pretends(&info, pid))
		return -EPERM;
	return pid > 0 ? kill_process(pid, &info) : -ESRCH;
}

s64 sys_rt_tgsigqueueinfo(s32 pid, s32 tid, s32 signal, uaddr_t from)
{
	struct signal_info info;

	int err = signal_info_get(&info, signal, from);
	if (err)
		return err;
	if (pid <= 0 || tid <= 0)
		return -EINVAL;
	if (pretends(&info, tid))
		return -EPERM;
	return kill_thread(pid, tid, &info);
}

/* -- handlers -- */

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

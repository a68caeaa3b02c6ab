/*
 * Scheduling policies: sched_setscheduler(2), sched_setattr(2) and their relatives.
 *
 * All of them come down to one struct sched_attributes, checked and then set as a whole. Deadline
 * scheduling (SCHED_DEADLINE) is not built: -EINVAL, as for any policy that does not exist.
 */
#include <linux/sched.h>
#include <linux/sched/types.h>

#include "arch/ucopy.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "proc/futex.h"
#include "proc/process.h"
#include "sched/sched.h"
#include "sys/args.h"
#include "sys/schedule.h"
#include "sys/sys.h"

#define PRIORITY_MAX 99
#define NICE_MIN (-20)
#define NICE_MAX 19

static bool real_time(u32 policy)
{
	return policy == SCHED_FIFO || policy == SCHED_RR;
}

static bool policy_known(u32 policy)
{
	return real_time(policy) || policy == SCHED_NORMAL || policy == SCHED_BATCH ||
	       policy == SCHED_IDLE;
}

/* What Linux lets those do who are not privileged. */
static bool allowed(
	struct thread *t, const struct sched_attributes *old, const struct sched_attributes *new)
{
	u64 limit = READ_ONCE(t->process->limits[RLIMIT_RTPRIO].rlim_cur);

	if (!sched_may_change(t) || (old->reset_on_fork && !new->reset_on_fork))
		return false;
	if (real_time(new->policy)) {
		if (new->policy != old->policy && limit == 0)
			return false;
		return new->priority <= old->priority || new->priority <= limit;
	}
	if (old->policy == SCHED_IDLE && new->policy != SCHED_IDLE &&
		(u64)(20 - old->nice) > READ_ONCE(t->process->limits[RLIMIT_NICE].rlim_cur))
		return false;
	return new->policy == SCHED_IDLE || sched_nice_allowed(t, new->nice);
}

/* Takes over the reference on t. */
static s64 attributes_set(struct thread *t, const struct sched_attributes *new)
{
	struct sched_attributes old;
	s64 err = 0;

	sched_get_attributes(t, &old);
	if (!policy_known(new->policy) || new->priority > PRIORITY_MAX ||
		real_time(new->policy) != (new->priority != 0))
		err = -EINVAL;
	else if (!sched_privileged() && !allowed(t, &old, new))
		err = -EPERM;
	if (!err) {
		sched_set_attributes(t, new);
		futex_priority_changed(t);
	}
	thread_put(t);
	return err;
}

/* -- sched_setscheduler(2) and sched_setparam(2) -- */

#define KEEP_POLICY (-1)

static s64 scheduler_set(s32 tid, s32 policy, uaddr_t from)
{
	struct sched_param param;
	struct sched_attributes a;

	if (!from || tid < 0)
		return -EINVAL;
	if (copy_from_user(&param, from, sizeof(param)))
		return -EFAULT;
	struct thread *t = sched_thread(tid);
	if (!t)
		return -ESRCH;
	sched_get_attributes(t, &a);
	if (policy != KEEP_POLICY) {
		a.policy = policy & ~SCHED_RESET_ON_FORK;
		a.reset_on_fork = policy & SCHED_RESET_ON_FORK;
	}
	/* Out of range either way. */
	a.priority = (u32)param.sched_priority > PRIORITY_MAX ? PRIORITY_MAX + 1
							      : (u8)param.sched_priority;
	return attributes_set(t, &a);
}

s64 sys_sched_setscheduler(s32 tid, s32 policy, uaddr_t from)
{
	return policy < 0 ? -EINVAL : scheduler_set(tid, policy, from);
}

s64 sys_sched_setparam(s32 tid, uaddr_t from)
{
	return scheduler_set(tid, KEEP_POLICY, from);
}

/* 0, -EINVAL, -ESRCH. */
static int attributes_get(s32 tid, struct sched_attributes *out)
{
	if (tid < 0)
		return -EINVAL;
	struct thread *t = sched_thread(tid);
	if (!t)
		return -ESRCH;
	sched_get_attributes(t, out);
	thread_put(t);
	return 0;
}

s64 sys_sched_getscheduler(s32 tid)
{
	struct sched_attributes a;

	int err = attributes_get(tid, &a);
	return err ? err : (s64)(a.policy | (a.reset_on_fork ? SCHED_RESET_ON_FORK : 0));
}

s64 sys_sched_getparam(s32 tid, uaddr_t to)
{
	struct sched_attributes a;

	int err = to ? attributes_get(tid, &a) : -EINVAL;
	if (err)
		return err;
	struct sched_param param = {.sched_priority = a.priority};
	return copy_to_user(to, &param, sizeof(param));
}

/* -- sched_setattr(2) and sched_getattr(2) -- */

/* Bytes that this kernel does not know must be zero. */
static int attr_check_rest(uaddr_t from, u32 size)
{
	u8 byte;

	for (u32 i = sizeof(struct sched_attr); i < size; i++) {
		if (copy_from_user(&byte, from + i, 1))
			return -EFAULT;
		if (byte)
			return -E2BIG;
	}
	return 0;
}

static int attr_get(uaddr_t from, struct sched_attr *out)
{
	u32 size;

	if (get_user_u32(&size, from))
		return -EFAULT;
	size = size ? size : SCHED_ATTR_SIZE_VER0;
	int err = size < SCHED_ATTR_SIZE_VER0 || size > PAGE_SIZE ? -E2BIG
								  : attr_check_rest(from, size);
	if (err == -E2BIG && put_user_u32(from, sizeof(*out)))
		err = -EFAULT;
	if (err)
		return err;
	memset(out, 0, sizeof(*out));
	if (copy_from_user(out, from, MIN(size, sizeof(*out))))
		return -EFAULT;
	if ((out->sched_flags & SCHED_FLAG_UTIL_CLAMP) && size < SCHED_ATTR_SIZE_VER1)
		return -EINVAL;
	out->sched_nice = MIN(MAX(out->sched_nice, NICE_MIN), NICE_MAX);
	return (s32)out->sched_policy < 0 ? -EINVAL : 0;
}

s64 sys_sched_setattr(s32 tid, uaddr_t from, u32 flags)
{
	struct sched_attr attr;
	struct sched_attributes a;

	if (!from || tid < 0 || flags)
		return -EINVAL;
	int err = attr_get(from, &attr);
	if (err)
		return err;
	struct thread *t = sched_thread(tid);
	if (!t)
		return -ESRCH;
	sched_get_attributes(t, &a);
	bool keep_policy = attr.sched_flags & SCHED_FLAG_KEEP_POLICY;
	/* As on Linux, to keep the parameters is to keep the policy, too. */
	bool keep_all = attr.sched_flags & SCHED_FLAG_KEEP_PARAMS;
	if (!keep_policy)
		a.reset_on_fork = attr.sched_flags & SCHED_FLAG_RESET_ON_FORK;
	if (!keep_policy && !keep_all)
		a.policy = attr.sched_policy;
	if (!keep_all) {
		a.priority = (u8)MIN(attr.sched_priority, PRIORITY_MAX + 1U);
		if (a.policy == SCHED_NORMAL || a.policy == SCHED_BATCH)
			a.nice = attr.sched_nice;
	}
	/* Frequencies can't be chosen here. */
	if (attr.sched_flags & ~(u64)SCHED_FLAG_ALL)
		err = -EINVAL;
	else if (attr.sched_flags & SCHED_FLAG_UTIL_CLAMP)
		err = -EOPNOTSUPP;
	if (!err)
		return attributes_set(t, &a);
	thread_put(t);
	return err;
}

s64 sys_sched_getattr(s32 tid, uaddr_t to, u32 size, u32 flags)
{
	struct sched_attributes a;

	if (!to || tid < 0 || size > PAGE_SIZE || size < SCHED_ATTR_SIZE_VER0 || flags)
		return -EINVAL;
	int err = attributes_get(tid, &a);
	if (err)
		return err;
	size = MIN(size, sizeof(struct sched_attr));
	struct sched_attr attr = {
		.size = size,
		.sched_policy = a.policy,
		.sched_flags = a.reset_on_fork ? SCHED_FLAG_RESET_ON_FORK : 0,
		.sched_nice = real_time(a.policy) ? 0 : a.nice,
		.sched_priority = a.priority,
	};
	return copy_to_user(to, &attr, size);
}

/* -- what policies are like -- */

s64 sys_sched_get_priority_max(s32 policy)
{
	if (real_time((u32)policy))
		return PRIORITY_MAX;
	return policy_known((u32)policy) || policy == SCHED_DEADLINE ? 0 : -EINVAL;
}

s64 sys_sched_get_priority_min(s32 policy)
{
	if (real_time((u32)policy))
		return 1;
	return policy_known((u32)policy) || policy == SCHED_DEADLINE ? 0 : -EINVAL;
}

s64 sys_sched_rr_get_interval(s32 tid, uaddr_t to)
{
	struct sched_attributes a;

	int err = attributes_get(tid, &a);
	if (err)
		return err;
	if (a.policy == SCHED_FIFO)
		return timespec_put(to, 0);
	return timespec_put(to, a.policy == SCHED_RR ? sched_rr_slice_ns() : sched_fair_slice_ns());
}

/* Scheduling: yielding, affinity, priorities. */
#include <linux/resource.h>

#include "arch/cpu.h"
#include "arch/ucopy.h"
#include "lib/errno.h"
#include "proc/process.h"
#include "sched/sched.h"
#include "sys/sys.h"

#define NICE_MIN (-20)
#define NICE_MAX 19

s64 sys_sched_yield(void)
{
	sched_yield();
	return 0;
}

s64 sys_getcpu(uaddr_t cpu, uaddr_t node, uaddr_t unused)
{
	if (cpu && put_user_u32(cpu, this_cpu()->id))
		return -EFAULT;
	if (node && put_user_u32(node, 0))
		return -EFAULT;
	return 0;
}

static u64 all_cpus(void)
{
	u32 n = cpu_count();

	return n >= 64 ? ~0UL : BIT(n) - 1;
}

/* The thread with the number (0: the running one) with a reference, or NULL. */
static struct thread *thread_of(s32 tid)
{
	if (tid < 0)
		return NULL;
	return process_find_thread(tid ? (u32)tid : current_thread()->tid);
}

s64 sys_sched_getaffinity(s32 tid, u32 size, uaddr_t to)
{
	if (size * 8UL < cpu_count() || size % sizeof(u64))
		return -EINVAL;
	struct thread *t = thread_of(tid);
	if (!t)
		return -ESRCH;
	u64 mask = READ_ONCE(t->affinity) & all_cpus();
	thread_put(t);
	/* As much as there can ever be CPUs for. */
	if (copy_to_user(to, &mask, sizeof(mask)))
		return -EFAULT;
	return sizeof(mask);
}

s64 sys_sched_setaffinity(s32 tid, u32 size, uaddr_t from)
{
	u64 mask = 0;

	if (copy_from_user(&mask, from, MIN(size, sizeof(mask))))
		return -EFAULT;
	struct thread *t = thread_of(tid);
	if (!t)
		return -ESRCH;
	mask &= all_cpus();
	int err = mask ? sched_set_affinity(t, mask) : -EINVAL;
	thread_put(t);
	return err;
}

/* All threads of a process share one figure, as far as anybody can ask: that of the first. */
static bool priority_target_ok(s32 which, s32 who)
{
	struct process *p = current_process();

	switch (which) {
	case PRIO_PROCESS:
		return who == 0 || (u32)who == current_thread()->tid;
	case PRIO_PGRP:
		return who == 0 || (u32)who == p->group;
	default:
		return who == 0 || (u32)who == p->cred.uid;
	}
}

s64 sys_getpriority(s32 which, s32 who)
{
	if (which < PRIO_PROCESS || which > PRIO_USER)
		return -EINVAL;
	if (!priority_target_ok(which, who))
		return -ESRCH;
	return 20 - READ_ONCE(current_thread()->nice);
}

s64 sys_setpriority(s32 which, s32 who, s32 nice)
{
	struct thread *t = current_thread();

	if (which < PRIO_PROCESS || which > PRIO_USER)
		return -EINVAL;
	if (!priority_target_ok(which, who))
		return -ESRCH;
	nice = MIN(MAX(nice, NICE_MIN), NICE_MAX);
	if (nice < READ_ONCE(t->nice) && t->process->cred.euid != 0)
		return -EACCES;
	sched_set_nice(t, nice);
	return 0;
}

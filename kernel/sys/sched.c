/* Yielding, and which CPUs a thread runs on. */
#include "sched/sched.h"
#include "arch/cpu.h"
#include "arch/ucopy.h"
#include "lib/errno.h"
#include "proc/process.h"
#include "sys/schedule.h"
#include "sys/sys.h"

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

s64 sys_sched_getaffinity(s32 tid, u32 size, uaddr_t to)
{
	if (size * 8UL < cpu_count() || size % sizeof(u64))
		return -EINVAL;
	struct thread *t = sched_thread(tid);
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
	struct thread *t = sched_thread(tid);
	if (!t)
		return -ESRCH;
	mask &= all_cpus();
	int err = !sched_may_change(t) ? -EPERM : mask ? sched_set_affinity(t, mask) : -EINVAL;
	thread_put(t);
	return err;
}

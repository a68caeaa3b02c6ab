/*
 * Reading a CPU's time in ring 3 from anywhere.
 *
 * The own CPU is in the kernel, so its count is complete. Of another the stretch under way is added, if the last thing that its recorder has
 * is an entry to ring 3. A system call leaves no record when it begins, so one that has just begun is taken for part of the stretch, until
 * it ends or an interrupt comes. That is put right as soon as the stretch is added, and it costs crossings nothing.
 */
#include "arch/user_time.h"

#include "trace/ring.h"

static bool in_ring3(u32 cpu)
{
	u64 n = trace_ring_count(cpu, false);
	struct trace_record r;

	if (!n || !trace_ring_read(cpu, false, n - 1, &r))
		return false;
	return trace_kind(&r) == TRACE_EXIT || trace_kind(&r) == TRACE_SYSCALL;
}

u64 user_time_ticks(const struct cpu *c)
{
	if (c == this_cpu())
		return READ_ONCE(c->user_ticks);
	u64 before = READ_ONCE(c->user_ticks);
	u32 since = READ_ONCE(c->user_since);
	bool there = in_ring3(c->id);
	s32 passed = (s32)((u32)__builtin_ia32_rdtsc() - since);
	u64 ticks = READ_ONCE(c->user_ticks);

	/* Else it is over by now, and has been added. The clocks of two CPUs may differ by a little. */
	return there && ticks == before && passed > 0 ? ticks + (u32)passed : ticks;
}

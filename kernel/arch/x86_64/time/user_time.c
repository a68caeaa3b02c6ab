/* Reading a CPU's time in ring 3 from anywhere. */
#include "arch/user_time.h"

#include "arch/clock.h"

u64 user_time_ticks(const struct cpu *c)
{
	u64 before = READ_ONCE(c->user_ticks);
	u32 since = READ_ONCE(c->user_since);
	s32 passed = (s32)((u32)clock_cycles_roughly() - since);
	u64 ticks = READ_ONCE(c->user_ticks);

	/* Else the stretch is over by now, and has been added. The clocks of two CPUs may differ by a little. */
	return since && ticks == before && passed > 0 ? ticks + (u32)passed : ticks;
}

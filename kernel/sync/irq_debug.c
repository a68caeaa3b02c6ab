/* See sync/irq_debug.h. Each CPU touches its own entry, with IF=0. */
#include "sync/irq_debug.h"

#include "arch/clock.h"
#include "arch/cpu.h"
#include "arch/irqflags.h"
#include "lib/assert.h"
#include "lib/compiler.h"
#include "trace/ksyms.h"

#ifdef AIRLOCK_DEBUG

static struct ALIGNED(64) off {
	u64 since; /* cycles; 0: they are on */
	u64 caller;
} offs[MAX_CPUS];

/* In cycles; 0: not measured. Written at start-up. */
static u64 limit;

void irq_debug_set_limit(u64 ns)
{
	WRITE_ONCE(limit, ns / NS_PER_MS * clock_tsc_khz());
}

void irq_debug_off(void)
{
	if (LIKELY(!READ_ONCE(limit)))
		return;
	struct off *o = &offs[this_cpu()->id];

	o->since = clock_cycles();
	o->caller = (u64)__builtin_return_address(0);
}

void irq_debug_on(void)
{
	if (LIKELY(!READ_ONCE(limit)))
		return;
	struct off *o = &offs[this_cpu()->id];
	u64 cycles = o->since ? clock_cycles() - o->since : 0;
	char where[64];

	o->since = 0;
	if (cycles <= READ_ONCE(limit) || !irq_disabled())
		return;
	WRITE_ONCE(limit, 0);
	panic("interrupts were off for %lu ms, since %s", cycles / clock_tsc_khz(),
		ksym_format(where, sizeof(where), o->caller));
}

#endif

/* Hangs, for the watchdog to find: tests/scenario/crash.sh. */
#include "arch/cpu.h"
#include "arch/irqflags.h"
#include "arch/smp.h"
#include "init/guest_test.h"
#include "lib/assert.h"
#include "sched/sched.h"
#include "sched/thread.h"
#include "sync/spinlock.h"

static struct spinlock planted_lock = SPINLOCK_INIT("planted", RANK_PID_TABLE);

PLANTED(hang_in_the_kernel)
{
	for (;;)
		SIN(cpu_relax());
}

static void hang_on(u32 cpu)
{
	CHECK(sched_set_affinity(current_thread(), BIT(cpu)) == 0);
	u64 flags = spin_lock_irqsave(&planted_lock);
	for (;;)
		SIN(cpu_relax());
	spin_unlock_irqrestore(&planted_lock, flags);
}

PLANTED(hang_with_interrupts_off)
{
	hang_on(0);
}

/* Machines of two CPUs. */
PLANTED(hang_of_the_second_cpu)
{
	hang_on(1);
}

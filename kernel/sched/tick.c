/*
 * The tick: only on CPUs where more than one thread wants to run.
 *
 * It is armed under the queue's lock by whoever makes a second thread runnable on its own CPU, or by the CPU itself when an
 * IPI tells it to look (upcall_reschedule()), and arms itself again while there is someone waiting. `ticking` is true while
 * it is armed, but for the moment in which its period is changed. It is never missing: each path that raises `running` to 2
 * goes through place_announce_locked(), and each choice of a thread through tick_start_locked().
 *
 * At a tick the running thread makes way if one that waits has less virtual runtime (runq_tick()). So a fair thread's time
 * slice is the tick's period, and `hz=` sets it.
 */
#include "arch/clock.h"
#include "arch/smp.h"
#include "lib/assert.h"
#include "sched/internal.h"
#include "sched/sched.h"

#define DEFAULT_HZ 100U
/* How often a CPU tries to give threads away. */
#define BALANCE_PERIOD_NS (8 * NS_PER_MS)

/* Set at start-up; read without a lock, a stale value lasts one tick. */
static u64 period_ns = NS_PER_SEC / DEFAULT_HZ;

/* A tick that is armed for the old period must not be waited for: its CPU arms it again. */
static void restart_tick(struct runq *rq)
{
	u64 flags = spin_lock_irqsave(&rq->lock);
	bool ticking = rq->ticking;

	rq->ticking = false;
	spin_unlock_irqrestore(&rq->lock, flags);
	if (ticking)
		smp_send_ipi(rq->cpu, IPI_RESCHEDULE);
}

void sched_set_tick_hz(u32 hz)
{
	u64 cpus = atomic64_load(&sched_online);

	WRITE_ONCE(period_ns, NS_PER_SEC / MAX(hz, 1U));
	for (; cpus; cpus &= cpus - 1)
		restart_tick(runq_of((u32)__builtin_ctzl(cpus)));
}

u32 sched_tick_hz(void)
{
	return (u32)(NS_PER_SEC / READ_ONCE(period_ns));
}

u64 sched_fair_slice_ns(void)
{
	return READ_ONCE(period_ns);
}

void tick_arm_locked(struct runq *rq)
{
	rq->ticking = true;
	timer_arm(&rq->tick, clock_now_ns() + (fuzz_on() ? fuzz_slice_ns() : READ_ONCE(period_ns)));
}

/* IF=0, on the queue's CPU. */
static void tick(struct timer *timer)
{
	struct runq *rq = CONTAINER_OF(timer, struct runq, tick);
	u64 now = clock_now_ns();
	bool tell = false, others;

	spin_lock(&rq->lock);
	rq->ticking = false;
	runq_charge(rq, now);
	others = rq->running > 1;
	if (runq_tick(rq))
		tell = place_preempt_locked(rq);
	tick_start_locked(rq);
	spin_unlock(&rq->lock);
	/* The thread is this CPU's own: the interrupt's exit path looks at its work word. */
	ASSERT(!tell);

	if (others && now >= rq->next_balance) {
		rq->next_balance = now + BALANCE_PERIOD_NS;
		balance_push(rq);
	}
}

void tick_init(struct runq *rq)
{
	timer_init(&rq->tick, tick);
}

/*
 * The load average (proc(5), loadavg): how many threads run or want to, averaged over the last minute, five and fifteen, whose
 * past fades.
 *
 * Every five seconds the boot CPU's timer counts, and each average goes a step towards what it found: a step of
 * 1 - e^(-5 s / period). So the figures are what Linux would show of the same moments. What sleeps uninterruptibly, which Linux counts
 * too, does so here for the length of a mutex only: there is no disk to wait for.
 *
 * Locking: the averages are written by the timer's callback alone, and each is one word.
 */
#include "arch/clock.h"
#include "sched/internal.h"
#include "sched/sched.h"

#define SAMPLE_NS (5 * NS_PER_SEC)

static struct timer sampling;
static u64 averages[SCHED_LOADS];

static u64 count_running(void)
{
	u64 cpus = atomic64_load(&sched_online), n = 0;

	/* Each queue's count by itself: threads that move meanwhile may be counted twice or not. */
	for (; cpus; cpus &= cpus - 1)
		n += READ_ONCE(runq_of((u32)__builtin_ctzl(cpus))->running);
	return n;
}

u64 sched_load_step(u64 average, u64 running, u32 which)
{
	/* e^(-5/60), e^(-5/300), e^(-5/900), as averages are told. */
	static const u64 kept[SCHED_LOADS] = {60296, 64453, 65173};
	u64 one = 1UL << SCHED_LOAD_SHIFT;

	return (average * kept[which] + (running << SCHED_LOAD_SHIFT) * (one - kept[which]) +
		       one / 2) >>
	       SCHED_LOAD_SHIFT;
}

static void sample(struct timer *timer)
{
	u64 running = count_running();

	for (u32 i = 0; i < SCHED_LOADS; i++)
		WRITE_ONCE(averages[i], sched_load_step(averages[i], running, i));
	timer_arm(timer, clock_now_ns() + SAMPLE_NS);
}

void load_start(void)
{
	timer_init(&sampling, sample);
	timer_arm(&sampling, clock_now_ns() + SAMPLE_NS);
}

void sched_get_load(u64 out[SCHED_LOADS])
{
	for (u32 i = 0; i < SCHED_LOADS; i++)
		out[i] = READ_ONCE(averages[i]);
}

/*
 * What schedule fuzzing (sync/fuzz.h) does to threads: which CPU, which thread, for how long, and preemption in the kernel.
 *
 * A thread that is preempted in the kernel may have said that it is about to sleep: between wait_prepare() and schedule(), where
 * a wakeup can be lost. Such a thread must not go to sleep now, before it has looked. It stays in the queue, `kept`, in its
 * sleeping state; a waker sees that (sched.c) and only changes the state.
 *
 * Real-time threads are left alone: who runs before whom is promised for them.
 */
#include "sync/fuzz.h"

#include "arch/clock.h"
#include "arch/cpu.h"
#include "sched/internal.h"
#include "sched/sched.h"

#ifdef AIRLOCK_FUZZ

/* Of the threads that wait, so many are drawn from. */
#define DRAW_FROM 8
/* Slices, in steps of a factor of two; the shortest depends on the seed. They are short, for a thread that is preempted at every
 * fourth point has to wait for those of all others each time. */
#define SLICE_SHORTEST_NS (20 * NS_PER_US)
#define SLICE_SHORTEST_STEPS 4
#define SLICE_STEPS 4
/* How long a thread that is alone on its CPU is held up, at most, for the others to get ahead: steps of a factor of two. */
#define DELAY_STEPS 10

static void hold_up(void)
{
	for (u32 n = fuzz_draw(1U << fuzz_draw(DELAY_STEPS)); n; n--)
		cpu_relax();
}

/* For a point: see sync/fuzz.h. Not again while the thread is on its way back; and the more threads have their turn before it is
 * back, the less often. */
static void preempt(void)
{
	struct thread *t = current_thread();
	const struct runq *rq = runq_here();

	u32 running = READ_ONCE(rq->running);

	if (t == rq->idle || t->in_fuzz || t->rt)
		return;
	t->in_fuzz = true;
	if (running == 1 && cpu_count() > 1)
		hold_up();
	else if (running > 1 && fuzz_draw(running) < 2)
		sched_preempt();
	t->in_fuzz = false;
}

void sched_fuzz(u64 seed)
{
	static const struct fuzz_ops fuzz_ops = {.preempt = preempt};

	fuzz_start(seed, &fuzz_ops);
}

u32 fuzz_choose_cpu(u64 allowed)
{
	u64 above = allowed & ~(BIT(fuzz_draw(cpu_count())) - 1);

	return (u32)__builtin_ctzl(above ? above : allowed);
}

struct thread *fuzz_choose_thread(const struct runq *rq, const struct thread *skip)
{
	struct thread *t = runq_first(rq);
	struct rb_node *next;

	/* Every other time the one that has had the least, or threads that only compute would get nearly all the time. */
	for (u32 n = fuzz_draw(2) * fuzz_draw(DRAW_FROM); n; n--) {
		next = rb_next(&t->run_node);
		t = next ? rb_entry(next, struct thread, run_node) : runq_first(rq);
	}
	if (t != skip)
		return t;
	next = rb_next(&t->run_node);
	return next ? rb_entry(next, struct thread, run_node) : runq_first(rq);
}

u64 fuzz_slice_ns(void)
{
	return SLICE_SHORTEST_NS << (fuzz_seed() % SLICE_SHORTEST_STEPS + fuzz_draw(SLICE_STEPS));
}

#endif

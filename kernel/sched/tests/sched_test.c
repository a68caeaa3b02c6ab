/*
 * Choosing and moving threads with real CPUs.
 *
 * Seen to fail: runq_charge() without the weight (shares); tick_start_locked() that arms for one thread (ticks);
 * sched_set_affinity() without its schedule(), put_prev() that does not look at affinity (moving); balance_pull() that returns
 * false, balance_push() that does nothing, place_choose() that always takes the last CPU (the three tests of idle CPUs);
 * thread_reap() that does not free stacks (leak); finish_switch() that unlocks before it clears on_cpu; wake() that queues
 * a thread which is still on its CPU (both: a panic).
 */
#include <linux/sched.h>

#include "arch/clock.h"
#include "arch/cpu.h"
#include "init/guest_test.h"
#include "mm/frame.h"
#include "sched/internal.h"
#include "sched/runq.h"
#include "sched/tests/crew.h"
#include "sched/weight.h"

static struct crew crew;

static bool is_asleep(const struct thread *t)
{
	return atomic32_load(&t->state) == THREAD_SLEEPING_INTERRUPTIBLE && !READ_ONCE(t->on_cpu);
}

/* -- shares of one CPU by nice level -- */

/*
 * A busy host keeps a virtual CPU from running for a while now and then, and whose turn that falls into is charged for it. So
 * shares are judged by what the scheduler knows: it makes up for every charge, and thus no thread is ever further ahead of
 * another, in weighted time, than by the longest stretch that it was charged for in one piece.
 */
#define SHARES_NS (700 * NS_PER_MS)
static u64 stretch[CREW_MAX];

/* Runs until all together have been charged for long enough. */
static void use_cpu(struct crew_member *m)
{
	struct crew *c = m->crew;
	u64 total = 0;

	while (total < SHARES_NS) {
		u64 before = READ_ONCE(m->thread->runtime);

		crew_spin(20 * NS_PER_US);
		crew_make_way();
		stretch[m->index] = MAX(stretch[m->index], READ_ONCE(m->thread->runtime) - before);
		total = 0;
		for (u32 i = 0; i < c->size; i++)
			total += READ_ONCE(c->member[i].thread->runtime);
	}
}

static u64 weighted(u64 ns, const struct thread *t)
{
	return weight_scale(ns, t->weight);
}

static void expect_fair(void)
{
	const struct thread *first = crew.member[0].thread;
	u64 lead = 0;

	/* Ahead by a stretch of its own, or behind by one of another's: and a tick that came late for both. */
	for (u32 i = 0; i < crew.size; i++)
		lead = MAX(lead, weighted(stretch[i] + 3 * NS_PER_MS, crew.member[i].thread));
	for (u32 i = 0; i < crew.size; i++) {
		const struct thread *t = crew.member[i].thread;
		u64 a = weighted(t->runtime, t), b = weighted(first->runtime, first);

		EXPECT((a > b ? a - b : b - a) <= 2 * lead);
		EXPECT(t->involuntary > 0);
	}
}

GUEST_TEST(sched_shares_follow_nice)
{
	static const s32 nice[] = {0, 0, 5};
	u32 hz = sched_tick_hz();

	if (guest_test_skip_fuzzed())
		return;
	if (!crew_make(&crew, ARRAY_SIZE(nice), use_cpu)) {
		EXPECT(!"memory");
		return;
	}
	sched_set_tick_hz(1000);
	for (u32 i = 0; i < crew.size; i++) {
		stretch[i] = 0;
		sched_set_nice(crew.member[i].thread, nice[i]);
		EXPECT(sched_set_affinity(crew.member[i].thread, crew_cpu(1)) == 0);
	}
	crew_start(&crew);
	crew_wait(&crew);
	sched_set_tick_hz(hz);
	expect_fair();
	crew_free(&crew);
}

/* -- ticks -- */

/* A thread alone on its CPU is not interrupted by the scheduler. */
static atomic64_t ticks;

static void count_interrupts(struct crew_member *m)
{
	/* What was armed before may still fire once. */
	crew_spin(30 * NS_PER_MS);
	u64 before = READ_ONCE(this_cpu()->irq_count);
	crew_spin(150 * NS_PER_MS);
	atomic64_store(&ticks, READ_ONCE(this_cpu()->irq_count) - before);
}

GUEST_TEST(sched_one_thread_takes_no_tick)
{
	u32 hz = sched_tick_hz();

	if (guest_test_skip_fuzzed())
		return;
	sched_set_tick_hz(1000);
	EXPECT(crew_run(&crew, 1, count_interrupts));
	sched_set_tick_hz(hz);
	/* 150 with the tick; the clock and the devices may want some. */
	EXPECT(atomic64_load(&ticks) < 15);
}

/* -- moving -- */

#define MOVES 500U

static void move_about(struct crew_member *m)
{
	for (u32 i = 0; i < MOVES; i++) {
		u64 cpus = crew_cpu((u32)crew_random(m, crew_cpu_count()));

		EXPECT(sched_set_affinity(current_thread(), cpus) == 0);
		EXPECT(cpus & BIT(this_cpu()->id));
		if (crew_random(m, 4) == 0)
			sched_yield();
		EXPECT(cpus & BIT(this_cpu()->id));
	}
}

GUEST_TEST(sched_threads_move_themselves)
{
	EXPECT(crew_run(&crew, 12, move_about));
}

/* The even ones work and sleep, the odd ones move them while they run, wait and sleep. */
static atomic32_t workers;

static void work_or_move(struct crew_member *m)
{
	if (m->index % 2) {
		while (atomic32_load(&workers)) {
			struct thread *t =
				m->crew->member[crew_random(m, m->crew->size) & ~1UL].thread;

			EXPECT(sched_set_affinity(t, crew_cpu((u32)crew_random(m, 64))) == 0);
			sched_set_nice(t, (s32)crew_random(m, 40) - 20);
			sched_yield();
		}
		return;
	}
	for (u32 i = 0; i < MOVES; i++) {
		crew_spin(crew_random(m, 30 * NS_PER_US));
		if (crew_random(m, 8) == 0)
			(void)!sleep_until(clock_now_ns() + crew_random(m, 200 * NS_PER_US));
		else if (!crew_make_way())
			sched_yield();
	}
	atomic32_fetch_sub(&workers, 1);
}

GUEST_TEST(sched_threads_are_moved)
{
	atomic32_store(&workers, 6);
	EXPECT(crew_run(&crew, 12, work_or_move));
}

GUEST_TEST(sched_affinity_to_no_cpu)
{
	u64 before = current_thread()->affinity;

	EXPECT(sched_set_affinity(current_thread(), 0) == -EINVAL);
	EXPECT(sched_set_affinity(current_thread(), ~sched_online_cpus()) == -EINVAL);
	EXPECT(current_thread()->affinity == before);
}

/* -- CPUs with nothing to do -- */

static void set_next_push(u64 at_ns)
{
	u64 flags = irq_save();

	runq_here()->next_balance = at_ns;
	irq_restore(flags);
}

/* Somebody has seen one of those on CPU 0 elsewhere; later it may be back. */
static atomic32_t moved;

/* Makes a crew whose members but the last are queued on CPU 0, and may run anywhere except for the first. */
static bool crowd_on_first_cpu(u32 size, u64 last_cpu, void (*work)(struct crew_member *m))
{
	if (!crew_make(&crew, size, work)) {
		EXPECT(!"memory");
		return false;
	}
	for (u32 i = 0; i < size; i++)
		EXPECT(sched_set_affinity(
			       crew.member[i].thread, i < size - 1 ? crew_cpu(0) : last_cpu) == 0);
	crew_start(&crew);
	for (u32 i = 1; i < size - 1; i++)
		EXPECT(sched_set_affinity(crew.member[i].thread, sched_online_cpus()) == 0);
	return true;
}

static void look_for_moved(void)
{
	for (u32 i = 0; i < crew.size - 1; i++)
		if (crew_cpu(0) != BIT(READ_ONCE(crew.member[i].thread->cpu)))
			atomic32_store(&moved, 1);
}

/* Keeps its CPU until one has moved: for as long as a busy host takes to let other CPUs run, but not for ever. */
static void spin_until_moved(struct crew_member *m)
{
	u64 end = clock_now_ns() + 20 * NS_PER_SEC;

	while (!atomic32_load(&moved) && clock_now_ns() < end)
		look_for_moved();
	EXPECT(atomic32_load(&moved));
}

static void spin_without_push(struct crew_member *m)
{
	if (m->index == 0)
		set_next_push(UINT64_MAX);
	spin_until_moved(m);
	if (m->index == 0)
		set_next_push(0);
}

/* Nobody pushes: the other CPU must take a thread itself when this test's thread leaves it idle. */
GUEST_TEST(sched_idle_cpu_pulls)
{
	u64 cpus = current_thread()->affinity;

	if (crew_cpu_count() < 2)
		return;
	EXPECT(sched_set_affinity(current_thread(), crew_cpu(1)) == 0);
	if (crowd_on_first_cpu(4, crew_cpu(0), spin_without_push)) {
		crew_wait(&crew);
		crew_free(&crew);
	}
	EXPECT(sched_set_affinity(current_thread(), cpus) == 0);
}

/* A CPU that is never idle, so never pulls, but has less to do, is given a thread at a tick of the busier one. */
GUEST_TEST(sched_busy_cpu_pushes)
{
	u64 cpus = current_thread()->affinity;

	if (guest_test_skip_fuzzed())
		return;
	if (crew_cpu_count() != 2)
		return;
	EXPECT(sched_set_affinity(current_thread(), crew_cpu(0)) == 0);
	if (crowd_on_first_cpu(4, crew_cpu(1), spin_until_moved)) {
		crew_wait(&crew);
		crew_free(&crew);
	}
	EXPECT(sched_set_affinity(current_thread(), cpus) == 0);
}

/* One keeps CPU 0 busy and wakes the other, which slept there, while another CPU is idle: it is placed there, and runs. */
static struct waitq beside = WAITQ_INIT(beside);
static atomic32_t called, awake;

static void sleep_beside_spinner(struct crew_member *m)
{
	if (m->index == 1) {
		EXPECT(sched_set_affinity(current_thread(), sched_online_cpus()) == 0);
		EXPECT(wait_event(&beside, atomic32_load(&called), THREAD_SLEEPING_INTERRUPTIBLE,
			       WAIT_FOREVER) == 0);
		atomic32_store(&awake, 1);
		return;
	}
	while (!atomic64_load(&sched_idle))
		cpu_relax();
	atomic32_store(&called, 1);
	waitq_wake_all(&beside);
	EXPECT(READ_ONCE(m->crew->member[1].thread->cpu) != this_cpu()->id);
	while (!atomic32_load(&awake))
		crew_make_way();
}

GUEST_TEST(sched_woken_thread_goes_to_an_idle_cpu)
{
	if (crew_cpu_count() < 2 || guest_test_skip_fuzzed() ||
		!crew_make(&crew, 2, sleep_beside_spinner))
		return;
	atomic32_store(&called, 0);
	atomic32_store(&awake, 0);
	EXPECT(sched_set_affinity(crew.member[0].thread, crew_cpu(0)) == 0);
	EXPECT(sched_set_affinity(crew.member[1].thread, crew_cpu(0)) == 0);
	thread_start(crew.member[1].thread);
	while (!is_asleep(crew.member[1].thread))
		crew_sleep_ms(1);
	thread_start(crew.member[0].thread);
	crew_wait(&crew);
	crew_free(&crew);
}

/* -- threads come and go without leaving anything behind -- */

static void do_little(struct crew_member *m)
{
	if (crew_random(m, 2))
		sched_yield();
}

/* Threads are freed by their CPU's next visit to the scheduler: not at once. */
static bool frames_come_back(u64 want)
{
	for (u32 i = 0; i < 2000 && frame_free_count() < want; i++)
		crew_sleep_ms(10);
	return frame_free_count() >= want;
}

GUEST_TEST(sched_threads_leave_nothing_behind)
{
	/* Once for what is kept for reuse. */
	for (u32 i = 0; i < 4; i++)
		EXPECT(crew_run(&crew, CREW_MAX, do_little));
	crew_sleep_ms(20);
	u64 before = frame_free_count();
	for (u32 i = 0; i < 40; i++)
		EXPECT(crew_run(&crew, CREW_MAX, do_little));
	/* A stack is five frames; one caught in some CPU's cache is not a leak, 1280 of them were one. */
	EXPECT(frames_come_back(before - 64));
}

GUEST_TEST(sched_thread_never_started)
{
	struct thread *t = thread_create_kernel("unborn", NULL, NULL);

	EXPECT(t != NULL);
	if (t)
		thread_put(t);
}

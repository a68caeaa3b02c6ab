/*
 * Choosing and moving threads with real CPUs.
 *
 * Seen to fail: runq_charge() without the weight (shares); sched_set_affinity() without place_preempt_locked() (a thread stays
 * where it must not be); thread_reap() that does not free stacks (leak); tick_start_locked() that arms for one thread (ticks);
 * balance_pull() that returns false and place_choose() that always takes the last CPU (idle CPU).
 */
#include "arch/clock.h"
#include "arch/cpu.h"
#include "init/guest_test.h"
#include "mm/frame.h"
#include "sched/tests/crew.h"

static struct crew crew;
static u64 until;

static void spin_for(u64 ns)
{
	u64 end = clock_now_ns() + ns;

	while (clock_now_ns() < end)
		__builtin_ia32_pause();
}

static void sleep_ms(u64 ms)
{
	(void)!sleep_until(clock_now_ns() + ms * NS_PER_MS);
}

/* -- shares of one CPU by nice level -- */

static void use_cpu(struct crew_member *m)
{
	while (clock_now_ns() < until) {
		spin_for(20 * NS_PER_US);
		crew_make_way();
	}
}

GUEST_TEST(sched_shares_follow_nice)
{
	static const s32 nice[] = {0, 0, 5};
	u32 hz = sched_tick_hz();
	u64 total = 0, weights = 0;

	if (!crew_make(&crew, ARRAY_SIZE(nice), use_cpu)) {
		EXPECT(!"memory");
		return;
	}
	sched_set_tick_hz(1000);
	until = clock_now_ns() + 700 * NS_PER_MS;
	for (u32 i = 0; i < crew.size; i++) {
		sched_set_nice(crew.member[i].thread, nice[i]);
		EXPECT(sched_set_affinity(crew.member[i].thread, crew_cpu(1)) == 0);
		weights += crew.member[i].thread->weight;
	}
	crew_start(&crew);
	crew_wait(&crew);
	sched_set_tick_hz(hz);
	for (u32 i = 0; i < crew.size; i++)
		total += crew.member[i].thread->runtime;
	EXPECT(total > 500 * NS_PER_MS);
	for (u32 i = 0; i < crew.size; i++) {
		const struct thread *t = crew.member[i].thread;
		u64 want = total * t->weight / weights;

		EXPECT(t->runtime > want * 7 / 10 && t->runtime < want * 13 / 10);
		EXPECT(t->involuntary > 10);
	}
	crew_free(&crew);
}

/* A thread alone on its CPU is not interrupted by the scheduler. */
static atomic64_t ticks;

static void count_interrupts(struct crew_member *m)
{
	/* What was armed before may still fire once. */
	spin_for(30 * NS_PER_MS);
	u64 before = READ_ONCE(this_cpu()->irq_count);
	spin_for(150 * NS_PER_MS);
	atomic64_store(&ticks, READ_ONCE(this_cpu()->irq_count) - before);
}

GUEST_TEST(sched_one_thread_takes_no_tick)
{
	u32 hz = sched_tick_hz();

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
		spin_for(crew_random(m, 30 * NS_PER_US));
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

/* A CPU with nothing to do takes a waiting thread. */
static atomic64_t seen_cpus;

static void note_cpu(struct crew_member *m)
{
	while (clock_now_ns() < until) {
		atomic64_fetch_or(&seen_cpus, BIT(this_cpu()->id));
		spin_for(50 * NS_PER_US);
		crew_make_way();
	}
}

GUEST_TEST(sched_work_spreads_to_all_cpus)
{
	atomic64_store(&seen_cpus, 0);
	until = clock_now_ns() + 150 * NS_PER_MS;
	EXPECT(crew_run(&crew, crew_cpu_count() + 2, note_cpu));
	EXPECT(atomic64_load(&seen_cpus) == sched_online_cpus());
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
	for (u32 i = 0; i < 100 && frame_free_count() < want; i++)
		sleep_ms(5);
	return frame_free_count() >= want;
}

GUEST_TEST(sched_threads_leave_nothing_behind)
{
	/* Once for what is kept for reuse. */
	for (u32 i = 0; i < 4; i++)
		EXPECT(crew_run(&crew, CREW_MAX, do_little));
	sleep_ms(20);
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

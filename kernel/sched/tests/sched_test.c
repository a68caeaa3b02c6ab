/*
 * Choosing and moving threads with real CPUs.
 *
 * Seen to fail: runq_charge() without the weight (shares); tick_start_locked() that arms for one thread (ticks);
 * sched_set_affinity() without its schedule(), put_prev() that does not look at affinity (moving); balance_pull() that returns
 * false, balance_push() that does nothing, place_choose() that always takes the last CPU (the three tests of idle CPUs);
 * thread_reap() that does not free stacks (leak); finish_switch() that unlocks before it clears on_cpu; wake() that queues
 * a thread which is still on its CPU (both: a panic).
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

/* -- CPUs with nothing to do -- */

static atomic64_t seen_cpus;

static void note_cpu(struct crew_member *m)
{
	u64 end = clock_now_ns() + 60 * NS_PER_MS;

	do {
		atomic64_fetch_or(&seen_cpus, BIT(this_cpu()->id));
		spin_for(50 * NS_PER_US);
	} while (clock_now_ns() < MAX(end, until));
}

/* Makes a crew whose first thread runs on CPU 0 and whose others wait there, though they may run anywhere. */
static bool crowd_on_first_cpu(u32 size)
{
	atomic64_store(&seen_cpus, 0);
	if (!crew_make(&crew, size, note_cpu)) {
		EXPECT(!"memory");
		return false;
	}
	for (u32 i = 0; i < size; i++)
		EXPECT(sched_set_affinity(crew.member[i].thread, crew_cpu(0)) == 0);
	crew_start(&crew);
	for (u32 i = 0; i < size; i++)
		EXPECT(sched_set_affinity(crew.member[i].thread, sched_online_cpus()) == 0);
	return true;
}

/* Without ticks nobody pushes: the other CPU must take a thread itself when this test's thread leaves it idle. */
GUEST_TEST(sched_idle_cpu_pulls)
{
	u64 cpus = current_thread()->affinity;
	u32 hz = sched_tick_hz();

	if (crew_cpu_count() < 2)
		return;
	EXPECT(sched_set_affinity(current_thread(), crew_cpu(1)) == 0);
	sched_set_tick_hz(1);
	until = 0;
	if (crowd_on_first_cpu(3)) {
		crew_wait(&crew);
		EXPECT(atomic64_load(&seen_cpus) & crew_cpu(1));
		crew_free(&crew);
	}
	sched_set_tick_hz(hz);
	EXPECT(sched_set_affinity(current_thread(), cpus) == 0);
}

/* A CPU that halts already is given a thread at a tick of the busy one. */
GUEST_TEST(sched_busy_cpu_pushes)
{
	u64 cpus = current_thread()->affinity;

	if (crew_cpu_count() < 2)
		return;
	/* This thread stays off the others, so that they have no reason to wake. */
	EXPECT(sched_set_affinity(current_thread(), crew_cpu(0)) == 0);
	until = clock_now_ns() + 150 * NS_PER_MS;
	if (crowd_on_first_cpu(3)) {
		crew_wait(&crew);
		EXPECT(atomic64_load(&seen_cpus) & ~crew_cpu(0));
		crew_free(&crew);
	}
	EXPECT(sched_set_affinity(current_thread(), cpus) == 0);
}

static atomic64_t late;

/* One keeps CPU 0 busy; one sleeps there, and wakes when it can't have that CPU. */
static void sleep_beside_spinner(struct crew_member *m)
{
	if (m->index == 0) {
		spin_for(400 * NS_PER_MS);
		return;
	}
	u64 wake = clock_now_ns() + 20 * NS_PER_MS;

	EXPECT(sched_set_affinity(current_thread(), sched_online_cpus()) == 0);
	(void)!sleep_until(wake);
	atomic64_store(&late, clock_now_ns() - wake);
}

GUEST_TEST(sched_woken_thread_goes_to_an_idle_cpu)
{
	u32 hz = sched_tick_hz();

	if (crew_cpu_count() < 2 || !crew_make(&crew, 2, sleep_beside_spinner))
		return;
	sched_set_tick_hz(1);
	EXPECT(sched_set_affinity(crew.member[0].thread, crew_cpu(0)) == 0);
	EXPECT(sched_set_affinity(crew.member[1].thread, crew_cpu(0)) == 0);
	/* The sleeper first: the spinner makes way for nobody. */
	thread_start(crew.member[1].thread);
	sleep_ms(5);
	thread_start(crew.member[0].thread);
	crew_wait(&crew);
	EXPECT(atomic64_load(&late) < 300 * NS_PER_MS);
	crew_free(&crew);
	sched_set_tick_hz(hz);
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

/*
 * The run queue against a model: after every random step the counts and the load are right, the tree holds who it should in
 * order of virtual time, and min_vruntime has not fallen. Then the share of CPU time that different weights get.
 *
 * Seen to fail: runq_charge() without the weight; runq_set_weight() that leaves the load; update_min() without the current
 * thread; runq_place_sleeper() that does nothing (a sleeper keeps the CPU for seconds); compare() on unsigned difference;
 * runq_place_new(), runq_place_sleeper() and runq_rescale() without runq_refresh(), each (who was alone waits for seconds).
 */
// sources: kernel/sched/runq.c kernel/sched/rt.c kernel/lib/rbtree.c kernel/sync/spinlock.c kernel/sync/spinlock_debug.c kernel/sync/lock_order_debug.c kernel/lib/format.c
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "arch/irqflags.h"
#include "fake_clock.h"
#include "sched/internal.h"
#include "sched/runq.h"
#include "sched/weight.h"

#define THREADS 24

static struct thread thread[THREADS], idle[2];
static struct runq *rq = &runqs[0], *other = &runqs[1];

/* Never called, for fuzz_on() is false here; a program that is not optimized wants it all the same. */
struct thread *fuzz_choose_thread(const struct runq *q, const struct thread *skip)
{
	(void)q;
	(void)skip;
	abort();
}

static void init_queue(struct runq *q, u32 cpu)
{
	memset(q, 0, sizeof(*q));
	spin_init(&q->lock, "run queue", RANK_RUNQ);
	q->cpu = cpu;
	idle[cpu] = (struct thread){.on_cpu = true, .cpu = cpu};
	q->idle = q->current = &idle[cpu];
	/* Near the end of the numbers, so that virtual time wraps in every test. */
	q->min_vruntime = UINT64_MAX - 5 * NS_PER_MS;
}

static int fresh(void **state)
{
	u32 i;

	init_queue(rq, 0);
	init_queue(other, 1);
	fake_now_ns = 0;
	for (i = 0; i < THREADS; i++) {
		thread[i] = (struct thread){.weight = WEIGHT_NICE_0, .affinity = ~0UL};
		atomic32_store(&thread[i].state, THREAD_RUNNABLE);
	}
	irq_disable();
	spin_lock(&rq->lock);
	return 0;
}

static int done(void **state)
{
	spin_unlock(&rq->lock);
	return 0;
}

/* What schedule() does, without the switch. */
static void choose(bool current_stays, const struct thread *skip)
{
	struct thread *prev = rq->current;

	runq_charge(rq, fake_now_ns);
	if (prev != rq->idle && current_stays)
		runq_put_back(rq, prev);
	else if (prev != rq->idle)
		runq_discount(rq, prev);
	rq->current = runq_pick(rq, skip);
	prev->on_cpu = false;
	rq->current->on_cpu = true;
	rq->current->exec_start = fake_now_ns;
}

static void check(void)
{
	u32 count = 0, queued = 0, i;
	u64 load = 0;
	const struct thread *last = NULL;
	struct rb_node *n;

	for (i = 0; i < THREADS; i++)
		if (thread[i].queued || rq->current == &thread[i]) {
			count++;
			load += thread[i].weight;
			queued += thread[i].queued;
		}
	assert_int_equal(rq->running, count);
	assert_int_equal(rq->load, load);
	for (n = rb_first(&rq->tree); n; n = rb_next(n), queued--) {
		const struct thread *t = rb_entry(n, struct thread, run_node);

		assert_true(t->queued && !t->on_cpu);
		assert_true(!last || (s64)(t->vruntime - last->vruntime) >= 0);
		last = t;
	}
	assert_int_equal(queued, 0);
}

static void random_steps(void **state)
{
	u32 step;
	u64 min = rq->min_vruntime;

	for (step = 0; step < 50000; step++) {
		struct thread *t = &thread[unit_random_below(THREADS)];
		u64 what = unit_random_below(5);

		fake_now_ns += unit_random_below(NS_PER_MS);
		if (what == 0 && !t->queued && !t->on_cpu) {
			runq_place_sleeper(rq, t);
			runq_add(rq, t);
		} else if (what == 1 && t->queued) {
			runq_remove(rq, t);
		} else if (what == 2) {
			runq_set_weight(rq, t, weight_of_nice((s32)unit_random_below(40) - 20));
		} else {
			choose(what == 3, unit_random_below(2) ? rq->current : NULL);
		}
		check();
		assert_true((s64)(rq->min_vruntime - min) >= 0);
		min = rq->min_vruntime;
	}
}

/* CPU time by weight over many ticks. */
static void shares_follow_weights(void **state)
{
	s32 nice[] = {0, 0, 5, -5, 19};
	u64 total = 0, weights = 0;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(nice); i++) {
		runq_set_weight(rq, &thread[i], weight_of_nice(nice[i]));
		runq_place_new(rq, &thread[i]);
		runq_add(rq, &thread[i]);
		weights += thread[i].weight;
	}
	for (i = 0; i < 200000; i++, fake_now_ns += NS_PER_MS)
		choose(true, NULL);
	runq_charge(rq, fake_now_ns);
	for (i = 0; i < ARRAY_SIZE(nice); i++)
		total += thread[i].runtime;
	assert_int_equal(total + rq->idle_ns, fake_now_ns);
	for (i = 0; i < ARRAY_SIZE(nice); i++) {
		double want = (double)total * thread[i].weight / (double)weights;
		double off = ((double)thread[i].runtime - want) / want;

		assert_true(off < 0.02 && off > -0.02);
	}
}

static void a_sleeper_gets_no_credit_for_its_sleep(void **state)
{
	u32 i;

	runq_add(rq, &thread[0]);
	for (i = 0; i < 10000; i++, fake_now_ns += NS_PER_MS)
		choose(true, NULL);
	/* Ten seconds behind. */
	thread[1].vruntime = UINT64_MAX - 5 * NS_PER_MS;
	runq_place_sleeper(rq, &thread[1]);
	runq_add(rq, &thread[1]);
	assert_true(runq_preempts(rq, &thread[1]));
	for (i = 0; i < 100; i++, fake_now_ns += NS_PER_MS)
		choose(true, NULL);
	assert_in_range(thread[1].runtime, 45 * NS_PER_MS, 55 * NS_PER_MS);
}

/* Nothing charges a thread that is alone; it must not pay for that when company comes. */
static void expect_half_each(struct thread *newcomer)
{
	u32 i;

	runq_add(rq, newcomer);
	for (i = 0; i < 100; i++, fake_now_ns += NS_PER_MS)
		choose(true, NULL);
	assert_in_range(newcomer->runtime, 45 * NS_PER_MS, 55 * NS_PER_MS);
}

static void be_alone_for_seconds(void)
{
	runq_add(rq, &thread[0]);
	choose(true, NULL);
	fake_now_ns += 10 * NS_PER_SEC;
}

static void a_new_thread_is_not_ahead_of_one_that_was_alone(void **state)
{
	be_alone_for_seconds();
	runq_place_new(rq, &thread[1]);
	expect_half_each(&thread[1]);
}

static void a_sleeper_is_not_ahead_of_one_that_was_alone(void **state)
{
	thread[1].vruntime = rq->min_vruntime;
	be_alone_for_seconds();
	runq_place_sleeper(rq, &thread[1]);
	expect_half_each(&thread[1]);
}

static void a_moved_thread_is_not_ahead_of_one_that_was_alone(void **state)
{
	be_alone_for_seconds();
	thread[1].vruntime = other->min_vruntime;
	spin_lock_second(&other->lock);
	runq_rescale(&thread[1], other, rq);
	spin_unlock(&other->lock);
	expect_half_each(&thread[1]);
}

static void a_yielding_thread_lets_another_go_first(void **state)
{
	runq_add(rq, &thread[0]);
	choose(true, NULL);
	assert_ptr_equal(rq->current, &thread[0]);
	choose(true, rq->current);
	assert_ptr_equal(rq->current, &thread[0]);
	thread[1].vruntime = thread[0].vruntime + NS_PER_SEC;
	runq_add(rq, &thread[1]);
	choose(true, rq->current);
	assert_ptr_equal(rq->current, &thread[1]);
}

/* A thread keeps its distance to the queue's time when it moves. */
static void moving_keeps_the_distance(void **state)
{
	rq->min_vruntime = 1000;
	other->min_vruntime = UINT64_MAX - 4;
	thread[0].vruntime = 1500;
	spin_lock_second(&other->lock);
	runq_rescale(&thread[0], rq, other);
	assert_int_equal(thread[0].vruntime, 495);
	thread[0].vruntime = 10;
	runq_rescale(&thread[0], rq, other);
	assert_int_equal(thread[0].vruntime - other->min_vruntime, (u64)-990);
	spin_unlock(&other->lock);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(random_steps, fresh, done),
		cmocka_unit_test_setup_teardown(shares_follow_weights, fresh, done),
		cmocka_unit_test_setup_teardown(
			a_sleeper_gets_no_credit_for_its_sleep, fresh, done),
		cmocka_unit_test_setup_teardown(
			a_yielding_thread_lets_another_go_first, fresh, done),
		cmocka_unit_test_setup_teardown(
			a_new_thread_is_not_ahead_of_one_that_was_alone, fresh, done),
		cmocka_unit_test_setup_teardown(
			a_sleeper_is_not_ahead_of_one_that_was_alone, fresh, done),
		cmocka_unit_test_setup_teardown(
			a_moved_thread_is_not_ahead_of_one_that_was_alone, fresh, done),
		cmocka_unit_test_setup_teardown(moving_keeps_the_distance, fresh, done),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

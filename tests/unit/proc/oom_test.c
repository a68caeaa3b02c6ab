/*
 * Who is ended when memory runs out, and how often.
 *
 * Seen to fail: with the test for a process on its way out left out of oom_consider(), "one
 * shortage ends one"; with the comparison turned round, "the largest"; with the patience made
 * endless, "a victim that does not go"; with `leaving` not looked at, "memory on its way back"; with the patience counted from the last victim,
 * "killed by somebody else".
 */
// sources: kernel/proc/oom.c
#include "unit.h"

#include <string.h>

#include "arch/cpu.h"
#include "fake_clock.h"
#include "proc/oom.h"
#include "proc/pid.h"
#include "proc/process.h"
#include "sched/wait.h"

enum { N = 3 };

static struct process p[N];
static struct mm mm[N];
static struct thread thread;
static u32 kills[N], reports;
static const struct mm_oom_ops *ops;
static struct process *dies_while_waiting;

void mm_set_oom_ops(const struct mm_oom_ops *o)
{
	ops = o;
}

struct process *pid_table_search(bool (*fn)(struct process *p, void *arg), void *arg)
{
	for (int i = 0; i < N; i++)
		if (fn(&p[i], arg))
			return &p[i];
	return NULL;
}

/* Whoever is chosen has gone before it is looked up. */
static bool vanishes;

struct process *process_find(u32 pid)
{
	return vanishes ? NULL : &p[pid - 1];
}

void process_put(struct process *put)
{
}

void process_kill_now(struct process *victim, const char *reason)
{
	atomic32_store(&victim->killed, 1);
	kills[victim - p]++;
}

void proc_report_oom(const struct process *victim, u64 pages)
{
	/* Before it is told to leave. */
	assert_int_equal(kills[victim - p], 0);
	reports++;
}

void waitq_wake_all(struct waitq *q)
{
}

void wait_prepare(struct waitq *q, struct waiter *w, enum thread_state state)
{
	assert_int_equal(state, THREAD_SLEEPING);
}

int wait_sleep(u64 deadline_ns)
{
	assert_true(deadline_ns != WAIT_FOREVER);
	if (dies_while_waiting) {
		dies_while_waiting->mm = NULL;
		oom_memory_leaves();
		dies_while_waiting = NULL;
		oom_memory_returned();
		return 0;
	}
	fake_now_ns = deadline_ns;
	return -ETIME;
}

void wait_finish(struct waitq *q, struct waiter *w)
{
}

static int set_up(void **state)
{
	for (int i = 0; i < N; i++) {
		mm[i] = (struct mm){.pages = 100};
		p[i] = (struct process){.pid = 1 + (u32)i, .mm = &mm[i]};
		spin_init(&p[i].lock, "process", RANK_PROCESS);
	}
	memset(kills, 0, sizeof(kills));
	reports = 0;
	thread = (struct thread){.process = &p[0]};
	fake_cpu[0].current = &thread;
	/* Long after any earlier victim. */
	fake_now_ns += 1000 * NS_PER_SEC;
	dies_while_waiting = NULL;
	vanishes = false;
	/* Nobody waits for anybody yet. */
	oom_memory_leaves();
	oom_memory_returned();
	oom_init();
	return 0;
}

static void the_largest(void **state)
{
	mm[1].pages = 200;
	mm[2].tables.table_pages = 50;
	dies_while_waiting = &p[1];
	assert_true(ops->out_of_memory());
	assert_int_equal(kills[1], 1);
	assert_int_equal(reports, 1);
	assert_true(ops->out_of_memory());
	assert_int_equal(kills[2], 1);
}

static void one_shortage_ends_one(void **state)
{
	mm[1].pages = 200;
	for (int i = 0; i < 20; i++)
		assert_true(ops->out_of_memory());
	assert_int_equal(kills[0] + kills[1] + kills[2], 1);
}

static void a_victim_that_does_not_go(void **state)
{
	mm[1].pages = 200;
	mm[2].pages = 150;
	for (int i = 0; i < 110; i++)
		assert_true(ops->out_of_memory());
	/* After five seconds another one. */
	assert_int_equal(kills[1], 1);
	assert_int_equal(kills[2], 1);
	assert_int_equal(kills[0], 0);
}

static void the_caller_itself(void **state)
{
	mm[0].pages = 200;
	assert_false(ops->out_of_memory());
	assert_int_equal(kills[0], 1);
	/* And when it fails again on its way out. */
	assert_false(ops->out_of_memory());
	assert_int_equal(kills[0] + kills[1] + kills[2], 1);
}

static void nobody(void **state)
{
	thread.process = NULL;
	for (int i = 0; i < N; i++)
		p[i].mm = NULL;
	assert_false(ops->out_of_memory());
	assert_int_equal(reports, 0);
}

static void nobody_may_be_chosen(void)
{
	for (int i = 0; i < N; i++)
		p[i].oom_score_adj = OOM_ADJUST_NEVER;
}

static void killed_by_somebody_else(void **state)
{
	nobody_may_be_chosen();
	atomic32_store(&p[1].killed, 1);
	for (int i = 0; i < 90; i++)
		assert_true(ops->out_of_memory());
	/* No longer than that, if nothing comes back. */
	for (int i = 0; i < 20; i++)
		(void)ops->out_of_memory();
	assert_false(ops->out_of_memory());
	assert_int_equal(kills[0] + kills[1] + kills[2], 0);
}

static void memory_on_its_way_back(void **state)
{
	nobody_may_be_chosen();
	assert_false(ops->out_of_memory());
	p[1].mm = NULL;
	oom_memory_leaves();
	assert_true(ops->out_of_memory());
	oom_memory_returned();
	assert_false(ops->out_of_memory());
}

static void gone_before_it_is_ended(void **state)
{
	vanishes = true;
	assert_true(ops->out_of_memory());
	assert_int_equal(kills[0] + kills[1] + kills[2], 0);
}

static void for_the_kernel(void **state)
{
	thread.process = NULL;
	dies_while_waiting = &p[0];
	assert_true(ops->out_of_memory());
	assert_int_equal(kills[0], 1);
}

int main(void)
{
#define TEST(t) cmocka_unit_test_setup(t, set_up)
	const struct CMUnitTest tests[] = {
		TEST(the_largest),
		TEST(one_shortage_ends_one),
		TEST(a_victim_that_does_not_go),
		TEST(the_caller_itself),
		TEST(nobody),
		TEST(killed_by_somebody_else),
		TEST(memory_on_its_way_back),
		TEST(gone_before_it_is_ended),
		TEST(for_the_kernel),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

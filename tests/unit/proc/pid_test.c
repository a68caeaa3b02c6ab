/*
 * The pid table.
 *
 * Seen to fail: with the search starting at 1 every time, "not reused soon"; with the reference of
 * pid_table_search() left out, "a found process is kept"; with the wrap at PID_MAX + 1, a report of
 * the sanitizer in "all numbers"; with pid_hold_locked() emptied, "held numbers".
 */
// sources: kernel/proc/pid.c kernel/lib/bitmap.c
#include "unit.h"

#include "fail_alloc.h"
#include "proc/pid.h"
#include "proc/process.h"
#include "sched/thread.h"

/* A number, or 0. */
static u32 new_pid(void)
{
	u32 number;
	int err = pid_alloc(&number);

	assert_true((err == 0) == (number != 0));
	assert_true(err == 0 || err == -EAGAIN || err == -ENOMEM);
	return number;
}

void process_get(struct process *p)
{
	refcount_get(&p->refs);
}

void process_put(struct process *p)
{
	(void)!refcount_put(&p->refs);
}

void thread_get(struct thread *t)
{
	refcount_get(&t->refs);
}

static void process_make(struct process *p)
{
	*p = (struct process){.pid = new_pid()};
	refcount_init(&p->refs);
	spin_init(&p->lock, "process", RANK_PROCESS);
	list_init(&p->threads);
	assert_int_not_equal(p->pid, 0);
	spin_lock(&pid_table_lock);
	pid_table_add_locked(p);
	spin_unlock(&pid_table_lock);
}

static void process_unmake(struct process *p)
{
	spin_lock(&pid_table_lock);
	pid_table_remove_locked(p);
	spin_unlock(&pid_table_lock);
	assert_int_equal(atomic32_load(&p->refs.count), 2);
	process_put(p);
}

static void not_reused_soon(void **state)
{
	u32 first = new_pid();
	pid_free(first);
	u32 second = new_pid();
	assert_int_equal(second, first + 1);
	pid_free(second);
	expect_panic(pid_free(second));
	expect_panic(pid_free(0));
}

static void all_numbers(void **state)
{
	static bool seen[PID_MAX];

	for (u32 i = 1; i < PID_MAX; i++) {
		u32 pid = new_pid();
		assert_true(pid > 0 && pid < PID_MAX && !seen[pid]);
		seen[pid] = true;
	}
	assert_int_equal(new_pid(), 0);
	pid_free(1234);
	assert_int_equal(new_pid(), 1234);
	for (u32 pid = 1; pid < PID_MAX; pid++)
		pid_free(pid);
}

static void found_by_number(void **state)
{
	enum { N = 50 };
	static struct process p[N];

	for (int i = 0; i < N; i++)
		process_make(&p[i]);
	assert_int_equal(process_count(), N);
	for (int i = 0; i < N; i++) {
		struct process *found = process_find(p[i].pid);
		assert_ptr_equal(found, &p[i]);
		process_put(found);
	}
	assert_null(process_find(0));
	assert_null(process_find(p[N - 1].pid + 1));
	process_unmake(&p[7]);
	assert_null(process_find(p[7].pid));
	for (int i = 0; i < N; i++)
		if (i != 7)
			process_unmake(&p[i]);
	assert_int_equal(process_count(), 0);
}

static bool is_third(struct process *p, void *arg)
{
	u32 *calls = arg;
	return ++*calls == 3;
}

static bool never(struct process *p, void *arg)
{
	++*(u32 *)arg;
	return false;
}

static void a_found_process_is_kept(void **state)
{
	struct process p[5];
	u32 calls = 0;

	for (int i = 0; i < 5; i++)
		process_make(&p[i]);
	struct process *found = pid_table_search(is_third, &calls);
	assert_ptr_equal(found, &p[2]);
	assert_int_equal(atomic32_load(&p[2].refs.count), 3);
	process_put(found);
	calls = 0;
	assert_null(pid_table_search(never, &calls));
	assert_int_equal(calls, 5);
	for (int i = 0; i < 5; i++)
		process_unmake(&p[i]);
}

static void set_thread(u32 tid, struct thread *t)
{
	spin_lock(&pid_table_lock);
	pid_set_thread_locked(tid, t);
	spin_unlock(&pid_table_lock);
}

static void threads_by_number(void **state)
{
	struct thread t[3] = {{.tid = new_pid()}, {.tid = new_pid()}, {.tid = new_pid()}};

	for (int i = 0; i < 3; i++) {
		refcount_init(&t[i].refs);
		set_thread(t[i].tid, &t[i]);
	}
	assert_ptr_equal(process_find_thread(t[2].tid), &t[2]);
	assert_int_equal(atomic32_load(&t[2].refs.count), 2);
	assert_ptr_equal(process_find_thread(t[0].tid), &t[0]);
	set_thread(t[1].tid, NULL);
	assert_null(process_find_thread(t[1].tid));
	assert_null(process_find_thread(t[2].tid + 1));
	for (int i = 0; i < 3; i++)
		pid_free(t[i].tid);
	assert_null(process_find_thread(t[0].tid));
}

/* A number that a group has is given to nobody, though its process has gone. */
static void held_numbers(void **state)
{
	u32 number = new_pid();

	spin_lock(&pid_table_lock);
	pid_hold_locked(pid_lookup_locked(number));
	spin_unlock(&pid_table_lock);
	pid_free(number);
	for (u32 i = 1; i < PID_MAX - 1; i++)
		assert_int_not_equal(new_pid(), number);
	assert_int_equal(new_pid(), 0);
	for (u32 pid = 1; pid < PID_MAX; pid++)
		pid_free(pid);
	assert_int_equal(slab_live(), 0);
}

static void next_in_order(void **state)
{
	static struct process p[70];
	struct process *found;
	u32 n = 0;

	for (u32 i = 0; i < ARRAY_SIZE(p); i++)
		process_make(&p[i]);
	for (u32 pid = 0; (found = process_next(pid)) != NULL; pid = found->pid + 1, n++) {
		assert_ptr_equal(found, process_find(found->pid));
		assert_true(found->pid >= pid);
		process_put(found);
		process_put(found);
	}
	assert_int_equal(n, ARRAY_SIZE(p));
	for (u32 i = 0; i < ARRAY_SIZE(p); i++)
		process_unmake(&p[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(not_reused_soon),
		cmocka_unit_test(all_numbers),
		cmocka_unit_test(found_by_number),
		cmocka_unit_test(a_found_process_is_kept),
		cmocka_unit_test(threads_by_number),
		cmocka_unit_test(held_numbers),
		cmocka_unit_test(next_in_order),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * Wait queues and mutexes with the host's threads: a thread of the host is a CPU that runs one kernel thread, and the
 * scheduler and the timers are a few lines here. What is tested is the order of steps in wait.c and mutex.c under real
 * concurrency: a lost wakeup hangs, and the alarm kills the test.
 *
 * Seen to fail (hang): wait_event() that looks at the condition before wait_prepare(); wait_sleep() without its first look at
 * the signals; without timer_cancel(); take_locked() that does not set WAITING; unlock_slowly() that clears it. (Wrong
 * count): take_locked() that takes a held mutex. (The waker's word): "met" set after thread_wake(), or only where that fails.
 */
// sources: kernel/sched/wait.c kernel/sched/mutex.c kernel/sync/spinlock.c kernel/sync/spinlock_debug.c kernel/sync/lock_order_debug.c kernel/lib/format.c
#include "unit.h"

/* The kernel has one of the same name. */
#define sched_yield host_sched_yield
#include <pthread.h>
#undef sched_yield
#include <string.h>
#include <unistd.h>

#include "arch/clock.h"
#include "arch/cpu.h"
#include "arch/irqflags.h"
#include "fake_clock.h"
#include "sched/mutex.h"
#include "sched/runq.h"
#include "sched/wait.h"
#include "sync/spinlock_debug.h"
#include "time/timer.h"

/* -- the scheduler: a thread that sleeps waits for its condition -- */

static struct thread threads[FAKE_CPUS];
static struct runq queue;
static pthread_mutex_t state_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t state_changed[FAKE_CPUS];
static atomic64_t sleeps;

void schedule(void)
{
	pthread_mutex_lock(&state_lock);
	if (atomic32_load(&current_thread()->state) != THREAD_RUNNABLE)
		atomic64_fetch_add(&sleeps, 1);
	while (atomic32_load(&current_thread()->state) != THREAD_RUNNABLE)
		pthread_cond_wait(&state_changed[fake_cpu_id], &state_lock);
	pthread_mutex_unlock(&state_lock);
}

/* Whether its waker had said so by the time that it was woken. */
static const struct waiter *watched;
static bool met_when_woken;

bool thread_wake(struct thread *t)
{
	u32 state = atomic32_load(&t->state);
	bool asleep = false;

	if (watched)
		met_when_woken = watched->met;
	pthread_mutex_lock(&state_lock);
	while (state == THREAD_SLEEPING || state == THREAD_SLEEPING_INTERRUPTIBLE)
		if (atomic32_compare_exchange(&t->state, &state, THREAD_RUNNABLE)) {
			asleep = true;
			break;
		}
	pthread_cond_signal(&state_changed[t - threads]);
	pthread_mutex_unlock(&state_lock);
	return asleep;
}

/* -- timers: one of the host's threads fires them, and moves the clock -- */

static pthread_mutex_t timer_lock = PTHREAD_MUTEX_INITIALIZER;
static struct timer *armed[FAKE_CPUS], *running;
static atomic32_t stop_clock;

void timer_init(struct timer *t, void (*fn)(struct timer *t))
{
	*t = (struct timer){.fn = fn};
}

void timer_arm(struct timer *t, u64 deadline_ns)
{
	pthread_mutex_lock(&timer_lock);
	t->deadline_ns = deadline_ns;
	armed[fake_cpu_id] = t;
	pthread_mutex_unlock(&timer_lock);
}

bool timer_cancel(struct timer *t)
{
	bool was_armed;

	pthread_mutex_lock(&timer_lock);
	was_armed = armed[fake_cpu_id] == t;
	armed[fake_cpu_id] = NULL;
	while (running == t) {
		pthread_mutex_unlock(&timer_lock);
		cpu_relax();
		pthread_mutex_lock(&timer_lock);
	}
	pthread_mutex_unlock(&timer_lock);
	return was_armed;
}

static void fire(u32 i)
{
	pthread_mutex_lock(&timer_lock);
	if (armed[i] && armed[i]->deadline_ns <= fake_now_ns) {
		running = armed[i];
		armed[i] = NULL;
		pthread_mutex_unlock(&timer_lock);
		running->fn(running);
		pthread_mutex_lock(&timer_lock);
		running = NULL;
	}
	pthread_mutex_unlock(&timer_lock);
}

static void *clock_main(void *arg)
{
	u32 i;

	while (!atomic32_load(&stop_clock)) {
		__atomic_fetch_add(&fake_now_ns, 1000, __ATOMIC_SEQ_CST);
		for (i = 0; i < FAKE_CPUS; i++)
			fire(i);
		cpu_relax();
	}
	return NULL;
}

/* -- running a test on several CPUs -- */

static void (*body)(u32 cpu);

static void *cpu_main(void *arg)
{
	fake_cpu_id = (u32)(u64)arg;
	body(fake_cpu_id);
	assert_true(atomic32_load(&current_thread()->state) == THREAD_RUNNABLE);
	return NULL;
}

static void run_on(u32 cpus, void (*fn)(u32 cpu))
{
	pthread_t thread[FAKE_CPUS], clock;
	u64 i;

	body = fn;
	alarm(120);
	for (i = 0; i < cpus; i++) {
		memset(&threads[i], 0, sizeof(threads[i]));
		atomic32_store(&threads[i].state, THREAD_RUNNABLE);
		pthread_cond_init(&state_changed[i], NULL);
		fake_cpu[i].current = &threads[i];
		fake_cpu[i].runq = &queue;
	}
	atomic32_store(&stop_clock, 0);
	pthread_create(&clock, NULL, clock_main, NULL);
	for (i = 0; i < cpus; i++)
		pthread_create(&thread[i], NULL, cpu_main, (void *)i);
	for (i = 0; i < cpus; i++)
		pthread_join(thread[i], NULL);
	atomic32_store(&stop_clock, 1);
	pthread_join(clock, NULL);
	alarm(0);
}

/* -- tests -- */

#define ROUNDS 10000

static struct waitq q = WAITQ_INIT(q);
static atomic64_t turn;

/* Now and then so slow that the other one does all its steps meanwhile. */
static bool my_turn(u32 cpu, u64 round)
{
	bool mine = atomic64_load(&turn) % 2 == cpu;
	u64 i;

	for (i = 0; round % 8 == 0 && i < 20; i++)
		cpu_relax();
	return mine;
}

static void take_turns(u32 cpu)
{
	u64 i;

	for (i = 0; i < ROUNDS; i++) {
		assert_int_equal(wait_event(&q, my_turn(cpu, i), THREAD_SLEEPING, WAIT_FOREVER), 0);
		atomic64_fetch_add(&turn, 1);
		waitq_wake_all(&q);
	}
}

static void ping_pong(void **state)
{
	atomic64_store(&turn, 0);
	run_on(2, take_turns);
	assert_int_equal(atomic64_load(&turn), 2 * ROUNDS);
	assert_true(list_empty(&q.waiters));
}

/* Tokens are given one by one, each with one exclusive wakeup; three takers. None may be left while takers sleep. */
static struct spinlock token_lock = SPINLOCK_INIT("tokens", RANK_IPC);
static u64 tokens, taken;

static bool take_token(void)
{
	bool got;

	spin_lock(&token_lock);
	got = tokens > 0;
	if (got) {
		tokens--;
		taken++;
	}
	spin_unlock(&token_lock);
	return got;
}

static void take_exclusively(void)
{
	struct waiter w = {.exclusive = true};

	list_init(&w.link);
	for (;;) {
		wait_prepare(&q, &w, THREAD_SLEEPING);
		if (take_token())
			break;
		assert_int_equal(wait_sleep(WAIT_FOREVER), 0);
	}
	wait_finish(&q, &w);
}

static void give_or_take(u32 cpu)
{
	u64 i;

	for (i = 0; i < ROUNDS; i++) {
		if (cpu > 0) {
			take_exclusively();
			continue;
		}
		spin_lock(&token_lock);
		tokens += 3;
		spin_unlock(&token_lock);
		waitq_wake(&q, 1);
		waitq_wake(&q, 2);
	}
}

static void exclusive_wakeups(void **state)
{
	tokens = taken = 0;
	run_on(4, give_or_take);
	assert_int_equal(taken, 3 * ROUNDS);
	assert_int_equal(tokens, 0);
}

/* Deadlines so short that they race with every wakeup. */
static atomic64_t timeouts;

static void race_with_deadline(u32 cpu)
{
	u64 i;

	for (i = 0; i < ROUNDS; i++) {
		u64 deadline = clock_now_ns() + (i + cpu) % 4 * 1000;
		int err = wait_event(&q, my_turn(cpu, i), THREAD_SLEEPING, deadline);

		assert_true(err == 0 || err == -ETIME);
		if (err == -ETIME) {
			assert_true(clock_now_ns() >= deadline);
			atomic64_fetch_add(&timeouts, 1);
			continue;
		}
		atomic64_fetch_add(&turn, 1);
		waitq_wake_all(&q);
	}
}

static void deadlines_race_with_wakeups(void **state)
{
	atomic64_store(&turn, 0);
	run_on(2, race_with_deadline);
	assert_int_equal(atomic64_load(&turn) + atomic64_load(&timeouts), 2 * ROUNDS);
	assert_true(list_empty(&q.waiters));
}

static atomic32_t signalled;

static bool signal_pending(struct thread *t)
{
	return atomic32_load(&signalled);
}

static void be_interrupted(u32 cpu)
{
	int err;

	current_thread()->process = (struct process *)1;
	if (cpu == 1) {
		u64 i;

		for (i = 0; i < 100; i++)
			cpu_relax();
		atomic32_store(&signalled, 1);
		atomic32_fetch_or(&threads[0].arch.work, WORK_SIGNAL);
		thread_wake(&threads[0]);
		return;
	}
	err = wait_event(&q, false, THREAD_SLEEPING_INTERRUPTIBLE, WAIT_FOREVER);
	assert_int_equal(err, -EINTR);
	/* The condition wins. */
	err = wait_event(&q, true, THREAD_SLEEPING_INTERRUPTIBLE, WAIT_FOREVER);
	assert_int_equal(err, 0);
	/* An uninterruptible sleep does not look. */
	err = wait_event(&q, false, THREAD_SLEEPING, clock_now_ns() + 1000);
	assert_int_equal(err, -ETIME);
	assert_int_equal(sleep_until(clock_now_ns() + 100000), -EINTR);
}

static void signals(void **state)
{
	u32 i;

	wait_set_signal_pending(signal_pending);
	for (i = 0; i < 300; i++) {
		atomic32_store(&signalled, 0);
		run_on(2, be_interrupted);
	}
	atomic32_store(&signalled, 0);
}

/* The thread may run, and have doubts, before the waker's next instruction. */
static void a_waker_says_so_first(void **state)
{
	static struct waitq one = WAITQ_INIT(one);
	struct waiter w = {.link = LIST_INIT(w.link)};

	fake_cpu_id = 0;
	wait_prepare(&one, &w, THREAD_SLEEPING);
	watched = &w;
	waitq_wake_all(&one);
	watched = NULL;
	assert_true(met_when_woken);
	assert_int_equal(atomic32_load(&current_thread()->state), THREAD_RUNNABLE);
	wait_finish(&one, &w);
}

static void sleep_a_while(u32 cpu)
{
	u64 until = clock_now_ns() + 50000;

	assert_int_equal(sleep_until(until), 0);
	assert_true(clock_now_ns() >= until);
	assert_int_equal(sleep_until(until), 0);
}

static void sleeping(void **state)
{
	run_on(4, sleep_a_while);
}

static struct mutex mutex;
static u64 counter;

static void count_under_mutex(u32 cpu)
{
	u64 i, seen;

	for (i = 0; i < ROUNDS; i++) {
		if (i % 7 == cpu && mutex_try_lock(&mutex))
			;
		else
			mutex_lock(&mutex);
		assert_true(mutex_held(&mutex));
		seen = *(volatile u64 *)&counter;
		if (i % 8 == 0)
			cpu_relax();
		*(volatile u64 *)&counter = seen + 1;
		mutex_unlock(&mutex);
		if (i % 16 == 0)
			cpu_relax();
	}
}

static void mutexes_exclude(void **state)
{
	mutex_init(&mutex, RANK_TREE);
	counter = 0;
	atomic64_store(&sleeps, 0);
	run_on(4, count_under_mutex);
	assert_int_equal(counter, 4 * ROUNDS);
	assert_int_equal(mutex.holder.v, 0);
	assert_true(list_empty(&mutex.waiters.waiters));
	/* They did get in each other's way. */
	assert_true(atomic64_load(&sleeps) > 0);
}

static void mutex_mistakes(void **state)
{
	struct mutex inner, outer, blank = {0};

	fake_cpu_id = 0;
	memset(&threads[0], 0, sizeof(threads[0]));
	fake_cpu[0].current = &threads[0];
	mutex_init(&outer, RANK_TREE);
	mutex_init(&inner, RANK_MM_MAP);
	mutex_lock(&outer);
	mutex_lock(&inner);
	mutex_unlock(&outer);
	expect_panic(mutex_lock(&outer));
	mutex_unlock(&inner);
	mutex_lock(&outer);
	expect_panic(mutex_lock(&outer));
	mutex_unlock(&outer);
	expect_panic(mutex_unlock(&outer));
	expect_panic(mutex_lock(&blank));

	spin_debug_start();
	spin_lock(&token_lock);
	expect_panic(mutex_lock(&outer));
	spin_unlock(&token_lock);
	irq_disable();
	expect_panic(mutex_lock(&outer));
	irq_enable();
	fake_cpu[0].irq_depth = 1;
	expect_panic(mutex_lock(&outer));
	fake_cpu[0].irq_depth = 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ping_pong),
		cmocka_unit_test(exclusive_wakeups),
		cmocka_unit_test(deadlines_race_with_wakeups),
		cmocka_unit_test(signals),
		cmocka_unit_test(a_waker_says_so_first),
		cmocka_unit_test(sleeping),
		cmocka_unit_test(mutexes_exclude),
		cmocka_unit_test(mutex_mistakes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

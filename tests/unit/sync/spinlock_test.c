/*
 * Spinlocks exclude each other, and the debug checks find each kind of mistake at the first chance.
 *
 * Seen to fail: wait_long() that does not wait, in either of its loops (exclusion), or that leaves `starving` as it is; an unlock
 * that does nothing (never ends, killed by the alarm); check_order() without the rank test, without the recursion test;
 * note_usage() that forgets handlers; spin_debug_release() that does not look for the lock.
 */
// sources: kernel/sync/spinlock.c kernel/sync/spinlock_debug.c kernel/sync/lock_order_debug.c kernel/lib/format.c
#include "unit.h"

#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "arch/cpu.h"
#include "arch/irqflags.h"
#include "sync/spinlock.h"
#include "sync/spinlock_debug.h"

#define THREADS 4
#define ROUNDS 20000

static struct spinlock low = SPINLOCK_INIT("low", RANK_PROCESS);
static struct spinlock high = SPINLOCK_INIT("high", RANK_FUTEX);

static int fresh(void **state)
{
	spin_debug_start();
	spin_init(&low, "low", RANK_PROCESS);
	spin_init(&high, "high", RANK_FUTEX);
	this_cpu()->irq_depth = 0;
	irq_enable();
	return 0;
}

/* The next test begins without locks held. */
static int none_left(void **state)
{
	return spin_none_held() ? 0 : -1;
}

static void ranks_in_order(void **state)
{
	spin_lock(&low);
	spin_lock(&high);
	assert_true(spin_held(&low) && spin_held(&high));
	/* In any order back. */
	spin_unlock(&low);
	spin_unlock(&high);
	assert_true(spin_none_held());
	assert_false(spin_held(&low));
}

static void wrong_order_names_both(void **state)
{
	spin_lock(&high);
	expect_panic(spin_lock(&low));
	assert_non_null(strstr(panic_text(), "'low'"));
	assert_non_null(strstr(panic_text(), "'high'"));
	spin_unlock(&high);
}

static void order_is_kept_after_release(void **state)
{
	spin_lock(&low);
	spin_lock(&high);
	spin_unlock(&low);
	expect_panic(spin_lock(&low));
	spin_unlock(&high);
}

static void recursion(void **state)
{
	spin_lock(&low);
	expect_panic(spin_lock(&low));
	assert_non_null(strstr(panic_text(), "holds already"));
	spin_unlock(&low);
}

static void equal_ranks_only_in_address_order(void **state)
{
	static struct spinlock q[2];

	spin_init(&q[0], "q0", RANK_FUTEX);
	spin_init(&q[1], "q1", RANK_FUTEX);
	spin_lock(&q[0]);
	spin_lock_second(&q[1]);
	spin_unlock(&q[0]);
	spin_unlock(&q[1]);

	spin_lock(&q[0]);
	expect_panic(spin_lock(&q[1]));
	spin_unlock(&q[0]);
}

static void second_lock_at_a_lower_address(void **state)
{
	static struct spinlock q[2];

	spin_init(&q[0], "q0", RANK_FUTEX);
	spin_init(&q[1], "q1", RANK_FUTEX);
	spin_lock(&q[1]);
	expect_panic(spin_lock_second(&q[0]));
	spin_unlock(&q[1]);
}

static void in_handler_then_interruptible(void **state)
{
	u64 flags;

	this_cpu()->irq_depth = 1;
	flags = spin_lock_irqsave(&low);
	spin_unlock_irqrestore(&low, flags);
	this_cpu()->irq_depth = 0;
	flags = spin_lock_irqsave(&low);
	assert_true(irq_disabled());
	spin_unlock_irqrestore(&low, flags);
	assert_false(irq_disabled());
	expect_panic(spin_lock(&low));
	assert_non_null(strstr(panic_text(), "interrupts on"));
}

static void interruptible_then_in_handler(void **state)
{
	spin_lock(&low);
	spin_unlock(&low);
	this_cpu()->irq_depth = 1;
	irq_disable();
	expect_panic(spin_lock(&low));
}

/* A handler that came meanwhile would take locks before it: refused without waiting for one. */
static void behind_those_of_handlers(void **state)
{
	static struct spinlock inner;

	spin_init(&inner, "inner", RANK_WAITQ);
	u64 flags = spin_lock_irqsave(&inner);
	spin_unlock_irqrestore(&inner, flags);
	expect_panic(spin_lock(&inner));
	assert_non_null(strstr(panic_text(), "behind those of handlers"));
}

static void release_unheld(void **state)
{
	expect_panic(spin_unlock(&low));
	assert_non_null(strstr(panic_text(), "releases"));
}

static void uninitialised(void **state)
{
	static struct spinlock blank;

	expect_panic(spin_lock(&blank));
}

static void not_followed_in_nmi(void **state)
{
	spin_lock(&high);
	this_cpu()->nmi_depth = 1;
	assert_true(spin_try_lock(&low));
	spin_unlock(&low);
	this_cpu()->nmi_depth = 0;
	spin_unlock(&high);
	assert_true(spin_none_held());
}

static void try_lock(void **state)
{
	assert_true(spin_try_lock(&low));
	assert_false(spin_try_lock(&low));
	spin_unlock(&low);
	assert_true(spin_try_lock(&low));
	spin_unlock(&low);
}

/* Someone who waits for long counts itself, and takes the lock though others come and go all the time. */
static atomic32_t stop_hogs;

static void *hog(void *arg)
{
	fake_cpu_id = (u32)(u64)arg;
	while (!atomic32_load(&stop_hogs)) {
		spin_lock(&low);
		cpu_relax();
		spin_unlock(&low);
	}
	return NULL;
}

static void nobody_starves(void **state)
{
	pthread_t thread[2];
	u64 i;

	alarm(60);
	atomic32_store(&stop_hogs, 0);
	for (i = 0; i < 2; i++)
		assert_int_equal(pthread_create(&thread[i], NULL, hog, (void *)(i + 1)), 0);
	for (i = 0; i < 200; i++) {
		spin_lock(&low);
		spin_unlock(&low);
	}
	atomic32_store(&stop_hogs, 1);
	for (i = 0; i < 2; i++)
		pthread_join(thread[i], NULL);
	alarm(0);
	assert_int_equal(low.starving, 0);
}

/* A long holder: whoever waits for it says that it starves, goes on waiting, and takes that back. */
static atomic32_t held, given_back;

static void *hold_long(void *arg)
{
	fake_cpu_id = 1;
	spin_lock(&low);
	atomic32_store(&held, 1);
	while (__atomic_load_n(&low.starving, __ATOMIC_SEQ_CST) == 0)
		cpu_relax();
	for (u32 i = 0; i < 100; i++)
		cpu_relax();
	atomic32_store(&given_back, 1);
	spin_unlock(&low);
	return NULL;
}

static void starving_is_still_waiting(void **state)
{
	pthread_t thread;

	alarm(60);
	assert_int_equal(pthread_create(&thread, NULL, hold_long, NULL), 0);
	while (!atomic32_load(&held))
		cpu_relax();
	spin_lock(&low);
	assert_int_equal(atomic32_load(&given_back), 1);
	assert_int_equal(low.starving, 0);
	spin_unlock(&low);
	pthread_join(thread, NULL);
	alarm(0);
}

/* Somebody who starves but does not run holds up nobody for ever. */
static void starving_is_only_a_hint(void **state)
{
	low.starving = 1;
	spin_lock(&low);
	spin_unlock(&low);
	assert_int_equal(low.starving, 1);
}

static u64 counter;

static void *count_up(void *arg)
{
	u32 i;

	fake_cpu_id = (u32)(u64)arg;
	for (i = 0; i < ROUNDS; i++) {
		if (i % 3 == 0) {
			while (!spin_try_lock(&low))
				cpu_relax();
		} else {
			spin_lock(&low);
		}
		/* Not atomic, and slow enough to be seen. */
		u64 seen = *(volatile u64 *)&counter;
		if (i % 4 == 0)
			cpu_relax();
		*(volatile u64 *)&counter = seen + 1;
		spin_unlock(&low);
	}
	return NULL;
}

static void threads_exclude_each_other(void **state)
{
	pthread_t thread[THREADS];
	u64 i;

	alarm(60);
	for (i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&thread[i], NULL, count_up, (void *)i), 0);
	for (i = 0; i < THREADS; i++)
		pthread_join(thread[i], NULL);
	alarm(0);
	assert_int_equal(counter, THREADS * ROUNDS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(threads_exclude_each_other, fresh, none_left),
		cmocka_unit_test_setup_teardown(ranks_in_order, fresh, none_left),
		cmocka_unit_test_setup_teardown(not_followed_in_nmi, fresh, none_left),
		cmocka_unit_test_setup_teardown(try_lock, fresh, none_left),
		cmocka_unit_test_setup_teardown(nobody_starves, fresh, none_left),
		cmocka_unit_test_setup_teardown(starving_is_still_waiting, fresh, none_left),
		cmocka_unit_test_setup_teardown(starving_is_only_a_hint, fresh, none_left),
		cmocka_unit_test_setup_teardown(uninitialised, fresh, none_left),
		cmocka_unit_test_setup_teardown(release_unheld, fresh, none_left),
		cmocka_unit_test_setup_teardown(in_handler_then_interruptible, fresh, none_left),
		cmocka_unit_test_setup_teardown(interruptible_then_in_handler, fresh, none_left),
		cmocka_unit_test_setup_teardown(behind_those_of_handlers, fresh, none_left),
		cmocka_unit_test_setup_teardown(wrong_order_names_both, fresh, none_left),
		cmocka_unit_test_setup_teardown(order_is_kept_after_release, fresh, none_left),
		cmocka_unit_test_setup_teardown(recursion, fresh, none_left),
		cmocka_unit_test_setup_teardown(
			equal_ranks_only_in_address_order, fresh, none_left),
		cmocka_unit_test_setup_teardown(second_lock_at_a_lower_address, fresh, none_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * The timers: order, arming again, cancelling, what the machine's timer is armed for; and the same
 * from four threads of the host that play CPUs, arming, cancelling and freeing each other's timers
 * while callbacks run.
 *
 * Seen to fail: with the running timer moved to another CPU's queue (a callback runs in freed
 * memory), without the wait in timer_cancel() (likewise), with t->queue read once and trusted,
 * without clock_arm() in insert(), with `<` for the deadline that is just reached, with
 * upcall_timer() reading the clock anew for each timer (never returns).
 */
// sources: kernel/time/timer.c kernel/lib/rbtree.c
#include "unit.h"

#include <pthread.h>

#include "arch/cpu.h"
#include "arch/irqflags.h"
#include "arch/upcalls.h"
#include "fake_clock.h"
#include "lib/atomic.h"
#include "time/timer.h"

static u32 fired[64];
static u32 fired_count;

struct numbered {
	struct timer timer;
	u32 number;
};

static void note(struct timer *t)
{
	assert_true(irq_disabled());
	fired[fired_count++] = CONTAINER_OF(t, struct numbered, timer)->number;
}

static void tick_to(u64 now)
{
	fake_now_ns = now;
	fired_count = 0;
	irq_disable();
	upcall_timer();
	irq_enable();
}

static int begin(void **state)
{
	fake_cpu_count = FAKE_CPUS;
	fake_cpu_id = 0;
	fake_now_ns = 1000;
	fake_armed_ns = UINT64_MAX;
	for (u32 i = 0; i < FAKE_CPUS; i++)
		assert_int_equal(timer_init_cpu(i), 0);
	return 0;
}

static void make(struct numbered *t, u32 n)
{
	for (u32 i = 0; i < n; i++) {
		timer_init(&t[i].timer, note);
		t[i].number = i;
	}
}

static void in_order(void **state)
{
	struct numbered t[4];
	make(t, 4);
	timer_arm(&t[2].timer, 3000);
	assert_int_equal(fake_armed_ns, 3000);
	timer_arm(&t[0].timer, 1500);
	assert_int_equal(fake_armed_ns, 1500);
	timer_arm(&t[3].timer, 9000);
	timer_arm(&t[1].timer, 3000);
	assert_int_equal(fake_armed_ns, 1500);
	tick_to(1499);
	assert_int_equal(fired_count, 0);
	assert_int_equal(fake_armed_ns, 1500);
	tick_to(1500);
	assert_int_equal(fired_count, 1);
	assert_int_equal(fake_armed_ns, 3000);
	/* Equal deadlines: first come, first served. */
	tick_to(5000);
	assert_int_equal(fired_count, 2);
	assert_int_equal(fired[0], 2);
	assert_int_equal(fired[1], 1);
	tick_to(9000);
	assert_int_equal(fired[0], 3);
	assert_int_equal(fake_armed_ns, UINT64_MAX);
	assert_true(irq_flags());
}

static void arming_again_replaces(void **state)
{
	struct numbered t[1];
	make(t, 1);
	timer_arm(&t[0].timer, 2000);
	timer_arm(&t[0].timer, 5000);
	tick_to(3000);
	assert_int_equal(fired_count, 0);
	timer_arm(&t[0].timer, 3500);
	tick_to(3500);
	assert_int_equal(fired_count, 1);
	tick_to(9000);
	assert_int_equal(fired_count, 0);
}

static void cancelled(void **state)
{
	struct numbered t[2];
	make(t, 2);
	assert_false(timer_cancel(&t[0].timer));
	timer_arm(&t[0].timer, 2000);
	timer_arm(&t[1].timer, 3000);
	assert_true(timer_cancel(&t[0].timer));
	assert_false(timer_cancel(&t[0].timer));
	/* The machine's timer fires once for nothing. */
	tick_to(2000);
	assert_int_equal(fired_count, 0);
	assert_int_equal(fake_armed_ns, 3000);
	assert_true(timer_cancel(&t[1].timer));
	tick_to(3000);
	assert_int_equal(fake_armed_ns, UINT64_MAX);
}

static u32 repeats;

/* Armed for the past from its own callback: comes again, but not in the same round. */
static void repeat(struct timer *t)
{
	repeats++;
	timer_arm(t, fake_now_ns - 1);
	fake_now_ns += 10;
}

static void own_callback_arms(void **state)
{
	struct timer t;
	timer_init(&t, repeat);
	timer_arm(&t, 1000);
	repeats = 0;
	tick_to(2000);
	assert_in_range(repeats, 1, 2);
	assert_true(fake_armed_ns <= fake_now_ns);
	assert_true(timer_cancel(&t));
	tick_to(fake_now_ns);
}

static struct numbered pair[2];

static void cancel_other(struct timer *t)
{
	note(t);
	timer_cancel(&pair[1].timer);
}

static void callback_cancels_another(void **state)
{
	make(pair, 2);
	timer_init(&pair[0].timer, cancel_other);
	timer_arm(&pair[0].timer, 2000);
	timer_arm(&pair[1].timer, 2000);
	tick_to(2000);
	assert_int_equal(fired_count, 1);
	assert_int_equal(fake_armed_ns, UINT64_MAX);
}

/* Another CPU takes the timer over: it fires there, and only there. */
static void moves(void **state)
{
	struct numbered t[1];
	make(t, 1);
	timer_arm(&t[0].timer, 2000);
	fake_cpu_id = 1;
	timer_arm(&t[0].timer, 3000);
	fake_cpu_id = 0;
	tick_to(4000);
	assert_int_equal(fired_count, 0);
	fake_cpu_id = 1;
	tick_to(4000);
	assert_int_equal(fired_count, 1);
	fake_cpu_id = 0;
}

static struct numbered moving[1];

/* While its callback runs, another CPU arms it: it stays where it runs, and that CPU's machine
 * timer is armed for it. */
static void armed_elsewhere(struct timer *t)
{
	note(t);
	fake_cpu_id = 2;
	timer_arm(t, 5000);
	fake_cpu_id = 0;
}

static void armed_elsewhere_while_running(void **state)
{
	make(moving, 1);
	timer_init(&moving[0].timer, armed_elsewhere);
	timer_arm(&moving[0].timer, 2000);
	tick_to(2000);
	assert_int_equal(fired_count, 1);
	assert_int_equal(fake_armed_ns, 5000);
	fake_cpu_id = 2;
	tick_to(4999);
	assert_int_equal(fake_armed_ns, UINT64_MAX);
	fake_cpu_id = 0;
	assert_true(timer_cancel(&moving[0].timer));
}

/* -- four CPUs at once -- */

#define SHARED 8
#define ROUNDS 20000

/* Freed right after timer_cancel(): the address sanitizer sees a callback that still runs. */
struct shared {
	struct timer timer;
	u64 secret;
};

static struct shared *slots[SHARED];
/* Who may replace the object in a slot. */
static atomic32_t owner[SHARED];
static atomic64_t runs;
static _Thread_local u64 noise;

static u64 next_noise(void)
{
	noise = noise * 6364136223846793005 + 1442695040888963407;
	return noise >> 33;
}

static void shared_fn(struct timer *t)
{
	struct shared *s = CONTAINER_OF(t, struct shared, timer);
	u64 secret = READ_ONCE(s->secret);
	if (next_noise() % 4 == 0)
		cpu_relax();
	if (next_noise() % 3 == 0)
		timer_arm(t, 1 + next_noise() % 100);
	if (READ_ONCE(s->secret) != secret || secret != (u64)s)
		abort();
	atomic64_fetch_add(&runs, 1);
}

static struct shared *make_shared(void)
{
	struct shared *s = malloc(sizeof(*s));
	timer_init(&s->timer, shared_fn);
	s->secret = (u64)s;
	return s;
}

static void *play_cpu(void *arg)
{
	fake_cpu_id = (u32)(u64)arg;
	noise = (u64)arg * 77777 + 5;
	for (u32 round = 0; round < ROUNDS; round++) {
		u32 i = (u32)next_noise() % SHARED;
		u32 nobody = 0;
		if (atomic32_compare_exchange(&owner[i], &nobody, fake_cpu_id + 1)) {
			/* Only the owner frees; the others have no hold on it meanwhile. */
			if (next_noise() % 4 == 0) {
				timer_cancel(&slots[i]->timer);
				memset(slots[i], 0xee, sizeof(*slots[i]));
				free(slots[i]);
				slots[i] = make_shared();
			}
			timer_arm(&slots[i]->timer, 1 + next_noise() % 100);
			if (next_noise() % 8 == 0)
				timer_cancel(&slots[i]->timer);
			atomic32_store(&owner[i], 0);
		}
		irq_disable();
		upcall_timer();
		irq_enable();
	}
	return NULL;
}

static void four_cpus(void **state)
{
	pthread_t thread[FAKE_CPUS];
	fake_now_ns = 1000;
	for (u32 i = 0; i < SHARED; i++)
		slots[i] = make_shared();
	for (u64 i = 0; i < FAKE_CPUS; i++)
		assert_int_equal(pthread_create(&thread[i], NULL, play_cpu, (void *)i), 0);
	for (u32 i = 0; i < FAKE_CPUS; i++)
		pthread_join(thread[i], NULL);
	for (u32 i = 0; i < SHARED; i++) {
		timer_cancel(&slots[i]->timer);
		free(slots[i]);
	}
	assert_true(atomic64_load(&runs) > ROUNDS / 10);
}

/* Two CPUs arm one timer again and again, a third cancels it: when all have stopped it is in at
 * most one queue. */
static struct numbered contended[1];

static void count_only(struct timer *t)
{
	atomic64_fetch_add(&runs, 1);
}

static void *contend(void *arg)
{
	fake_cpu_id = (u32)(u64)arg;
	noise = (u64)arg * 991 + 3;
	for (u32 round = 0; round < ROUNDS; round++) {
		if (fake_cpu_id == 3)
			timer_cancel(&contended[0].timer);
		else
			timer_arm(&contended[0].timer, next_noise() % 2000);
		irq_disable();
		upcall_timer();
		irq_enable();
	}
	return NULL;
}

static void contended_timer(void **state)
{
	pthread_t thread[FAKE_CPUS];
	fake_now_ns = 1000;
	timer_init(&contended[0].timer, count_only);
	for (u64 i = 0; i < FAKE_CPUS; i++)
		assert_int_equal(pthread_create(&thread[i], NULL, contend, (void *)i), 0);
	for (u32 i = 0; i < FAKE_CPUS; i++)
		pthread_join(thread[i], NULL);
	timer_cancel(&contended[0].timer);
	u64 before = atomic64_load(&runs);
	for (u32 i = 0; i < FAKE_CPUS; i++) {
		fake_cpu_id = i;
		tick_to(1000000);
		assert_int_equal(fake_armed_ns, UINT64_MAX);
	}
	fake_cpu_id = 0;
	assert_int_equal(atomic64_load(&runs), before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(in_order, begin),
		cmocka_unit_test_setup(arming_again_replaces, begin),
		cmocka_unit_test_setup(cancelled, begin),
		cmocka_unit_test_setup(own_callback_arms, begin),
		cmocka_unit_test_setup(callback_cancels_another, begin),
		cmocka_unit_test_setup(moves, begin),
		cmocka_unit_test_setup(armed_elsewhere_while_running, begin),
		cmocka_unit_test_setup(four_cpus, begin),
		cmocka_unit_test_setup(contended_timer, begin),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

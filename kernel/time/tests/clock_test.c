/*
 * The clock: on one CPU it never goes back; between CPUs neither, seen through one shared word; it
 * runs as fast as the battery-backed clock's neighbour, the interval timer; and all that while its
 * rate is being corrected.
 *
 * Seen to fail: with clock_now_ns() a hundred nanoseconds ahead on CPU 1, with a bent line that
 * starts at its own value of the new rate (jumps back), with the rate of the clock 5 % off.
 */
#include "arch/clock.h"
#include "arch/cpu.h"
#include "arch/irqflags.h"
#include "init/guest_test.h"
#include "lib/atomic.h"
#include "sched/tests/crew.h"

#define LONG_NS (200 * NS_PER_MS)

static struct crew crew;
static atomic64_t latest;
static atomic64_t went_back;
static u64 end_ns;

/* Whoever reads the clock after somebody else has stored a time must not get an earlier one. */
static void compare_clocks(struct crew_member *m)
{
	EXPECT(sched_set_affinity(current_thread(), crew_cpu(m->index)) == 0);
	sched_yield();
	u64 now = 0, count = 0;
	while (now < end_ns || count < 1000) {
		u64 seen = atomic64_load(&latest);
		u64 before = now;
		now = clock_now_ns();
		if (now < seen || now < before)
			atomic64_fetch_add(&went_back, 1);
		while (seen < now && !atomic64_compare_exchange(&latest, &seen, now))
			cpu_relax();
		count++;
		crew_make_way();
	}
}

GUEST_TEST(clock_never_goes_back)
{
	atomic64_store(&latest, 0);
	atomic64_store(&went_back, 0);
	end_ns = clock_now_ns() + LONG_NS;
	EXPECT(crew_run(&crew, crew_cpu_count(), compare_clocks));
	EXPECT(atomic64_load(&went_back) == 0);
}

/* A reading of the clock between two of the TSC: the host may keep the CPU from running between any two. */
struct reading {
	u64 before, ns, after;
};

static struct reading read_both(void)
{
	struct reading r;

	r.before = clock_cycles();
	r.ns = clock_now_ns();
	r.after = clock_cycles();
	return r;
}

static u64 ns_of_cycles(u64 cycles)
{
	return cycles * 1000 / clock_tsc_khz() * 1000;
}

/* Sleeping takes at least as long as asked, by the TSC at the rate that clock_tsc_khz() says. */
GUEST_TEST(clock_agrees_with_the_tsc)
{
	struct reading from = read_both();
	EXPECT(sleep_until(from.ns + 50 * NS_PER_MS) == 0);
	struct reading to = read_both();
	u64 ns = to.ns - from.ns;
	EXPECT(ns >= 50 * NS_PER_MS);
	EXPECT(ns + ns / 50 > ns_of_cycles(to.before - from.after));
	EXPECT(ns - ns / 50 < ns_of_cycles(to.after - from.before));
}

GUEST_TEST(clock_knows_the_date)
{
	u64 now = clock_boot_realtime_ns() + clock_now_ns();
	/* 2024 to 2100. */
	EXPECT(now / NS_PER_SEC > 1704067200 && now / NS_PER_SEC < 4102444800);
}

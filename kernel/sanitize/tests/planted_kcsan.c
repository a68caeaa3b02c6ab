/* Races for the data-race detector to find: two threads on two CPUs. */
#include "arch/clock.h"
#include "arch/irqflags.h"
#include "init/guest_test.h"
#include "lib/atomic.h"
#include "sched/sched.h"

#define RACE_NS (2 * NS_PER_SEC)

static u64 counter;
static u64 marked;
static atomic32_t done;

static void count(void *arg)
{
	for (u64 end = clock_now_ns() + RACE_NS; clock_now_ns() < end; cpu_relax())
		SIN(counter++);
	atomic32_fetch_add(&done, 1);
}

static void mark(void *arg)
{
	for (u64 end = clock_now_ns() + RACE_NS; clock_now_ns() < end; cpu_relax())
		WRITE_ONCE(marked, end);
	atomic32_fetch_add(&done, 1);
}

static void start_on(u32 cpu, void (*fn)(void *))
{
	struct thread *t = thread_create_kernel("racer", fn, NULL);

	EXPECT(t && sched_set_affinity(t, BIT(cpu)) == 0);
	thread_start(t);
	thread_put(t);
}

PLANTED(race_on_a_counter)
{
	start_on(0, count);
	start_on(1, count);
	while (atomic32_load(&done) < 2)
		sched_yield();
}

PLANTED(race_with_a_marked_write)
{
	volatile u64 sum = 0;

	start_on(1, mark);
	EXPECT(sched_set_affinity(current_thread(), BIT(0)) == 0);
	while (atomic32_load(&done) < 1)
		SIN(sum += marked);
}

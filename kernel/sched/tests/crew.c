/* Threads for the scheduler's tests. */
#include "sched/tests/crew.h"

#include "arch/clock.h"
#include "arch/cpu.h"
#include "init/guest_test.h"
#include "sched/sched.h"

static void crew_main(void *arg)
{
	struct crew_member *m = arg;
	struct crew *c = m->crew;

	c->work(m);
	atomic32_fetch_sub(&c->left, 1);
	waitq_wake_all(&c->done);
}

bool crew_make(struct crew *c, u32 size, void (*work)(struct crew_member *m))
{
	c->work = work;
	c->size = size;
	atomic32_store(&c->left, size);
	waitq_init(&c->done);
	for (u32 i = 0; i < size; i++) {
		struct crew_member *m = &c->member[i];

		*m = (struct crew_member){.crew = c, .index = i};
		m->state = guest_test_seed() * 0x9e3779b97f4a7c15 + i + 1;
		m->thread = thread_create_kernel("crew", crew_main, m);
		if (!m->thread) {
			c->size = i;
			crew_free(c);
			return false;
		}
	}
	return true;
}

void crew_start(struct crew *c)
{
	for (u32 i = 0; i < c->size; i++)
		thread_start(c->member[i].thread);
}

void crew_wait(struct crew *c)
{
	EXPECT(wait_event(&c->done, atomic32_load(&c->left) == 0, THREAD_SLEEPING, WAIT_FOREVER) ==
		0);
	/* The last of them may still be waking us, and the queue is for the next crew then. */
	for (u32 i = 0; i < c->size; i++)
		while (atomic32_load(&c->member[i].thread->state) != THREAD_DEAD)
			sched_yield();
}

void crew_free(struct crew *c)
{
	for (u32 i = 0; i < c->size; i++)
		thread_put(c->member[i].thread);
}

bool crew_run(struct crew *c, u32 size, void (*work)(struct crew_member *m))
{
	if (!crew_make(c, size, work))
		return false;
	crew_start(c);
	crew_wait(c);
	crew_free(c);
	return true;
}

u64 crew_random(struct crew_member *m, u64 n)
{
	m->state ^= m->state << 13;
	m->state ^= m->state >> 7;
	m->state ^= m->state << 17;
	return m->state % n;
}

bool crew_make_way(void)
{
	if (!(atomic32_load(&current_thread()->arch.work) & WORK_RESCHEDULE))
		return false;
	schedule();
	return true;
}

void crew_spin(u64 ns)
{
	u64 end = clock_now_ns() + ns;

	while (clock_now_ns() < end)
		cpu_relax();
}

void crew_sleep_ms(u64 ms)
{
	(void)!sleep_until(clock_now_ns() + ms * NS_PER_MS);
}

u32 crew_cpu_count(void)
{
	u32 n = 0;

	for (u64 cpus = sched_online_cpus(); cpus; cpus &= cpus - 1)
		n++;
	return n;
}

u64 crew_cpu(u32 i)
{
	u64 cpus = sched_online_cpus();

	for (i %= crew_cpu_count(); i > 0; i--)
		cpus &= cpus - 1;
	return cpus & -cpus;
}

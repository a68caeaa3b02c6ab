/*
 * Starting the scheduler on a CPU, and what a CPU does when there is nothing to do.
 *
 * The code that brings a CPU up becomes its idle thread: it never sleeps, is in no queue, and is chosen when the queue is
 * empty. It is `current` from before the first interrupt (hazard B3).
 *
 * Halting. With interrupts off the idle thread looks whether the queue is empty, and halts with STI;HLT, which lets no
 * interrupt in between. Who queues a thread here from another CPU does it before it sends the interrupt; an interrupt handler
 * on this CPU can only run before interrupts went off (then the look sees what it queued) or in HLT (then HLT ends, and
 * the loop looks again). So no wakeup is slept through (hazards I11, B8).
 */
#include "arch/clock.h"
#include "arch/cpu.h"
#include "arch/irqflags.h"
#include "arch/upcalls.h"
#include "lib/assert.h"
#include "lib/format.h"
#include "lib/string.h"
#include "sched/internal.h"
#include "sched/sched.h"
#include "sync/spinlock_debug.h"
#include "trace/report.h"

static struct thread idle_threads[MAX_CPUS];

static void describe_current(u32 cpu, char *text, size_t size)
{
	/* In a report: the CPU is stopped. */
	const struct thread *t = READ_ONCE(cpu_get(cpu)->current);

	if (!t)
		format(text, size, "no thread");
	else if (t->process)
		format(text, size, "thread %u '%s'", t->tid, t->name);
	else
		format(text, size, "kernel thread '%s'", t->name);
#ifdef AIRLOCK_DEBUG
	if (t && t->mutex_ranks)
		format(text + strlen(text), size - strlen(text), ", mutexes of ranks %#x",
			t->mutex_ranks);
#endif
}

static const struct report_ops report = {.describe_current = describe_current};

/* Nobody else knows the queue before sched_online says that it is there. */
static void init_cpu(struct cpu *c) NO_THREAD_SAFETY
{
	struct runq *rq = runq_of(c->id);
	struct thread *idle = &idle_threads[c->id];

	spin_init(&rq->lock, "run queue", RANK_RUNQ);
	rq->cpu = c->id;
	rq->idle = rq->current = idle;
	tick_init(rq);
	thread_init_idle(idle, c->id);
	/* The page that this function's stack lies in: as far as a report may follow it. Ring 3 is never entered with it. */
	idle->arch.stack_top = ALIGN_UP((u64)__builtin_frame_address(0), PAGE_SIZE);
	idle->exec_start = rq->started = clock_now_ns();
	c->runq = rq;
	c->idle = idle;
	c->current = idle;
	atomic64_fetch_or(&sched_online, BIT(c->id));
}

/* Far below what a thread must be ahead by to take the CPU (runq.c). */
#define CHARGE_US 50

void sched_init(void)
{
	thread_init_cache();
	init_cpu(this_cpu());
	sched_charge_cycles = clock_tsc_khz() * CHARGE_US / 1000;
	report_set_ops(&report);
	spin_debug_start();
}

/* Interrupts off; on at return. Halts unless there is something to run. */
static void halt_if_idle(struct runq *rq)
{
	if (READ_ONCE(rq->running) || balance_pull(rq)) {
		irq_enable();
		return;
	}
	/* Again, because whoever queued a thread here that another CPU then took away has cleared it. */
	if (!(atomic64_load_relaxed(&sched_idle) & BIT(rq->cpu)))
		atomic64_fetch_or(&sched_idle, BIT(rq->cpu));
	irq_enable_and_halt();
}

void sched_start(void)
{
	struct cpu *c = this_cpu();

	ASSERT(irq_disabled());
	if (!c->runq)
		init_cpu(c);
	atomic32_store(&c->online, 1);
	watchdog_start_cpu();
	if (c->id == 0)
		load_start();
	for (;;) {
		halt_if_idle(c->runq);
		if (READ_ONCE(c->runq->running))
			schedule();
		else
			thread_reap();
		irq_disable();
	}
}

void upcall_start_cpu(void)
{
	sched_start();
}

u64 sched_online_cpus(void)
{
	return atomic64_load(&sched_online);
}

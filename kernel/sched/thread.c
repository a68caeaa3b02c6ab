/*
 * Making and freeing threads.
 *
 * A thread that ends runs on its own stack until the switch to the next one is complete. Then, on the same CPU, it is put into
 * rq->dead (thread_bury(), interrupts off) and freed from there as soon as that CPU is in a place where memory can be
 * freed: after the next schedule(), or in the idle loop (thread_reap(), interrupts on). The list belongs to its CPU, so it
 * needs no lock.
 */
#include "arch/cpu.h"
#include "arch/features.h"
#include "arch/irqflags.h"
#include "arch/upcalls.h"
#include "lib/assert.h"
#include "lib/atomic.h"
#include "lib/string.h"
#include "mm/kstack.h"
#include "mm/slab.h"
#include "sched/internal.h"
#include "sched/sched.h"
#include "sched/weight.h"

static struct slab_cache *thread_cache RO_AFTER_INIT;
static struct slab_cache *fpu_cache RO_AFTER_INIT;
static atomic32_t kernel_threads;

/* Kernel threads, by process_link, from their creation until nobody has them any more. */
static struct spinlock kernel_list_lock = SPINLOCK_INIT("kernel threads", RANK_KERNEL_THREADS);
static struct list kernel_list GUARDED_BY(kernel_list_lock) = LIST_INIT(kernel_list);

INIT_TEXT void thread_init_cache(void)
{
	thread_cache = slab_cache_create("thread", sizeof(struct thread), 64);
	fpu_cache = slab_cache_create("fpu", cpu_features.xsave_size, 64);
}

void *upcall_fpu_alloc(void)
{
	return slab_zalloc(fpu_cache);
}

void upcall_fpu_free(void *area)
{
	slab_free(fpu_cache, area);
}

static void init_common(struct thread *t, const char *name)
{
	refcount_init(&t->refs);
	string_copy(t->name, name, sizeof(t->name));
	list_init(&t->process_link);
	list_init(&t->futex.owned);
	t->nice = 0;
	t->weight = WEIGHT_NICE_0;
}

/* A thread with a stack, for any CPU, or NULL. */
static struct thread *create(const char *name)
{
	struct thread *t = slab_zalloc(thread_cache);

	if (!t)
		return NULL;
	t->stack = kstack_alloc();
	if (!t->stack) {
		slab_free(thread_cache, t);
		return NULL;
	}
	init_common(t, name);
	t->cpu = this_cpu()->id;
	t->affinity = UINT64_MAX;
	return t;
}

static void kernel_list_add(struct thread *t)
{
	u64 flags = spin_lock_irqsave(&kernel_list_lock);

	list_push_back(&kernel_list, &t->process_link);
	spin_unlock_irqrestore(&kernel_list_lock, flags);
}

static void kernel_list_remove(struct thread *t)
{
	u64 flags = spin_lock_irqsave(&kernel_list_lock);

	list_remove(&t->process_link);
	spin_unlock_irqrestore(&kernel_list_lock, flags);
}

const struct list *thread_kernel_list(void) NO_THREAD_SAFETY
{
	return &kernel_list;
}

struct thread *thread_create_kernel(const char *name, void (*fn)(void *), void *arg)
{
	struct thread *t = create(name);

	if (!t)
		return NULL;
	t->tid = KERNEL_TID_BASE + atomic32_fetch_add(&kernel_threads, 1) % KERNEL_TID_BASE;
	arch_thread_init_kernel(&t->arch, t->stack, fn, arg);
	kernel_list_add(t);
	return t;
}

struct thread *thread_create_user(
	const char *name, struct process *process, struct mm *mm, const struct trap_frame *frame)
{
	struct thread *t = create(name);
	const struct thread *self = current_thread();
	bool clone = self->arch.fpu != NULL;

	if (!t)
		return NULL;
	if (arch_thread_init_user(&t->arch, t->stack, frame, clone)) {
		kstack_free(t->stack);
		slab_free(thread_cache, t);
		return NULL;
	}
	t->process = process;
	t->mm = mm;
	return t;
}

void thread_init_idle(struct thread *t, u32 cpu)
{
	init_common(t, "idle");
	t->tid = KERNEL_TID_BASE + atomic32_fetch_add(&kernel_threads, 1);
	t->cpu = cpu;
	t->affinity = BIT(cpu);
	t->on_cpu = true;
	atomic32_store(&t->state, THREAD_RUNNABLE);
}

void thread_get(struct thread *t)
{
	refcount_get(&t->refs);
}

/* What only running needs: gone as soon as the thread is, though others may still hold the structure. */
static void free_stack(struct thread *t)
{
	arch_thread_destroy(&t->arch);
	kstack_free(t->stack);
	t->stack = NULL;
}

void thread_put(struct thread *t)
{
	if (!refcount_put(&t->refs))
		return;
	CHECK(!t->on_cpu && !t->queued);
	/* Never started: nobody has buried it. */
	if (atomic32_load(&t->state) == THREAD_NEW)
		free_stack(t);
	if (!t->process)
		kernel_list_remove(t);
	slab_free(thread_cache, t);
}

void thread_bury(struct runq *rq, struct thread *t)
{
	t->next_dead = rq->dead;
	rq->dead = t;
}

static struct thread *take_dead(void)
{
	u64 flags = irq_save();
	struct runq *rq = runq_here();
	struct thread *t = rq->dead;

	if (t)
		rq->dead = t->next_dead;
	irq_restore(flags);
	return t;
}

void thread_reap(void)
{
	struct thread *t;

	/* A look without the interrupts off: what another CPU's list holds is not our business. */
	while (READ_ONCE(runq_here()->dead) && (t = take_dead())) {
		free_stack(t);
		thread_put(t);
	}
}

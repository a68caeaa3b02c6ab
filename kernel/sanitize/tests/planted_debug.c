/* Rules that are broken, each in one way, for debug kernels to find. */
#include "arch/clock.h"
#include "arch/irqflags.h"
#include "init/guest_test.h"
#include "lib/list.h"
#include "lib/refcount.h"
#include "lib/string.h"
#include "mm/frame.h"
#include "mm/inject.h"
#include "mm/slab.h"
#include "sched/mutex.h"
#include "sched/wait.h"

static struct spinlock outer = SPINLOCK_INIT("planted outer", RANK_PROCESS);
static struct spinlock inner = SPINLOCK_INIT("planted inner", RANK_DEVICE);

/* -- locks: clang's analysis would find most of these before they run, so it is told to look away -- */

PLANTED(lock_inversion) NO_THREAD_SAFETY
{
	u64 flags = spin_lock_irqsave(&outer);
	spin_lock(&inner);
	spin_unlock(&inner);
	spin_unlock(&outer);
	spin_lock(&inner);
	SIN(spin_lock(&outer));
	irq_restore(flags);
}

PLANTED(lock_taken_twice) NO_THREAD_SAFETY
{
	u64 flags = spin_lock_irqsave(&outer);
	SIN(spin_lock(&outer));
	irq_restore(flags);
}

/* No handler has to come for it. */
PLANTED(lock_of_handlers_with_interrupts_on) NO_THREAD_SAFETY
{
	SIN(spin_lock(&inner));
	/* So that it is a call, and has a line, and not a jump at the end. */
	spin_unlock(&inner);
}

PLANTED(unlock_by_non_owner) NO_THREAD_SAFETY
{
	SIN(spin_unlock(&outer));
	EXPECT(!outer.locked);
}

PLANTED(sleep_under_spinlock)
{
	spin_lock(&outer);
	SIN(schedule());
	spin_unlock(&outer);
}

PLANTED(mutex_under_spinlock) NO_THREAD_SAFETY
{
	struct mutex m;

	mutex_init(&m, RANK_MM_MAP);
	spin_lock(&outer);
	SIN(mutex_lock(&m));
}

PLANTED(mutex_unlock_by_non_owner) NO_THREAD_SAFETY
{
	struct mutex m;

	mutex_init(&m, RANK_MM_MAP);
	SIN(mutex_unlock(&m));
}

PLANTED(interrupts_off_for_long)
{
	u64 flags = irq_save();
	for (u64 end = clock_now_ns() + 110 * NS_PER_MS; clock_now_ns() < end;)
		cpu_relax();
	SIN(irq_restore(flags));
}

/* -- waiting -- */

static struct waitq queue = WAITQ_INIT(queue);
static atomic32_t flag;

static void forget_to_wake(void *arg)
{
	EXPECT(sleep_until(clock_now_ns() + 50 * NS_PER_MS) == 0);
	atomic32_store(&flag, 1);
}

PLANTED(lost_wakeup)
{
	struct thread *t = thread_create_kernel("forgetful", forget_to_wake, NULL);

	thread_start(t);
	thread_put(t);
	SIN(EXPECT(wait_event(&queue, atomic32_load(&flag), THREAD_SLEEPING, WAIT_FOREVER) == 0));
}

/* -- memory -- */

PLANTED(leaked_page)
{
	struct page *volatile page;

	SIN(page = frame_alloc(0, 0));
	EXPECT(page != NULL);
}

PLANTED(leaked_object)
{
	void *volatile object;

	SIN(object = kmalloc(100));
	EXPECT(object != NULL);
}

static NOINLINE bool put(struct refcount *r)
{
	bool last;

	SIN(last = refcount_put(r));
	return last;
}

PLANTED(refcount_underflow)
{
	struct refcount r;

	refcount_init(&r);
	EXPECT(put(&r));
	EXPECT(!put(&r));
}

PLANTED(refcount_from_zero)
{
	struct refcount r = {0};

	SIN(refcount_get(&r));
}

PLANTED(list_corrupted)
{
	struct list head = LIST_INIT(head), a, b, c;

	list_push_back(&head, &a);
	list_push_back(&head, &b);
	a.next = &c;
	SIN(list_remove(&b));
}

PLANTED(write_to_free_object)
{
	u64 *volatile p = kmalloc(200);

	kfree(p);
	p[3] = 1;
	SIN(EXPECT(kmalloc(200) != NULL));
}

PLANTED(write_to_free_frame)
{
	struct page *page = frame_alloc(0, 0);
	u64 *volatile p = page_address(page);

	frame_put(page);
	p[3] = 1;
	SIN(EXPECT(frame_alloc(0, 0) != NULL));
}

struct pointing {
	u64 first, *pointer;
};

/* Found by fault injection: somebody thinks that memory can't run out. */
PLANTED(unchecked_allocation)
{
	inject_set_nth(current_thread(), 1);
	struct pointing *volatile p = kmalloc(sizeof(*p));

	SIN(p->first = 1);
	kfree(p);
}

/* The same, in what undoes the first half when the second fails. */
PLANTED(leak_on_failure)
{
	void *volatile first, *volatile second;

	inject_set_nth(current_thread(), 2);
	SIN(first = frame_alloc(0, 0));
	second = kmalloc(100);
	EXPECT(first != NULL && second == NULL);
}

PLANTED(use_of_poisoned_pointer)
{
	struct pointing *volatile p = kmalloc(sizeof(*p) * 4);

	kfree(p);
	SIN(*p->pointer = 1);
}

/* -- the stack -- */

static volatile u32 depth;

/* NOLINTNEXTLINE(misc-no-recursion): that is the bug. */
static NOINLINE u32 deeper(u32 n)
{
	volatile u8 room[256];

	room[0] = (u8)n;
	if (n > 0)
		SIN(depth += deeper(n - 1));
	return room[0] + depth;
}

PLANTED(stack_too_deep)
{
	depth = deeper(1000);
}

static void use_much(void *arg)
{
	/* A word every 2 KiB down to the last. */
	volatile u8 room[KERNEL_STACK_SIZE - 1500];

	for (u32 i = 0; i < sizeof(room); i += 64)
		room[i] = 1;
	depth = room[64];
}

PLANTED(stack_nearly_full)
{
	struct thread *t = thread_create_kernel("deep", use_much, NULL);

	thread_start(t);
	thread_put(t);
	EXPECT(sleep_until(clock_now_ns() + 200 * NS_PER_MS) == 0);
}

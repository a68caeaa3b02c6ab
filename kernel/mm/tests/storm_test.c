/*
 * Every CPU at once: shootdowns that cross each other, faults on the same pages, frames and objects
 * that wander between CPUs.
 *
 * Seen to fail (2 CPUs): with tlb_flush_range() sending no interrupts (storm_versions,
 * storm_translations), with the wait for acknowledgements left out (storm_translations), with
 * ranges not dropped, with lazy CPUs left on a dead space's tables, with a slab's lock not taken
 * (storm_objects).
 */
#include "arch/clock.h"
#include "arch/cpu.h"
#include "arch/irqflags.h"
#include "arch/ucopy.h"
#include "init/guest_test.h"
#include "lib/errno.h"
#include "mm/slab.h"
#include "mm/tests/space.h"
#include "sched/sched.h"
#include "sched/tests/crew.h"

/* By time, not by rounds: under emulation, on a busy host, one shootdown may take as long as the
 * host's time slice. */
#define STORM_NS (300 * NS_PER_MS)
#define SHARED_PAGES 8

static struct crew crew;
static struct mm *mm;
static uaddr_t shared_at;
static atomic64_t version;
static atomic32_t finished;
static u64 end_ns;

static bool storm_run(u32 threads, void (*work)(struct crew_member *m))
{
	atomic64_store(&version, 0);
	atomic32_store(&finished, 0);
	end_ns = clock_now_ns() + STORM_NS;
	return crew_run(&crew, threads, work);
}

static bool storm_is_over(void)
{
	return clock_now_ns() > end_ns;
}

static void pin(const struct crew_member *m)
{
	EXPECT(sched_set_affinity(current_thread(), crew_cpu(m->index)) == 0);
	sched_yield();
}

/* The first replaces a page again and again, and says so; the others must never see the page before
 * the last that was announced: munmap and mmap had returned by then, on whatever CPU. */
static void write_versions(void)
{
	for (u64 v = 1; !storm_is_over(); v++) {
		uaddr_t at = shared_at;

		EXPECT(mm_map(mm, &at, PAGE_SIZE, PT_READ | PT_WRITE, 0, MAP_AT_FIXED, NULL, 0,
			       0) == 0);
		EXPECT(put_user_u64(at, v) == 0);
		atomic64_store(&version, v);
		if (v % 64 == 0)
			sched_yield();
	}
	atomic32_store(&finished, 1);
}

static void read_versions(void)
{
	while (!atomic32_load(&finished)) {
		u64 before = atomic64_load(&version), seen = 0;
		int err = get_user_u64(&seen, shared_at);
		u64 after = atomic64_load(&version);

		/* While the page is being replaced it is missing, or new and still zero. */
		if (!err && seen != 0)
			EXPECT(seen >= before && seen <= after + 1);
		crew_make_way();
	}
}

static void versions(struct crew_member *m)
{
	pin(m);
	space_enter(mm);
	if (m->index == 0)
		write_versions();
	else
		read_versions();
	space_leave();
}

GUEST_TEST(storm_versions)
{
	EXPECT(mm_create(&mm) == 0);
	shared_at = space_map(mm, 1, PT_READ | PT_WRITE);
	EXPECT(storm_run(MAX(crew_cpu_count(), 2U), versions));
	mm_put_user(mm);
}

/* The same with nothing in between: a page is exchanged for another and its number announced the
 * moment that the shootdown returns. */
static struct page *frames[2];

static void exchange_frames(void)
{
	paddr_t old;

	for (u64 v = 1; !storm_is_over(); v++) {
		struct page *page = frames[v % 2];

		*(u64 *)page_address(page) = v;
		mutex_lock(&mm->lock);
		EXPECT(pagetable_map(&mm->tables, shared_at, page_address_physical(page), PT_READ,
			       &old) == 0);
		tlb_flush_range(&mm->tlb, shared_at, shared_at + PAGE_SIZE);
		atomic64_store(&version, v);
		mutex_unlock(&mm->lock);
	}
	atomic32_store(&finished, 1);
}

static void read_frames(void)
{
	while (!atomic32_load(&finished)) {
		/* The page is always there, so no fault. Meanwhile this CPU does not answer, and
		 * the other must wait. */
		u64 flags = irq_save();
		for (u32 i = 0; i < 100; i++) {
			u64 before = atomic64_load(&version), seen = 0;

			EXPECT(get_user_u64(&seen, shared_at) == 0);
			EXPECT(seen >= before);
		}
		irq_restore(flags);
		crew_make_way();
	}
}

/* The reader is away most of the time, with other spaces loaded: what its CPU kept of this one
 * under its PCID must not be believed when it comes back. */
#define OTHERS 3
static struct mm *others[OTHERS];
static uaddr_t others_at[OTHERS];

static void read_between_others(void)
{
	for (u32 i = 0; !atomic32_load(&finished); i++) {
		u64 before = atomic64_load(&version), seen = 0, other = 1;

		space_switch(mm);
		EXPECT(get_user_u64(&seen, shared_at) == 0);
		EXPECT(seen >= before);
		space_switch(others[i % OTHERS]);
		EXPECT(get_user_u64(&other, others_at[i % OTHERS]) == 0);
		EXPECT(other == 0);
		crew_make_way();
	}
	space_switch(mm);
}

static void switching(struct crew_member *m)
{
	pin(m);
	space_enter(mm);
	if (m->index == 0)
		exchange_frames();
	else
		read_between_others();
	space_leave();
}

static void translations(struct crew_member *m)
{
	pin(m);
	space_enter(mm);
	if (m->index == 0)
		exchange_frames();
	else
		read_frames();
	space_leave();
}

static void run_exchange(void (*work)(struct crew_member *m))
{
	paddr_t pa, old;
	u32 flags;

	EXPECT(mm_create(&mm) == 0);
	shared_at = space_map(mm, 1, PT_READ);
	for (u32 i = 0; i < 2; i++) {
		frames[i] = frame_alloc(0, FRAME_ZERO);
		EXPECT(frames[i] != NULL);
	}
	pa = page_address_physical(frames[0]);
	EXPECT(pagetable_map(&mm->tables, shared_at, pa, PT_READ, &old) == 0);
	EXPECT(storm_run(MAX(crew_cpu_count(), 2U), work));
	EXPECT(pagetable_unmap(&mm->tables, shared_at, &pa, &flags));
	mm_put_user(mm);
	frame_put(frames[0]);
	frame_put(frames[1]);
}

GUEST_TEST(storm_translations)
{
	run_exchange(translations);
}

GUEST_TEST(storm_translations_of_a_space_not_loaded)
{
	for (u32 i = 0; i < OTHERS; i++) {
		EXPECT(mm_create(&others[i]) == 0);
		others_at[i] = space_map(others[i], 1, PT_READ);
	}
	run_exchange(switching);
	for (u32 i = 0; i < OTHERS; i++)
		mm_put_user(others[i]);
}

/* All change the same address space: each its own area, all one shared area, so everybody shoots at
 * everybody. */
static void change_everything(struct crew_member *m)
{
	pin(m);
	space_enter(mm);
	uaddr_t own = space_map(mm, 16, PT_READ | PT_WRITE);
	EXPECT(own != 0);
	for (u32 i = 0; i == 0 || !storm_is_over(); i++) {
		u64 page = crew_random(m, 16), word, mark = m->index * 1000UL + i;
		uaddr_t va = own + page * PAGE_SIZE;

		EXPECT(put_user_u64(va, mark) == 0);
		EXPECT(mm_protect(mm, va, PAGE_SIZE, PT_READ) == 0);
		EXPECT(put_user_u64(va, 0) == -EFAULT);
		EXPECT(get_user_u64(&word, va) == 0 && word == mark);
		EXPECT(mm_protect(mm, va, PAGE_SIZE, PT_READ | PT_WRITE) == 0);
		EXPECT(mm_discard(mm, va, PAGE_SIZE) == 0);
		EXPECT(get_user_u64(&word, va) == 0 && word == 0);
		va = shared_at + crew_random(m, SHARED_PAGES) * PAGE_SIZE;
		EXPECT(put_user_u64(va, 0x1234567800000000 + m->index) == 0);
		EXPECT(get_user_u64(&word, va) == 0);
		EXPECT(word == 0 || word >> 32 == 0x12345678);
		if (i % 8 == 0)
			EXPECT(mm_discard(mm, shared_at, SHARED_PAGES * PAGE_SIZE) == 0);
		crew_make_way();
	}
	EXPECT(mm_unmap(mm, own, 16 * PAGE_SIZE) == 0);
	space_leave();
}

GUEST_TEST(storm_shootdowns)
{
	EXPECT(mm_create(&mm) == 0);
	shared_at = space_map(mm, SHARED_PAGES, PT_READ | PT_WRITE);
	EXPECT(storm_run(2 * crew_cpu_count(), change_everything));
	EXPECT(mm->area_count == 1 && mm->pages <= SHARED_PAGES);
	mm_put_user(mm);
}

/* Address spaces come and go while others still have them lazily loaded. */
static void create_and_drop(struct crew_member *m)
{
	for (u32 i = 0; i == 0 || !storm_is_over(); i++) {
		struct mm *own;
		u64 word;

		EXPECT(mm_create(&own) == 0);
		space_enter(own);
		uaddr_t at = space_map(own, 4, PT_READ | PT_WRITE);
		EXPECT(put_user_u64(at, i) == 0);
		if (crew_random(m, 2))
			sched_yield();
		EXPECT(get_user_u64(&word, at) == 0 && word == i);
		space_leave();
		if (crew_random(m, 2))
			sched_yield();
		mm_put_user(own);
	}
}

GUEST_TEST(storm_spaces_come_and_go)
{
	EXPECT(storm_run(8, create_and_drop));
	u64 before = space_free_frames();
	EXPECT(storm_run(8, create_and_drop));
	/* Each CPU may keep one struct mm, and a slab of them. */
	u64 after = space_free_frames();
	EXPECT(before < after + 4 && after < before + 4);
}

/* -- frames and objects -- */

#define HELD 64

static void fill(struct page *page, u32 order, u64 mark)
{
	for (u64 i = 0; i < 1UL << order; i++)
		*(u64 *)((char *)page_address(page) + i * PAGE_SIZE) = mark + i;
}

static void check(struct page *page, u32 order, u64 mark)
{
	for (u64 i = 0; i < 1UL << order; i++)
		EXPECT(*(u64 *)((char *)page_address(page) + i * PAGE_SIZE) == mark + i);
}

static void churn_frames(struct crew_member *m)
{
	struct held {
		struct page *page;
		u32 order;
		u64 mark;
	} *held = kzalloc(HELD * sizeof(*held));

	EXPECT(held != NULL);
	for (u32 i = 0; held && (i < HELD || !storm_is_over()); i++) {
		struct held *h = &held[crew_random(m, HELD)];

		if (h->page) {
			check(h->page, h->order, h->mark);
			frame_put(h->page);
			h->page = NULL;
		} else {
			h->order = crew_random(m, 4) ? 0 : (u32)crew_random(m, 5);
			h->mark = (u64)m->index << 32 | i;
			h->page = frame_alloc(h->order, 0);
			if (h->page)
				fill(h->page, h->order, h->mark);
		}
		if (i % 256 == 0)
			sched_yield();
	}
	for (u32 i = 0; held && i < HELD; i++)
		if (held[i].page)
			frame_put(held[i].page);
	kfree(held);
}

GUEST_TEST(storm_frames)
{
	EXPECT(storm_run(2 * crew_cpu_count(), churn_frames));
	u64 before = space_free_frames();
	EXPECT(storm_run(2 * crew_cpu_count(), churn_frames));
	u64 after = space_free_frames();
	EXPECT(before == after);
}

/* Objects are handed over, so most are freed by another CPU than the one that allocated them. */
#define EXCHANGE 128
static atomic64_t exchange[EXCHANGE];

static void churn_objects(struct crew_member *m)
{
	for (u32 i = 0; i < EXCHANGE || !storm_is_over(); i++) {
		u64 size = 1 + crew_random(m, i % 16 ? 300 : 6000);
		u64 *mine = kmalloc(MAX(size, 16UL));

		EXPECT(mine != NULL);
		if (!mine)
			break;
		mine[0] = (u64)mine;
		mine[1] = ~(u64)mine;
		u64 *theirs =
			(u64 *)atomic64_exchange(&exchange[crew_random(m, EXCHANGE)], (u64)mine);
		if (theirs)
			EXPECT(theirs[0] == (u64)theirs && theirs[1] == ~(u64)theirs);
		kfree(theirs);
		if (i % 512 == 0)
			sched_yield();
	}
}

GUEST_TEST(storm_objects)
{
	EXPECT(storm_run(2 * crew_cpu_count(), churn_objects));
	for (u32 i = 0; i < EXCHANGE; i++)
		kfree((void *)atomic64_exchange(&exchange[i], 0));
}

/* A program can't have the last frames; the kernel can. */
GUEST_TEST(reserve_is_the_kernels)
{
	struct list taken = LIST_INIT(taken);
	struct page *page;
	u64 before = space_free_frames();

	while ((page = frame_alloc(0, FRAME_USER)) != NULL)
		list_push_back(&taken, &page->link);
	EXPECT(frame_is_short());
	page = frame_alloc(0, 0);
	EXPECT(page != NULL);
	if (page)
		frame_put(page);
	frame_put_list(&taken);
	EXPECT(space_free_frames() == before);
}

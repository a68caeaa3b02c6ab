#include "fake_mm.h"

#include "unit.h"

#include "arch/pti.h"
#include "arch/upcalls.h"
#include "fail_alloc.h"
#include "mm/frame_private.h"
#include "mm/kstack.h"
#include "mm/mm_private.h"

#define CACHED 4096

struct cached {
	struct tlb_state *space;
	u32 cpu;
	uaddr_t va;
	paddr_t pa;
	u32 flags;
};
static struct cached cache[CACHED];
static u32 cached;

/* -- what pagetable.c asks for -- */

static u64 kernel_table[512];

u64 *kernel_top(void)
{
	return kernel_table;
}

bool pti_enabled(void)
{
	return true;
}

void pti_fill_root(u64 *user_top)
{
}

paddr_t table_page_alloc(bool program)
{
	return upcall_table_alloc(0, program);
}

paddr_t upcall_table_alloc(u32 order, bool program)
{
	struct page *page = frame_alloc(order, FRAME_ZERO);

	return page ? page_address_physical(page) : PADDR(0);
}

void upcall_table_free(paddr_t pa)
{
	frame_put(page_of(pa));
}

/* -- translations -- */

static bool still_true(struct mm *mm, const struct cached *c)
{
	paddr_t pa;
	u32 flags;

	if (!pagetable_lookup(&mm->tables, c->va, &pa, &flags) || pa.v != c->pa.v)
		return false;
	return (c->flags & ~flags & (PT_READ | PT_WRITE | PT_EXEC)) == 0;
}

static void drop(struct tlb_state *t, uaddr_t start, uaddr_t end, u32 cpus)
{
	for (u32 i = 0; i < cached;) {
		struct cached *c = &cache[i];
		if (c->space != t || c->va < start || c->va >= end || !(cpus & BIT(c->cpu))) {
			i++;
			continue;
		}
		/* Until now a program could reach it, so it must not be anybody else's yet. */
		assert_int_not_equal(page_of(c->pa)->state, PAGE_FREE);
		*c = cache[--cached];
	}
}

void fake_tlb_fill(struct mm *mm, uaddr_t va, u32 cpu)
{
	struct cached c = {.space = &mm->tlb, .cpu = cpu, .va = va & PAGE_MASK};

	drop(&mm->tlb, c.va, c.va + PAGE_SIZE, BIT(cpu));
	if (!pagetable_lookup(&mm->tables, c.va, &c.pa, &c.flags) || !(c.flags & PT_READ))
		return;
	assert_true(cached < CACHED);
	cache[cached++] = c;
}

void fake_tlb_check(struct mm *mm)
{
	for (u32 i = 0; i < cached; i++)
		if (cache[i].space == &mm->tlb && !still_true(mm, &cache[i]))
			fail_msg("stale translation of %#lx", cache[i].va);
}

void tlb_state_init(struct tlb_state *t)
{
	static u64 id;

	*t = (struct tlb_state){.context_id = ++id};
}

void tlb_flush_range(struct tlb_state *t, uaddr_t start, uaddr_t end)
{
	assert_true(start < end);
	drop(t, start, end, ~0U);
}

void tlb_flush_all(struct tlb_state *t)
{
	drop(t, 0, UINT64_MAX, ~0U);
}

void tlb_leave(struct tlb_state *t)
{
	drop(t, 0, UINT64_MAX, ~0U);
	atomic64_store(&t->cpus, 0);
}

void tlb_switch(const struct pagetable *pt, struct tlb_state *t)
{
	atomic64_fetch_or(&t->cpus, 1);
}

void tlb_enter_lazy(void)
{
}

/* -- the frame allocator's and the stacks' parts that are not in the double -- */

void frame_start_caches(void)
{
}

bool frame_has(u64 n)
{
	return frame_free_count() >= n;
}

bool cache_drain(void)
{
	return false;
}

u32 kstack_trim(u32 keep)
{
	return 0;
}

void fake_mm_init(void)
{
	mm_init();
}

/* -- sources -- */

u8 fake_source_byte(u64 index, u64 offset)
{
	return (u8)(index * 37 + offset * 11 + 5);
}

static int get_page(struct page_source *source, u64 index, struct page **out)
{
	struct fake_source *s = CONTAINER_OF(source, struct fake_source, source);

	if (index >= FAKE_SOURCE_PAGES)
		return -ENXIO;
	if (fail_alloc_now())
		return -ENOMEM;
	*out = s->pages[index];
	frame_get(*out);
	return 0;
}

/* Every third page is not in memory before it is asked for. */
static u64 get_resident(struct page_source *source, u64 first, u64 wanted, paddr_t *out)
{
	struct fake_source *s = CONTAINER_OF(source, struct fake_source, source);
	u64 found = 0;

	for (u64 i = 0; i < 64; i++) {
		if (!(wanted >> i & 1) || first + i >= FAKE_SOURCE_PAGES || (first + i) % 3 == 0)
			continue;
		frame_get(s->pages[first + i]);
		out[i] = page_address_physical(s->pages[first + i]);
		found |= BIT(i);
	}
	return found;
}

static void get(struct page_source *source)
{
	CONTAINER_OF(source, struct fake_source, source)->refs++;
}

static void put(struct page_source *source)
{
	struct fake_source *s = CONTAINER_OF(source, struct fake_source, source);

	assert_true(s->refs > 0);
	s->refs--;
}

static const struct page_source_ops ops = {
	.get_page = get_page, .get = get, .put = put, .get_resident = get_resident};

void fake_source_init(struct fake_source *s)
{
	s->source.ops = &ops;
	s->refs = 0;
	for (u64 i = 0; i < FAKE_SOURCE_PAGES; i++) {
		s->pages[i] = frame_alloc(0, 0);
		assert_non_null(s->pages[i]);
		u8 *bytes = page_address(s->pages[i]);
		for (u64 k = 0; k < PAGE_SIZE; k++)
			bytes[k] = fake_source_byte(i, k);
	}
}

void fake_source_check(const struct fake_source *s)
{
	assert_int_equal(s->refs, 0);
	for (u64 i = 0; i < FAKE_SOURCE_PAGES; i++)
		assert_int_equal(atomic32_load(&s->pages[i]->refs.count), 1);
}

void fake_source_drop(struct fake_source *s)
{
	fake_source_check(s);
	for (u64 i = 0; i < FAKE_SOURCE_PAGES; i++)
		frame_put(s->pages[i]);
}

/*
 * What is done to ranges of a program's pages: table by table, and large page by large page. A large page
 * of which only a part is meant is cut first (large.c).
 */
#include "arch/pagetable.h"
#include "lib/assert.h"
#include "pte.h"

/* A walk over the tables, and whole large pages, of [va, end). Holes are skipped. */
struct cursor {
	u64 va, end;
	pte_t *table;  /* that serves [va, table_end) */
	u64 table_end; /* end at most */
	bool large;    /* there is a large page at va, and no table */
};

/* Whether [va, end) has all of the large page that begins at va. */
static bool is_whole(u64 va, u64 end)
{
	return IS_ALIGNED(va, LARGE_PAGE_SIZE) && end - va >= LARGE_PAGE_SIZE;
}

/* The next at or after va; false if there is none before end. Cuts the large pages that [va, end) has a part of. */
static bool next_table(struct pagetable *pt, struct cursor *c)
{
	while (c->va < c->end) {
		u64 shift;

		c->table = pte_find_table(pt, c->va, &shift);
		c->large = !c->table && shift == 0;
		if (UNLIKELY(c->large) && !is_whole(c->va, c->end)) {
			c->table = pte_split(pt, c->va);
			c->large = false;
		}
		if (c->table || c->large) {
			c->table_end =
				MIN(c->end, ALIGN_DOWN(c->va, LARGE_PAGE_SIZE) + LARGE_PAGE_SIZE);
			return true;
		}
		c->va = ((c->va >> shift) + 1) << shift;
	}
	return false;
}

static u32 first_slot(const struct cursor *c)
{
	return (u32)pte_index(c->va, 1);
}

static u32 slots_end(const struct cursor *c)
{
	return first_slot(c) + (u32)((c->table_end - c->va) / PAGE_SIZE);
}

static void unmap_large(struct pagetable *pt, uaddr_t va, pagetable_unmap_fn fn, void *arg)
{
	paddr_t first = pte_take_large(pt, pte_find_large(pt, va));

	for (u64 at = 0; at < LARGE_PAGE_SIZE; at += PAGE_SIZE)
		fn(arg, va + at, PADDR(first.v + at));
}

void pagetable_unmap_range(
	struct pagetable *pt, uaddr_t start, uaddr_t end, pagetable_unmap_fn fn, void *arg)
{
	for (struct cursor c = {.va = start, .end = end}; next_table(pt, &c); c.va = c.table_end) {
		u32 last = slots_end(&c);
		u64 base = c.va - first_slot(&c) * PAGE_SIZE;

		if (UNLIKELY(c.large)) {
			unmap_large(pt, c.va, fn, arg);
			continue;
		}
		for (u32 i = pte_next_used(c.table, first_slot(&c), last); i < last;
			i = pte_next_used(c.table, i + 1, last))
			fn(arg, base + i * PAGE_SIZE, pte_address(pte_take_out(&c.table[i])));
	}
}

/* A large page stays one if all its pages get the same permissions, which are some. False: it must be cut. */
static bool protect_large(struct pagetable *pt, uaddr_t va, pagetable_protect_fn fn, void *arg)
{
	paddr_t first;
	u32 flags;

	CHECK(pagetable_lookup_large(pt, va, &first, &flags));
	u32 prot = fn(arg, first);
	if (!(prot & (PT_READ | PT_WRITE | PT_EXEC)))
		return false;
	for (u64 at = PAGE_SIZE; at < LARGE_PAGE_SIZE; at += PAGE_SIZE)
		if (fn(arg, PADDR(first.v + at)) != prot)
			return false;
	pagetable_protect_large(pt, va, prot);
	return true;
}

bool pagetable_protect_range(
	struct pagetable *pt, uaddr_t start, uaddr_t end, pagetable_protect_fn fn, void *arg)
{
	bool some = false;

	for (struct cursor c = {.va = start, .end = end}; next_table(pt, &c); c.va = c.table_end) {
		u32 last = slots_end(&c);

		if (UNLIKELY(c.large)) {
			some = true;
			if (protect_large(pt, c.va, fn, arg))
				continue;
			c.table = pte_split(pt, c.va);
		}
		for (u32 i = pte_next_used(c.table, first_slot(&c), last); i < last;
			i = pte_next_used(c.table, i + 1, last)) {
			pte_protect(&c.table[i], fn(arg, pte_address(pte_get(&c.table[i]))));
			some = true;
		}
	}
	return some;
}

/* Only looks, so it cuts nothing. */
uaddr_t pagetable_next(const struct pagetable *pt, uaddr_t va, uaddr_t end)
{
	while (va < end) {
		u64 shift, table_end = MIN(end, ALIGN_DOWN(va, LARGE_PAGE_SIZE) + LARGE_PAGE_SIZE);
		const pte_t *table = pte_find_table(pt, va, &shift);

		if (!table && shift == 0)
			return va;
		if (!table) {
			va = ((va >> shift) + 1) << shift;
			continue;
		}
		u32 i = (u32)pte_index(va, 1), last = i + (u32)((table_end - va) / PAGE_SIZE);
		u32 used = pte_next_used(table, i, last);
		if (used < last)
			return va + (used - i) * PAGE_SIZE;
		va = table_end;
	}
	return end;
}

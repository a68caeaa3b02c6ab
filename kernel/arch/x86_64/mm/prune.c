/*
 * Taking empty tables out of a program's page table, so that a program that wanders through its
 * addresses does not collect them.
 *
 * A CPU may be walking a table that was just taken out (it caches the upper levels' entries), so
 * the frame must not be reused, nor any word of it look like a present entry, until every CPU has
 * flushed. The chain through the tables' first words is therefore encoded as an entry that is not
 * present and whose address is inverted (hazard T5).
 */
#include "arch/pagetable.h"
#include "arch/upcalls.h"
#include "lib/assert.h"
#include "pte.h"

struct prune {
	struct pagetable *pt;
	u64 start, end;		  /* what was unmapped */
	u64 hole_start, hole_end; /* what has no page around it */
	paddr_t *freed;
};

static void chain(struct prune *p, pte_t e)
{
	pte_t *table = pte_table(e);

	ASSERT(table[0] == 0);
	pte_set(&table[0], p->freed->v ? ~p->freed->v & PTE_ADDRESS : 0);
	*p->freed = direct_map_physical(table);
	p->pt->table_pages--;
}

/* Takes out what the entry points to if it serves only the hole; true if so. */
static bool prune_entry(struct prune *p, pte_t e, u32 level, u64 va);

/* all: the whole table goes, so whatever hangs from it does. */
/* NOLINTNEXTLINE(misc-no-recursion): as deep as the tables, four levels. */
static void prune_table(struct prune *p, pte_t *table, u32 level, u64 base, bool all)
{
	u64 bytes = 1UL << pte_level_shift(level);
	u64 from = all ? base : MAX(base, p->start);
	u64 to = base + bytes * PTE_COUNT;

	to = all ? to : MIN(to, p->end);

	for (u64 va = ALIGN_DOWN(from, bytes); va < to; va += bytes) {
		pte_t *slot = &table[pte_index(va, level)];

		if ((pte_get(slot) & PTE_P) && prune_entry(p, pte_get(slot), level, va))
			pte_set(slot, 0);
	}
}

/* NOLINTNEXTLINE(misc-no-recursion): see prune_table(). */
static bool prune_entry(struct prune *p, pte_t e, u32 level, u64 va)
{
	u64 bytes = 1UL << pte_level_shift(level);
	bool all = va >= p->hole_start && va + bytes <= p->hole_end;

	if (level > 2)
		prune_table(p, pte_table(e), level - 1, va, all);
	if (all)
		chain(p, e);
	return all;
}

void pagetable_prune(struct pagetable *pt, uaddr_t start, uaddr_t end, uaddr_t hole_start,
	uaddr_t hole_end, paddr_t *freed)
{
	struct prune p = {pt, start, end, hole_start, hole_end, freed};
	pte_t *top = direct_map(pt->root), *user_top = direct_map(pt->user_root);
	u64 bytes = 1UL << pte_level_shift(PTE_TOP);

	for (u64 va = ALIGN_DOWN(start, bytes); va < end; va += bytes) {
		u64 slot = pte_index(va, PTE_TOP);

		if (!(pte_get(&top[slot]) & PTE_P) ||
			!prune_entry(&p, pte_get(&top[slot]), PTE_TOP, va))
			continue;
		pte_set(&top[slot], 0);
		pte_set(&user_top[slot], 0);
	}
}

void pagetable_free_chain(paddr_t freed)
{
	while (freed.v) {
		pte_t *table = direct_map(freed);
		pte_t next = table[0];

		upcall_table_free(freed);
		freed = PADDR(next ? ~next & PTE_ADDRESS : 0);
	}
}

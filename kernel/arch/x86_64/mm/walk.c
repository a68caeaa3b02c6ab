/*
 * Walking page tables: down to one slot, and over all leaves.
 *
 * The caller's lock keeps tables from going away. CPUs walk at the same time, so a new table is
 * complete before the entry that shows it is stored (x86 keeps stores in order; pte_set() keeps the
 * compiler from moving it).
 */
#include "lib/types.h"
#include "pte.h"

static pte_t *table_below(pte_t *slot, pte_t table_bits, bool create)
{
	pte_t e = pte_get(slot);

	if (e & PTE_P)
		return e & PTE_LARGE ? NULL : pte_table(e);
	if (!create)
		return NULL;
	paddr_t pa = table_page_alloc(table_bits & PTE_U);
	if (pa.v == 0)
		return NULL;
	pte_set(slot, pa.v | table_bits);
	return direct_map(pa);
}

pte_t *pte_walk(pte_t *top, u64 va, pte_t table_bits, bool create)
{
	pte_t *table = top;

	for (u32 level = PTE_TOP; level > 1; level--) {
		table = table_below(&table[pte_index(va, level)], table_bits, create);
		if (!table)
			return NULL;
	}
	return &table[pte_index(va, 1)];
}

/* The address that slot i of a table covers first; the upper half's addresses begin with ones. */
static u64 slot_address(u64 base, u32 level, u32 i)
{
	u64 va = base + ((u64)i << pte_level_shift(level));

	return level == PTE_TOP && i >= PTE_COUNT / 2 ? va | 0xffff000000000000 : va;
}

/* NOLINTNEXTLINE(misc-no-recursion): as deep as the tables, four levels. */
static void for_each_below(
	pte_t *table, const struct pte_leaf *above, u32 first, u32 end, pte_leaf_fn fn, void *arg)
{
	for (u32 i = first; i < end; i++) {
		pte_t e = pte_get(&table[i]);
		struct pte_leaf leaf = *above;

		if (!(e & PTE_P))
			continue;
		leaf.va = slot_address(above->va, above->level, i);
		leaf.entry = e;
		leaf.write = above->write && (e & PTE_W);
		leaf.exec = above->exec && !(e & PTE_NX);
		leaf.user = above->user && (e & PTE_U);
		if (above->level == 1 || (e & PTE_LARGE)) {
			fn(arg, &leaf);
			continue;
		}
		leaf.level--;
		for_each_below(pte_table(e), &leaf, 0, PTE_COUNT, fn, arg);
	}
}

void pte_for_each(pte_t *top, u32 first, u32 end, pte_leaf_fn fn, void *arg)
{
	struct pte_leaf all = {.level = PTE_TOP, .write = true, .exec = true, .user = true};

	for_each_below(top, &all, first, end, fn, arg);
}

/*
 * Moving a program's pages to other addresses of the same space: mremap's part of the page tables.
 *
 * Tables for the new place are made first, so that what follows can't fail. Then each entry is taken
 * out of its slot and put into the other one as it is, with whatever the CPU has noted in it. The
 * caller flushes the old range before anything else may change it.
 */
#include "arch/pagetable.h"
#include "lib/errno.h"
#include "pte.h"

struct move {
	struct pagetable *pt;
	u64 start, end, to;
};

/* The next slot of [*va, end) that has something, *va being its address; NULL if there is none. */
static pte_t *next_used(const struct move *m, u64 *va)
{
	u64 shift;

	while (*va < m->end) {
		pte_t *table = pte_find_table(m->pt, *va, &shift);

		if (!table && shift == 0)
			table = pte_split(m->pt, *va);
		if (!table) {
			*va = ((*va >> shift) + 1) << shift;
			continue;
		}
		do {
			pte_t *slot = &table[pte_index(*va, 1)];
			if (pte_get(slot))
				return slot;
			*va += PAGE_SIZE;
		} while (*va < m->end && pte_index(*va, 1) != 0);
	}
	return NULL;
}

static int make_tables(const struct move *m)
{
	for (u64 va = m->start; next_used(m, &va); va += PAGE_SIZE)
		if (!pte_make_slot(m->pt, va - m->start + m->to))
			return -ENOMEM;
	return 0;
}

int pagetable_move_range(struct pagetable *pt, uaddr_t start, uaddr_t end, uaddr_t to, bool *moved)
{
	struct move m = {pt, start, end, to};
	pte_t *slot;
	int err = make_tables(&m);

	*moved = false;
	if (err)
		return err;
	for (u64 va = start; (slot = next_used(&m, &va)) != NULL; va += PAGE_SIZE) {
		/* Exchanged: a CPU may set A or D between a read and a store. */
		pte_t e = __atomic_exchange_n(slot, 0, __ATOMIC_RELAXED);

		pte_set(pte_make_slot(pt, va - start + to), e);
		*moved = true;
	}
	return 0;
}

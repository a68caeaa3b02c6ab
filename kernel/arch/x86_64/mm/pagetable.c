/*
 * A program's tables.
 *
 * Under isolation each address space has two top-level tables in adjacent frames. The program's slots of both point
 * to the same tables; those of the kernel's side are marked NX, so that the kernel can't run a program's code by mistake
 * (hazard X12). The kernel's slots are the kernel's own on one side and pti.c's on the other, both constant.
 *
 * The caller serialises changes (mm->lock). CPUs walk at any time: a new table is complete before it is shown, and
 * a table that was taken out stays as it is, all entries not present, until every CPU has been told (tlb_flush_all).
 */
#include "arch/pagetable.h"

#include "arch/pti.h"
#include "arch/upcalls.h"
#include "lib/assert.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "pte.h"

#define TOP_BYTES PAGE_SIZE
#define PROGRAM_SLOTS (PTE_COUNT / 2)

static pte_t *top_of(const struct pagetable *pt)
{
	return direct_map(pt->root);
}

int pagetable_create(struct pagetable *pt)
{
	u32 order = pti_enabled() ? 1 : 0;
	paddr_t root = upcall_table_alloc(order, true);

	if (root.v == 0)
		return -ENOMEM;
	*pt = (struct pagetable){.root = root, .user_root = root};
	memcpy(top_of(pt) + PROGRAM_SLOTS, kernel_top() + PROGRAM_SLOTS, TOP_BYTES / 2);
	if (pti_enabled()) {
		pt->user_root = PADDR(root.v + PAGE_SIZE);
		pti_fill_root(direct_map(pt->user_root));
	}
	return 0;
}

static void free_below(pte_t e, u32 level)
{
	pte_t *table = pte_table(e);

	for (u32 i = 0; level > 1 && i < PTE_COUNT; i++)
		if (pte_get(&table[i]) & PTE_P)
			free_below(pte_get(&table[i]), level - 1);
	upcall_table_free(direct_map_physical(table));
}

void pagetable_destroy(struct pagetable *pt)
{
	for (u32 i = 0; i < PROGRAM_SLOTS; i++)
		if (pte_get(&top_of(pt)[i]) & PTE_P)
			free_below(pte_get(&top_of(pt)[i]), PTE_TOP - 1);
	upcall_table_free(pt->root);
	*pt = (struct pagetable){0};
}

/* Stores a slot of the top level in both roots. The kernel's side comes last when a table appears and first when it goes,
 * which nobody depends on: each side is complete by itself. */
static void set_top_slot(struct pagetable *pt, u32 slot, pte_t e)
{
	if (pt->user_root.v != pt->root.v) {
		pte_set(&((pte_t *)direct_map(pt->user_root))[slot], e);
		e |= e ? PTE_NX : 0;
	}
	pte_set(&top_of(pt)[slot], e);
}

static pte_t *make_table(struct pagetable *pt, pte_t *slot, u64 va, u32 level)
{
	paddr_t pa = table_page_alloc(true);

	if (pa.v == 0)
		return NULL;
	pt->table_pages++;
	if (level == PTE_TOP)
		set_top_slot(pt, pte_index(va, PTE_TOP), pa.v | PTE_USER_TABLE);
	else
		pte_set(slot, pa.v | PTE_USER_TABLE);
	return direct_map(pa);
}

/* The last level's slot for va; NULL if there is no table. */
static pte_t *find_slot(const struct pagetable *pt, u64 va)
{
	pte_t *table = top_of(pt);

	ASSERT(va < USER_END);
	for (u32 level = PTE_TOP; level > 1; level--) {
		pte_t e = pte_get(&table[pte_index(va, level)]);

		if (!(e & PTE_P))
			return NULL;
		table = pte_table(e);
	}
	return &table[pte_index(va, 1)];
}

static pte_t *make_slot(struct pagetable *pt, u64 va)
{
	pte_t *table = top_of(pt);

	ASSERT(va < USER_END);
	for (u32 level = PTE_TOP; level > 1; level--) {
		pte_t *slot = &table[pte_index(va, level)];
		pte_t e = pte_get(slot);

		table = e & PTE_P ? pte_table(e) : make_table(pt, slot, va, level);
		if (!table)
			return NULL;
	}
	return &table[pte_index(va, 1)];
}

/* A and D (when wanted) are set in advance: the page is about to be used, and the CPU would need a locked access each. */
static pte_t program_entry(paddr_t pa, u32 prot)
{
	pte_t e = PTE_A | (prot & PT_DIRTY ? PTE_D : 0);

	if (!(prot & (PT_READ | PT_WRITE | PT_EXEC)))
		return e | (~pa.v & PTE_ADDRESS) | PTE_KEPT;
	e |= pa.v | PTE_P | PTE_U;
	e |= prot & PT_WRITE ? PTE_W : 0;
	e |= prot & PT_EXEC ? 0 : PTE_NX;
	return e;
}

int pagetable_map(struct pagetable *pt, uaddr_t va, paddr_t pa, u32 prot, paddr_t *old)
{
	pte_t *slot = make_slot(pt, va);

	if (!slot)
		return -ENOMEM;
	pte_t before = pte_get(slot);
	*old = before ? pte_address(before) : PADDR(0);
	pte_set(slot, program_entry(pa, prot));
	return 0;
}

/* Exchanged, not stored: a CPU may set D between our read and our store. */
static pte_t take_out(pte_t *slot)
{
	return __atomic_exchange_n(slot, 0, __ATOMIC_RELAXED);
}

bool pagetable_unmap(struct pagetable *pt, uaddr_t va, paddr_t *pa, u32 *flags)
{
	pte_t *slot = find_slot(pt, va);

	if (!slot || pte_get(slot) == 0)
		return false;
	pte_t e = take_out(slot);
	*pa = pte_address(e);
	*flags = pte_flags(e);
	return true;
}

bool pagetable_protect(struct pagetable *pt, uaddr_t va, u32 prot)
{
	pte_t *slot = find_slot(pt, va);

	if (!slot || pte_get(slot) == 0)
		return false;
	/* Not present for a moment: what another CPU does meanwhile is a fault that finds the entry in place. */
	pte_t e = take_out(slot);
	pte_set(slot,
		program_entry(pte_address(e), (prot & ~PT_DIRTY) | (e & PTE_D ? PT_DIRTY : 0)));
	return true;
}

bool pagetable_lookup(const struct pagetable *pt, uaddr_t va, paddr_t *pa, u32 *flags)
{
	pte_t *slot = find_slot(pt, va);

	if (!slot || pte_get(slot) == 0)
		return false;
	*pa = pte_address(pte_get(slot));
	*flags = pte_flags(pte_get(slot));
	return true;
}

/* The first address at or after va, below the end of what the table serves, with an entry; or that end. */
static u64 next_below(const pte_t *table, u32 level, u64 va, u64 end)
{
	u64 bytes = 1UL << pte_level_shift(level);

	for (; va < end; va = ALIGN_DOWN(va, bytes) + bytes) {
		pte_t e = pte_get(&table[pte_index(va, level)]);

		if (e == 0)
			continue;
		if (level == 1)
			return va;
		u64 stop = MIN(end, ALIGN_DOWN(va, bytes) + bytes);
		u64 found = next_below(pte_table(e), level - 1, va, stop);
		if (found < stop)
			return found;
	}
	return end;
}

uaddr_t pagetable_next(const struct pagetable *pt, uaddr_t va, uaddr_t end)
{
	return next_below(top_of(pt), PTE_TOP, va, end);
}

/*
 * A program's tables.
 *
 * Under isolation each address space has two top-level tables in adjacent frames. The program's
 * slots of both point to the same tables; those of the kernel's side are marked NX, so that the
 * kernel can't run a program's code by mistake (hazard X12). The kernel's slots are the kernel's
 * own on one side and pti.c's on the other, both constant.
 *
 * The caller serialises changes (mm->lock). CPUs walk at any time: a new table is complete before
 * it is shown, and a table that was taken out stays as it is, all entries not present, until every
 * CPU has been told (tlb_flush_all).
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

int pagetable_create(struct pagetable *pt, struct tlb_state *tlb)
{
	u32 order = pti_enabled() ? 1 : 0;
	paddr_t root = upcall_table_alloc(order, true);

	if (root.v == 0)
		return -ENOMEM;
	*pt = (struct pagetable){.root = root, .user_root = root, .tlb = tlb};
	memcpy(top_of(pt) + PROGRAM_SLOTS, kernel_top() + PROGRAM_SLOTS, TOP_BYTES / 2);
	if (pti_enabled()) {
		pt->user_root = PADDR(root.v + PAGE_SIZE);
		pti_fill_root(direct_map(pt->user_root));
	}
	return 0;
}

/* NOLINTNEXTLINE(misc-no-recursion): as deep as the tables, four levels. */
static void free_below(pte_t e, u32 level)
{
	pte_t *table = pte_table(e);

	/* What was mapped has been taken out. */
	CHECK(!(e & PTE_LARGE));
	u32 i = level > 1 ? pte_next_used(table, 0, PTE_COUNT) : PTE_COUNT;

	for (; i < PTE_COUNT; i = pte_next_used(table, i + 1, PTE_COUNT))
		free_below(pte_get(&table[i]), level - 1);
	upcall_table_free(direct_map_physical(table));
}

void pagetable_destroy(struct pagetable *pt)
{
	const pte_t *top = top_of(pt);
	u32 i = pte_next_used(top, 0, PROGRAM_SLOTS);

	for (; i < PROGRAM_SLOTS; i = pte_next_used(top, i + 1, PROGRAM_SLOTS))
		free_below(pte_get(&top[i]), PTE_TOP - 1);
	upcall_table_free(pt->root);
	*pt = (struct pagetable){0};
}

/* Stores a slot of the top level in both roots. The kernel's side comes last when a table appears
 * and first when it goes, which nobody depends on: each side is complete by itself. */
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

/* The table below, or NULL. Level is a constant where it is used, so this is a handful of
 * instructions. */
static ALWAYS_INLINE pte_t *below(const pte_t *table, u64 va, u32 level)
{
	pte_t e = pte_get(&table[pte_index(va, level)]);

	return LIKELY(e & PTE_P) ? pte_table(e) : NULL;
}

/* What pte.h says of pte_find_table(). A page fault comes through here, so it is not called. */
static ALWAYS_INLINE pte_t *find_table(const struct pagetable *pt, u64 va, u64 *missing_shift)
{
	pte_t *level3 = below(top_of(pt), va, 4);
	pte_t *level2 = level3 ? below(level3, va, 3) : NULL;
	pte_t e = level2 ? pte_get(&level2[pte_index(va, 2)]) : 0;

	if (LIKELY((e & (PTE_P | PTE_LARGE)) == PTE_P))
		return pte_table(e);
	*missing_shift = e & PTE_P ? 0 : pte_level_shift(!level3 ? 4 : !level2 ? 3 : 2);
	return NULL;
}

pte_t *pte_find_table(const struct pagetable *pt, u64 va, u64 *missing_shift)
{
	return find_table(pt, va, missing_shift);
}

/* The last level's slot for va; NULL if there is no table. A large page is cut. */
static ALWAYS_INLINE pte_t *find_slot(struct pagetable *pt, u64 va)
{
	u64 shift = 1;

	ASSERT(va < USER_END);
	pte_t *table = find_table(pt, va, &shift);
	if (UNLIKELY(!table && shift == 0))
		table = pte_split(pt, va);
	return table ? &table[pte_index(va, 1)] : NULL;
}

pte_t *pte_make_slot_at(struct pagetable *pt, u64 va, u32 last)
{
	pte_t *table = top_of(pt);

	for (u32 level = PTE_TOP; level > last; level--) {
		pte_t *slot = &table[pte_index(va, level)];
		pte_t e = pte_get(slot);

		ASSERT(!(e & PTE_LARGE));
		table = e & PTE_P ? pte_table(e) : make_table(pt, slot, va, level);
		if (!table)
			return NULL;
	}
	return &table[pte_index(va, last)];
}

static pte_t *find_or_make_slot(struct pagetable *pt, u64 va)
{
	pte_t *slot = find_slot(pt, va);

	return LIKELY(slot) ? slot : pte_make_slot(pt, va);
}

int pagetable_map_new(struct pagetable *pt, uaddr_t va, paddr_t pa, u32 prot)
{
	pte_t *slot = find_or_make_slot(pt, va);

	if (!slot)
		return -ENOMEM;
	if (pte_get(slot))
		return -EEXIST;
	pte_set(slot, pte_program(pa, prot));
	return 0;
}

u64 pagetable_find_empty(struct pagetable *pt, uaddr_t va, u32 n)
{
	const pte_t *slot = find_slot(pt, va);
	u64 empty = 0;

	ASSERT(n > 0 && n <= 64 && pte_index(va, 1) + n <= PTE_COUNT);
	if (!slot)
		return ~0UL >> (64 - n);
	for (u32 i = 0; i < n; i++)
		empty |= (u64)(pte_get(&slot[i]) == 0) << i;
	return empty;
}

int pagetable_map_some(struct pagetable *pt, uaddr_t va, u64 which, const paddr_t *frames, u32 prot)
{
	pte_t *slot = find_or_make_slot(pt, va);
	pte_t bits = pte_program(PADDR(0), prot);

	/* Of a page that nobody may reach the address is not what it seems. */
	ASSERT(prot & (PT_READ | PT_WRITE | PT_EXEC));
	if (!slot)
		return -ENOMEM;
	for (; which; which &= which - 1) {
		u32 i = (u32)__builtin_ctzl(which);

		pte_set(&slot[i], bits | frames[i].v);
	}
	return 0;
}

int pagetable_map(struct pagetable *pt, uaddr_t va, paddr_t pa, u32 prot, paddr_t *old)
{
	pte_t *slot = find_or_make_slot(pt, va);

	if (!slot)
		return -ENOMEM;
	pte_t before = pte_get(slot);
	*old = before ? pte_address(before) : PADDR(0);
	pte_set(slot, pte_program(pa, prot));
	return 0;
}

bool pagetable_unmap(struct pagetable *pt, uaddr_t va, paddr_t *pa, u32 *flags)
{
	pte_t *slot = find_slot(pt, va);

	if (!slot || pte_get(slot) == 0)
		return false;
	pte_t e = pte_take_out(slot);
	*pa = pte_address(e);
	*flags = pte_flags(e);
	return true;
}

bool pagetable_protect(struct pagetable *pt, uaddr_t va, u32 prot)
{
	pte_t *slot = find_slot(pt, va);

	if (!slot || pte_get(slot) == 0)
		return false;
	pte_protect(slot, prot);
	return true;
}

bool pagetable_lookup(const struct pagetable *pt, uaddr_t va, paddr_t *pa, u32 *flags)
{
	u64 shift = 1;
	const pte_t *table = find_table(pt, va, &shift);

	if (UNLIKELY(!table && shift == 0)) {
		(void)pagetable_lookup_large(pt, va, pa, flags);
		pa->v += va & (LARGE_PAGE_SIZE - 1) & PAGE_MASK;
		return true;
	}
	pte_t e = table ? pte_get(&table[pte_index(va, 1)]) : 0;
	if (e == 0)
		return false;
	*pa = pte_address(e);
	*flags = pte_flags(e);
	return true;
}

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

/* NOLINTNEXTLINE(misc-no-recursion): as deep as the tables, four levels. */
static void free_below(pte_t e, u32 level)
{
	pte_t *table = pte_table(e);

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
	pte_t *level1 = level2 ? below(level2, va, 2) : NULL;

	if (UNLIKELY(!level1))
		*missing_shift = pte_level_shift(!level3 ? 4 : !level2 ? 3 : 2);
	return level1;
}

pte_t *pte_find_table(const struct pagetable *pt, u64 va, u64 *missing_shift)
{
	return find_table(pt, va, missing_shift);
}

/* The last level's slot for va; NULL if there is no table. */
static ALWAYS_INLINE pte_t *find_slot(const struct pagetable *pt, u64 va)
{
	u64 shift;

	ASSERT(va < USER_END);
	pte_t *table = find_table(pt, va, &shift);
	return table ? &table[pte_index(va, 1)] : NULL;
}

pte_t *pte_make_slot(struct pagetable *pt, u64 va)
{
	pte_t *table = top_of(pt);

	for (u32 level = PTE_TOP; level > 1; level--) {
		pte_t *slot = &table[pte_index(va, level)];
		pte_t e = pte_get(slot);

		table = e & PTE_P ? pte_table(e) : make_table(pt, slot, va, level);
		if (!table)
			return NULL;
	}
	return &table[pte_index(va, 1)];
}

/* A and D (when wanted) are set in advance: the page is about to be used, and the CPU would need a
 * locked access each. */
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
	pte_set(slot, program_entry(pa, prot));
	return 0;
}

u64 pagetable_find_empty(const struct pagetable *pt, uaddr_t va, u32 n)
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
	pte_t bits = program_entry(PADDR(0), prot);

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

static void protect_slot(pte_t *slot, u32 prot)
{
	/* Not present for a moment: what another CPU does meanwhile is a fault that finds the entry
	 * in place. */
	pte_t e = take_out(slot);

	prot &= ~PT_DIRTY;
	pte_set(slot, program_entry(pte_address(e), prot | (e & PTE_D ? PT_DIRTY : 0)));
}

bool pagetable_protect(struct pagetable *pt, uaddr_t va, u32 prot)
{
	pte_t *slot = find_slot(pt, va);

	if (!slot || pte_get(slot) == 0)
		return false;
	protect_slot(slot, prot);
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

/* A walk over the slots of [va, end) that are not empty. Holes are skipped by whole tables. */
struct cursor {
	const struct pagetable *pt;
	u64 va, end; /* va: behind the slot that next_slot() gave last */
	pte_t *table;
	u64 table_end; /* how far the table serves, end at most */
};

static struct cursor cursor_at(const struct pagetable *pt, u64 start, u64 end)
{
	return (struct cursor){.pt = pt, .va = start, .end = end, .table_end = start};
}

/* The next table at or after va; false if there is none before end. */
static bool next_table(struct cursor *c)
{
	while (c->va < c->end) {
		u64 shift;

		c->table = find_table(c->pt, c->va, &shift);
		if (c->table) {
			c->table_end = MIN(c->end, (c->va | (PTE_COUNT * PAGE_SIZE - 1)) + 1);
			return true;
		}
		c->va = ((c->va >> shift) + 1) << shift;
	}
	return false;
}

static ALWAYS_INLINE pte_t *next_slot(struct cursor *c)
{
	do {
		while (c->va < c->table_end) {
			pte_t *slot = &c->table[pte_index(c->va, 1)];

			c->va += PAGE_SIZE;
			if (pte_get(slot))
				return slot;
		}
	} while (next_table(c));
	return NULL;
}

void pagetable_unmap_range(
	struct pagetable *pt, uaddr_t start, uaddr_t end, pagetable_unmap_fn fn, void *arg)
{
	struct cursor c = cursor_at(pt, start, end);

	while (next_table(&c)) {
		u32 i = (u32)pte_index(c.va, 1), last = i + (u32)((c.table_end - c.va) / PAGE_SIZE);
		u64 base = c.va - i * PAGE_SIZE;

		for (i = pte_next_used(c.table, i, last); i < last;
			i = pte_next_used(c.table, i + 1, last))
			fn(arg, base + i * PAGE_SIZE, pte_address(take_out(&c.table[i])));
		c.va = c.table_end;
	}
}

bool pagetable_protect_range(
	struct pagetable *pt, uaddr_t start, uaddr_t end, pagetable_protect_fn fn, void *arg)
{
	struct cursor c = cursor_at(pt, start, end);
	bool some = false;
	pte_t *slot;

	while ((slot = next_slot(&c)) != NULL) {
		protect_slot(slot, fn(arg, pte_address(pte_get(slot))));
		some = true;
	}
	return some;
}

uaddr_t pagetable_next(const struct pagetable *pt, uaddr_t va, uaddr_t end)
{
	struct cursor c = cursor_at(pt, va, end);

	return next_slot(&c) ? c.va - PAGE_SIZE : end;
}

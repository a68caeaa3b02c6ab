/*
 * Large pages of programs: an entry of the second level that maps 2 MiB.
 *
 * A large page is nothing but a short way to write down 512 entries: the frames behind it are single
 * frames with references of their own, which happen to be adjacent. So every large page can be cut into
 * 512 entries at any moment, and whatever works page by page does that without asking (pte_split(),
 * called where a walk meets one). Cutting must not fail, so a large page has a table put aside from the
 * beginning: `tables` of struct pagetable, one for each, chained by their first words. Those no CPU has
 * ever seen.
 *
 * No CPU may ever have an address in its TLB with both sizes, though both would say the same: some end
 * in a machine check then (AMD's erratum 383, Intel's of code that is fetched). So the large page is taken
 * out, every CPU drops it, and only then the 512 are there. Who touches it meanwhile faults, and waits in
 * the fault for the lock that the caller has (mm->lock). Accessed and dirty are set in all 512: nobody
 * asks for them in memory without a file.
 *
 * A page that PROT_NONE hides is never large (its entries are kept, see pte.h).
 */
#include "arch/pagetable.h"
#include "arch/tlb.h"
#include "arch/upcalls.h"
#include "lib/assert.h"
#include "lib/atomic.h"
#include "lib/errno.h"
#include "pte.h"

/* Of all programs. */
static atomic64_t total;

u64 pagetable_large_total(void)
{
	return atomic64_load_relaxed(&total);
}

static void count(struct pagetable *pt, s64 change)
{
	pt->large_pages += (u64)change;
	atomic64_fetch_add(&total, (u64)change);
}

static bool put_table_aside(struct pagetable *pt)
{
	paddr_t pa = table_page_alloc(true);

	if (pa.v == 0)
		return false;
	*(u64 *)direct_map(pa) = pt->tables.v;
	pt->tables = pa;
	pt->table_pages++;
	return true;
}

static pte_t *take_table(struct pagetable *pt)
{
	u64 *table = direct_map(pt->tables);

	CHECK(pt->tables.v);
	pt->tables = PADDR(table[0]);
	return table;
}

static void free_table(struct pagetable *pt)
{
	paddr_t pa = direct_map_physical(take_table(pt));

	pt->table_pages--;
	upcall_table_free(pa);
}

/* The second level's slot, of tables that are there. */
static pte_t *find_large_slot(const struct pagetable *pt, u64 va)
{
	pte_t *table = direct_map(pt->root);

	for (u32 level = PTE_TOP; level > 2; level--) {
		pte_t e = pte_get(&table[pte_index(va, level)]);

		if (!(e & PTE_P))
			return NULL;
		table = pte_table(e);
	}
	return &table[pte_index(va, 2)];
}

pte_t *pte_find_large(const struct pagetable *pt, u64 va)
{
	pte_t *slot = find_large_slot(pt, va);

	return slot && (pte_get(slot) & PTE_LARGE) ? slot : NULL;
}

bool pagetable_large_fits(const struct pagetable *pt, uaddr_t va)
{
	const pte_t *slot = find_large_slot(pt, va);

	return !slot || pte_get(slot) == 0;
}

int pagetable_map_large(struct pagetable *pt, uaddr_t va, paddr_t pa, u32 prot)
{
	ASSERT(IS_ALIGNED(va | pa.v, LARGE_PAGE_SIZE) && (prot & (PT_READ | PT_WRITE | PT_EXEC)));
	pte_t *slot = pte_make_slot_at(pt, va, 2);

	if (!slot)
		return -ENOMEM;
	if (pte_get(slot))
		return -EEXIST;
	if (!put_table_aside(pt))
		return -ENOMEM;
	pte_set(slot, pte_program(pa, prot | PT_DIRTY) | PTE_LARGE);
	count(pt, 1);
	return 0;
}

bool pagetable_lookup_large(const struct pagetable *pt, uaddr_t va, paddr_t *pa, u32 *flags)
{
	const pte_t *slot = pte_find_large(pt, va);

	if (!slot)
		return false;
	pte_t e = pte_get(slot);
	*pa = pte_address(e);
	*flags = pte_flags(e);
	return true;
}

void pagetable_protect_large(struct pagetable *pt, uaddr_t va, u32 prot)
{
	pte_t *slot = pte_find_large(pt, va);

	CHECK(slot && (prot & (PT_READ | PT_WRITE | PT_EXEC)));
	pte_set(slot, pte_program(pte_address(pte_get(slot)), prot | PT_DIRTY) | PTE_LARGE);
}

pte_t *pte_split(struct pagetable *pt, u64 va)
{
	pte_t *slot = pte_find_large(pt, va), *table = take_table(pt);
	pte_t e = (pte_take_out(slot) & ~PTE_LARGE) | PTE_A | PTE_D;
	uaddr_t start = ALIGN_DOWN(va, LARGE_PAGE_SIZE);

	tlb_flush_range(pt->tlb, start, start + LARGE_PAGE_SIZE);
	for (u32 i = 0; i < PTE_COUNT; i++)
		pte_set(&table[i], e + i * PAGE_SIZE);
	/* x86 keeps stores in order: who sees the table sees its entries. */
	pte_set(slot, direct_map_physical(table).v | PTE_USER_TABLE);
	count(pt, -1);
	return table;
}

paddr_t pte_take_large(struct pagetable *pt, pte_t *slot)
{
	pte_t e = pte_take_out(slot);

	free_table(pt);
	count(pt, -1);
	return pte_address(e);
}

int pte_share_large(struct pagetable *to, u64 va, pte_t e)
{
	pte_t *slot = pte_make_slot_at(to, va, 2);

	if (!slot || !put_table_aside(to))
		return -ENOMEM;
	pte_set(slot, e);
	count(to, 1);
	return 0;
}

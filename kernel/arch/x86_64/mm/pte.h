/*
 * The format of page table entries, for mm/ of this architecture alone.
 *
 * An entry is one of
 *   0         nothing
 *   present   PTE_P set
 *   kept      PTE_KEPT set, PTE_P clear: a program's page that PROT_NONE hides. The frame
 *             number is inverted, so that the address which a CPU may speculate with (hazard
 *             T5) is none that RAM has.
 * Level 1 is the page table, 4 the top.
 */
#ifndef MM_PTE_H
#define MM_PTE_H

#include "arch/page.h"
#include "arch/pagetable.h"
#include "lib/compiler.h"
#include "lib/types.h"

typedef u64 pte_t;

#define PTE_P BIT(0)
#define PTE_W BIT(1)
#define PTE_U BIT(2)
#define PTE_PWT BIT(3)
#define PTE_PCD BIT(4)
#define PTE_A BIT(5)
#define PTE_D BIT(6)
#define PTE_LARGE BIT(7)
#define PTE_G BIT(8)
#define PTE_KEPT BIT(9)
#define PTE_NX BIT(63)
#define PTE_ADDRESS 0x000ffffffffff000UL

#define PTE_COUNT 512
#define PTE_TOP 4

/* Entries above the last level say no more than that there is a table; the last level has the
 * permissions. */
#define PTE_USER_TABLE (PTE_P | PTE_W | PTE_U | PTE_A)
#define PTE_KERNEL_TABLE (PTE_P | PTE_W | PTE_A)

static inline u64 pte_level_shift(u32 level)
{
	return PAGE_SHIFT + 9 * (level - 1);
}

static inline u64 pte_index(u64 va, u32 level)
{
	return va >> pte_level_shift(level) & (PTE_COUNT - 1);
}

static inline paddr_t pte_address(pte_t e)
{
	return PADDR((e & PTE_P ? e : ~e) & PTE_ADDRESS);
}

static inline pte_t *pte_table(pte_t e)
{
	return direct_map(PADDR(e & PTE_ADDRESS));
}

/* Lookups read entries that another CPU's walk may be setting A and D in, so each access is a
 * single one. */
static inline pte_t pte_get(const pte_t *slot)
{
	return READ_ONCE(*slot);
}

static inline void pte_set(pte_t *slot, pte_t e)
{
	WRITE_ONCE(*slot, e);
}

/* The first slot of [i, end) that is not empty; end if there is none. Tables are mostly empty, so
 * eight are looked at together. */
static inline u32 pte_next_used(const pte_t *table, u32 i, u32 end)
{
	for (; i < end; i++) {
		const pte_t *t = &table[i];

		/* Plain loads, which the compiler joins with the ORs: only whoever may change the table looks for what is used. */
		if (i % 8 == 0)
			for (; i + 8 <= end &&
				!(t[0] | t[1] | t[2] | t[3] | t[4] | t[5] | t[6] | t[7]);
				i += 8)
				t += 8;
		if (i < end && pte_get(t))
			break;
	}
	return MIN(i, end);
}

/* The PT_* flags that an entry gives. */
static inline u32 pte_flags(pte_t e)
{
	u32 flags = 0;

	if (!(e & PTE_P))
		return 0;
	flags |= PT_READ;
	flags |= e & PTE_W ? PT_WRITE : 0;
	flags |= e & PTE_NX ? 0 : PT_EXEC;
	flags |= e & PTE_U ? PT_USER : 0;
	flags |= e & PTE_PCD ? PT_NOCACHE : 0;
	flags |= e & PTE_D ? PT_DIRTY : 0;
	flags |= e & PTE_A ? PT_ACCESSED : 0;
	return flags;
}

/* An entry of the last level for a kernel page; the caller adds PTE_G or PTE_LARGE. */
static inline pte_t pte_kernel(paddr_t pa, u32 prot)
{
	pte_t e = pa.v | PTE_P | PTE_A;

	e |= prot & PT_WRITE ? PTE_W | PTE_D : 0;
	e |= prot & PT_EXEC ? 0 : PTE_NX;
	e |= prot & PT_NOCACHE ? PTE_PCD | PTE_PWT : 0;
	return e;
}

/* walk.c: down to the last level's slot for va, making tables (with table_bits) where create says
 * so. NULL: there is no table, and none was or could be made; or a large page is in the way. */
pte_t *pte_walk(pte_t *top, u64 va, pte_t table_bits, bool create);

/* pagetable.c: the table of the last level that serves va, of the program's half; or NULL, and how
 * many bits of va its place in the missing table has (0: a large page is there). */
pte_t *pte_find_table(const struct pagetable *pt, u64 va, u64 *missing_shift);
/* A level's slot for va, with tables made as needed; NULL if memory ran out. No large page is there. */
pte_t *pte_make_slot_at(struct pagetable *pt, u64 va, u32 last);
static inline pte_t *pte_make_slot(struct pagetable *pt, u64 va)
{
	return pte_make_slot_at(pt, va, 1);
}

/* An entry for a program's page. A and D (when wanted) are set in advance: the page is about to be
 * used, and the CPU would need a locked access each. */
static inline pte_t pte_program(paddr_t pa, u32 prot)
{
	pte_t e = PTE_A | (prot & PT_DIRTY ? PTE_D : 0);

	if (!(prot & (PT_READ | PT_WRITE | PT_EXEC)))
		return e | (~pa.v & PTE_ADDRESS) | PTE_KEPT;
	e |= pa.v | PTE_P | PTE_U;
	e |= prot & PT_WRITE ? PTE_W : 0;
	e |= prot & PT_EXEC ? 0 : PTE_NX;
	return e;
}

/* Exchanged, not stored: a CPU may set D between our read and our store. */
static inline pte_t pte_take_out(pte_t *slot)
{
	return __atomic_exchange_n(slot, 0, __ATOMIC_RELAXED);
}

static inline void pte_protect(pte_t *slot, u32 prot)
{
	/* Not present for a moment: what another CPU does meanwhile is a fault that finds the entry
	 * in place. */
	pte_t e = pte_take_out(slot);

	prot &= ~PT_DIRTY;
	pte_set(slot, pte_program(pte_address(e), prot | (e & PTE_D ? PT_DIRTY : 0)));
}

/* large.c. The slot of the large page around va; NULL if there is none. */
pte_t *pte_find_large(const struct pagetable *pt, u64 va);
/* Cuts it: the table with its 512 entries. */
pte_t *pte_split(struct pagetable *pt, u64 va);
/* Takes it out: its first frame. */
paddr_t pte_take_large(struct pagetable *pt, pte_t *slot);
/* Puts an entry for a large page where nothing is. 0 or -ENOMEM. */
int pte_share_large(struct pagetable *to, u64 va, pte_t e);

/* One entry of the last level, or a large page. */
struct pte_leaf {
	u64 va;
	pte_t entry;
	u32 level;		/* of the table that it stands in */
	bool write, exec, user; /* what all levels together allow */
};
typedef void (*pte_leaf_fn)(void *arg, const struct pte_leaf *leaf);
/* Calls fn for each leaf in the top level's slots [first, end), by rising address. Nothing may
 * change meanwhile. */
void pte_for_each(pte_t *top, u32 first, u32 end, pte_leaf_fn fn, void *arg);

/* kernel_map.c: the kernel's own table. */
pte_t *kernel_top(void);
/* PTE_G, or 0 under isolation (hazard T2). */
pte_t kernel_global(void);
/* End of the memory that the tables in use map: for boot_alloc(). */
u64 kernel_map_boot_limit(void);
/* table_page.c: a zeroed page for a table, boot memory until the frame allocator runs. v == 0:
 * none. program: leave the kernel its reserve. */
paddr_t table_page_alloc(bool program);

/* pti.c: slots 508 and 511 of a user-side root. */
void pti_fill_root(pte_t *user_top);
/* Makes those slots' tables, still empty. */
void pti_make_model(void);

#endif

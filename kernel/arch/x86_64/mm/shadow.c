/*
 * Mapping the address sanitizer's shadow: arch/shadow.h says what has one. Not instrumented, as its first function runs before
 * there is any.
 *
 * "Zero" tables lead everywhere to the one page of zeros. A part that gets shadow of its own gets tables of its own first,
 * copies of those. Start-up, one CPU, but for shadow_map_stack(), whose caller owns the stack's place: for the stacks' part
 * the zero tables are taken out, so that kernel_map_page() can make tables as for any kernel page.
 */
#define KASAN_RUNTIME
#include "arch/shadow.h"

#include "arch/boot_alloc.h"
#include "arch/boot_info.h"
#include "arch/image.h"
#include "arch/kernel_map.h"
#include "arch/upcalls.h"
#include "boot/loader.h"
#include "lib/assert.h"
#include "lib/errno.h"
#include "pte.h"

/* One entry of the second level has the shadow of this much. */
#define LARGE (2 * MIB)
#define COVERED (LARGE << KASAN_SHADOW_SHIFT)
#define STACKS_BASE (KERNEL_FIXED_BASE + KERNEL_FIXED_SIZE)
#define STACKS_SIZE (65536UL * 2 * KERNEL_STACK_SIZE)

extern pte_t boot_pml4[];
INIT_BSS ALIGNED(PAGE_SIZE) static pte_t early_tables[3][PTE_COUNT];
INIT_BSS ALIGNED(PAGE_SIZE) static u8 early_page[PAGE_SIZE];

/* By level, made by shadow_init(); [0] is the page of zeros. */
RO_AFTER_INIT static paddr_t zero[4];

static u64 shadow_of(u64 address)
{
	return (address >> KASAN_SHADOW_SHIFT) + KASAN_SHADOW_OFFSET;
}

static INIT_TEXT void fill(pte_t *table, pte_t e, u32 n)
{
	for (u32 i = 0; i < n; i++)
		table[i] = e;
}

static INIT_TEXT u64 early_physical(const void *image)
{
	return (u64)image - KERNEL_BASE;
}

INIT_TEXT void shadow_early(void)
{
	u64 below = early_physical(early_page);

	for (u32 i = 0; i < 3; i++) {
		fill(early_tables[i], below | PTE_KERNEL_TABLE | (i ? 0 : PTE_D), PTE_COUNT);
		below = early_physical(early_tables[i]);
	}
	fill(&boot_pml4[pte_index(KASAN_SHADOW_BASE, PTE_TOP)], below | PTE_KERNEL_TABLE,
		KASAN_SHADOW_SLOTS);
}

static INIT_TEXT void make_zero_tables(pte_t *top)
{
	pte_t bits = PTE_P | PTE_A | PTE_NX;

	zero[0] = boot_physical(boot_alloc(PAGE_SIZE, PAGE_SIZE));
	for (u32 level = 1; level < PTE_TOP; level++) {
		pte_t *table = boot_alloc(PAGE_SIZE, PAGE_SIZE);

		fill(table, zero[level - 1].v | bits, PTE_COUNT);
		zero[level] = boot_physical(table);
		bits = PTE_KERNEL_TABLE;
	}
	fill(&top[pte_index(KASAN_SHADOW_BASE, PTE_TOP)], zero[PTE_TOP - 1].v | bits,
		KASAN_SHADOW_SLOTS);
}

/* The table below the slot, which is in a table of that level; a copy if it was the zero table. */
static INIT_TEXT pte_t *own_table(pte_t *slot, u32 level)
{
	const pte_t *old = pte_table(*slot);

	if (pte_address(*slot).v != zero[level - 1].v)
		return pte_table(*slot);
	pte_t *copy = boot_alloc(PAGE_SIZE, PAGE_SIZE);
	for (u32 i = 0; i < PTE_COUNT; i++)
		copy[i] = old[i];
	*slot = boot_physical(copy).v | PTE_KERNEL_TABLE;
	return copy;
}

/* The second level's entry for a shadow address. */
static INIT_TEXT pte_t *own_entry(pte_t *top, u64 shadow)
{
	pte_t *third = own_table(&top[pte_index(shadow, 4)], 4);
	pte_t *second = own_table(&third[pte_index(shadow, 3)], 3);

	return &second[pte_index(shadow, 2)];
}

/* Shadow of its own for everything that [start, end) touches. */
static INIT_TEXT void own_shadow(pte_t *top, u64 start, u64 end)
{
	for (u64 at = ALIGN_DOWN(start, COVERED); at < end; at += COVERED) {
		pte_t *entry = own_entry(top, shadow_of(at));

		if (*entry & PTE_LARGE)
			continue;
		*entry = boot_physical(boot_alloc(LARGE, LARGE)).v | PTE_LARGE |
			 pte_kernel(PADDR(0), PT_READ | PT_WRITE) | kernel_global();
	}
}

INIT_TEXT void shadow_init(pte_t *top)
{
	make_zero_tables(top);
	for (u32 i = 0; i < boot_info.range_count; i++) {
		const struct boot_range *r = &boot_info.range[i];

		if (r->type == BOOT_RAM)
			own_shadow(top, DIRECT_MAP_BASE + r->start.v,
				DIRECT_MAP_BASE + r->start.v + r->size);
	}
	own_shadow(top, (u64)__image_start, (u64)__image_end);
	own_shadow(top, CPU_AREA_BASE, CPU_AREA_BASE + MAX_CPUS * CPU_AREA_SIZE);
	for (u64 at = STACKS_BASE; at < STACKS_BASE + STACKS_SIZE; at += COVERED)
		*own_entry(top, shadow_of(at)) = 0;
}

int shadow_map_stack(const void *stack)
{
	u64 size = KERNEL_STACK_SIZE >> KASAN_SHADOW_SHIFT;
	u64 start = ALIGN_DOWN(shadow_of((u64)stack), PAGE_SIZE);
	u32 flags;

	for (u64 at = start; at < shadow_of((u64)stack) + size; at += PAGE_SIZE) {
		paddr_t pa;

		if (kernel_lookup((void *)at, &pa, &flags))
			continue;
		pa = table_page_alloc(false);
		if (pa.v == 0)
			return -ENOMEM;
		if (kernel_map_page((void *)at, pa, PT_READ | PT_WRITE)) {
			upcall_table_free(pa);
			return -ENOMEM;
		}
	}
	return 0;
}

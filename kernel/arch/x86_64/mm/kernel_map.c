/*
 * The kernel's own table.
 *
 * Every slot of the top level that the kernel will ever use gets its next level here, and tables of
 * programs copy these slots when they are made. So a mapping that is added later, below one of
 * them, is at once in every table, and no table can lack a slot (hazard C10; it is one of the two
 * explanations of the report that this project began with).
 *
 * This file is start-up, on one CPU; kernel_page.c has what changes later.
 */
#define LOG_SUBSYSTEM "mm"
#include "arch/kernel_map.h"

#include "arch/boot_alloc.h"
#include "arch/boot_info.h"
#include "arch/control.h"
#include "arch/features.h"
#include "arch/image.h"
#include "arch/msr.h"
#include "arch/pti.h"
#include "arch/shadow.h"
#include "arch/tlb.h"
#include "lib/assert.h"
#include "lib/string.h"
#include "pte.h"
#include "sanitize/kasan.h"
#include "trace/log.h"

/* What the provisional tables map of RAM. */
#define PROVISIONAL_END GIB
#define LARGE_2M 2
#define LARGE_1G 3

RO_AFTER_INIT static pte_t *top;
RO_AFTER_INIT static paddr_t ap_root;
RO_AFTER_INIT static bool loaded;

pte_t *kernel_top(void)
{
	return top;
}

paddr_t kernel_root(void)
{
	return direct_map_physical(top);
}

paddr_t kernel_map_ap_root(void)
{
	return ap_root;
}

pte_t kernel_global(void)
{
	return pti_enabled() ? 0 : PTE_G;
}

u64 kernel_map_boot_limit(void)
{
	return loaded ? DIRECT_MAP_SLOTS * 512 * GIB : PROVISIONAL_END;
}

static INIT_TEXT pte_t *early_table(pte_t *slot)
{
	if (!(*slot & PTE_P))
		*slot = table_page_alloc(false).v | PTE_KERNEL_TABLE;
	CHECK(!(*slot & PTE_LARGE));
	return pte_table(*slot);
}

/* The largest page that fits at the start of the stretch; max bounds it. */
static INIT_TEXT u32 page_level(u64 va, u64 pa, u64 size, u32 max)
{
	for (u32 level = max; level > 1; level--) {
		u64 bytes = 1UL << pte_level_shift(level);

		if (IS_ALIGNED(va | pa, bytes) && size >= bytes)
			return level;
	}
	return 1;
}

/* Fills one table's slots of the given level as far as the stretch goes; returns the bytes done. */
static INIT_TEXT u64 fill_table(u64 va, u64 pa, u64 size, pte_t bits, u32 level)
{
	u64 bytes = 1UL << pte_level_shift(level);
	pte_t *table = top;

	for (u32 above = PTE_TOP; above > level; above--)
		table = early_table(&table[pte_index(va, above)]);

	u64 first = pte_index(va, level);
	u64 count = MIN(PTE_COUNT - first, size / bytes);
	for (u64 i = 0; i < count; i++)
		table[first + i] = (pa + i * bytes) | bits;
	return count * bytes;
}

static INIT_TEXT void map_stretch(u64 va, u64 pa, u64 size, u32 prot, u32 max_level)
{
	while (size > 0) {
		u32 level = page_level(va, pa, size, max_level);
		pte_t bits =
			pte_kernel(PADDR(0), prot) | kernel_global() | (level > 1 ? PTE_LARGE : 0);
		/* A small page stops where a large one may begin. */
		u64 limit =
			level == max_level
				? size
				: MIN(size,
					  ALIGN_UP(va + 1, 1UL << pte_level_shift(level + 1)) - va);
		u64 done = fill_table(va, pa, limit, bits, level);

		va += done;
		pa += done;
		size -= done;
	}
}

static INIT_TEXT u32 largest_level(void)
{
	return cpu_features.pages_1g ? LARGE_1G : LARGE_2M;
}

INIT_TEXT void kernel_map_early(void *va, paddr_t pa, size_t size, u32 prot)
{
	CHECK(!boot_alloc_finished());
	map_stretch((u64)va, pa.v, ALIGN_UP(size, PAGE_SIZE), prot, largest_level());
}

static INIT_TEXT void map_direct(u64 start, u64 end, u32 prot, u32 max_level)
{
	if (start < end)
		map_stretch(DIRECT_MAP_BASE + start, start, end - start, prot, max_level);
}

/* RAM that the image lies in is mapped in small pages, so that kernel_map_seal() can make parts of
 * it read-only. */
static INIT_TEXT void map_ram(u64 start, u64 end, u32 prot)
{
	u64 from = image_physical(__image_start).v, to = image_physical(__image_end).v;

	map_direct(start, MIN(end, from), prot, largest_level());
	map_direct(MAX(start, from), MIN(end, to), prot, 1);
	map_direct(MAX(start, to), end, prot, largest_level());
}

static INIT_TEXT void map_direct_all(void)
{
	for (u32 i = 0; i < boot_info.range_count; i++) {
		const struct boot_range *r = &boot_info.range[i];
		u64 start = r->start.v,
		    end = MIN(r->start.v + r->size, DIRECT_MAP_SLOTS * 512 * GIB);

		if (r->type == BOOT_RAM)
			map_ram(ALIGN_UP(start, PAGE_SIZE), end & PAGE_MASK, PT_READ | PT_WRITE);
		else if (r->type == BOOT_ACPI || r->type == BOOT_NVS)
			map_direct(ALIGN_UP(start, PAGE_SIZE), end & PAGE_MASK, PT_READ,
				largest_level());
	}
}

static INIT_TEXT void map_image_part(const char *start, const char *end, u32 prot)
{
	map_stretch((u64)start, image_physical(start).v, (u64)(end - start), prot, 1);
}

static INIT_TEXT void map_image(void)
{
	map_image_part(__text_start, __text_end, PT_READ | PT_EXEC);
	map_image_part(__rodata_start, __rodata_end, PT_READ);
	map_image_part(__ro_after_init_start, __init_start, PT_READ | PT_WRITE);
	map_image_part(__init_start, __init_text_end, PT_READ | PT_EXEC);
	map_image_part(__init_text_end, __image_end, PT_READ | PT_WRITE);
}

static INIT_TEXT void make_ap_root(void)
{
	pte_t *ap_top = boot_alloc(PAGE_SIZE, PAGE_SIZE);
	pte_t *level3 = boot_alloc(PAGE_SIZE, PAGE_SIZE);
	pte_t *level2 = boot_alloc(PAGE_SIZE, PAGE_SIZE);

	memcpy(ap_top, top, PAGE_SIZE);
	ap_top[0] = boot_physical(level3).v | PTE_KERNEL_TABLE;
	level3[0] = boot_physical(level2).v | PTE_KERNEL_TABLE;
	/* Start-up code for other CPUs is read, written and run here; the table is used for nothing
	 * else. */
	level2[0] = PTE_P | PTE_W | PTE_A | PTE_D | PTE_LARGE;
	ap_root = boot_physical(ap_top);
	CHECK(ap_root.v < 4 * GIB);
}

INIT_TEXT void kernel_map_init(void)
{
	static const u64 slots[] = {VMALLOC_BASE, PAGE_ARRAY_BASE, CPU_AREA_BASE};

	/* The tables below use NX. */
	msr_write(MSR_EFER, msr_read(MSR_EFER) | EFER_NXE);
	top = boot_alloc(PAGE_SIZE, PAGE_SIZE);
	for (u32 i = 0; i < ARRAY_SIZE(slots); i++)
		early_table(&top[pte_index(slots[i], PTE_TOP)]);
	map_image();
	map_direct_all();
	shadow_init(top);
	make_ap_root();
	pti_make_model();
	kernel_map_load();
	loaded = true;
	kasan_start();
}

void kernel_map_load(void)
{
	u64 cr4 = cr4_read() & ~(CR4_PGE | CR4_PCIDE);

	/* PCIDE can only be set while CR3's low bits are 0, as they are in the kernel's root
	 * (hazard C12). */
	cr4_write(cr4);
	tlb_load_kernel_root();
	if (!pti_enabled())
		cr4 |= CR4_PGE;
	if (tlb_uses_pcid())
		cr4 |= CR4_PCIDE;
	cr4_write(cr4);
}

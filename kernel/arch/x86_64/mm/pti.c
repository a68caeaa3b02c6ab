/*
 * Page-table isolation.
 *
 * A program could read, through the CPU's speculation, whatever its own table maps (CVE-2017-5754),
 * so under isolation it runs on a root that maps of the kernel only what the crossing itself
 * touches: .entry.text and the IDT (init/main.c asks for them), and from each CPU's area the pages
 * marked [U] in arch/layout.h (cpu/cpu.c). Those live in slots 508 and 511 of the top level, whose
 * tables are made here, once, and shared by all user-side roots. None of these pages is marked
 * global, nor is any other kernel page (hazard T2): a translation would outlive the switch of
 * roots.
 */
#include "arch/pti.h"

#include "arch/boot_alloc.h"
#include "arch/features.h"
#include "lib/assert.h"
#include "lib/errno.h"
#include "pte.h"

RO_AFTER_INIT static bool enabled;
RO_AFTER_INIT static bool decided;
/* A top level that is never loaded: only its slots 508 and 511 are in use, and copied to every
 * user-side root. */
RO_AFTER_INIT static pte_t *model;

INIT_TEXT void pti_init(enum pti_mode mode)
{
	enabled = mode == PTI_ON || (mode == PTI_AUTO && cpu_features.needs_pti);
	decided = true;
}

bool pti_enabled(void)
{
	ASSERT(decided);
	return enabled;
}

static u32 area_slot(void)
{
	return pte_index(CPU_AREA_BASE, PTE_TOP);
}

static u32 image_slot(void)
{
	return pte_index(KERNEL_BASE, PTE_TOP);
}

void pti_fill_root(pte_t *user_top)
{
	user_top[area_slot()] = model[area_slot()];
	user_top[image_slot()] = model[image_slot()];
}

static int map_one(const char *va, u32 prot)
{
	paddr_t pa;
	u32 flags;

	CHECK(kernel_lookup(va, &pa, &flags));
	pte_t *slot = pte_walk(model, (u64)va, PTE_KERNEL_TABLE, true);
	if (!slot)
		return -ENOMEM;
	pte_set(slot, pte_kernel(pa, prot));
	return 0;
}

int pti_map(const void *va, size_t size, u32 prot)
{
	const char *page = (const char *)((u64)va & PAGE_MASK);
	const char *end = (const char *)va + size;
	u32 slot = pte_index((u64)va, PTE_TOP);

	if (!enabled)
		return 0;
	CHECK(slot == area_slot() || slot == image_slot());
	for (; page < end; page += PAGE_SIZE)
		if (map_one(page, prot))
			return -ENOMEM;
	return 0;
}

/* The level below the top is made here, so that the two slots can be copied from now on. */
INIT_TEXT void pti_make_model(void)
{
	CHECK(decided);
	if (!enabled)
		return;
	model = boot_alloc(PAGE_SIZE, PAGE_SIZE);
	model[area_slot()] = table_page_alloc(false).v | PTE_KERNEL_TABLE;
	model[image_slot()] = table_page_alloc(false).v | PTE_KERNEL_TABLE;
}

struct visit {
	void (*fn)(void *arg, const void *va, paddr_t pa, u32 prot);
	void *arg;
};

static void visit_leaf(void *arg, const struct pte_leaf *leaf)
{
	struct visit *v = arg;
	u32 prot = PT_READ | (leaf->write ? PT_WRITE : 0) | (leaf->exec ? PT_EXEC : 0);

	v->fn(v->arg, (const void *)leaf->va, pte_address(leaf->entry),
		prot | (leaf->user ? PT_USER : 0));
}

void pti_for_each(const struct pagetable *pt,
	void (*fn)(void *arg, const void *va, paddr_t pa, u32 prot), void *arg)
{
	struct visit v = {fn, arg};

	pte_for_each(direct_map(pt->user_root), PTE_COUNT / 2, PTE_COUNT, visit_leaf, &v);
}

/*
 * What the kernel's tables map, by walking them.
 *
 * Seen to fail: with .rodata mapped executable (rodata_and_data_are_never_executable), with one
 * more page given to pti_map() (a page that is not allowed), with PTE_G set under isolation, with
 * the direct map's alias of the text left writable.
 */
#include "arch/cpu.h"
#include "arch/image.h"
#include "arch/kernel_map.h"
#include "arch/pagetable.h"
#include "arch/pti.h"
#include "arch/tlb.h"
#include "arch/x86_64/cpu/tables.h"
#include "arch/x86_64/mm/pte.h"
#include "init/guest_test.h"

#define PROGRAM_SLOTS (PTE_COUNT / 2)

static bool within(u64 va, const char *start, const char *end)
{
	return va >= (u64)start && va < (u64)end;
}

struct survey {
	u32 leaves, writable_and_executable, for_programs, global, executable_elsewhere,
		text_writable;
};

/* The text under its other name in the direct map. */
static bool is_text_alias(const struct pte_leaf *leaf)
{
	u64 pa = pte_address(leaf->entry).v;

	return leaf->va < VMALLOC_BASE && leaf->level == 1 &&
	       pa >= image_physical(__text_start).v && pa < image_physical(__rodata_end).v;
}

static void survey_leaf(void *arg, const struct pte_leaf *leaf)
{
	struct survey *s = arg;

	s->leaves++;
	s->writable_and_executable += leaf->write && leaf->exec;
	s->for_programs += leaf->user;
	s->global += (leaf->entry & PTE_G) != 0;
	s->executable_elsewhere += leaf->exec && !within(leaf->va, __text_start, __text_end) &&
				   !within(leaf->va, __init_text_start, __init_text_end);
	s->text_writable += leaf->write &&
			    (is_text_alias(leaf) || within(leaf->va, __text_start, __rodata_end));
}

GUEST_TEST(kernel_memory_is_never_writable_and_executable)
{
	struct survey s = {0};

	u32 shadow = pte_index(KASAN_SHADOW_BASE, PTE_TOP);

	/* The address sanitizer's shadow has the same few tables in every slot: too many leaves. */
	pte_for_each(kernel_top(), PROGRAM_SLOTS, shadow, survey_leaf, &s);
	pte_for_each(kernel_top(), shadow + KASAN_SHADOW_SLOTS, PTE_COUNT, survey_leaf, &s);
	EXPECT(s.leaves > 0);
	EXPECT(s.writable_and_executable == 0);
	EXPECT(s.for_programs == 0);
	EXPECT(s.executable_elsewhere == 0);
	EXPECT(s.text_writable == 0);
	EXPECT(pti_enabled() ? s.global == 0 : s.global == s.leaves);
}

GUEST_TEST(kernel_root_has_no_program)
{
	for (u32 i = 0; i < PROGRAM_SLOTS; i++)
		EXPECT(pte_get(&kernel_top()[i]) == 0);
	EXPECT((kernel_map_ap_root().v & ~PTE_ADDRESS) == 0 && kernel_map_ap_root().v < 4 * GIB);
}

/* After start-up: .ro_after_init can't be written, and start-up's own code and data are gone. */
GUEST_TEST(kernel_image_is_sealed)
{
	paddr_t pa;
	u32 flags;

	for (const char *p = __ro_after_init_start; p < __ro_after_init_end; p += PAGE_SIZE) {
		EXPECT(kernel_lookup(p, &pa, &flags) && !(flags & (PT_WRITE | PT_EXEC)));
		EXPECT(kernel_lookup(direct_map(pa), &pa, &flags) &&
			!(flags & (PT_WRITE | PT_EXEC)));
	}
	for (const char *p = __init_start; p < __init_end; p += PAGE_SIZE)
		EXPECT(!kernel_lookup(p, &pa, &flags));
}

/* -- the user side -- */

static bool is_area_page(u64 va, u32 *cpu)
{
	u64 page = (va - CPU_AREA_BASE) % CPU_AREA_SIZE / PAGE_SIZE;

	*cpu = (u32)((va - CPU_AREA_BASE) / CPU_AREA_SIZE);
	if (page == 0 || page == CPU_TABLES_PAGE || page == CPU_ENTRY_STACK_PAGE)
		return true;
	for (u32 i = 0; i < IST_COUNT; i++)
		if (page >= CPU_IST_STACK_PAGE(i) &&
			page < CPU_IST_STACK_PAGE(i) + IST_STACK_SIZE / PAGE_SIZE)
			return true;
	return false;
}

/* What a user-side table may map, and with which permissions; 0: nothing. */
static u32 allowed(u64 va)
{
	u32 cpu;

	if (within(va, __entry_text_start, __entry_text_end))
		return PT_READ | PT_EXEC;
	if (va == (u64)cpu_idt)
		return PT_READ;
	if (va >= CPU_AREA_BASE && va < KERNEL_BASE && is_area_page(va, &cpu) && cpu < cpu_count())
		return PT_READ | PT_WRITE;
	return 0;
}

struct user_side {
	u32 pages, forbidden, elsewhere;
};

static void check_user_side(void *arg, const void *va, paddr_t pa, u32 prot)
{
	struct user_side *u = arg;
	paddr_t kernel_pa;
	u32 flags;

	u->pages++;
	u->forbidden += prot != allowed((u64)va);
	u->elsewhere += !kernel_lookup(va, &kernel_pa, &flags) || kernel_pa.v != pa.v;
}

static u32 expected_pages(void)
{
	u32 text = (u32)((__entry_text_end - __entry_text_start) / (s64)PAGE_SIZE);

	return text + 1 + cpu_count() * (3 + IST_COUNT * IST_STACK_SIZE / PAGE_SIZE);
}

GUEST_TEST(user_side_maps_only_the_crossing)
{
	struct tlb_state tlb;
	struct pagetable pt;
	struct user_side u = {0};

	if (!pti_enabled())
		return;
	tlb_state_init(&tlb);
	EXPECT(pagetable_create(&pt, &tlb) == 0);
	EXPECT(pt.user_root.v == pt.root.v + PAGE_SIZE);
	pti_for_each(&pt, check_user_side, &u);
	EXPECT(u.forbidden == 0);
	EXPECT(u.elsewhere == 0);
	EXPECT(u.pages == expected_pages());
	pagetable_destroy(&pt);
}

GUEST_TEST(kernel_side_cannot_run_programs)
{
	struct tlb_state tlb;
	struct pagetable pt;
	paddr_t old;
	uaddr_t va = 0x7f0000000000;

	tlb_state_init(&tlb);
	EXPECT(pagetable_create(&pt, &tlb) == 0);
	EXPECT(pagetable_map(&pt, va, kernel_root(), PT_READ | PT_EXEC, &old) == 0);
	pte_t *kernel_side = direct_map(pt.root), *user_side = direct_map(pt.user_root);
	u64 slot = pte_index(va, PTE_TOP);
	EXPECT(user_side[slot] & PTE_P);
	EXPECT(!(user_side[slot] & PTE_NX));
	EXPECT(!pti_enabled() || kernel_side[slot] == (user_side[slot] | PTE_NX));
	for (u32 i = PROGRAM_SLOTS; i < PTE_COUNT; i++)
		EXPECT(kernel_side[i] == kernel_top()[i]);
	pagetable_destroy(&pt);
}

/* A page that PROT_NONE hides is not present, and its entry holds no address of RAM (hazard T5). */
GUEST_TEST(hidden_pages_hold_no_address)
{
	struct tlb_state tlb;
	struct pagetable pt;
	paddr_t old, pa, frame = kernel_root();
	u32 flags;
	uaddr_t va = 0x400000;

	tlb_state_init(&tlb);
	EXPECT(pagetable_create(&pt, &tlb) == 0);
	EXPECT(pagetable_map(&pt, va, frame, PT_READ | PT_WRITE | PT_DIRTY, &old) == 0);
	EXPECT(pagetable_protect(&pt, va, 0));
	pte_t e = *pte_walk(direct_map(pt.root), va, 0, false);
	EXPECT(!(e & PTE_P));
	EXPECT((e & PTE_ADDRESS) > DIRECT_MAP_SLOTS * 512 * GIB);
	EXPECT(pagetable_lookup(&pt, va, &pa, &flags) && pa.v == frame.v && flags == 0);
	EXPECT(pagetable_protect(&pt, va, PT_READ));
	EXPECT(pagetable_lookup(&pt, va, &pa, &flags) && pa.v == frame.v && (flags & PT_DIRTY));
	EXPECT(pagetable_unmap(&pt, va, &pa, &flags) && pa.v == frame.v);
	EXPECT(pagetable_next(&pt, 0, USER_END) == USER_END);
	pagetable_destroy(&pt);
}

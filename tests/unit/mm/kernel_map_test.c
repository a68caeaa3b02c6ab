/*
 * The kernel's own table, and the memory that it is made of, on fake RAM: the machine has 64 MiB, an image at 1 MiB, and an archive.
 * Privileged instructions are done by a model (ring0.h), so that what no emulator at hand has (PCIDs, INVPCID) runs as well.
 *
 * Seen to fail: with CR4.PCIDE set before CR3 is the kernel's root, or while CR3 has a PCID; with EFER.NXE set after the load; with an
 * archive that is not taken; with map_fixed() that goes on after a page could not be mapped; with INVPCID's operands swapped; with
 * a pti_map() that says yes to what it could not map, or maps one page too few.
 */
// sources: kernel/arch/x86_64/mm/walk.c kernel/arch/x86_64/mm/table_page.c
/* For the registers of a signal's context. */
#define _GNU_SOURCE
#include "unit.h"

#include <sanitizer/asan_interface.h>

#include "arch/cpu.h"
#include "arch/features.h"
#include "arch/page.h"
#include "arch/smp.h"
#include "fake_ram.h"
#include "lib/types.h"
#include "mm/frame.h"
#include "ring0.h"

/* Constants in the tested files' tables; nothing there goes through the host's array. */
#undef PAGE_ARRAY_BASE
#define PAGE_ARRAY_BASE 0xffffe00000000000

/* The linker script's, where a kernel has them. */
#define ARCH_IMAGE_H
#define IMAGE(offset) ((const char *)(KERNEL_BASE + KERNEL_PHYS + (offset)))
#define __image_start IMAGE(0)
#define __text_start IMAGE(0)
#define __text_end IMAGE(0x8000)
#define __rodata_start IMAGE(0x8000)
#define __rodata_end IMAGE(0xa000)
#define __ro_after_init_start IMAGE(0xa000)
#define __ro_after_init_end IMAGE(0xb000)
#define __init_start IMAGE(0x10000)
#define __init_text_start IMAGE(0x10000)
#define __init_text_end IMAGE(0x12000)
#define __init_end IMAGE(0x14000)
#define __image_end IMAGE(0x20000)

#include "arch/x86_64/mm/boot_alloc.c"
#undef LOG_SUBSYSTEM
#include "arch/x86_64/mm/kernel_map.c"
#include "arch/x86_64/mm/kernel_page.c"
#include "arch/x86_64/mm/pti.c"
#include "arch/x86_64/mm/tlb_switch.c"

#define RAM_END (64 * MIB)
#define ARCHIVE 0x300800UL
#define ARCHIVE_SIZE 0x2900UL

struct boot_info boot_info;
struct cpu_features cpu_features;

/* -- what stands above -- */

/* Tables that the frame allocator still gives. */
static u32 tables_left;

paddr_t upcall_table_alloc(u32 order, bool program)
{
	struct page *page = tables_left ? frame_alloc(order, FRAME_ZERO) : NULL;

	tables_left -= tables_left != 0;
	return page ? page_address_physical(page) : PADDR(0);
}

static paddr_t added_from, added_to;

void upcall_memory_add(paddr_t start, paddr_t end)
{
	added_from = start;
	added_to = end;
}

static u32 kernel_flushes;

void tlb_flush_kernel(void *start, size_t size)
{
	kernel_flushes++;
}

/* Hazard C12, and what a load needs to be there. */
static void check_control(u32 number, u64 value)
{
	if (number == 4 && (value & ~ring0.cr4 & CR4_PCIDE)) {
		assert_int_equal(ring0.cr3 & 0xfff, 0);
		assert_int_equal(ring0.cr3, kernel_root().v);
	}
	if (number == 3)
		assert_true(ring0.efer & EFER_NXE);
}

static void machine(bool pcid, u64 ram_end)
{
	__asan_unpoison_memory_region(direct_map(PADDR(0)), FAKE_RAM_SIZE);
	memset(direct_map(PADDR(0)), 0xa5, RAM_END);
	ring0_begin();
	ring0.cr4 = CR4_PGE | CR4_PAE;
	ring0.cr3 = 0x5000;
	ring0.cr_written = check_control;
	cpu_features = (struct cpu_features){.pcid = pcid, .invpcid = pcid};
	boot_info = (struct boot_info){.range_count = 2,
		.range = {{PADDR(0), 640 * KIB, BOOT_RAM}, {PADDR(MIB), ram_end - MIB, BOOT_RAM}},
		.archive = PADDR(ARCHIVE),
		.archive_size = ARCHIVE_SIZE};
	taken_count = 0;
	finished = loaded = false;
	fixed_next = KERNEL_FIXED_BASE;
	tables_left = 1000;
	kernel_flushes = 0;
	memset(cpus, 0, sizeof(cpus));
}

static void machine_with_map(enum pti_mode pti, bool pcid)
{
	machine(pcid, RAM_END);
	pti_init(pti);
	kernel_map_init();
}

/* What the table says of an address; 0: nothing. */
static u32 flags_of(const void *va, paddr_t *pa)
{
	u32 flags = 0;

	return kernel_lookup(va, pa, &flags) ? flags & (PT_READ | PT_WRITE | PT_EXEC | PT_NOCACHE)
					     : 0;
}

static void check_image(const char *start, const char *end, u32 prot)
{
	paddr_t pa;

	for (const char *va = start; va < end; va += PAGE_SIZE) {
		assert_int_equal(flags_of(va, &pa), prot);
		assert_int_equal(pa.v, image_physical(va).v);
	}
}

/* -- boot memory -- */

static bool overlaps(u64 start, u64 size, u64 from, u64 to)
{
	return start < to && from < start + size;
}

static void test_boot_memory_is_nobodys(void **state)
{
	machine(false, RAM_END);
	for (u32 i = 0; i < TAKEN_MAX / 2; i++) {
		u64 size = 8 * (1 + unit_random_below(100000)),
		    at = boot_alloc_physical(size, 64, 8).v;

		assert_int_equal(at % 64, 8);
		assert_true(at >= LOW_MEMORY && at + size <= RAM_END);
		assert_false(overlaps(
			at, size, image_physical(__image_start).v, image_physical(__image_end).v));
		assert_false(overlaps(at, size, ARCHIVE & PAGE_MASK,
			ALIGN_UP(ARCHIVE + ARCHIVE_SIZE, PAGE_SIZE)));
		memset(direct_map(PADDR(at)), (int)i, size);
	}
}

static void test_boot_memory_ends(void **state)
{
	machine(false, 2 * MIB);
	expect_panic(boot_alloc(4 * MIB, PAGE_SIZE));
	assert_non_null(strstr(panic_text(), "too little memory: 4097 KiB"));
	/* What is there can still be had, zeroed, and after the end of start-up nothing. */
	const u8 *memory = boot_alloc(PAGE_SIZE, PAGE_SIZE);
	for (u32 i = 0; i < PAGE_SIZE; i++)
		assert_int_equal(memory[i], 0);
	boot_alloc_finish();
	expect_panic(boot_alloc(8, 8));
}

static void test_what_is_left(void **state)
{
	paddr_t cursor = PADDR(0), start, end;
	u64 bytes = 0;

	machine(false, RAM_END);
	(void)boot_alloc(100, 8);
	while (boot_next_free(&cursor, &start, &end)) {
		assert_true(start.v >= LOW_MEMORY && start.v < end.v && end.v <= RAM_END);
		assert_true(((start.v | end.v) & ~PAGE_MASK) == 0);
		bytes += end.v - start.v;
	}
	/* Low memory, the image, the archive's four pages, and one with the 100 bytes. */
	assert_int_equal(bytes, RAM_END - MIB - 0x20000 - 4 * PAGE_SIZE - PAGE_SIZE);
}

/* -- the table -- */

static void check_map(void)
{
	paddr_t pa;

	check_image(__text_start, __text_end, PT_READ | PT_EXEC);
	check_image(__rodata_start, __rodata_end, PT_READ);
	check_image(__ro_after_init_start, __init_start, PT_READ | PT_WRITE);
	check_image(__init_text_start, __init_text_end, PT_READ | PT_EXEC);
	check_image(__init_text_end, __image_end, PT_READ | PT_WRITE);
	for (u64 at = 2 * MIB; at < RAM_END; at += 61 * PAGE_SIZE) {
		assert_int_equal(flags_of(direct_map(PADDR(at + 5)), &pa), PT_READ | PT_WRITE);
		assert_int_equal(pa.v, at + 5);
	}
	assert_false(flags_of(direct_map(PADDR(RAM_END)), &pa));
	assert_int_equal(ring0.cr3, kernel_root().v);
	assert_true(ring0.efer & EFER_NXE);
	assert_true(kernel_map_ap_root().v < 4 * GIB);
}

static void test_map(void **state)
{
	machine_with_map(PTI_OFF, false);
	check_map();
	assert_int_equal(ring0.cr4, CR4_PAE | CR4_PGE);
	assert_int_equal(kernel_map_boot_limit(), DIRECT_MAP_SLOTS * 512 * GIB);
}

static void test_map_with_isolation_and_pcid(void **state)
{
	machine_with_map(PTI_ON, true);
	check_map();
	/* Nothing is global then. */
	assert_int_equal(ring0.cr4, CR4_PAE | CR4_PCIDE);
	assert_false(kernel_top()[pte_index(KERNEL_BASE, PTE_TOP)] & PTE_G);
}

static void test_seal(void **state)
{
	paddr_t pa;

	machine_with_map(PTI_OFF, false);
	boot_alloc_finish();
	kernel_map_seal();
	assert_int_equal(flags_of(__ro_after_init_start, &pa), PT_READ);
	assert_int_equal(flags_of(direct_map(image_physical(__text_start)), &pa), PT_READ);
	assert_false(flags_of(__init_start, &pa));
	assert_int_equal(added_from.v, image_physical(__init_start).v);
	assert_int_equal(added_to.v, image_physical(__init_end).v);
	assert_int_equal(kernel_flushes, 2);
	for (const char *p = direct_map(image_physical(__init_text_start));
		p < (const char *)direct_map(image_physical(__init_text_end)); p++)
		assert_int_equal(*p, 0);
}

/* -- single pages -- */

static void test_devices(void **state)
{
	paddr_t pa;

	machine_with_map(PTI_OFF, false);
	boot_alloc_finish();
	char *registers = kernel_map_device(PADDR(0xfee00010), 0x1000);
	assert_int_equal(flags_of(registers, &pa), PT_READ | PT_WRITE | PT_NOCACHE);
	assert_int_equal(pa.v, 0xfee00010);
	assert_int_equal(flags_of(registers + 0xfff, &pa), PT_READ | PT_WRITE | PT_NOCACHE);
	assert_int_equal(pa.v, 0xfee0100f);
	/* A page is free behind it. */
	const char *firmware = kernel_map_firmware(PADDR(4 * GIB - 16), 16);
	assert_true(firmware >= registers + 3 * PAGE_SIZE - 16);
	assert_int_equal(flags_of(firmware, &pa), PT_READ);
	assert_ptr_equal(kernel_map_firmware(PADDR(8 * MIB), 100), direct_map(PADDR(8 * MIB)));
	/* No address is left, and the next that fits is there. */
	assert_null(kernel_map_device(PADDR(0xfee00000), KERNEL_FIXED_SIZE));
	assert_non_null(kernel_map_device(PADDR(0xfee00000), 1));
}

static void test_devices_without_memory(void **state)
{
	paddr_t pa;

	machine_with_map(PTI_OFF, false);
	boot_alloc_finish();
	/* Two pages on both sides of a table's end: the second needs a table that can't be had. */
	fixed_next = KERNEL_FIXED_BASE + 2 * MIB - PAGE_SIZE;
	tables_left = 2;
	assert_null(kernel_map_device(PADDR(0xfee00000), 2 * PAGE_SIZE));
	assert_int_equal(tables_left, 0);
	assert_true(flags_of((void *)(KERNEL_FIXED_BASE + 2 * MIB - PAGE_SIZE), &pa));
	assert_false(flags_of((void *)(KERNEL_FIXED_BASE + 2 * MIB), &pa));
	tables_left = 2;
	assert_non_null(kernel_map_device(PADDR(0xfee00000), PAGE_SIZE));
	assert_int_equal(
		kernel_unmap_page((void *)(KERNEL_FIXED_BASE + 2 * MIB - PAGE_SIZE)).v, 0xfee00000);
}

/* -- what a program's root maps of the kernel -- */

/* The entry of the model of all user-side roots; 0: none. */
static pte_t model_entry(const char *va)
{
	const pte_t *slot = pte_walk(model, (u64)va, 0, false);

	return slot ? pte_get(slot) : 0;
}

static void test_isolation_shows_what_was_asked_for(void **state)
{
	pte_t root[PTE_COUNT] = {0};

	machine_with_map(PTI_ON, false);
	boot_alloc_finish();
	assert_int_equal(model_entry(__text_start), 0);
	/* No byte of the third page, so it is not mapped. */
	assert_int_equal(pti_map(__text_start + 8, 2 * PAGE_SIZE - 8, PT_READ | PT_EXEC), 0);
	for (u32 i = 0; i < 2; i++) {
		const char *va = __text_start + i * PAGE_SIZE;
		pte_t e = model_entry(va);

		assert_int_equal(pte_address(e).v, image_physical(va).v);
		assert_int_equal(e & (PTE_P | PTE_W | PTE_U | PTE_G | PTE_NX), PTE_P);
	}
	assert_int_equal(model_entry(__text_start + 2 * PAGE_SIZE), 0);
	pti_fill_root(root);
	for (u32 i = 0; i < PTE_COUNT; i++)
		assert_int_equal(root[i], i == area_slot() || i == image_slot() ? model[i] : 0);
}

/* Two tables are missing below the image's slot; each fails once, and nothing is mapped. */
static void test_isolation_without_memory(void **state)
{
	machine_with_map(PTI_ON, false);
	boot_alloc_finish();
	for (u32 i = 0; i < 2; i++) {
		tables_left = i;
		assert_int_equal(pti_map(__text_start, PAGE_SIZE, PT_READ), -ENOMEM);
		assert_int_equal(model_entry(__text_start), 0);
	}
	tables_left = 1;
	assert_int_equal(pti_map(__text_start, PAGE_SIZE, PT_READ), 0);
	assert_int_not_equal(model_entry(__text_start), 0);
}

static void test_no_isolation_no_map(void **state)
{
	machine_with_map(PTI_OFF, false);
	boot_alloc_finish();
	tables_left = 0;
	assert_int_equal(pti_map(__text_start, PAGE_SIZE, PT_READ), 0);
}

/* -- dropping translations -- */

static void test_drops(void **state)
{
	machine_with_map(PTI_ON, true);
	struct tlb_cpu *c = tlb_cpu_this();
	c->slot = 2;
	tlb_drop_address(c, 0x7000);
	assert_int_equal(ring0.invlpg, 0x7000);
	assert_int_equal(ring0.invpcid.type, 0);
	assert_int_equal(ring0.invpcid.pcid, PCID_USER_SIDE | 3);
	assert_int_equal(ring0.invpcid.va, 0x7000);
	tlb_drop_space(c);
	assert_int_equal(ring0.invpcids, 3);
	assert_int_equal(ring0.invpcid.type, 1);
	tlb_drop_kernel(KERNEL_BASE, KERNEL_BASE + PAGE_SIZE);
	assert_int_equal(ring0.invpcid.type, 2);
	assert_int_equal(ring0.invpcids, 4);
}

static void test_drops_without_pcid(void **state)
{
	machine_with_map(PTI_OFF, false);
	const struct tlb_cpu *c = tlb_cpu_this();
	u32 loads = ring0.cr3_loads;
	tlb_drop_space(c);
	assert_int_equal(ring0.cr3_loads, loads + 1);
	tlb_drop_kernel(KERNEL_BASE, KERNEL_BASE + 3 * PAGE_SIZE);
	assert_int_equal(ring0.invlpgs, 3);
	assert_int_equal(ring0.invlpg, KERNEL_BASE + 2 * PAGE_SIZE);
	/* By CR4.PGE, which is as before then. */
	tlb_drop_kernel(KERNEL_BASE, KERNEL_BASE + 3 * MIB);
	assert_int_equal(ring0.invlpgs, 3);
	assert_int_equal(ring0.cr4, CR4_PAE | CR4_PGE);
	assert_int_equal(ring0.invpcids, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_boot_memory_is_nobodys),
		cmocka_unit_test(test_boot_memory_ends),
		cmocka_unit_test(test_what_is_left),
		cmocka_unit_test(test_map),
		cmocka_unit_test(test_map_with_isolation_and_pcid),
		cmocka_unit_test(test_seal),
		cmocka_unit_test(test_devices),
		cmocka_unit_test(test_devices_without_memory),
		cmocka_unit_test(test_isolation_shows_what_was_asked_for),
		cmocka_unit_test(test_isolation_without_memory),
		cmocka_unit_test(test_no_isolation_no_map),
		cmocka_unit_test(test_drops),
		cmocka_unit_test(test_drops_without_pcid),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * The kernel's own table, and the memory that it is made of.
 *
 * Seen to fail: with CR4.PCIDE set before CR3 is the kernel's root, or while CR3 has a PCID; with EFER.NXE set after the load; with an
 * archive that is not taken; with map_fixed() that goes on after a page could not be mapped.
 */
// sources: kernel/arch/x86_64/mm/walk.c kernel/arch/x86_64/mm/table_page.c
#include "map_machine.h"

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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

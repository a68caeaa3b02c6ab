/*
 * What a program's root maps of the kernel, and how translations are dropped, with PCIDs and without.
 *
 * Seen to fail: with INVPCID's operands swapped; with a pti_map() that says yes to what it could not map, or maps one page too few.
 */
// sources: kernel/arch/x86_64/mm/walk.c kernel/arch/x86_64/mm/table_page.c
#include "map_machine.h"

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
		cmocka_unit_test(test_isolation_shows_what_was_asked_for),
		cmocka_unit_test(test_isolation_without_memory),
		cmocka_unit_test(test_no_isolation_no_map),
		cmocka_unit_test(test_drops),
		cmocka_unit_test(test_drops_without_pcid),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

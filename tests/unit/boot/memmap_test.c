/*
 * The memory map against a model that says for each page by itself what it is, and the limits.
 *
 * Seen to fail: with RAM rounded outwards, with the strictness of NVS and ACPI exchanged, without
 * the joining of neighbours, with `start + size` instead of the clipped end, with drop_one()
 * dropping the largest.
 */
// sources: kernel/arch/x86_64/boot/memmap.c
#include "unit.h"

#include "boot/memmap.h"

#define LIMIT ((u64)DIRECT_MAP_SLOTS << 39)
#define PAGES 64

static struct memmap map;
static struct boot_range out[BOOT_RANGES_MAX];

static void reset(void)
{
	memset(&map, 0, sizeof(map));
}

static void add(u64 start, u64 size, u32 type)
{
	assert_true(memmap_add(&map, start, size, type));
}

static void expect_range(u32 i, u64 start, u64 size, u32 type)
{
	assert_int_equal(out[i].start.v, start);
	assert_int_equal(out[i].size, size);
	assert_int_equal(out[i].type, type);
}

static void sorts_and_joins(void **state)
{
	reset();
	add(0x300000, 0x1000, BOOT_RAM);
	add(0x100000, 0x100000, BOOT_RAM);
	add(0x200000, 0x100000, BOOT_RAM);
	add(0, 0x9f000, BOOT_RAM);
	assert_int_equal(memmap_normalize(&map, out, BOOT_RANGES_MAX), 2);
	expect_range(0, 0, 0x9f000, BOOT_RAM);
	expect_range(1, 0x100000, 0x201000, BOOT_RAM);
}

static void strictest_wins(void **state)
{
	reset();
	add(0, 0x10000, BOOT_RAM);
	add(0x1000, 0x8000, BOOT_ACPI);
	add(0x2000, 0x6000, BOOT_NVS);
	add(0x3000, 0x4000, BOOT_RESERVED);
	add(0x4000, 0x1000, 77);
	assert_int_equal(memmap_normalize(&map, out, BOOT_RANGES_MAX), 7);
	expect_range(0, 0, 0x1000, BOOT_RAM);
	expect_range(1, 0x1000, 0x1000, BOOT_ACPI);
	expect_range(2, 0x2000, 0x1000, BOOT_NVS);
	expect_range(3, 0x3000, 0x4000, BOOT_RESERVED);
	expect_range(4, 0x7000, 0x1000, BOOT_NVS);
	expect_range(5, 0x8000, 0x1000, BOOT_ACPI);
	expect_range(6, 0x9000, 0x7000, BOOT_RAM);
}

static void odd_ranges(void **state)
{
	reset();
	/* Empty ones, as qboot's last entry. */
	add(0, 0, 0);
	add(0x5000, 0, BOOT_RAM);
	/* Less than a page of RAM is none. */
	add(0x6400, 0xb00, BOOT_RAM);
	/* Past the end of the address space, and past what the kernel can map. */
	add(LIMIT - 0x1000, UINT64_MAX, BOOT_RAM);
	add(LIMIT, 0x1000, BOOT_RAM);
	add(UINT64_MAX, UINT64_MAX, BOOT_RESERVED);
	assert_int_equal(memmap_normalize(&map, out, BOOT_RANGES_MAX), 1);
	expect_range(0, LIMIT - 0x1000, 0x1000, BOOT_RAM);
}

static void no_room(void **state)
{
	reset();
	for (u32 i = 0; i < MEMMAP_RAW_MAX; i++)
		add((u64)i * 0x10000, 0x1000, BOOT_RESERVED);
	assert_false(memmap_add(&map, 0, 0x1000, BOOT_RESERVED));
	/* What would be left out anyway needs no room. */
	assert_true(memmap_add(&map, 0, 0, BOOT_RESERVED));
	assert_int_equal(memmap_normalize(&map, out, BOOT_RANGES_MAX), BOOT_RANGES_MAX);
}

/* Too many: reserved ranges are dropped first, then the smallest RAM; the order stays. */
static void drops_the_least(void **state)
{
	reset();
	add(0x0000, 0x2000, BOOT_RAM);
	add(0x10000, 0x100000, BOOT_RESERVED);
	add(0x200000, 0x1000, BOOT_RAM);
	add(0x300000, 0x5000, BOOT_RAM);
	add(0x400000, 0x3000, BOOT_ACPI);
	assert_int_equal(memmap_normalize(&map, out, 4), 4);
	expect_range(0, 0, 0x2000, BOOT_RAM);
	expect_range(1, 0x200000, 0x1000, BOOT_RAM);
	assert_int_equal(memmap_normalize(&map, out, 2), 2);
	expect_range(0, 0x300000, 0x5000, BOOT_RAM);
	expect_range(1, 0x400000, 0x3000, BOOT_ACPI);
}

static u32 strictness(u32 type)
{
	static const u32 order[] = {
		[BOOT_RAM] = 1, [BOOT_ACPI] = 2, [BOOT_NVS] = 3, [BOOT_RESERVED] = 4};
	return order[type];
}

static void model_add(u32 *page, u64 start, u64 end, u32 type)
{
	for (u64 p = 0; p < PAGES; p++) {
		u64 from = p * PAGE_SIZE, to = from + PAGE_SIZE;
		bool covers =
			type == BOOT_RAM ? start <= from && to <= end : start < to && from < end;
		if (covers && (page[p] == 0 || strictness(type) > strictness(page[p])))
			page[p] = type;
	}
}

static void random_maps(void **state)
{
	for (u32 round = 0; round < 3000; round++) {
		u32 page[PAGES] = {0};
		reset();
		u32 count = (u32)unit_random_below(12);
		for (u32 i = 0; i < count; i++) {
			u64 start = unit_random_below(PAGES * PAGE_SIZE);
			u64 size = 1 + unit_random_below(PAGES * PAGE_SIZE - start);
			/* Half of them on page boundaries, as real ones. */
			if (unit_random_below(2)) {
				start &= PAGE_MASK;
				size = ALIGN_UP(size, PAGE_SIZE);
			}
			u32 type = 1 + (u32)unit_random_below(4);
			add(start, size, type);
			model_add(page, start, start + size, type);
		}
		u32 n = memmap_normalize(&map, out, BOOT_RANGES_MAX);
		u32 got[PAGES] = {0};
		for (u32 i = 0; i < n; i++) {
			u64 end = out[i].start.v + out[i].size;
			assert_true(
				IS_ALIGNED(out[i].start.v | out[i].size, PAGE_SIZE) && out[i].size);
			if (i > 0) {
				u64 last = out[i - 1].start.v + out[i - 1].size;
				assert_true(
					last < out[i].start.v ||
					(last == out[i].start.v && out[i - 1].type != out[i].type));
			}
			for (u64 p = out[i].start.v / PAGE_SIZE; p < end / PAGE_SIZE && p < PAGES;
				p++)
				got[p] = out[i].type;
		}
		assert_memory_equal(got, page, sizeof(page));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sorts_and_joins),
		cmocka_unit_test(strictest_wins),
		cmocka_unit_test(odd_ranges),
		cmocka_unit_test(no_room),
		cmocka_unit_test(drops_the_least),
		cmocka_unit_test(random_maps),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

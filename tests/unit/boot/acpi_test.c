/*
 * ACPI's static tables: the walk from the root pointer, the facts of the FADT, the values for
 * powering off; each with tables cut anywhere.
 *
 * Seen to fail: without the sum of a table checked, with the XSDT's entries read as 32 bits, with
 * FADT fields read beyond its size (sanitizer), with acpi_find_s5() reading past the package
 * (sanitizer).
 */
// sources: kernel/arch/x86_64/irq/acpi.c
#include "unit.h"

#include "boot/fake_memory.h"
#include "irq/acpi.h"

#define ROOT_WIDE 0x2000UL
#define ROOT_NARROW 0x2800UL
#define TABLE_A 0x3000UL
#define TABLE_B 0x3100UL
#define TABLE_C 0x3200UL

/* Set: what lies there must be asked for by an address with this bit. */
static u64 high_bit;

static const void *map(paddr_t pa, size_t size)
{
	bool is_table = (pa.v & 0xffff) >= TABLE_A;
	if (is_table && (pa.v & BIT(32)) != high_bit)
		return NULL;
	return fake_reach(pa.v & ~BIT(32), size);
}

static u8 *at(u64 pa)
{
	return fake_memory + (pa - FAKE_BASE);
}

static void put_table(u64 pa, const char *signature, const void *body, u32 size)
{
	u8 *t = at(pa);
	u32 total = 36 + size;
	memset(t, 0, 36);
	memcpy(t, signature, 4);
	memcpy(t + 4, &total, 4);
	memcpy(t + 36, body, size);
	fake_fix_sum(t, total, 9);
}

static u8 rsdp[36];

static void put_all(bool wide)
{
	fake_reset();
	put_table(TABLE_A, "FACP", "facp", 4);
	put_table(TABLE_B, "APIC", "apic body", 9);
	put_table(TABLE_C, "HPET", "h", 1);
	u64 tables[] = {TABLE_A, 0, TABLE_B, TABLE_C, 0x7fffffffffff};
	u32 narrow[ARRAY_SIZE(tables)];
	for (u32 i = 0; i < ARRAY_SIZE(tables); i++)
		narrow[i] = (u32)tables[i];
	high_bit = wide ? BIT(32) : 0;
	for (u32 i = 0; i < ARRAY_SIZE(tables); i++)
		tables[i] |= tables[i] ? high_bit : 0;
	put_table(ROOT_WIDE, "XSDT", tables, sizeof(tables));
	put_table(ROOT_NARROW, "RSDT", narrow, sizeof(narrow));
	memset(rsdp, 0, sizeof(rsdp));
	memcpy(rsdp, "RSD PTR ", 8);
	u32 narrow_root = ROOT_NARROW;
	u64 wide_root = ROOT_WIDE;
	rsdp[15] = wide ? 2 : 0;
	memcpy(rsdp + 16, &narrow_root, 4);
	if (wide)
		memcpy(rsdp + 24, &wide_root, 8);
	fake_fix_sum(rsdp, 20, 8);
	fake_fix_sum(rsdp, 36, 32);
}

static const u8 *find(const char *signature, u32 *size)
{
	return acpi_find_table(rsdp, sizeof(rsdp), signature, map, size);
}

static void finds_tables(void **state)
{
	u32 size;
	for (u32 wide = 0; wide < 2; wide++) {
		put_all(wide);
		const u8 *t = find("APIC", &size);
		assert_non_null(t);
		assert_int_equal(size, 45);
		assert_memory_equal(t + 36, "apic body", 9);
		assert_non_null(find("HPET", &size));
		assert_null(find("MCFG", &size));
	}
	/* A root pointer of the old length has no room for the wide root. */
	put_all(true);
	high_bit = 0;
	assert_non_null(acpi_find_table(rsdp, 20, "APIC", map, &size));
	assert_null(acpi_find_table(rsdp, 19, "APIC", map, &size));
	fake_release();
}

static void wrong_sums(void **state)
{
	u32 size;
	put_all(true);
	at(TABLE_B)[40] ^= 1;
	assert_null(find("APIC", &size));
	assert_non_null(find("FACP", &size));
	/* The wide root is broken: the narrow one serves. */
	at(ROOT_WIDE)[36] ^= 1;
	high_bit = 0;
	assert_non_null(find("FACP", &size));
	at(ROOT_NARROW)[36] ^= 1;
	assert_null(find("FACP", &size));
	put_all(true);
	rsdp[9] ^= 1;
	assert_null(find("FACP", &size));
	fake_release();
}

static void impossible_sizes(void **state)
{
	u32 size;
	static const u32 sizes[] = {0, 35, 0x7fffffff, UINT32_MAX};
	for (u32 i = 0; i < ARRAY_SIZE(sizes); i++) {
		put_all(true);
		memcpy(at(TABLE_B) + 4, &sizes[i], 4);
		assert_null(find("APIC", &size));
		put_all(false);
		memcpy(at(ROOT_NARROW) + 4, &sizes[i], 4);
		assert_null(find("APIC", &size));
	}
	fake_release();
}

static void cut_anywhere(void **state)
{
	u32 size;
	put_all(true);
	for (fake_end = FAKE_BASE; fake_end < TABLE_C + 64; fake_end++) {
		const u8 *t = find("APIC", &size);
		if (fake_end >= TABLE_B + 45)
			assert_non_null(t);
		else
			assert_null(t);
		fake_release();
	}
}

/* -- FADT -- */

static void put_register(u8 *fadt, u32 offset, u8 space, u64 address)
{
	fadt[offset] = space;
	memcpy(fadt + offset + 4, &address, 8);
}

/* As on a PC of 2015. */
static void make_fadt(u8 fadt[276])
{
	memset(fadt, 0, 276);
	fadt[8] = 5;
	fadt[41] = 0x12;
	fadt[48] = 0xb2;
	fadt[52] = 0xf1;
	fadt[65] = 0x06;
	fadt[64] = 0x04;
	fadt[77] = 0x06;
	fadt[76] = 0x08;
	fadt[91] = 4;
	fadt[109] = 0x02;
	put_register(fadt, 172, 1, 0x1804);
	put_register(fadt, 208, 1, 0x1808);
	u64 dsdt = 0x123456789;
	memcpy(fadt + 140, &dsdt, 8);
}

static void fadt_facts(void **state)
{
	u8 fadt[276];
	struct acpi_facts f;
	make_fadt(fadt);
	acpi_parse_fadt(fadt, sizeof(fadt), &f);
	assert_true(f.found && f.has_8042 && !f.no_rtc);
	assert_int_equal(f.dsdt, 0x123456789);
	assert_int_equal(f.smi_command, 0xb2);
	assert_int_equal(f.acpi_enable, 0xf1);
	assert_int_equal(f.pm1a.space, 1);
	assert_int_equal(f.pm1a.address, 0x1804);
	assert_int_equal(f.pm1b.address, 0);
	assert_int_equal(f.pm_timer, 0x1808);
	/* Revision 1, 116 bytes: only the old fields. */
	fadt[8] = 1;
	acpi_parse_fadt(fadt, 116, &f);
	assert_int_equal(f.pm1a.address, 0x604);
	assert_int_equal(f.pm_timer, 0x608);
	assert_int_equal(f.dsdt, 0x1200);
	assert_true(f.has_8042);
}

/* QEMU's microvm. */
static void fadt_reduced(void **state)
{
	u8 fadt[276];
	struct acpi_facts f;
	make_fadt(fadt);
	fadt[114] = 0x10;
	fadt[109] = 0x20;
	put_register(fadt, 244, 0, 0xfea00200);
	acpi_parse_fadt(fadt, sizeof(fadt), &f);
	assert_int_equal(f.sleep.space, 0);
	assert_int_equal(f.sleep.address, 0xfea00200);
	assert_int_equal(f.pm1a.address, 0);
	assert_int_equal(f.pm_timer, 0);
	assert_true(f.no_rtc && !f.has_8042);
}

static void fadt_any_size(void **state)
{
	u8 whole[276];
	struct acpi_facts f;
	for (u32 size = 0; size <= sizeof(whole); size++) {
		make_fadt(whole);
		whole[114] = size & 1 ? 0x10 : 0;
		u8 *cut = malloc(size ? size : 1);
		memcpy(cut, whole, size);
		acpi_parse_fadt(cut, size, &f);
		assert_int_equal(f.found, size >= 116);
		free(cut);
	}
}

/* -- \_S5 -- */

static bool find_s5(const void *aml, u32 size, u8 *a, u8 *b)
{
	u8 *copy = malloc(size ? size : 1);
	memcpy(copy, aml, size);
	bool found = acpi_find_s5(copy, size, a, b);
	free(copy);
	return found;
}

static void s5_forms(void **state)
{
	u8 a, b;
	/* QEMU's q35: Package(4){0, 0, 0, 0}. */
	static const u8 qemu[] = "..\x08_S5_\x12\x06\x04\x00\x00\x00\x00.......";
	assert_true(find_s5(qemu, sizeof(qemu), &a, &b));
	assert_int_equal(a, 0);
	assert_int_equal(b, 0);
	/* With byte prefixes, as most real ones; a length of two bytes. */
	static const u8 bytes[] = "\x08_S5_\x12\x48\x00\x04\x0a\x07\x0a\x05\x00\x00......";
	assert_true(find_s5(bytes, sizeof(bytes), &a, &b));
	assert_int_equal(a, 7);
	assert_int_equal(b, 5);
	/* One value serves for both: microvm's. */
	static const u8 one[] = "\x08_S5_\x12\x04\x01\x0a\x05\x10......";
	assert_true(find_s5(one, sizeof(one), &a, &b));
	assert_int_equal(a, 5);
	assert_int_equal(b, 5);
	/* A mention that is no definition comes first. */
	static const u8 mention[] =
		"\x5c_S5_\x10\x00\x02\x0a\x07\x0a\x07..\x08_S5_\x12\x06\x04\x01\x01\x00\x00........";
	assert_true(find_s5(mention, sizeof(mention), &a, &b));
	assert_int_equal(a, 1);
	assert_false(find_s5("nothing here at all", 19, &a, &b));
	assert_false(find_s5("", 0, &a, &b));
}

static void s5_cut_anywhere(void **state)
{
	u8 a, b;
	static const u8 aml[] = "....\x08_S5_\x12\xc8\x00\x00\x00\x04\x0a\x07\x0a\x05\x00\x00";
	for (u32 size = 0; size < sizeof(aml); size++)
		find_s5(aml, size, &a, &b);
	for (u32 round = 0; round < 20000; round++) {
		u8 noise[40];
		memcpy(noise, aml, sizeof(aml));
		for (u32 i = 0; i < 3; i++)
			noise[9 + unit_random_below(sizeof(aml) - 9)] = (u8)unit_random();
		find_s5(noise, 10 + (u32)unit_random_below(sizeof(aml) - 9), &a, &b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_tables),
		cmocka_unit_test(wrong_sums),
		cmocka_unit_test(impossible_sizes),
		cmocka_unit_test(cut_anywhere),
		cmocka_unit_test(fadt_facts),
		cmocka_unit_test(fadt_reduced),
		cmocka_unit_test(fadt_any_size),
		cmocka_unit_test(s5_forms),
		cmocka_unit_test(s5_cut_anywhere),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

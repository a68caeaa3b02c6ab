/*
 * CPUs and interrupt controllers from the MADT and from the MP table: every kind of entry, and
 * tables cut or changed anywhere.
 *
 * Seen to fail: with disabled CPUs counted, without the check of an entry's length (sanitizer),
 * with an entry of length 0 followed (endless), with the topology written before the table was
 * found good, with ISA entries of other buses taken.
 */
// sources: kernel/arch/x86_64/irq/madt.c kernel/arch/x86_64/irq/mptable.c
// sources: kernel/arch/x86_64/irq/topology.c
#include "unit.h"

#include "boot/fake_memory.h"
#include "irq/topology.h"

static u8 table[4096];
static u32 size;
static struct topology t;

static void put(const void *bytes, u32 n)
{
	memcpy(table + size, bytes, n);
	size += n;
}

#define PUT(...) put((const u8[]){__VA_ARGS__}, sizeof((const u8[]){__VA_ARGS__}))

/* Gives the parser just the bytes there are. */
static bool parse(bool (*parser)(const u8 *, u32, struct topology *), u32 n)
{
	u8 *copy = malloc(n ? n : 1);
	memcpy(copy, table, n);
	memset(&t, 0, sizeof(t));
	bool ok = parser(copy, n, &t);
	free(copy);
	return ok;
}

static void begin_madt(void)
{
	memset(table, 0, sizeof(table));
	memcpy(table, "APIC", 4);
	table[38] = 0xe0;
	table[39] = 0xfe;
	table[40] = 1;
	size = 44;
}

static void end_madt(void)
{
	memcpy(table + 4, &size, 4);
	fake_fix_sum(table, size, 9);
}

static void put_madt(void)
{
	begin_madt();
	/* CPUs: 0 and 2 are there, 1 is not, 0 is named twice, 255 is a stand-in. */
	PUT(0, 8, 0, 0, 1, 0, 0, 0);
	PUT(0, 8, 1, 1, 0, 0, 0, 0);
	PUT(0, 8, 2, 2, 1, 0, 0, 0);
	PUT(0, 8, 3, 0, 1, 0, 0, 0);
	PUT(0, 8, 4, 255, 1, 0, 0, 0);
	/* x2APIC 0x102, and one that is off. */
	PUT(9, 16, 0, 0, 2, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0);
	PUT(9, 16, 0, 0, 3, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
	/* Two I/O APICs, as on QEMU's microvm. */
	PUT(1, 12, 0, 0, 0, 0, 0xc0, 0xfe, 0, 0, 0, 0);
	PUT(1, 12, 1, 0, 0, 0, 0xc1, 0xfe, 24, 0, 0, 0);
	/* The timer arrives at 2; 9 is level, active high. An override of another bus. */
	PUT(2, 10, 0, 0, 2, 0, 0, 0, 0, 0);
	PUT(2, 10, 0, 9, 9, 0, 0, 0, 0x0d, 0);
	PUT(2, 10, 1, 5, 7, 0, 0, 0, 0, 0);
	/* NMIs at LINT1, active low; an unknown kind of entry. */
	PUT(4, 6, 0xff, 3, 0, 1);
	PUT(0x80, 5, 1, 2, 3);
	end_madt();
}

static void expect_madt(void)
{
	assert_int_equal(t.lapic.v, 0xfee00000);
	assert_int_equal(t.cpu_count, 3);
	assert_int_equal(t.cpu_apic_id[0], 0);
	assert_int_equal(t.cpu_apic_id[1], 2);
	assert_int_equal(t.cpu_apic_id[2], 0x102);
	assert_int_equal(t.ioapic_count, 2);
	assert_int_equal(t.ioapic[1].address.v, 0xfec10000);
	assert_int_equal(t.ioapic[1].gsi_base, 24);
	assert_int_equal(t.override_count, 2);
	assert_int_equal(t.override[0].gsi, 2);
	assert_int_equal(t.override[1].isa, 9);
	assert_int_equal(t.override[1].flags, INTI_LEVEL | INTI_ACTIVE_HIGH);
	assert_int_equal(t.nmi_pins, 2);
	assert_int_equal(t.nmi_active_low, 2);
	assert_true(t.has_pic);
}

static void madt_whole(void **state)
{
	put_madt();
	assert_true(parse(madt_parse, size));
	expect_madt();
	/* Bytes behind the table are not its. */
	table[size] = 0;
	assert_true(parse(madt_parse, size + 8));
	expect_madt();
	/* The address may be given in 64 bits; NMIs for x2APICs. */
	PUT(5, 12, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0);
	PUT(10, 12, 1, 0, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0);
	end_madt();
	assert_true(parse(madt_parse, size));
	assert_int_equal(t.lapic.v, 0x200000000);
	assert_int_equal(t.nmi_pins, 3);
	assert_int_equal(t.nmi_active_low, 2);
}

static void madt_refused(void **state)
{
	struct topology none = {0};
	put_madt();
	table[50] ^= 1;
	assert_false(parse(madt_parse, size));
	assert_memory_equal(&t, &none, sizeof(t));
	begin_madt();
	end_madt();
	assert_false(parse(madt_parse, size));
	assert_memory_equal(&t, &none, sizeof(t));
}

static void madt_many_cpus(void **state)
{
	begin_madt();
	for (u32 i = 0; i < MAX_CPUS + 5; i++)
		PUT(0, 8, 0, (u8)i, 1, 0, 0, 0);
	for (u32 i = 0; i < TOPOLOGY_IOAPICS + 3; i++)
		PUT(1, 12, (u8)i, 0, 0, 0, 0, 0, 0, 0, 0, 0);
	for (u32 i = 0; i < TOPOLOGY_OVERRIDES + 3; i++)
		PUT(2, 10, 0, 1, 1, 0, 0, 0, 0, 0);
	end_madt();
	assert_true(parse(madt_parse, size));
	assert_int_equal(t.cpu_count, MAX_CPUS);
	assert_int_equal(t.cpus_left_out, 5);
	assert_int_equal(t.ioapic_count, TOPOLOGY_IOAPICS);
	assert_int_equal(t.override_count, TOPOLOGY_OVERRIDES);
}

/* Cut by what is there, then by what its length says (with the sum made right). */
static void madt_cut_anywhere(void **state)
{
	put_madt();
	u32 whole = size;
	for (u32 n = 0; n < whole; n++)
		assert_false(parse(madt_parse, n));
	for (u32 n = 44; n < whole; n++) {
		put_madt();
		size = n;
		end_madt();
		bool ok = parse(madt_parse, n);
		assert_int_equal(ok, n >= 52);
	}
}

static void madt_flipped(void **state)
{
	for (u32 round = 0; round < 20000; round++) {
		put_madt();
		for (u32 i = 0; i < 3; i++)
			table[44 + unit_random_below(size - 44)] = (u8)unit_random();
		fake_fix_sum(table, size, 9);
		parse(madt_parse, size);
	}
}

/* -- MP table -- */

static void begin_mp(void)
{
	memset(table, 0, sizeof(table));
	memcpy(table, "PCMP", 4);
	table[6] = 4;
	table[38] = 0xe0;
	table[39] = 0xfe;
	size = 44;
}

static void end_mp(void)
{
	table[4] = (u8)size;
	table[5] = (u8)(size >> 8);
	fake_fix_sum(table, size, 7);
}

/* As qboot's, with a PCI bus and a second I/O APIC. */
static void put_mp(void)
{
	begin_mp();
	PUT(0, 0, 0x14, 3, 0xb1, 6, 0xf, 0, 0xfd, 0xfb, 0xcb, 0x1f, 0, 0, 0, 0, 0, 0, 0, 0);
	PUT(0, 1, 0x14, 1, 0xb1, 6, 0xf, 0, 0xfd, 0xfb, 0xcb, 0x1f, 0, 0, 0, 0, 0, 0, 0, 0);
	PUT(0, 2, 0x14, 0, 0xb1, 6, 0xf, 0, 0xfd, 0xfb, 0xcb, 0x1f, 0, 0, 0, 0, 0, 0, 0, 0);
	PUT(1, 0, 'P', 'C', 'I', ' ', ' ', ' ');
	PUT(1, 7, 'I', 'S', 'A', ' ', ' ', ' ');
	PUT(2, 4, 0x11, 1, 0, 0, 0xc0, 0xfe);
	PUT(2, 5, 0x11, 1, 0, 0, 0xc1, 0xfe);
	PUT(2, 6, 0x11, 0, 0, 0, 0xc2, 0xfe);
	PUT(3, 0, 0, 0, 7, 0, 4, 2);
	PUT(3, 0, 0x0f, 0, 7, 11, 5, 3);
	PUT(3, 0, 0x0f, 0, 0, 3, 4, 16);
	PUT(3, 3, 0, 0, 7, 0, 4, 0);
	PUT(4, 3, 0, 0, 7, 0, 0, 0);
	PUT(4, 1, 1, 0, 7, 0, 0xff, 1);
	end_mp();
}

static void mp_whole(void **state)
{
	put_mp();
	assert_true(parse(mptable_parse, size));
	assert_int_equal(t.lapic.v, 0xfee00000);
	assert_int_equal(t.cpu_count, 2);
	assert_int_equal(t.cpu_apic_id[1], 1);
	assert_int_equal(t.ioapic_count, 2);
	assert_int_equal(t.ioapic[1].address.v, 0xfec10000);
	assert_int_equal(t.ioapic[1].gsi_base, TOPOLOGY_GSI_NEXT);
	assert_int_equal(t.override_count, 2);
	assert_int_equal(t.override[0].isa, 0);
	assert_int_equal(t.override[0].gsi, 2);
	assert_int_equal(t.override[1].gsi, 27);
	assert_int_equal(t.override[1].flags, 0x0f);
	assert_int_equal(t.nmi_pins, 2);
	assert_int_equal(t.nmi_active_low, 0);
}

static void mp_cut_anywhere(void **state)
{
	put_mp();
	u32 whole = size;
	for (u32 n = 0; n < whole; n++)
		assert_false(parse(mptable_parse, n));
	for (u32 n = 44; n < whole; n++) {
		put_mp();
		size = n;
		end_mp();
		assert_int_equal(parse(mptable_parse, n), n >= 64);
	}
	put_mp();
	table[60] ^= 1;
	assert_false(parse(mptable_parse, size));
}

static void mp_flipped(void **state)
{
	for (u32 round = 0; round < 20000; round++) {
		put_mp();
		for (u32 i = 0; i < 3; i++)
			table[44 + unit_random_below(size - 44)] = (u8)unit_random();
		fake_fix_sum(table, size, 7);
		parse(mptable_parse, size);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(madt_whole),
		cmocka_unit_test(madt_refused),
		cmocka_unit_test(madt_many_cpus),
		cmocka_unit_test(madt_cut_anywhere),
		cmocka_unit_test(madt_flipped),
		cmocka_unit_test(mp_whole),
		cmocka_unit_test(mp_cut_anywhere),
		cmocka_unit_test(mp_flipped),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * Both loaders' information: what is taken from it, and that no cut, no wrong pointer and no
 * flipped bit makes the parsers read what is not there.
 *
 * Seen to fail: with the size check of a Multiboot2 tag left out (sanitizer), with `<=` for the
 * command line's last byte, with the second module taken for the archive, with the memory map's
 * entry size believed when it is 0 (endless).
 */
// sources: kernel/arch/x86_64/boot/memmap.c kernel/arch/x86_64/boot/pvh.c
// sources: kernel/arch/x86_64/boot/multiboot2.c
#include "unit.h"

#include "boot/fake_memory.h"
#include "boot/loader.h"
#include "boot/protocol.h"

#define INFO 0x1000UL
#define LIST 0x2000UL
#define MAP 0x3000UL
#define LINE 0x5000UL
#define RSDP 0x4000UL

static struct boot_info info;
static struct memmap map;

struct start_info {
	u32 magic, version, flags, nr_modules;
	u64 modlist, cmdline, rsdp, memmap;
	u32 memmap_entries, reserved;
};

struct range {
	u64 address, size;
	u32 type, reserved;
};

static const struct range ranges[] = {
	{0, 0x9fc00, 1, 0},
	{0x100000, 0x7f00000, 1, 0},
	{0xf0000, 0x10000, 2, 0},
	/* qboot's. */
	{0, 0, 0, 0},
};

static struct start_info put_pvh(void)
{
	fake_reset();
	u64 module[4] = {0x2000000, 0x12345, 0, 0};
	fake_put(LIST, module, sizeof(module));
	fake_put(MAP, ranges, sizeof(ranges));
	fake_put(LINE, "hz=100 pti=on", 14);
	fake_put(RSDP, "RSD PTR ", 8);
	struct start_info si = {
		.magic = BOOT_PROTOCOL_PVH,
		.version = 1,
		.nr_modules = 1,
		.modlist = LIST,
		.cmdline = LINE,
		.rsdp = RSDP,
		.memmap = MAP,
		.memmap_entries = ARRAY_SIZE(ranges),
	};
	fake_put(INFO, &si, sizeof(si));
	return si;
}

static const char *parse_pvh(void)
{
	memset(&info, 0, sizeof(info));
	map.count = 0;
	const char *problem = pvh_parse(INFO, fake_reach, &info, &map);
	fake_release();
	return problem;
}

static void pvh_whole(void **state)
{
	put_pvh();
	assert_null(parse_pvh());
	assert_int_equal(map.count, 3);
	assert_int_equal(info.archive.v, 0x2000000);
	assert_int_equal(info.archive_size, 0x12345);
	assert_string_equal(info.cmdline, "hz=100 pti=on");
	assert_false(info.cmdline_cut);
	assert_int_equal(info.rsdp_size, BOOT_RSDP_MAX);
	assert_memory_equal(info.rsdp, "RSD PTR ", 8);
}

static void pvh_refused(void **state)
{
	struct start_info si = put_pvh();
	fake_memory[0] ^= 1;
	assert_non_null(parse_pvh());
	si.version = 0;
	fake_put(INFO, &si, sizeof(si));
	assert_string_equal(parse_pvh(), "the boot loader gave no memory map");
	si.version = 1;
	si.memmap_entries = UINT32_MAX;
	fake_put(INFO, &si, sizeof(si));
	assert_string_equal(parse_pvh(), "the boot loader's memory map is out of reach");
	si.memmap_entries = 1;
	si.modlist = 0xffffffff00000000;
	fake_put(INFO, &si, sizeof(si));
	assert_non_null(parse_pvh());
}

/* A loader that gives no archive, line or root pointer is fine. */
static void pvh_little(void **state)
{
	struct start_info si = put_pvh();
	si.nr_modules = 0;
	si.cmdline = 0;
	si.rsdp = 0;
	fake_put(INFO, &si, sizeof(si));
	assert_null(parse_pvh());
	assert_int_equal(info.archive_size, 0);
	assert_string_equal(info.cmdline, "");
	assert_int_equal(info.rsdp_size, 0);
	/* Pointers to nowhere are as good as none. */
	si.cmdline = 0xffffffffffff;
	si.rsdp = 0xfffffffffff0;
	fake_put(INFO, &si, sizeof(si));
	assert_null(parse_pvh());
	assert_string_equal(info.cmdline, "");
}

static void pvh_cut_anywhere(void **state)
{
	put_pvh();
	for (fake_end = FAKE_BASE; fake_end < FAKE_BASE + FAKE_SIZE; fake_end++) {
		const char *problem = parse_pvh();
		/* The map is needed; the rest only if it can be had. */
		if (fake_end >= MAP + sizeof(ranges))
			assert_null(problem);
		else
			assert_non_null(problem);
	}
}

static void long_line(u64 length)
{
	put_pvh();
	memset(fake_memory + LINE - FAKE_BASE, 'x', length);
	fake_memory[LINE - FAKE_BASE + length] = '\0';
	assert_null(parse_pvh());
}

static void cmdline_lengths(void **state)
{
	long_line(BOOT_CMDLINE_MAX - 1);
	assert_int_equal(strlen(info.cmdline), BOOT_CMDLINE_MAX - 1);
	assert_false(info.cmdline_cut);
	long_line(BOOT_CMDLINE_MAX);
	assert_int_equal(strlen(info.cmdline), BOOT_CMDLINE_MAX - 1);
	assert_true(info.cmdline_cut);
	/* Memory ends soon after the line. */
	put_pvh();
	fake_end = LINE + 64;
	assert_null(parse_pvh());
	assert_string_equal(info.cmdline, "hz=100 pti=on");
}

/* -- Multiboot2 -- */

static u64 mb2_at;

static void mb2_tag(u32 type, const void *bytes, u32 size)
{
	u32 head[2] = {type, 8 + size};
	fake_put(mb2_at, head, 8);
	fake_put(mb2_at + 8, bytes, size);
	mb2_at = ALIGN_UP(mb2_at + 8 + size, 8UL);
}

static void mb2_finish(void)
{
	mb2_tag(0, "", 0);
	u32 head[2] = {(u32)(mb2_at - INFO), 0};
	fake_put(INFO, head, 8);
}

static void put_mb2(void)
{
	fake_reset();
	mb2_at = INFO + 8;
	mb2_tag(1, "loglevel=warn", 14);
	mb2_tag(2, "GRUB 2.06", 10);
	u8 module[8 + 8] = {0x00, 0x00, 0x20, 0x00, 0x45, 0x23, 0x21, 0x00, 'a'};
	mb2_tag(3, module, 10);
	module[2] = module[6] = 0x30;
	mb2_tag(3, module, 10);
	u8 memmap[8 + sizeof(ranges)] = {sizeof(ranges[0])};
	memcpy(memmap + 8, ranges, sizeof(ranges));
	mb2_tag(6, memmap, sizeof(memmap));
	mb2_tag(14, "RSD PTR old.........", 20);
	mb2_tag(15, "RSD PTR new.........................", 36);
	mb2_finish();
}

static const char *parse_mb2(void)
{
	memset(&info, 0, sizeof(info));
	map.count = 0;
	const char *problem = multiboot2_parse(INFO, fake_reach, &info, &map);
	fake_release();
	return problem;
}

static void mb2_whole(void **state)
{
	put_mb2();
	assert_null(parse_mb2());
	assert_int_equal(map.count, 3);
	assert_string_equal(info.cmdline, "loglevel=warn");
	assert_int_equal(info.archive.v, 0x200000);
	assert_int_equal(info.archive_size, 0x12345);
	assert_int_equal(info.rsdp_size, 36);
	assert_memory_equal(info.rsdp, "RSD PTR new", 11);
}

static void mb2_cut_anywhere(void **state)
{
	put_mb2();
	u32 whole = (u32)(mb2_at - INFO);
	/* By its own length. */
	for (u32 total = 0; total < whole; total++) {
		memcpy(fake_memory, &total, 4);
		parse_mb2();
	}
	memcpy(fake_memory, &whole, 4);
	/* By what can be reached: the block must be whole. */
	for (fake_end = INFO; fake_end < mb2_at; fake_end++)
		assert_non_null(parse_mb2());
}

static void mb2_broken_tags(void **state)
{
	put_mb2();
	/* The first tag's size. */
	for (u32 size = 0; size < 0x200; size++) {
		memcpy(fake_memory + 12, &size, 4);
		parse_mb2();
	}
	u32 size = 7;
	memcpy(fake_memory + 12, &size, 4);
	assert_string_equal(parse_mb2(), "the boot loader's Multiboot2 information is broken");
	size = UINT32_MAX;
	memcpy(fake_memory + 12, &size, 4);
	assert_non_null(parse_mb2());
	/* A map whose entries have no size. */
	fake_reset();
	mb2_at = INFO + 8;
	mb2_tag(6, (u8[32]){0}, 32);
	mb2_finish();
	assert_string_equal(parse_mb2(), "the boot loader's memory map is broken");
	/* No map. */
	fake_reset();
	mb2_at = INFO + 8;
	mb2_tag(1, "x", 2);
	mb2_finish();
	assert_string_equal(parse_mb2(), "the boot loader gave no memory map");
}

/* Any change of a few bytes: the sanitizers are the judge. */
static void flipped_bytes(void **state)
{
	for (u32 round = 0; round < 20000; round++) {
		bool pvh = round & 1;
		if (pvh)
			put_pvh();
		else
			put_mb2();
		u64 size = pvh ? sizeof(struct start_info) : mb2_at - INFO;
		for (u32 i = 0; i < 3; i++)
			fake_memory[unit_random_below(size)] = (u8)unit_random();
		if (pvh)
			parse_pvh();
		else
			parse_mb2();
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pvh_whole),
		cmocka_unit_test(pvh_refused),
		cmocka_unit_test(pvh_little),
		cmocka_unit_test(pvh_cut_anywhere),
		cmocka_unit_test(cmdline_lengths),
		cmocka_unit_test(mb2_whole),
		cmocka_unit_test(mb2_cut_anywhere),
		cmocka_unit_test(mb2_broken_tags),
		cmocka_unit_test(flipped_bytes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * ELF decoding. A good program, each way of spoiling one field, then every truncation and every flipped bit: either it is
 * refused, or everything that the header promises holds (checked here by other means than in elf.c).
 *
 * Seen to fail: without the check of e_phentsize; in_range() written as a sum (the overflow cases); without the check of
 * memory against file size; of order; without the interpreter's bounds; phdr_address taken from a segment that does
 * not hold the whole table.
 */
// sources: kernel/lib/elf.c
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/elf.h"
#include "lib/errno.h"

#define LIMIT 0x7ffffffff000UL
#define FILE_SIZE 0x3000UL
#define PHDRS 6

enum { TEXT, DATA, STACK, NOTE, EMPTY, INTERP };

struct program {
	Elf64_Ehdr h;
	Elf64_Phdr p[PHDRS];
};

static struct program good(void)
{
	return (struct program){
		.h = {.e_ident = {0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT},
			.e_type = ET_EXEC,
			.e_machine = EM_X86_64,
			.e_version = EV_CURRENT,
			.e_entry = 0x400400,
			.e_phoff = sizeof(Elf64_Ehdr),
			.e_ehsize = sizeof(Elf64_Ehdr),
			.e_phentsize = sizeof(Elf64_Phdr),
			.e_phnum = PHDRS},
		.p = {[TEXT] = {.p_type = PT_LOAD,
			      .p_flags = PF_R | PF_X,
			      .p_vaddr = 0x400000,
			      .p_filesz = 0x1234,
			      .p_memsz = 0x1234,
			      .p_align = 0x1000},
			[DATA] = {.p_type = PT_LOAD,
				.p_flags = PF_R | PF_W,
				.p_offset = 0x1238,
				.p_vaddr = 0x402238,
				.p_filesz = 0x100,
				.p_memsz = 0x5000,
				.p_align = 0x200000},
			[STACK] = {.p_type = PT_GNU_STACK, .p_flags = PF_R | PF_W},
			[NOTE] = {.p_type = PT_NOTE, .p_offset = ~0UL, .p_filesz = ~0UL},
			[EMPTY] = {.p_type = PT_LOAD, .p_vaddr = ~0UL},
			[INTERP] = {.p_type = PT_INTERP, .p_offset = 0x2000, .p_filesz = 28}},
	};
}

/* The whole way, as exec goes it. */
static int decode(const void *file, size_t n, u64 file_size, struct elf_image *image)
{
	struct elf_header h;
	const char *why = NULL;

	int err = elf_decode_header(file, n, &h, &why);
	if (!err && (h.phdr_offset > n || elf_phdr_bytes(&h) > n - h.phdr_offset))
		return -ENOEXEC;
	if (!err)
		err = elf_decode_image(
			&h, (const char *)file + h.phdr_offset, file_size, LIMIT, image, &why);
	if (err) {
		assert_int_equal(err, -ENOEXEC);
		assert_non_null(why);
	}
	return err;
}

/* What exec refuses before it gives up the old program, and what it finds too late for that. */
static bool loads(const void *file, size_t n, struct elf_image *image)
{
	return decode(file, n, FILE_SIZE, image) == 0 && !image->unloadable;
}

static int decode_program(const struct program *p, struct elf_image *image)
{
	return decode(p, sizeof(*p), FILE_SIZE, image);
}

static void test_good(void **state)
{
	struct program p = good();
	struct elf_image i;
	struct elf_segment s;
	u32 index = 0;

	assert_int_equal(decode_program(&p, &i), 0);
	assert_false(i.header.relocatable);
	assert_int_equal(i.header.entry, 0x400400);
	assert_int_equal(i.load_start, 0x400000);
	assert_int_equal(i.load_end, 0x408000);
	assert_int_equal(i.align, 0x200000);
	assert_int_equal(i.phdr_address, 0x400000 + sizeof(Elf64_Ehdr));
	assert_int_equal(i.interp_offset, 0x2000);
	assert_int_equal(i.interp_size, 28);
	assert_int_equal(i.stack, ELF_STACK_NOEXEC);

	assert_true(elf_next_load(&i, &index, &s));
	assert_int_equal(s.address, 0x400000);
	assert_int_equal(s.flags, PF_R | PF_X);
	assert_true(elf_next_load(&i, &index, &s));
	assert_int_equal(s.offset, 0x1238);
	assert_int_equal(s.address, 0x402238);
	assert_int_equal(s.file_size, 0x100);
	assert_int_equal(s.memory_size, 0x5000);
	assert_false(elf_next_load(&i, &index, &s));
	assert_false(elf_next_load(&i, &index, &s));
}

static void test_variants(void **state)
{
	struct program p = good();
	struct elf_image i;

	p.h.e_type = ET_DYN;
	p.p[STACK].p_flags = PF_R | PF_W | PF_X;
	p.p[INTERP].p_type = PT_NULL;
	p.p[DATA].p_align = 0x201000;
	assert_int_equal(decode_program(&p, &i), 0);
	assert_true(i.header.relocatable);
	assert_int_equal(i.stack, ELF_STACK_EXEC);
	assert_int_equal(i.interp_size, 0);
	/* Not a power of two: as if it were not there. */
	assert_int_equal(i.align, 0x1000);

	p = good();
	p.p[STACK].p_type = PT_NULL;
	/* The table is in no segment as a whole. */
	p.p[TEXT].p_filesz = sizeof(struct program) - 1;
	assert_int_equal(decode_program(&p, &i), 0);
	assert_int_equal(i.stack, ELF_STACK_DEFAULT);
	assert_int_equal(i.phdr_address, 0);
	p.p[TEXT].p_filesz++;
	assert_int_equal(decode_program(&p, &i), 0);
	assert_int_not_equal(i.phdr_address, 0);
}

/* Segments may share a page and touch, and end with the address space. */
static void test_edges(void **state)
{
	struct program p = good();
	struct elf_image i;

	p.p[DATA].p_vaddr = 0x401234;
	p.p[DATA].p_offset = 0x1234;
	assert_int_equal(decode_program(&p, &i), 0);
	p.p[DATA].p_vaddr = LIMIT - 0x1000;
	p.p[DATA].p_offset = 0x2000;
	p.p[DATA].p_filesz = p.p[DATA].p_memsz = 0x1000;
	assert_true(loads(&p, sizeof(p), &i));
	assert_int_equal(i.load_end, LIMIT);
	p.h.e_entry = LIMIT - 1;
	assert_int_equal(decode_program(&p, &i), 0);
	/* A table as large as may be, at the file's end. */
	p = good();
	struct elf_header h = {.phdr_offset = sizeof(p.h), .phdr_count = PHDRS};
	const char *why;
	assert_int_equal(elf_decode_image(&h, p.p, FILE_SIZE, LIMIT, &i, &why), 0);
	p.h.e_phnum = ELF_PHDR_BYTES_MAX / sizeof(Elf64_Phdr);
	assert_int_equal(elf_decode_header(&p, sizeof(p), &h, &why), 0);
	p.h.e_phnum++;
	assert_int_equal(elf_decode_header(&p, sizeof(p), &h, &why), -ENOEXEC);
}

#define SPOIL(statement)                                      \
	do {                                                  \
		struct program p = good();                    \
		struct elf_image i_;                          \
		statement;                                    \
		if (decode_program(&p, &i_) != -ENOEXEC)      \
			fail_msg("accepted: %s", #statement); \
	} while (0)

#define SPOIL_LOAD(statement)                                              \
	do {                                                               \
		struct program p = good();                                 \
		struct elf_image i_;                                       \
		statement;                                                 \
		if (decode_program(&p, &i_) != 0 || !i_.unloadable)        \
			fail_msg("accepted, or an error: %s", #statement); \
	} while (0)

/* What Linux does not look at, or only when it is used. */
#define IGNORED(statement)                                        \
	do {                                                      \
		struct program p = good();                        \
		struct elf_image i_;                              \
		statement;                                        \
		if (!loads(&p, sizeof(p), &i_))                   \
			fail_msg("not accepted: %s", #statement); \
	} while (0)

static void test_ignored(void **state)
{
	IGNORED(p.h.e_ident[EI_DATA] = ELFDATA2MSB);
	IGNORED(p.h.e_ident[EI_VERSION] = 0);
	IGNORED(p.h.e_version = 2);
	IGNORED(p.p[DATA].p_filesz = FILE_SIZE - 0x1238 + 1; p.p[DATA].p_memsz = 0x5000);
	IGNORED(p.p[DATA].p_offset = FILE_SIZE + 0x1238);
	IGNORED(p.p[INTERP].p_offset = FILE_SIZE - 27);
	IGNORED(p.p[INTERP].p_offset = ~0UL);
	IGNORED(p.p[NOTE] = p.p[INTERP]);
	IGNORED(p.p[NOTE] = p.p[INTERP]; p.p[INTERP].p_filesz = 1);
}

static void test_spoilt_header(void **state)
{
	SPOIL(p.h.e_ident[0] = 0x7e);
	SPOIL(p.h.e_ident[3] = 'f');
	SPOIL(p.h.e_ident[EI_CLASS] = ELFCLASS32);
	SPOIL(p.h.e_machine = EM_386);
	SPOIL(p.h.e_machine = EM_AARCH64);
	SPOIL_LOAD(p.h.e_type = ET_REL);
	SPOIL_LOAD(p.h.e_type = ET_CORE);
	SPOIL_LOAD(p.h.e_type = 0);
	SPOIL(p.h.e_phentsize = sizeof(Elf64_Phdr) + 1);
	SPOIL(p.h.e_phentsize = 32);
	SPOIL(p.h.e_phnum = 0);
	SPOIL(p.h.e_phnum = 0xffff);
	SPOIL_LOAD(p.h.e_entry = LIMIT);
	SPOIL_LOAD(p.h.e_entry = ~0UL);
}

static void test_spoilt_segments(void **state)
{
	SPOIL_LOAD(p.p[TEXT].p_type = p.p[DATA].p_type = PT_NULL);
	SPOIL_LOAD(p.p[TEXT].p_memsz = 0x1233);
	SPOIL_LOAD(p.p[TEXT].p_offset = 1);
	SPOIL_LOAD(p.p[TEXT].p_vaddr = 0x400001);
	SPOIL_LOAD(p.p[DATA].p_offset = ~0xfffUL + 0x238);
	SPOIL_LOAD(p.p[DATA].p_filesz = ~0UL; p.p[DATA].p_memsz = ~0UL);
	SPOIL_LOAD(p.p[DATA].p_memsz = ~0UL);
	SPOIL_LOAD(p.p[DATA].p_memsz = LIMIT);
	SPOIL_LOAD(p.p[DATA].p_vaddr = LIMIT + 0x238);
	SPOIL_LOAD(p.p[DATA].p_vaddr = ~0xfffUL + 0x238);
	SPOIL_LOAD(p.p[DATA].p_vaddr = 0x401233; p.p[DATA].p_offset = 0x1233);
	SPOIL_LOAD(p.p[DATA].p_vaddr = 0x300238);
	SPOIL_LOAD(p.p[EMPTY].p_filesz = 1);
	SPOIL(p.p[INTERP].p_filesz = 1);
	SPOIL(p.p[INTERP].p_filesz = 4097);
}

static void test_table_beyond_file(void **state)
{
	struct program p = good();
	struct elf_header h;
	struct elf_image i;
	const char *why;

	assert_int_equal(elf_decode_header(&p, sizeof(p), &h, &why), 0);
	h.phdr_offset = FILE_SIZE - elf_phdr_bytes(&h) + 1;
	assert_int_equal(elf_decode_image(&h, p.p, FILE_SIZE, LIMIT, &i, &why), -ENOEXEC);
	h.phdr_offset = ~0UL;
	assert_int_equal(elf_decode_image(&h, p.p, FILE_SIZE, LIMIT, &i, &why), -ENOEXEC);
	h.phdr_offset--;
	assert_int_equal(elf_decode_image(&h, p.p, FILE_SIZE, LIMIT, &i, &why), -ENOEXEC);
}

/* All that lib/elf.h promises, in 128-bit arithmetic. */
static void check_promises(const struct elf_image *i)
{
	typedef unsigned __int128 u128;
	struct elf_segment s;
	u32 index = 0, count = 0;
	u128 previous_end = 0;

	assert_true(i->header.entry < LIMIT);
	assert_true(i->align >= PAGE_SIZE && (i->align & (i->align - 1)) == 0);
	while (elf_next_load(i, &index, &s)) {
		assert_true(s.memory_size > 0 && s.memory_size >= s.file_size);
		assert_true((u128)s.offset + s.file_size <= INT64_MAX);
		assert_true(s.address >= previous_end);
		assert_int_equal(s.address % PAGE_SIZE, s.offset % PAGE_SIZE);
		previous_end = (u128)s.address + s.memory_size;
		assert_true(previous_end <= LIMIT);
		assert_true(count > 0 || i->load_start == s.address / PAGE_SIZE * PAGE_SIZE);
		count++;
	}
	assert_true(count > 0);
	assert_int_equal(
		i->load_end, (u64)((previous_end + PAGE_SIZE - 1) / PAGE_SIZE * PAGE_SIZE));
	if (i->phdr_address)
		assert_true(i->phdr_address >= i->load_start &&
			    i->phdr_address + elf_phdr_bytes(&i->header) <= i->load_end);
}

static void test_truncated(void **state)
{
	struct program p = good();
	struct elf_image i;

	for (size_t n = 0; n < sizeof(p); n++) {
		/* Exactly n bytes, so that the sanitizer sees one more. */
		void *file = malloc(n + !n);
		memcpy(file, &p, n);
		assert_int_equal(decode(file, n, FILE_SIZE, &i), -ENOEXEC);
		free(file);
	}
	for (u64 size = 0; size < sizeof(p); size++)
		assert_int_equal(decode(&p, sizeof(p), size, &i), -ENOEXEC);
	assert_int_equal(decode(&p, sizeof(p), sizeof(p), &i), 0);
}

static void flip(u8 *file, size_t bit)
{
	file[bit / 8] ^= (u8)(1 << bit % 8);
}

/* At an odd address: nothing says that a file is aligned in memory. */
static void test_flipped(void **state)
{
	struct program p = good();
	u8 *memory = malloc(sizeof(p) + 1), *file = memory + 1;
	struct elf_image i;
	u32 accepted = 0;

	memcpy(file, &p, sizeof(p));
	for (size_t a = 0; a < sizeof(p) * 8; a++) {
		flip(file, a);
		if (loads(file, sizeof(p), &i)) {
			check_promises(&i);
			accepted++;
		}
		/* And a second bit, somewhere. */
		for (u32 round = 0; round < 20; round++) {
			size_t b = unit_random_below(sizeof(p) * 8);
			flip(file, b);
			if (loads(file, sizeof(p), &i))
				check_promises(&i);
			flip(file, b);
		}
		flip(file, a);
	}
	/* Many bits mean nothing to us: sections, notes, physical addresses. */
	assert_true(accepted > 500);
	free(memory);
}

/* This very test, which the host's linker made. */
static void test_real(void **state)
{
	FILE *f = fopen("/proc/self/exe", "rb");
	static u8 file[16 << 20];
	struct elf_image i;

	assert_non_null(f);
	size_t n = fread(file, 1, sizeof(file), f);
	fclose(f);
	assert_int_equal(decode(file, n, n, &i), 0);
	assert_null(i.unloadable);
	check_promises(&i);
	assert_int_not_equal(i.phdr_address, 0);
	assert_int_equal(i.stack, ELF_STACK_NOEXEC);
	if (i.interp_size)
		assert_string_equal((char *)file + i.interp_offset, "/lib64/ld-linux-x86-64.so.2");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_variants),
		cmocka_unit_test(test_edges),
		cmocka_unit_test(test_ignored),
		cmocka_unit_test(test_spoilt_header),
		cmocka_unit_test(test_spoilt_segments),
		cmocka_unit_test(test_table_beyond_file),
		cmocka_unit_test(test_truncated),
		cmocka_unit_test(test_flipped),
		cmocka_unit_test(test_real),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

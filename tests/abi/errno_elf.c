// summary: programs that can't be started: ELF files with one thing wrong, and interpreters of them
//
// What is wrong before the old program is gone is an error; later, it is a death.
//
// Seen to fail: before what Linux finds too late was a death, and a missing piece of a dynamic linker EIO.
#include "images.h"

static void start_image(const char *what, const struct image *i, size_t n)
{
	put_bytes("program", i, n, 0755);
	start(what, "program");
}

/* One thing after another is wrong. */
#define WRONG(...)                                        \
	do {                                              \
		struct image i = good();                  \
		__VA_ARGS__;                              \
		start_image(#__VA_ARGS__, &i, sizeof(i)); \
	} while (0)

static void headers(void)
{
	WRONG((void)i);
	WRONG(i.e.e_ident[EI_MAG0] = 0);
	WRONG(i.e.e_ident[EI_MAG3] = 'G');
	WRONG(i.e.e_ident[EI_DATA] = ELFDATA2MSB);
	WRONG(i.e.e_ident[EI_VERSION] = 9);
	WRONG(i.e.e_ident[EI_OSABI] = 77);
	WRONG(i.e.e_type = ET_REL);
	WRONG(i.e.e_type = ET_CORE);
	WRONG(i.e.e_type = 0);
	WRONG(i.e.e_machine = EM_ARM);
	WRONG(i.e.e_machine = 0);
	WRONG(i.e.e_version = 0);
	WRONG(i.e.e_flags = ~0U);
	WRONG(i.e.e_ehsize = 1);
	WRONG(i.e.e_phentsize = 0);
	WRONG(i.e.e_phentsize = sizeof(Elf64_Phdr) + 8);
	WRONG(i.e.e_phnum = 0);
	WRONG(i.e.e_phnum = 2);
	WRONG(i.e.e_phnum = 5000);
	WRONG(i.e.e_phnum = 65535);
	WRONG(i.e.e_phoff = sizeof(struct image));
	WRONG(i.e.e_phoff = sizeof(struct image) - 8);
	WRONG(i.e.e_phoff = 1UL << 63);
	WRONG(i.e.e_phoff = ~0UL);
	WRONG(i.e.e_entry = 0);
	WRONG(i.e.e_entry = 1UL << 63);
	WRONG(i.e.e_shoff = ~0UL, i.e.e_shnum = 1);
}

static void segments(void)
{
	WRONG(i.p[0].p_type = PT_NOTE);
	WRONG(i.p[0].p_memsz = 0);
	WRONG(i.p[0].p_filesz = 0);
	WRONG(i.p[0].p_filesz = i.p[0].p_memsz + 1);
	WRONG(i.p[0].p_filesz = 1UL << 40, i.p[0].p_memsz = 1UL << 40);
	WRONG(i.p[0].p_memsz = 1UL << 47);
	WRONG(i.p[0].p_memsz = ~0UL);
	WRONG(i.p[0].p_vaddr = 1UL << 47);
	WRONG(i.p[0].p_vaddr = ~0UL << 47);
	WRONG(i.p[0].p_vaddr = ~0UL & ~4095UL);
	WRONG(i.p[0].p_vaddr += 1);
	WRONG(i.p[0].p_offset = PAGE);
	WRONG(i.p[0].p_offset = 1UL << 63);
	WRONG(i.p[0].p_offset = ~0UL & ~4095UL);
	WRONG(i.p[0].p_align = 3);
	WRONG(i.p[0].p_align = 0);
	WRONG(i.p[0].p_flags = PF_R);
	WRONG(i.p[0].p_flags = 0);
	WRONG(i.p[0].p_flags = PF_X);
	WRONG(i.p[0].p_flags = ~0U);
}

static void lengths(void)
{
	static const size_t shorter[] = {
		0, 1, 4, 16, 63, 64, 65, 119, 120, sizeof(struct image) - 1};
	struct image i = good();
	char what[30];

	for (unsigned n = 0; n < sizeof(shorter) / sizeof(shorter[0]); n++) {
		snprintf(what, sizeof(what), "%zu bytes", shorter[n]);
		start_image(what, &i, shorter[n]);
	}
}

/* -- the program that an ELF file asks to be loaded by -- */

#define WRONG_INTERPRETER(name, ...)                                 \
	do {                                                         \
		struct image i = with_interpreter(name);             \
		__VA_ARGS__;                                         \
		start_image(#name ": " #__VA_ARGS__, &i, sizeof(i)); \
	} while (0)

static void interpreters(void)
{
	make_files();
	WRONG_INTERPRETER("loader");
	WRONG_INTERPRETER("closed");
	WRONG_INTERPRETER("foreign");
	WRONG_INTERPRETER("object");
	WRONG_INTERPRETER("no segments");
	WRONG_INTERPRETER("nothing to load");
	WRONG_INTERPRETER("empty");
	WRONG_INTERPRETER("short");
	WRONG_INTERPRETER("text");
	WRONG_INTERPRETER("script");
	WRONG_INTERPRETER("directory");
	WRONG_INTERPRETER("nowhere");
	WRONG_INTERPRETER("nowhere/at/all");
	WRONG_INTERPRETER("text/below");
	WRONG_INTERPRETER("/dev/null");
	WRONG_INTERPRETER("");
	WRONG_INTERPRETER("loader", i.p[0].p_filesz = 0);
	WRONG_INTERPRETER("loader", i.p[0].p_filesz = 1);
	WRONG_INTERPRETER("loader", i.p[0].p_filesz = 4097);
	WRONG_INTERPRETER("loader", i.p[0].p_filesz = 4096);
	WRONG_INTERPRETER("loader", i.p[0].p_filesz -= 1);
	WRONG_INTERPRETER("loader", i.p[0].p_filesz += 4);
	WRONG_INTERPRETER("loader", i.p[0].p_offset = 1UL << 40);
	WRONG_INTERPRETER("loader", i.p[0].p_offset = sizeof(i) - 3);
	WRONG_INTERPRETER("loader", i.p[0].p_offset = 1UL << 63);
	WRONG_INTERPRETER("loader", i.p[0].p_offset = ~0UL);
	WRONG_INTERPRETER("nowhere", i.p[1].p_memsz = 1);
	WRONG_INTERPRETER("loader", i.p[1].p_memsz = 1);
	WRONG_INTERPRETER("loader", i.e.e_phnum = 3, i.p[2] = i.p[1], i.p[1] = i.p[0]);
	WRONG_INTERPRETER(
		"loader", i.e.e_phnum = 3, i.p[2] = i.p[1], i.p[1] = i.p[0], i.p[1].p_filesz = 1);
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	fsabi_begin();
	headers();
	segments();
	lengths();
	interpreters();
	return 0;
}

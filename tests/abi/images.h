/* ELF files of our own for execve(2), good and wrong. Each case is a child that starts one. */
#ifndef ABI_IMAGES_H
#define ABI_IMAGES_H

#include "fsabi.h"
#include "proc.h"

#include <elf.h>
#include <stddef.h>

#define BASE 0x10000000UL
#define PAGE 4096UL

/* A program that exits with 7: mov $60, %eax; mov $7, %edi; syscall. */
struct image {
	Elf64_Ehdr e;
	Elf64_Phdr p[3];
	unsigned char code[24];
	char interpreter[64];
};

static const unsigned char exit_7[] = {0xb8, 60, 0, 0, 0, 0xbf, 7, 0, 0, 0, 0x0f, 0x05};
static inline struct image good(void)
{
	struct image i = {
		.e = {.e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB,
			      EV_CURRENT},
			.e_type = ET_EXEC,
			.e_machine = EM_X86_64,
			.e_version = EV_CURRENT,
			.e_entry = BASE + offsetof(struct image, code),
			.e_phoff = offsetof(struct image, p),
			.e_ehsize = sizeof(Elf64_Ehdr),
			.e_phentsize = sizeof(Elf64_Phdr),
			.e_phnum = 1},
		.p = {{.p_type = PT_LOAD,
			.p_flags = PF_R | PF_X,
			.p_vaddr = BASE,
			.p_filesz = sizeof(struct image),
			.p_memsz = sizeof(struct image),
			.p_align = PAGE}},
	};
	memcpy(i.code, exit_7, sizeof(exit_7));
	return i;
}

static inline void put_bytes(const char *path, const void *bytes, size_t n, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0755);

	if (fd < 0 || write(fd, bytes, n) != (ssize_t)n || fchmod(fd, mode))
		printf("%s: %s\n", path, error_name(errno));
	close(fd);
}

/* In a child: the error, or how it ends. */
static inline void start(const char *what, const char *path)
{
	show_end(what, CHILD({
		char *const argv[] = {(char *)path, NULL};
		execve(path, argv, argv + 1);
		printf("%s: ", error_name(errno));
	}));
}

static inline struct image with_interpreter(const char *name)
{
	struct image i = good();

	i.e.e_phnum = 2;
	i.p[1] = i.p[0];
	snprintf(i.interpreter, sizeof(i.interpreter), "%s", name);
	i.p[0] = (Elf64_Phdr){.p_type = PT_INTERP,
		.p_flags = PF_R,
		.p_offset = offsetof(struct image, interpreter),
		.p_vaddr = BASE + offsetof(struct image, interpreter),
		.p_filesz = strlen(i.interpreter) + 1,
		.p_memsz = strlen(i.interpreter) + 1,
		.p_align = 1};
	return i;
}

/* Programs that load others, most of them wrong, and what is no program. */
static inline void make_files(void)
{
	struct image loader = good();

	loader.e.e_type = ET_DYN;
	loader.e.e_entry -= BASE;
	loader.p[0].p_vaddr = 0;
	put_bytes("loader", &loader, sizeof(loader), 0755);
	put_bytes("closed", &loader, sizeof(loader), 0644);
	loader.e.e_machine = EM_ARM;
	put_bytes("foreign", &loader, sizeof(loader), 0755);
	loader = good();
	loader.e.e_type = ET_REL;
	put_bytes("object", &loader, sizeof(loader), 0755);
	loader.e.e_type = ET_DYN;
	loader.e.e_phnum = 0;
	put_bytes("no segments", &loader, sizeof(loader), 0755);
	loader.e.e_phnum = 1;
	loader.p[0].p_type = PT_NOTE;
	put_bytes("nothing to load", &loader, sizeof(loader), 0755);
	put_bytes("empty", "", 0, 0755);
	put_bytes("short", &loader, 20, 0755);
	put_bytes("text",
		"This is not a program, but long enough to be the header of one: sixty-four bytes.\n",
		83, 0755);
	put_bytes("script",
		"#!/nowhere\nlong enough to be read as if it were the header of an ELF file, more than 64\n",
		88, 0755);
	mkdir("directory", 0755);
}

#endif

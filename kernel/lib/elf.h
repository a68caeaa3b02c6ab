/*
 * What exec needs to know of a 64-bit x86-64 ELF program, checked. Works on bytes in memory; reads nothing by itself:
 *
 *   1. read the first sizeof(Elf64_Ehdr) bytes of the file, elf_decode_header();
 *   2. read elf_phdr_bytes() bytes at header.phdr_offset, elf_decode_image();
 *   3. for each segment to be loaded, elf_next_load().
 *
 * After elf_decode_image() said 0 and if the image is not called unloadable, all that the results say is true: no sum overflows,
 * every file range lies in what a file can be, every address range below the limit, segments rise and do not overlap.
 * Whether the file has as many bytes is seen when they are read.
 */
#ifndef LIB_ELF_H
#define LIB_ELF_H

#include <linux/elf.h>

#include "lib/compiler.h"
#include "lib/types.h"

/* As in Linux: larger tables are not programs. */
#define ELF_PHDR_BYTES_MAX 65536UL

struct elf_header {
	bool executable;  /* ET_EXEC or ET_DYN */
	bool relocatable; /* ET_DYN: all addresses are relative to a base of the loader's choice */
	u64 entry;
	u64 phdr_offset;
	u32 phdr_count;
};

enum elf_stack { ELF_STACK_DEFAULT, ELF_STACK_NOEXEC, ELF_STACK_EXEC };

struct elf_image {
	struct elf_header header;
	const void *phdrs;	  /* the caller's; must stay while elf_next_load() is called */
	const char *unloadable;	  /* why the segments can't be loaded; NULL: they can */
	u64 load_start, load_end; /* whole pages that hold all segments */
	u64 align;	   /* of load_start when relocatable; a power of 2, at least a page */
	u64 phdr_address;  /* where a segment puts the program headers (AT_PHDR); 0: none does */
	u64 interp_offset; /* path of the dynamic linker in the file, with its NUL; any value */
	u64 interp_size;   /* 0: none asked for */
	enum elf_stack stack;
};

/* A segment with at least one byte in memory. */
struct elf_segment {
	u64 offset, file_size;	  /* offset and address are the same in a page */
	u64 address, memory_size; /* memory_size >= file_size; the rest is zero */
	u32 flags;		  /* PF_R, PF_W, PF_X */
};

/* 0, or -ENOEXEC and *why (a few words for the user). bytes is the start of the file, n how much of it there is. */
MUST_CHECK int elf_decode_header(
	const void *bytes, size_t n, struct elf_header *out, const char **why);

static inline size_t elf_phdr_bytes(const struct elf_header *h)
{
	return h->phdr_count * sizeof(Elf64_Phdr);
}

/* phdrs: elf_phdr_bytes() bytes, not necessarily aligned. limit: one past the last usable address. 0, or -ENOEXEC and *why. */
MUST_CHECK int elf_decode_image(const struct elf_header *h, const void *phdrs, u64 file_size,
	u64 limit, struct elf_image *out, const char **why);

/* Steps through the segments, if it is not unloadable: *index starts at 0. False after the last. */
bool elf_next_load(const struct elf_image *image, u32 *index, struct elf_segment *out);

#endif

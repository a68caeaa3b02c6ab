/* One ELF file on its way into an address space: the program, or its dynamic linker. Thread
 * context. */
#ifndef PROC_IMAGE_H
#define PROC_IMAGE_H

#include "lib/compiler.h"
#include "lib/elf.h"
#include "proc/file.h"

struct mm;

struct image {
	struct file *file; /* the caller's */
	struct elf_image elf;
	void *phdrs;
	struct page_source *source;
	u64 size;	    /* of the file, when it was opened */
	u64 bias;	    /* added to the file's addresses */
	u32 mode, uid, gid; /* the file's */
};

/* Reads and checks the headers. 0; -EACCES, -ENOEXEC, -EIO, -ENOMEM, perhaps with *why. */
MUST_CHECK int image_open(struct image *i, struct file *f, const char **why);
/* Also valid after image_open() failed. */
void image_close(struct image *i);

/* Maps all segments: at their addresses, or, if the file is relocatable, at `at` (0: where mmap would
 * put them). 0, -ENOMEM, or -ENOEXEC if the segments are wrong, or if something is there already. */
MUST_CHECK int image_map(struct image *i, struct mm *mm, uaddr_t at, const char **why);

/* n bytes of a file at offset: -ENOEXEC if it has fewer. */
MUST_CHECK int image_read(struct file *f, void *to, size_t n, u64 offset, const char **why);

#endif

/*
 * Mapping ELF files.
 *
 * Segments are mapped, not read: their areas refer to the file's pages (struct page_source), which
 * are shared as long as nobody writes to them. The last page of a segment that goes on in memory
 * after its part of the file ends (.bss) is zero from there on; that is the area's source_bytes.
 */
#include "proc/image.h"

#include <asm/stat.h>
#include <linux/stat.h>

#include "lib/errno.h"
#include "mm/mm.h"
#include "mm/slab.h"

int image_read(struct file *f, void *to, size_t n, u64 offset, const char **why)
{
	ssize_t got = file_read_kernel(f, to, n, offset);

	if (got < 0)
		return got;
	if ((size_t)got == n)
		return 0;
	*why = "the file is shorter than its headers say";
	return -ENOEXEC;
}

/* The size of a file that may be executed. */
static int image_check_file(struct image *i, u64 *size)
{
	struct file *f = i->file;
	struct stat st;

	if (!f->ops->stat || !f->ops->read || !f->ops->page_source)
		return -EACCES;
	int err = f->ops->stat(f, &st);
	if (err)
		return err;
	if (!S_ISREG(st.st_mode) || !(st.st_mode & (S_IXUSR | S_IXGRP | S_IXOTH)))
		return -EACCES;
	*size = i->size = st.st_size;
	i->mode = st.st_mode;
	i->uid = st.st_uid;
	i->gid = st.st_gid;
	return 0;
}

static int image_read_headers(struct image *i, u64 size, const char **why)
{
	Elf64_Ehdr bytes;
	struct elf_header header;
	size_t n = MIN(size, sizeof(bytes));

	int err = image_read(i->file, &bytes, n, 0, why);
	if (!err)
		err = elf_decode_header(&bytes, n, &header, why);
	if (err)
		return err;
	i->phdrs = kmalloc(elf_phdr_bytes(&header));
	if (!i->phdrs)
		return -ENOMEM;
	err = image_read(i->file, i->phdrs, elf_phdr_bytes(&header), header.phdr_offset, why);
	return err ? err : elf_decode_image(&header, i->phdrs, size, USER_END, &i->elf, why);
}

int image_open(struct image *i, struct file *f, const char **why)
{
	u64 size;

	*i = (struct image){.file = f};
	int err = image_check_file(i, &size);
	if (!err)
		err = image_read_headers(i, size, why);
	return err ? err : f->ops->page_source(f, &i->source);
}

void image_close(struct image *i)
{
	kfree(i->phdrs);
	if (i->source)
		i->source->ops->put(i->source);
	*i = (struct image){0};
}

/*
 * Finds a place for the whole file, and sees that nothing else is there. The place is taken and given
 * back at once: nobody else can use this address space yet, the segments then replace nothing but each
 * other where they share a page, and what lies between them stays unmapped.
 */
static int image_place(struct image *i, struct mm *mm, uaddr_t at, const char **why)
{
	const struct elf_image *e = &i->elf;
	bool relocatable = e->header.relocatable;
	bool anywhere = relocatable && !at;
	u64 slack = anywhere ? e->align - PAGE_SIZE : 0;
	u64 size = e->load_end - e->load_start;

	if (size + slack < size)
		return -ENOMEM;
	if (relocatable && at)
		at = ALIGN_DOWN(at, e->align);
	else if (!relocatable)
		at = e->load_start;
	int err = mm_map(mm, &at, size + slack, 0, 0,
		anywhere ? MAP_AT_HINT : MAP_AT_FIXED_NOREPLACE, NULL, 0, 0);
	if (err == -EEXIST || err == -EPERM) {
		*why = "the addresses that the program is linked to can't be used";
		return -ENOEXEC;
	}
	if (!err)
		err = mm_unmap(mm, at, size + slack);
	i->bias = ALIGN_UP(at, anywhere ? e->align : PAGE_SIZE) - e->load_start;
	return err;
}

static u32 segment_prot(u32 elf_flags)
{
	return (elf_flags & PF_R ? PT_READ : 0) | (elf_flags & PF_W ? PT_WRITE : 0) |
	       (elf_flags & PF_X ? PT_EXEC : 0);
}

static int map_segment(struct image *i, struct mm *mm, const struct elf_segment *s)
{
	u64 skew = s->address % PAGE_SIZE;
	uaddr_t at = i->bias + s->address - skew;
	u64 length = ALIGN_UP(skew + s->memory_size, PAGE_SIZE);
	/* Without .bss the rest of the last page is whatever follows in the file, and the page
	 * needs no copy. */
	u64 bytes = s->memory_size == s->file_size ? ~0UL : skew + s->file_size;
	bool file = s->file_size != 0;

	return mm_map(mm, &at, length, segment_prot(s->flags), 0, MAP_AT_FIXED,
		file ? i->source : NULL, file ? s->offset - skew : 0, file ? bytes : 0);
}

int image_map(struct image *i, struct mm *mm, uaddr_t at, const char **why)
{
	struct elf_segment s;
	u32 index = 0;

	if (i->elf.unloadable) {
		*why = i->elf.unloadable;
		return -ENOEXEC;
	}
	int err = image_place(i, mm, at, why);
	while (!err && elf_next_load(&i->elf, &index, &s))
		err = map_segment(i, mm, &s);
	return err;
}

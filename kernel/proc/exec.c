/*
 * Loading a program: from an open ELF file to an address space that its first thread can enter.
 *
 * Segments are mapped, not read: their areas refer to the file's pages (struct page_source), which
 * are shared as long as nobody writes to them. The last page of a segment that goes on in memory
 * after its part of the file ends (.bss) is zero from there on; that is the area's source_bytes.
 *
 * Addresses, as Linux chooses them. A program linked to fixed addresses lies there. A static PIE
 * lies where mmap would put it and its heap at PIE_BASE, far away from it. The stack is at the top,
 * mmap's area below it with room for the stack to reach its limit, the heap after the program. Each
 * place has a random part with as many bits as in Linux, or none with aslr=off.
 */
#include <asm/stat.h>
#include <linux/stat.h>

#include "lib/elf.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/slab.h"
#include "proc/exec.h"
#include "proc/process.h"
#include "proc/random.h"
#include "proc/stack.h"

#define PIE_BASE ALIGN_DOWN(USER_END / 3 * 2, PAGE_SIZE)
#define MMAP_RANDOM_PAGES BIT(28)
#define STACK_RANDOM_PAGES BIT(22)
#define BRK_RANDOM_BYTES (32 * MIB)
#define STACK_GUARD_GAP (256 * PAGE_SIZE)
/* What the stack may take of the address space, whatever its limit says. */
#define STACK_ROOM_MIN (128 * MIB)
#define STACK_ROOM_MAX (USER_END / 6 * 5)
/* What is mapped at first; mm/ makes the area grow down to its limit. */
#define STACK_FIRST_SIZE (33 * PAGE_SIZE)

static bool aslr RO_AFTER_INIT = true;

INIT_TEXT void process_set_aslr(bool on)
{
	aslr = on;
}

static u64 exec_random_pages(u64 pages)
{
	return aslr ? random_u64() % pages * PAGE_SIZE : 0;
}

/* What is known while a program is being loaded. */
struct exec {
	struct spawn *spawn;
	struct elf_image image;
	void *phdrs;
	struct page_source *source;
	struct mm *mm;
	u64 bias; /* added to the file's addresses */
	uaddr_t sp;
};

static int exec_read(struct exec *x, void *to, size_t n, u64 offset)
{
	ssize_t got = file_read_kernel(x->spawn->program, to, n, offset);

	if (got < 0)
		return got;
	if ((size_t)got == n)
		return 0;
	x->spawn->why = "the file is shorter than its headers say";
	return -ENOEXEC;
}

/* The size of a file that may be executed. */
static int exec_check_file(struct exec *x, u64 *size)
{
	struct file *f = x->spawn->program;
	struct stat st;

	if (!f->ops->stat || !f->ops->read || !f->ops->page_source)
		return -EACCES;
	int err = f->ops->stat(f, &st);
	if (err)
		return err;
	if (!S_ISREG(st.st_mode) || !(st.st_mode & (S_IXUSR | S_IXGRP | S_IXOTH)))
		return -EACCES;
	*size = st.st_size;
	return 0;
}

static int exec_read_headers(struct exec *x)
{
	Elf64_Ehdr bytes;
	struct elf_header header;
	u64 size;

	int err = exec_check_file(x, &size);
	if (err)
		return err;
	size_t n = MIN(size, sizeof(bytes));
	err = exec_read(x, &bytes, n, 0);
	if (!err)
		err = elf_decode_header(&bytes, n, &header, &x->spawn->why);
	if (err)
		return err;
	x->phdrs = kmalloc(elf_phdr_bytes(&header));
	if (!x->phdrs)
		return -ENOMEM;
	err = exec_read(x, x->phdrs, elf_phdr_bytes(&header), header.phdr_offset);
	if (err)
		return err;
	err = elf_decode_image(&header, x->phdrs, size, USER_END, &x->image, &x->spawn->why);
	if (!err && x->image.interp_size) {
		x->spawn->why = "the program is dynamically linked, which is not supported yet";
		err = -ENOEXEC;
	}
	return err;
}

/* mmap's area grows down from here. */
static uaddr_t exec_mmap_base(u64 stack_limit)
{
	u64 room = stack_limit;
	u64 pad = STACK_RANDOM_PAGES * PAGE_SIZE + STACK_GUARD_GAP;

	if (room + pad > room)
		room += pad;
	room = MIN(MAX(room, STACK_ROOM_MIN), STACK_ROOM_MAX);
	return ALIGN_DOWN(USER_END - room - exec_random_pages(MMAP_RANDOM_PAGES), PAGE_SIZE);
}

/*
 * Finds a place for the whole program, and sees that nothing else is there. The place is taken and
 * given back at once: nobody else can use this address space yet, the segments then replace nothing
 * but each other where they share a page, and what lies between them stays unmapped.
 */
static int exec_place(struct exec *x)
{
	const struct elf_image *image = &x->image;
	bool anywhere = image->header.relocatable;
	u64 slack = anywhere ? image->align - PAGE_SIZE : 0;
	u64 size = image->load_end - image->load_start;
	uaddr_t at = anywhere ? 0 : image->load_start;

	if (size + slack < size)
		return -ENOMEM;
	int err = mm_map(x->mm, &at, size + slack, 0, 0,
		anywhere ? MAP_AT_HINT : MAP_AT_FIXED_NOREPLACE, NULL, 0, 0);
	if (err == -EEXIST || err == -EPERM) {
		x->spawn->why = "the addresses that the program is linked to can't be used";
		return -ENOEXEC;
	}
	if (!err)
		err = mm_unmap(x->mm, at, size + slack);
	x->bias = ALIGN_UP(at, anywhere ? image->align : PAGE_SIZE) - image->load_start;
	return err;
}

static u32 exec_prot(u32 elf_flags)
{
	return (elf_flags & PF_R ? PT_READ : 0) | (elf_flags & PF_W ? PT_WRITE : 0) |
	       (elf_flags & PF_X ? PT_EXEC : 0);
}

static int exec_map_segment(struct exec *x, const struct elf_segment *s)
{
	u64 skew = s->address % PAGE_SIZE;
	uaddr_t at = x->bias + s->address - skew;
	u64 length = ALIGN_UP(skew + s->memory_size, PAGE_SIZE);
	/* Without .bss the rest of the last page is whatever follows in the file, and the page
	 * needs no copy. */
	u64 bytes = s->memory_size == s->file_size ? ~0UL : skew + s->file_size;
	bool file = s->file_size != 0;

	return mm_map(x->mm, &at, length, exec_prot(s->flags), 0, MAP_AT_FIXED,
		file ? x->source : NULL, file ? s->offset - skew : 0, file ? bytes : 0);
}

static int exec_map_segments(struct exec *x)
{
	struct elf_segment s;
	u32 index = 0;

	while (elf_next_load(&x->image, &index, &s)) {
		int err = exec_map_segment(x, &s);
		if (err)
			return err;
	}
	return 0;
}

static void exec_place_brk(struct exec *x)
{
	u64 end = x->image.header.relocatable ? PIE_BASE : x->image.load_end;

	if (aslr)
		end += random_u64() % BRK_RANDOM_BYTES / PAGE_SIZE * PAGE_SIZE;
	x->mm->brk_start = end;
	x->mm->brk = end;
}

static int exec_map_stack(struct exec *x, u64 stack_limit)
{
	uaddr_t top = USER_END - exec_random_pages(STACK_RANDOM_PAGES);
	u32 prot = PT_READ | PT_WRITE | (x->image.stack == ELF_STACK_EXEC ? PT_EXEC : 0);
	uaddr_t at = top - STACK_FIRST_SIZE;

	x->mm->stack_top = top;
	x->mm->stack_limit = MAX(stack_limit, STACK_FIRST_SIZE);
	return mm_map(
		x->mm, &at, STACK_FIRST_SIZE, prot, AREA_STACK, MAP_AT_FIXED_NOREPLACE, NULL, 0, 0);
}

/* The address space of the new program. */
static int exec_build_mm(struct exec *x, u64 stack_limit)
{
	struct file *f = x->spawn->program;

	int err = f->ops->page_source(f, &x->source);
	if (err)
		return err;
	err = mm_create(&x->mm);
	if (err)
		return err;
	x->mm->mmap_base = exec_mmap_base(stack_limit);
	err = exec_map_stack(x, stack_limit);
	if (!err)
		err = exec_place(x);
	if (!err)
		err = exec_map_segments(x);
	if (!err)
		exec_place_brk(x);
	return err;
}

static int exec_build_stack(struct exec *x, const struct process *p)
{
	const struct elf_image *image = &x->image;
	struct stack_contents c = {
		.path = x->spawn->path,
		.argv = x->spawn->argv,
		.envp = x->spawn->envp,
		.cred = &p->cred,
		.stack_limit = p->limits[RLIMIT_STACK].rlim_cur,
		.phdrs = image->phdr_address ? x->bias + image->phdr_address : 0,
		.phdr_count = image->header.phdr_count,
		.entry = x->bias + image->header.entry,
		.randomise = aslr,
	};

	int err = stack_check(&c);
	return err ? err : stack_build(x->mm, x->mm->stack_top, &c, &x->sp);
}

static void exec_cleanup(struct exec *x)
{
	kfree(x->phdrs);
	if (x->source)
		x->source->ops->put(x->source);
	if (x->mm)
		mm_put_user(x->mm);
}

int exec_load(struct spawn *s, const struct process *p, struct exec_result *out)
{
	struct exec x = {.spawn = s};

	int err = exec_read_headers(&x);
	if (!err)
		err = exec_build_mm(&x, p->limits[RLIMIT_STACK].rlim_cur);
	if (!err)
		err = exec_build_stack(&x, p);
	if (!err) {
		*out = (struct exec_result){
			.mm = x.mm,
			.entry = x.bias + x.image.header.entry,
			.sp = x.sp,
		};
		x.mm = NULL;
	}
	exec_cleanup(&x);
	return err;
}

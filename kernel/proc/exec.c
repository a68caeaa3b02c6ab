/*
 * Loading a program: from an open file to an address space that a thread can enter.
 *
 * Addresses, as Linux chooses them. A program linked to fixed addresses lies there. One that is
 * relocatable and has a dynamic linker lies at PIE_BASE, its linker where mmap would put it; a static
 * PIE lies where mmap would put it and its heap at PIE_BASE, far away from it. The stack is at the top,
 * mmap's area below it with room for the stack to reach its limit, the heap after the program. Each
 * place has a random part with as many bits as in Linux, or none with aslr=off.
 *
 * Nothing of the old program is touched here, so any error leaves it as it was. Linux finds some of
 * them too late for that (too_late says so), and the program is killed; so do we, then.
 */
#include "proc/exec.h"

#include <linux/limits.h>
#include <linux/personality.h>
#include <linux/stat.h>

#include "lib/errno.h"
#include "lib/string.h"
#include "mm/mm.h"
#include "mm/slab.h"
#include "proc/image.h"
#include "proc/process.h"
#include "proc/ptrace.h"
#include "proc/random.h"
#include "proc/stack.h"
#include "proc/vdso.h"

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

static bool aslr_on RO_AFTER_INIT = true;
static const struct exec_ops *exec_ops;

INIT_TEXT void process_set_aslr(bool on)
{
	aslr_on = on;
}

void exec_set_ops(const struct exec_ops *ops)
{
	WRITE_ONCE(exec_ops, ops);
}

int exec_open(const char *path, struct file **out)
{
	const struct exec_ops *ops = READ_ONCE(exec_ops);

	return ops ? ops->open(path, out) : -ENOENT;
}

int exec_file_hold(struct file *f)
{
	const struct exec_ops *ops = READ_ONCE(exec_ops);

	if (!f)
		return 0;
	int err = ops ? ops->hold(f) : 0;
	if (!err)
		file_get(f);
	return err;
}

void exec_file_put(struct file *f)
{
	const struct exec_ops *ops = READ_ONCE(exec_ops);

	if (!f)
		return;
	if (ops)
		ops->release(f);
	file_put(f);
}

/* What is known while a program is being loaded. */
struct exec {
	struct exec_request *request;
	struct image program, linker;
	struct file *linker_file; /* NULL: none is asked for */
	struct mm *mm;
	bool aslr;
	u32 euid, egid;
	uaddr_t sp;
	uaddr_t vdso; /* its ELF header, or 0 */
};

static u64 random_pages(const struct exec *x, u64 pages)
{
	return x->aslr ? random_u64() % pages * PAGE_SIZE : 0;
}

/* -- files -- */

static int open_linker(struct exec *x)
{
	const struct elf_image *e = &x->program.elf;
	const char **why = &x->request->why;

	if (!e->interp_size)
		return 0;
	if (e->interp_offset > INT64_MAX)
		return -EINVAL;
	char *path = kmalloc(e->interp_size);
	if (!path)
		return -ENOMEM;
	int err = image_read(x->program.file, path, e->interp_size, e->interp_offset, why);
	if (err == -ENOEXEC)
		err = -EIO;
	if (!err && path[e->interp_size - 1] != '\0')
		err = -ENOEXEC;
	if (!err)
		err = exec_open(path, &x->linker_file);
	kfree(path);
	if (err) {
		*why = "its dynamic linker can't be opened";
		return err;
	}
	err = image_open(&x->linker, x->linker_file, why);
	/* As Linux: a broken linker is a bad library, not a bad program, and one that has no header could not be read. */
	if (err != -ENOEXEC)
		return err;
	return x->linker.size < sizeof(Elf64_Ehdr) ? -EIO : -ELIBBAD;
}

/* Set-user-id and set-group-id: the latter only with the group's execute bit, which without means
 * something else. */
static void read_identity(struct exec *x)
{
	const struct image *i = &x->program;
	const struct credentials *c = x->request->cred;

	x->euid = c->euid;
	x->egid = c->egid;
	if (x->request->no_new_privs || ptrace_exec_keeps_ids())
		return;
	if (i->mode & S_ISUID)
		x->euid = i->uid;
	if ((i->mode & (S_ISGID | S_IXGRP)) == (S_ISGID | S_IXGRP))
		x->egid = i->gid;
}

static int open_files(struct exec *x)
{
	struct exec_request *r = x->request;

	int err = script_resolve(r);
	if (!err)
		err = image_open(&x->program, r->file, &r->why);
	if (!err && !x->program.elf.header.executable) {
		r->why = x->program.elf.unloadable;
		err = -ENOEXEC;
	}
	if (err)
		return err;
	read_identity(x);
	return open_linker(x);
}

/* -- the address space -- */

/* mmap's area grows down from here. */
static uaddr_t choose_mmap_base(const struct exec *x)
{
	u64 room = x->request->stack_limit;
	u64 pad = STACK_RANDOM_PAGES * PAGE_SIZE + STACK_GUARD_GAP;

	if (room + pad > room)
		room += pad;
	room = MIN(MAX(room, STACK_ROOM_MIN), STACK_ROOM_MAX);
	return ALIGN_DOWN(USER_END - room - random_pages(x, MMAP_RANDOM_PAGES), PAGE_SIZE);
}

static void place_brk(struct exec *x)
{
	const struct image *p = &x->program;
	bool static_pie = p->elf.header.relocatable && !x->linker_file;
	u64 end = static_pie ? PIE_BASE : p->bias + p->elf.load_end;

	x->mm->brk_start = x->mm->brk = end + random_pages(x, BRK_RANDOM_BYTES / PAGE_SIZE);
}

/* What /proc shows, as Linux has it: code is what may be executed, and data begins with the last segment. */
static void note_segments(struct exec *x)
{
	const struct image *p = &x->program;
	struct mm *mm = x->mm;
	struct elf_segment s;
	u32 index = 0;

	mm->code_start = UINT64_MAX;
	while (elf_next_load(&p->elf, &index, &s)) {
		uaddr_t start = p->bias + s.address, end = start + s.file_size;

		if (s.flags & PF_X) {
			mm->code_start = MIN(mm->code_start, start);
			mm->code_end = MAX(mm->code_end, end);
		}
		mm->data_start = MAX(mm->data_start, start);
		mm->data_end = MAX(mm->data_end, end);
	}
	if (mm->code_end == 0)
		mm->code_start = 0;
}

static int map_stack(struct exec *x)
{
	uaddr_t top = USER_END - random_pages(x, STACK_RANDOM_PAGES);
	bool exec = x->program.elf.stack == ELF_STACK_EXEC;
	uaddr_t at = top - STACK_FIRST_SIZE;

	x->mm->stack_top = top;
	x->mm->stack_limit = MAX(x->request->stack_limit, STACK_FIRST_SIZE);
	return mm_map(x->mm, &at, STACK_FIRST_SIZE, PT_READ | PT_WRITE | (exec ? PT_EXEC : 0),
		AREA_STACK, MAP_AT_FIXED_NOREPLACE, NULL, 0, 0);
}

static int map_images(struct exec *x)
{
	const char **why = &x->request->why;
	uaddr_t at = x->linker_file ? PIE_BASE + random_pages(x, MMAP_RANDOM_PAGES) : 0;

	int err = image_map(&x->program, x->mm, at, why);
	if (!err && x->linker_file)
		err = image_map(&x->linker, x->mm, 0, why);
	return err;
}

static int build_mm(struct exec *x)
{
	int err = mm_create(&x->mm);

	if (err)
		return err;
	x->mm->mmap_base = choose_mmap_base(x);
	/* It outlives execve(2); the first program has nothing before it. */
	x->mm->no_huge = current_thread()->mm && READ_ONCE(current_thread()->mm->no_huge);
	err = map_stack(x);
	if (err)
		return err;
	err = map_images(x);
	if (!err)
		err = vdso_map(x->mm, x->aslr ? random_u64() : 0, &x->vdso);
	/* Linux has thrown the old program away before it maps the new one. */
	x->request->too_late = err != 0;
	if (err)
		return err;
	place_brk(x);
	note_segments(x);
	return 0;
}

static int build_stack(struct exec *x)
{
	const struct image *p = &x->program;
	struct credentials cred = *x->request->cred;

	bool secure = cred_exec(&cred, x->euid, x->egid, x->request->no_new_privs);
	struct stack_contents c = {
		.path = x->request->path,
		.args = &x->request->args,
		.cred = &cred,
		.secure = secure,
		.phdrs = p->elf.phdr_address ? p->bias + p->elf.phdr_address : 0,
		.phdr_count = p->elf.header.phdr_count,
		.entry = p->bias + p->elf.header.entry,
		.base = x->linker_file ? x->linker.bias : 0,
		.vdso = x->vdso,
		.randomise = x->aslr,
	};
	return stack_build(x->mm, x->mm->stack_top, &c, &x->sp);
}

/* -- all of it -- */

static void cleanup(struct exec *x)
{
	image_close(&x->program);
	image_close(&x->linker);
	exec_file_put(x->linker_file);
	if (x->mm)
		mm_put_user(x->mm);
}

static bool is_secret(const struct exec *x)
{
	const struct exec_ops *ops = READ_ONCE(exec_ops);

	return ops && (!ops->may_read(x->program.file) ||
			      (x->linker_file && !ops->may_read(x->linker_file)));
}

static void hand_over(struct exec *x, struct exec_result *out)
{
	const struct image *first = x->linker_file ? &x->linker : &x->program;

	*out = (struct exec_result){
		.mm = x->mm,
		.entry = first->bias + first->elf.header.entry,
		.sp = x->sp,
		.euid = x->euid,
		.egid = x->egid,
		.secret = is_secret(x),
	};
	x->mm = NULL;
}

int exec_load(struct exec_request *r, struct exec_result *out)
{
	struct process *p = current_process();
	struct exec x = {.request = r, .aslr = aslr_on};

	if (p && (READ_ONCE(p->personality) & ADDR_NO_RANDOMIZE))
		x.aslr = false;
	r->too_late = false;
	int err = open_files(&x);
	if (!err)
		err = build_mm(&x);
	if (!err)
		err = build_stack(&x);
	if (!err)
		hand_over(&x, out);
	cleanup(&x);
	return err;
}

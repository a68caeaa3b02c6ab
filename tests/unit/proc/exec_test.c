/*
 * Loading programs: which areas a file becomes, where they lie, and that a failure at any point
 * leaves nothing behind.
 *
 * The address space is a double that records what is mapped. Seen to fail: with the file's offset
 * not moved back to the page, "segments"; with source_bytes always given, "a page without .bss is
 * not copied"; with the alignment ignored, "static PIE"; with mm_put_user() left out of
 * exec_cleanup(), "no memory".
 */
// sources: kernel/proc/cred.c kernel/proc/exec.c kernel/proc/spawn.c kernel/proc/file.c kernel/lib/elf.c
// sources: kernel/proc/image.c kernel/proc/args.c kernel/proc/script.c
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include <asm/stat.h>
#include <linux/elf.h>
#include <linux/stat.h>

#include "arch/cpu.h"
#include "fail_alloc.h"
#include "fake_ptrace.h"
#include "lib/errno.h"
#include "mm/slab.h"
#include "proc/create.h"
#include "proc/exec.h"
#include "proc/pid.h"
#include "proc/process.h"
#include "proc/random.h"
#include "proc/signal.h"
#include "proc/stack.h"
#include "proc/user.h"

/* -- doubles -- */

struct mapped {
	uaddr_t start, end;
	u32 prot, flags;
	struct page_source *source;
	u64 offset, bytes;
};

static struct mapped areas[16];
static u32 area_count;
static struct mm the_mm;
static int mm_users, source_refs, starts;
static struct trap_frame first_frame;
static struct thread the_thread;
static u64 random_value;

int mm_create(struct mm **out)
{
	if (fail_alloc_now())
		return -ENOMEM;
	memset(&the_mm, 0, sizeof(the_mm));
	area_count = 0;
	mm_users = 1;
	*out = &the_mm;
	return 0;
}

void mm_put_user(struct mm *mm)
{
	mm_users--;
}

int mm_map(struct mm *mm, uaddr_t *address, size_t length, u32 prot, u32 flags, u32 how,
	struct page_source *source, u64 offset, u64 bytes)
{
	if (fail_alloc_now())
		return -ENOMEM;
	assert_int_equal(length % PAGE_SIZE, 0);
	if (how == MAP_AT_HINT)
		*address = mm->mmap_base - length;
	assert_int_equal(*address % PAGE_SIZE, 0);
	for (u32 i = 0; i < area_count && how == MAP_AT_FIXED_NOREPLACE; i++)
		if (areas[i].start < *address + length && *address < areas[i].end)
			return -EEXIST;
	areas[area_count++] =
		(struct mapped){*address, *address + length, prot, flags, source, offset, bytes};
	return 0;
}

int mm_unmap(struct mm *mm, uaddr_t start, size_t length)
{
	if (fail_alloc_now())
		return -ENOMEM;
	for (u32 i = 0; i < area_count; i++)
		if (areas[i].start >= start && areas[i].end <= start + length)
			areas[i] = areas[--area_count];
	return 0;
}

int mm_write(struct mm *mm, uaddr_t to, const void *from, size_t n)
{
	return 0;
}

static struct stack_contents built;

int stack_build(struct mm *mm, uaddr_t top, const struct stack_contents *c, uaddr_t *sp)
{
	if (fail_alloc_now())
		return -ENOMEM;
	built = *c;
	*sp = top - 64;
	return 0;
}

u64 random_u64(void)
{
	return random_value;
}

int process_create(const char *path, struct process **out)
{
	*out = kzalloc(sizeof(**out));
	if (!*out)
		return -ENOMEM;
	refcount_init(&(*out)->refs);
	(*out)->pid = 42;
	return 0;
}

void limits_init(struct rlimit64 limits[RLIM_NLIMITS])
{
	limits[RLIMIT_STACK].rlim_cur = 8 * MIB;
}

void process_put(struct process *p)
{
	if (!refcount_put(&p->refs))
		return;
	exec_file_put(p->program);
	kfree(p->signals.actions);
	kfree(p->fs);
	kfree(p);
}

struct spinlock pid_table_lock = SPINLOCK_INIT("pid table", RANK_PID_TABLE);

void process_publish_locked(struct process *p, struct process *parent, struct thread *t)
{
	assert_ptr_equal(p->mm, &the_mm);
	assert_null(parent);
}

void process_set_name(struct process *p, const char *path)
{
}

struct signal_actions *signal_actions_create(void)
{
	return kzalloc(sizeof(struct signal_actions));
}

struct fs_context *fs_context_create(struct dentry *cwd, struct dentry *root, u32 umask)
{
	return kzalloc(sizeof(struct fs_context));
}

struct user *user_get(u32 uid)
{
	return fail_alloc_now() ? NULL : (struct user *)&the_mm;
}

void user_put(struct user *u)
{
}

int user_join(struct user *u, struct thread *t)
{
	return fail_alloc_now() ? -EAGAIN : 0;
}

struct thread *thread_create_user(
	const char *name, struct process *process, struct mm *mm, const struct trap_frame *frame)
{
	if (fail_alloc_now())
		return NULL;
	first_frame = *frame;
	return &the_thread;
}

void thread_start(struct thread *t)
{
	starts++;
}

void thread_put(struct thread *t)
{
}

void files_get(struct files *t)
{
}

/* -- a file in memory -- */

static char image[3 * 4096];
static size_t image_size;
static u32 image_mode;

static ssize_t image_read(struct file *f, struct iobuf *to, u64 *pos)
{
	if (*pos >= image_size)
		return 0;
	ssize_t n = iobuf_put(to, image + *pos, image_size - *pos);
	*pos += (u64)n;
	return n;
}

static int image_stat(struct file *f, struct stat *out)
{
	*out = (struct stat){.st_mode = image_mode, .st_size = (long)image_size};
	return 0;
}

static void source_put(struct page_source *s)
{
	source_refs--;
}

static const struct page_source_ops source_ops = {.put = source_put};
static struct page_source source = {.ops = &source_ops};

static int image_source(struct file *f, struct page_source **out)
{
	source_refs++;
	*out = &source;
	return 0;
}

static const struct file_ops ops = {
	.read = image_read, .stat = image_stat, .page_source = image_source};

static void make_image(u32 type, u64 entry, const Elf64_Phdr *segments, u32 count)
{
	Elf64_Ehdr h = {
		.e_ident = {0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT},
		.e_type = (u16)type,
		.e_machine = EM_X86_64,
		.e_version = EV_CURRENT,
		.e_entry = entry,
		.e_phoff = sizeof(h),
		.e_phentsize = sizeof(Elf64_Phdr),
		.e_phnum = (u16)count,
	};

	image_size = sizeof(image);
	image_mode = S_IFREG | 0755;
	memset(image, 0, sizeof(image));
	memcpy(image, &h, sizeof(h));
	memcpy(image + sizeof(h), segments, count * sizeof(*segments));
}

static struct files files;
static const char *why;

static int spawn(struct process **out)
{
	char *none[] = {NULL};
	struct file *f = file_create(&ops, 0, NULL);

	if (!f)
		return -ENOMEM;
	struct spawn s = {.program = f, .path = "/p", .argv = none, .envp = none, .files = &files};
	starts = 0;
	int err = process_spawn_with(&s, out);
	why = s.why;
	file_put(f);
	assert_int_equal(source_refs, 0);
	assert_int_equal(starts, err == 0);
	if (err)
		assert_non_null(why);
	return err;
}

static int spawn_and_forget(void)
{
	struct process *p;

	int err = spawn(&p);
	if (!err) {
		assert_ptr_equal(p->mm, &the_mm);
		assert_int_equal(mm_users, 1);
		process_put(p);
	}
	return err;
}

static const struct mapped *area_at(uaddr_t start)
{
	const struct mapped *found = NULL;

	/* The last one replaced what was there before. */
	for (u32 i = 0; i < area_count; i++)
		if (areas[i].start == start)
			found = &areas[i];
	if (!found)
		fail_msg("nothing is mapped at %lx", start);
	return found;
}

static int set_up(void **state)
{
	static struct thread runner;

	this_cpu()->current = &runner;
	process_set_aslr(false);
	random_value = 0;
	return 0;
}

static const Elf64_Phdr fixed[] = {
	{.p_type = PT_LOAD,
		.p_flags = PF_R,
		.p_vaddr = 0x50000000,
		.p_filesz = 0x400,
		.p_memsz = 0x400},
	{.p_type = PT_LOAD,
		.p_flags = PF_R | PF_X,
		.p_offset = 0x1000,
		.p_vaddr = 0x50001000,
		.p_filesz = 0x234,
		.p_memsz = 0x234},
	{.p_type = PT_LOAD,
		.p_flags = PF_R | PF_W,
		.p_offset = 0x1f10,
		.p_vaddr = 0x50003f10,
		.p_filesz = 0x200,
		.p_memsz = 0x5000},
	{.p_type = PT_LOAD, .p_flags = PF_R | PF_W, .p_vaddr = 0x5000a000, .p_memsz = 0x10},
};

static void segments(void **state)
{
	make_image(ET_EXEC, 0x50001010, fixed, 4);
	assert_int_equal(spawn_and_forget(), 0);
	assert_int_equal(first_frame.rip, 0x50001010);
	assert_int_equal(first_frame.rsp, the_mm.stack_top - 64);
	assert_int_equal(first_frame.rflags, 0x202);
	assert_int_equal(first_frame.cs, 0x33);
	assert_int_equal(first_frame.rax, 0);
	const struct mapped *a = area_at(0x50001000);
	assert_int_equal(a->prot, PT_READ | PT_EXEC);
	assert_int_equal(a->offset, 0x1000);
	a = area_at(0x50003000);
	assert_int_equal(a->end, 0x50009000);
	assert_int_equal(a->prot, PT_READ | PT_WRITE);
	assert_int_equal(a->offset, 0x1000);
	assert_int_equal(a->bytes, 0xf10 + 0x200);
	a = area_at(0x5000a000);
	assert_null(a->source);
	assert_int_equal(the_mm.brk, 0x5000b000);
	assert_int_equal(built.phdrs, 0x50000040);
	assert_int_equal(built.phdr_count, 4);
	assert_int_equal(built.entry, 0x50001010);
}

static void a_page_without_bss_is_not_copied(void **state)
{
	make_image(ET_EXEC, 0x50001010, fixed, 4);
	assert_int_equal(spawn_and_forget(), 0);
	assert_int_equal(area_at(0x50001000)->bytes, ~0UL);
}

static void static_pie(void **state)
{
	const Elf64_Phdr pie[] = {
		{.p_type = PT_LOAD,
			.p_flags = PF_R | PF_X,
			.p_filesz = 0x1000,
			.p_memsz = 0x1000,
			.p_align = 0x200000},
		{.p_type = PT_LOAD,
			.p_flags = PF_R | PF_W,
			.p_offset = 0x1000,
			.p_vaddr = 0x201000,
			.p_filesz = 0x10,
			.p_memsz = 0x3000,
			.p_align = 0x200000},
	};

	make_image(ET_DYN, 0x100, pie, 2);
	assert_int_equal(spawn_and_forget(), 0);
	uaddr_t base = first_frame.rip - 0x100;
	assert_int_equal(base % 0x200000, 0);
	assert_true(base + 0x204000 <= the_mm.mmap_base);
	assert_int_equal(area_at(base)->prot, PT_READ | PT_EXEC);
	assert_int_equal(area_at(base + 0x201000)->bytes, 0x10);
	assert_int_equal(the_mm.brk, 0x555555554000);
	assert_int_equal(built.phdrs, base + 64);
}

/* The later one's permissions hold, as on Linux. */
static void two_segments_in_one_page(void **state)
{
	Elf64_Phdr one_page[] = {fixed[1], fixed[1]};

	one_page[1].p_vaddr = 0x50001800;
	one_page[1].p_offset = 0x1800;
	one_page[1].p_flags = PF_R | PF_W;
	make_image(ET_EXEC, 0x50001010, one_page, 2);
	assert_int_equal(spawn_and_forget(), 0);
	assert_int_equal(area_at(0x50001000)->prot, PT_READ | PT_WRITE);
}

static void the_stack(void **state)
{
	Elf64_Phdr with_flag[] = {
		fixed[1], {.p_type = PT_GNU_STACK, .p_flags = PF_R | PF_W | PF_X}};

	make_image(ET_EXEC, 0x50001010, fixed, 4);
	assert_int_equal(spawn_and_forget(), 0);
	const struct mapped *stack = &areas[0];
	assert_int_equal(stack->end, the_mm.stack_top);
	assert_int_equal(stack->prot, PT_READ | PT_WRITE);
	assert_int_equal(stack->flags, AREA_STACK);
	assert_int_equal(the_mm.stack_limit, 8 * MIB);
	make_image(ET_EXEC, 0x50001010, with_flag, 2);
	assert_int_equal(spawn_and_forget(), 0);
	assert_int_equal(areas[0].prot, PT_READ | PT_WRITE | PT_EXEC);
	with_flag[1].p_flags = PF_R | PF_W;
	make_image(ET_EXEC, 0x50001010, with_flag, 2);
	assert_int_equal(spawn_and_forget(), 0);
	assert_int_equal(areas[0].prot, PT_READ | PT_WRITE);
}

/* Every place moves, and none leaves its bounds: with the largest random numbers, too. */
static void addresses_are_random(void **state)
{
	process_set_aslr(true);
	for (int i = 0; i < 1000; i++) {
		random_value = i == 0 ? UINT64_MAX : unit_random();
		make_image(ET_EXEC, 0x50001010, fixed, 4);
		assert_int_equal(spawn_and_forget(), 0);
		assert_true(the_mm.stack_top <= USER_END);
		assert_true(the_mm.stack_top > USER_END - (16 * GIB) - PAGE_SIZE);
		assert_true(the_mm.mmap_base < the_mm.stack_top - 8 * MIB);
		assert_true(the_mm.brk >= 0x5000b000 && the_mm.brk < 0x5000b000 + 32 * MIB);
		assert_int_equal(the_mm.mmap_base % PAGE_SIZE, 0);
		assert_int_equal(the_mm.brk % PAGE_SIZE, 0);
	}
}

static void refused(void **state)
{
	Elf64_Phdr interp[] = {
		fixed[1], {.p_type = PT_INTERP, .p_offset = 0x500, .p_filesz = 20, .p_memsz = 20}};
	Elf64_Phdr one_page[] = {fixed[1], fixed[1]};

	/* Its path does not end with NUL; then it does, and there is no such file. */
	make_image(ET_EXEC, 0x50001010, interp, 2);
	memset(image + 0x500, 'x', 20);
	assert_int_equal(spawn_and_forget(), -ENOEXEC);
	assert_non_null(strstr(why, "dynamic"));
	image[0x500 + 19] = '\0';
	assert_int_equal(spawn_and_forget(), -ENOENT);
	assert_non_null(strstr(why, "dynamic"));

	/* Where the stack is. */
	one_page[0].p_vaddr = one_page[1].p_vaddr = USER_END - PAGE_SIZE;
	make_image(ET_EXEC, 0x50001010, one_page, 1);
	assert_int_equal(spawn_and_forget(), -ENOEXEC);
	assert_non_null(strstr(why, "addresses"));

	make_image(ET_EXEC, 0x50001010, fixed, 4);
	image_mode = S_IFREG | 0644;
	assert_int_equal(spawn_and_forget(), -EACCES);
	image_mode = S_IFDIR | 0755;
	assert_int_equal(spawn_and_forget(), -EACCES);
	make_image(ET_EXEC, 0x50001010, fixed, 4);
	for (image_size = 0; image_size < 64 + 4 * 56; image_size += 3)
		assert_int_equal(spawn_and_forget(), -ENOEXEC);
	make_image(ET_REL, 0x50001010, fixed, 4);
	assert_int_equal(spawn_and_forget(), -ENOEXEC);
}

/* Any file: what happens is an error or a program, and nothing is left. */
static void broken_files(void **state)
{
	for (int i = 0; i < 20000; i++) {
		make_image(i % 2 ? ET_EXEC : ET_DYN, 0x50001010, fixed, 4);
		for (u64 n = 1 + unit_random_below(6); n > 0; n--)
			image[unit_random_below(64 + 4 * 56)] = (char)unit_random();
		area_count = 0;
		int err = spawn_and_forget();
		assert_true(err == 0 || err == -ENOEXEC || err == -ENOMEM || err == -ENOENT ||
			    err == -EIO || err == -EINVAL);
	}
}

static void try_spawn(void *arg)
{
	mm_users = 0;
	int err = spawn_and_forget();
	if (!err)
		mm_put_user(&the_mm);
	assert_int_equal(err, fail_alloc_happened() ? -ENOMEM : 0);
	assert_int_equal(mm_users, 0);
}

static void no_memory(void **state)
{
	make_image(ET_DYN, 0x50001010, fixed, 4);
	fail_alloc_each(try_spawn, NULL);
}

int main(void)
{
#define TEST(t) cmocka_unit_test_setup(t, set_up)
	const struct CMUnitTest tests[] = {
		TEST(segments),
		TEST(a_page_without_bss_is_not_copied),
		TEST(static_pie),
		TEST(two_segments_in_one_page),
		TEST(the_stack),
		TEST(addresses_are_random),
		TEST(refused),
		TEST(broken_files),
		TEST(no_memory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

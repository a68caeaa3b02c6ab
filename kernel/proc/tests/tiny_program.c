/*
 * An ELF file in one frame: header, program headers, code at offset 0x200, data at 0xf00.
 *
 * The frame is the file's only page: the code segment maps it as it is, the data segment with .bss
 * after "data".
 */
#include "proc/tests/tiny_program.h"

#include <asm/stat.h>
#include <linux/elf.h>
#include <linux/stat.h>

#include "arch/clock.h"
#include "arch/control.h"
#include "arch/irqflags.h"
#include "init/guest_test.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/slab.h"
#include "proc/create.h"
#include "proc/pid.h"
#include "sched/wait.h"

#define CODE_OFFSET 0x200
#define DATA_OFFSET 0xf00
#define BASE 0x50000000UL

struct tiny_file {
	struct page_source source;
	struct refcount refs; /* the file and each mapping */
	struct page *page;
};

static struct tiny_file *tiny_of(struct page_source *s)
{
	return CONTAINER_OF(s, struct tiny_file, source);
}

static int tiny_get_page(struct page_source *s, u64 index, struct page **out)
{
	if (index != 0)
		return -ENXIO;
	*out = tiny_of(s)->page;
	frame_get(*out);
	return 0;
}

static void tiny_get(struct page_source *s)
{
	refcount_get(&tiny_of(s)->refs);
}

static void tiny_put(struct page_source *s)
{
	struct tiny_file *t = tiny_of(s);

	if (!refcount_put(&t->refs))
		return;
	frame_put(t->page);
	kfree(t);
}

static const char *tiny_name(struct page_source *s)
{
	return "tiny";
}

static const struct page_source_ops source_ops = {
	.get_page = tiny_get_page,
	.get = tiny_get,
	.put = tiny_put,
	.name = tiny_name,
};

static ssize_t tiny_read(struct file *f, struct iobuf *to, u64 *pos)
{
	struct tiny_file *t = f->private;

	if (*pos >= PAGE_SIZE)
		return 0;
	ssize_t n = iobuf_put(to, (char *)page_address(t->page) + *pos, PAGE_SIZE - *pos);
	*pos += n > 0 ? n : 0;
	return n;
}

static int tiny_stat(struct file *f, struct stat *out)
{
	*out = (struct stat){.st_mode = S_IFREG | 0755, .st_size = PAGE_SIZE};
	return 0;
}

static int tiny_page_source(struct file *f, struct page_source **out)
{
	struct tiny_file *t = f->private;

	tiny_get(&t->source);
	*out = &t->source;
	return 0;
}

static void tiny_release(struct file *f)
{
	struct tiny_file *t = f->private;

	tiny_put(&t->source);
}

static const struct file_ops file_ops = {
	.read = tiny_read,
	.stat = tiny_stat,
	.page_source = tiny_page_source,
	.release = tiny_release,
};

static void tiny_fill(char *image, const void *code, size_t size)
{
	Elf64_Ehdr header = {
		.e_ident = {0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT},
		.e_type = ET_EXEC,
		.e_machine = EM_X86_64,
		.e_version = EV_CURRENT,
		.e_entry = BASE + CODE_OFFSET,
		.e_phoff = sizeof(header),
		.e_phentsize = sizeof(Elf64_Phdr),
		.e_phnum = 2,
	};
	Elf64_Phdr segments[2] = {
		{.p_type = PT_LOAD,
			.p_flags = PF_R | PF_X,
			.p_vaddr = BASE,
			.p_filesz = PAGE_SIZE,
			.p_memsz = PAGE_SIZE},
		{.p_type = PT_LOAD,
			.p_flags = PF_R | PF_W,
			.p_offset = DATA_OFFSET,
			.p_vaddr = BASE + PAGE_SIZE + DATA_OFFSET,
			.p_filesz = 4,
			.p_memsz = 4 + PAGE_SIZE},
	};

	memset(image, 0xcc, PAGE_SIZE);
	memcpy(image, &header, sizeof(header));
	memcpy(image + sizeof(header), segments, sizeof(segments));
	memcpy(image + CODE_OFFSET, code, size);
	memcpy(image + DATA_OFFSET, "data", 4);
}

static struct file *tiny_create(const void *code, size_t size)
{
	struct tiny_file *t = kzalloc(sizeof(*t));
	struct page *page = frame_alloc(0, 0);
	struct file *f = t && page ? file_create(&file_ops, 0, t) : NULL;

	if (!f) {
		kfree(t);
		if (page)
			frame_put(page);
		return NULL;
	}
	t->source.ops = &source_ops;
	t->page = page;
	refcount_init(&t->refs);
	tiny_fill(page_address(page), code, size);
	return f;
}

struct process *tiny_spawn(const void *code, size_t size, void (*prepare)(struct process *p))
{
	char *const argv[] = {(char *)"tiny", NULL}, *const envp[] = {NULL};
	struct process *p = NULL;
	struct files *files = files_create();
	struct file *f = files ? tiny_create(code, size) : NULL;
	struct spawn s = {.program = f,
		.path = "/tiny",
		.argv = argv,
		.envp = envp,
		.files = files,
		.publishing = prepare};

	if (!f || process_spawn_with(&s, &p))
		p = NULL;
	if (f)
		file_put(f);
	if (files)
		files_put(files);
	return p;
}

void tiny_add_thread(struct process *p, uaddr_t ip)
{
	struct trap_frame frame = {.vector = VECTOR_FIRST_RETURN,
		.rip = ip,
		.cs = USER_CS,
		.rflags = RFLAGS_FIXED | RFLAGS_IF,
		.ss = USER_DS};
	struct mm *mm = process_get_mm(p);
	struct thread *t = mm ? thread_create_user("tiny", p, mm, &frame) : NULL;

	EXPECT(t);
	if (t) {
		EXPECT(pid_alloc(&t->tid) == 0);
		spin_lock(&pid_table_lock);
		process_add_thread_locked(p, t);
		spin_unlock(&pid_table_lock);
		thread_start(t);
		thread_put(t);
	}
	if (mm)
		mm_put_user(mm);
}

static void look_again_later(void)
{
	(void)!sleep_until(clock_now_ns() + NS_PER_MS);
}

void tiny_until_run(struct process *p, u64 since, u64 ns)
{
	while (process_runtime(p) < since + ns)
		look_again_later();
}

/* A thread that sleeps but has not left its CPU may still find that it need not sleep. */
static bool is_asleep(const struct thread *t)
{
	return atomic32_load(&t->state) == THREAD_SLEEPING_INTERRUPTIBLE && !READ_ONCE(t->on_cpu);
}

static bool all_asleep(struct process *p)
{
	struct thread *t;
	bool all = true;

	spin_lock(&p->lock);
	list_for_each_entry (t, &p->threads, process_link)
		all &= is_asleep(t);
	spin_unlock(&p->lock);
	return all;
}

void tiny_until_asleep(struct process *p)
{
	while (!all_asleep(p))
		look_again_later();
}

static bool all_rest(struct process *p)
{
	struct thread *t;
	bool all = atomic32_load(&p->stopped);

	u64 flags = spin_lock_irqsave(&p->signals.lock);
	list_for_each_entry (t, &p->signals.threads, signals.link)
		all &= t->signals.resting && !READ_ONCE(t->on_cpu);
	spin_unlock_irqrestore(&p->signals.lock, flags);
	return all;
}

void tiny_until_stopped(struct process *p)
{
	while (!all_rest(p))
		look_again_later();
}

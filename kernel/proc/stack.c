/*
 * The first things on a program's stack, as the x86-64 ABI and Linux lay them out. From high
 * addresses to low:
 *
 *     8 zero bytes                      at the top of the stack
 *     path of the program               AT_EXECFN
 *     strings of envp, then of argv     each ends with NUL; in memory argv[0] comes first
 *     random gap below 8 KiB, then aligned to 16
 *     "x86_64", 16 random bytes         AT_PLATFORM, AT_RANDOM
 *     auxiliary vector                  pairs, the last is AT_NULL
 *     envp pointers, NULL
 *     argv pointers, NULL
 *     argc                              <- RSP, a multiple of 16
 *
 * The new address space is not the current one, so everything goes through mm_write(). Pointers are
 * gathered in a small buffer and written in stretches, because there may be hundreds of thousands.
 */
#include "proc/stack.h"

#include <asm/hwcap2.h>
#include <asm/sigcontext.h>
#include <asm/siginfo.h>
#include <asm/signal.h>
#include <asm/ucontext.h>
#include <linux/auxvec.h>
#include <linux/elf.h>

#include "arch/features.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "proc/args.h"
#include "proc/process.h"
#include "proc/random.h"

#define GAP_MAX 8192
#define CLOCK_TICKS 100
#define AUX_MAX 24

/* Words written one after the other, upwards. */
struct word_writer {
	struct mm *mm;
	uaddr_t at;
	u32 count;
	int err; /* the first one; nothing is written afterwards */
	u64 words[64];
};

static void words_flush(struct word_writer *w)
{
	size_t n = w->count * sizeof(u64);

	if (!w->err && n)
		w->err = mm_write(w->mm, w->at, w->words, n);
	w->at += n;
	w->count = 0;
}

static void words_add(struct word_writer *w, u64 word)
{
	w->words[w->count++] = word;
	if (w->count == ARRAY_SIZE(w->words))
		words_flush(w);
}

struct pointer_writer {
	struct word_writer *words;
	uaddr_t strings;
	u64 argv_bytes;
	bool in_envp;
};

static void words_add_pointer(u64 offset, void *arg)
{
	struct pointer_writer *p = arg;

	if (!p->in_envp && offset >= p->argv_bytes) {
		words_add(p->words, 0);
		p->in_envp = true;
	}
	words_add(p->words, p->strings + offset);
}

/* argv's pointers, NULL, envp's, NULL. */
static void words_add_pointers(struct word_writer *w, uaddr_t strings, const struct exec_args *args)
{
	struct pointer_writer p = {.words = w, .strings = strings, .argv_bytes = args->argv_bytes};

	args_for_each(args, words_add_pointer, &p);
	if (!p.in_envp)
		words_add(w, 0);
	words_add(w, 0);
}

/* What a signal handler's frame takes at most: registers and siginfo, and the XSAVE area aligned to
 * 64 with its end marker. */
static u64 signal_frame_bytes(void)
{
	u64 fixed = sizeof(uaddr_t) + sizeof(struct ucontext) + sizeof(siginfo_t);

	return ALIGN_UP(fixed + 63 + cpu_features.xsave_size + sizeof(u32) + 15, 16UL);
}

struct aux {
	u64 pair[2 * AUX_MAX];
	u32 count;
};

static void aux_add(struct aux *a, u64 type, u64 value)
{
	CHECK(a->count < AUX_MAX);
	a->pair[2 * a->count] = type;
	a->pair[2 * a->count + 1] = value;
	a->count++;
}

static void aux_fill(struct aux *a, const struct stack_contents *c, uaddr_t execfn,
	uaddr_t platform, uaddr_t random)
{

	a->count = 0;
	if (c->vdso)
		aux_add(a, AT_SYSINFO_EHDR, c->vdso);
	aux_add(a, AT_MINSIGSTKSZ, signal_frame_bytes());
	aux_add(a, AT_HWCAP, cpu_features.hwcap);
	aux_add(a, AT_PAGESZ, PAGE_SIZE);
	aux_add(a, AT_CLKTCK, CLOCK_TICKS);
	aux_add(a, AT_PHDR, c->phdrs);
	aux_add(a, AT_PHENT, sizeof(Elf64_Phdr));
	aux_add(a, AT_PHNUM, c->phdr_count);
	aux_add(a, AT_BASE, c->base);
	aux_add(a, AT_FLAGS, 0);
	aux_add(a, AT_ENTRY, c->entry);
	aux_add(a, AT_UID, c->cred->uid);
	aux_add(a, AT_EUID, c->cred->euid);
	aux_add(a, AT_GID, c->cred->gid);
	aux_add(a, AT_EGID, c->cred->egid);
	aux_add(a, AT_SECURE, c->secure);
	aux_add(a, AT_RANDOM, random);
	aux_add(a, AT_HWCAP2, HWCAP2_FSGSBASE);
	aux_add(a, AT_EXECFN, execfn);
	aux_add(a, AT_PLATFORM, platform);
	aux_add(a, AT_NULL, 0);
}

static const char platform_name[] = "x86_64";

/* Where everything goes. */
struct stack_plan {
	uaddr_t execfn, strings, platform, random, sp;
	u32 aux_count;
};

static void stack_plan(struct stack_plan *p, uaddr_t top, const struct stack_contents *c)
{
	p->execfn = top - sizeof(u64) - (strlen(c->path) + 1);
	p->strings = p->execfn - c->args->bytes;
	uaddr_t at = p->strings - (c->randomise ? random_u64() % GAP_MAX : 0);
	p->platform = ALIGN_DOWN(at, 16) - sizeof(platform_name);
	p->random = p->platform - 16;
	u64 words = 1 + (c->args->argc + 1) + (c->args->envc + 1) + 2 * p->aux_count;
	p->sp = ALIGN_DOWN(ALIGN_DOWN(p->random, 16) - words * sizeof(u64), 16);
}

static int write_texts(struct mm *mm, const struct stack_plan *p, const struct stack_contents *c)
{
	u8 random[16];

	random_bytes(random, sizeof(random));
	int err = mm_write(mm, p->random, random, sizeof(random));
	if (!err)
		err = mm_write(mm, p->platform, platform_name, sizeof(platform_name));
	if (!err)
		err = mm_write(mm, p->execfn, c->path, strlen(c->path) + 1);
	return err ? err : args_write(c->args, mm, p->strings);
}

/* What /proc shows. */
static void stack_remember(
	struct mm *mm, const struct stack_plan *p, const struct stack_contents *c)
{
	mm->arg_start = p->strings;
	mm->arg_end = mm->env_start = p->strings + c->args->argv_bytes;
	mm->env_end = p->execfn;
	mm->stack_start = p->sp;
	mm->auxv_start = p->sp + (1 + (c->args->argc + 1UL) + (c->args->envc + 1UL)) * sizeof(u64);
	mm->auxv_end = mm->auxv_start + 2UL * p->aux_count * sizeof(u64);
}

int stack_build(struct mm *mm, uaddr_t top, const struct stack_contents *c, uaddr_t *sp)
{
	struct stack_plan p;
	struct aux aux;

	/* The number of entries decides where they go, and where the texts go is in the entries. */
	aux_fill(&aux, c, 0, 0, 0);
	p.aux_count = aux.count;
	stack_plan(&p, top, c);
	aux_fill(&aux, c, p.execfn, p.platform, p.random);
	stack_remember(mm, &p, c);

	int err = write_texts(mm, &p, c);
	if (err)
		return err;
	struct word_writer w = {.mm = mm, .at = p.sp};
	words_add(&w, c->args->argc);
	words_add_pointers(&w, p.strings, c->args);
	for (u32 i = 0; i < 2 * aux.count; i++)
		words_add(&w, aux.pair[i]);
	words_flush(&w);
	*sp = p.sp;
	return w.err;
}

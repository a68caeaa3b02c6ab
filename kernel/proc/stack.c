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
#include "proc/process.h"
#include "proc/random.h"

/* What a quarter of a limit can't exceed: three quarters of the default stack. */
#define STRINGS_MAX (6 * MIB)
/* However small the stack limit is, so much is allowed. */
#define STRINGS_MIN (32 * PAGE_SIZE)
#define STRING_MAX (32 * PAGE_SIZE)
#define GAP_MAX 8192
#define CLOCK_TICKS 100
#define AUX_MAX 24

static int strings_count(char *const *strings, u64 *count, u64 *bytes)
{
	for (; *strings; strings++) {
		size_t n = strnlen(*strings, STRING_MAX) + 1;
		if (n > STRING_MAX)
			return -E2BIG;
		*bytes += n;
		(*count)++;
	}
	return 0;
}

int stack_check(const struct stack_contents *c)
{
	u64 limit = MAX(MIN(c->stack_limit / 4, STRINGS_MAX), STRINGS_MIN);
	u64 count = 0, bytes = 0;

	if (strnlen(c->path, STRING_MAX) >= STRING_MAX)
		return -E2BIG;
	if (strings_count(c->argv, &count, &bytes) || strings_count(c->envp, &count, &bytes))
		return -E2BIG;
	bytes += strlen(c->path) + 1;
	/* Pointers count, too: an argument of no length costs nine bytes. */
	if (bytes + count * sizeof(uaddr_t) > limit)
		return -E2BIG;
	return 0;
}

static u64 strings_bytes(char *const *strings, u64 *count)
{
	u64 bytes = 0;

	for (*count = 0; *strings; strings++, (*count)++)
		bytes += strlen(*strings) + 1;
	return bytes;
}

static int write_strings(struct mm *mm, uaddr_t at, char *const *strings)
{
	for (; *strings; strings++) {
		size_t n = strlen(*strings) + 1;
		int err = mm_write(mm, at, *strings, n);
		if (err)
			return err;
		at += n;
	}
	return 0;
}

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

/* Pointers to strings that lie one after the other from first on, and NULL. */
static void words_add_pointers(struct word_writer *w, uaddr_t first, char *const *strings)
{
	for (; *strings; strings++) {
		words_add(w, first);
		first += strlen(*strings) + 1;
	}
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
	bool secure = c->cred->euid != c->cred->uid || c->cred->egid != c->cred->gid;

	a->count = 0;
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
	aux_add(a, AT_SECURE, secure);
	aux_add(a, AT_RANDOM, random);
	aux_add(a, AT_HWCAP2, HWCAP2_FSGSBASE);
	aux_add(a, AT_EXECFN, execfn);
	aux_add(a, AT_PLATFORM, platform);
	aux_add(a, AT_NULL, 0);
}

static const char platform_name[] = "x86_64";

/* Where everything goes. */
struct stack_plan {
	u64 argc, envc;
	uaddr_t execfn, envp, argv, platform, random, sp;
	u32 aux_count;
};

static void stack_plan(struct stack_plan *p, uaddr_t top, const struct stack_contents *c)
{
	u64 argv_bytes = strings_bytes(c->argv, &p->argc);
	u64 envp_bytes = strings_bytes(c->envp, &p->envc);

	p->execfn = top - sizeof(u64) - (strlen(c->path) + 1);
	p->envp = p->execfn - envp_bytes;
	p->argv = p->envp - argv_bytes;
	uaddr_t at = p->argv - (c->randomise ? random_u64() % GAP_MAX : 0);
	p->platform = ALIGN_DOWN(at, 16) - sizeof(platform_name);
	p->random = p->platform - 16;
	u64 words = 1 + (p->argc + 1) + (p->envc + 1) + 2 * p->aux_count;
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
	if (!err)
		err = write_strings(mm, p->envp, c->envp);
	if (!err)
		err = write_strings(mm, p->argv, c->argv);
	return err;
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

	int err = write_texts(mm, &p, c);
	if (err)
		return err;
	struct word_writer w = {.mm = mm, .at = p.sp};
	words_add(&w, p.argc);
	words_add_pointers(&w, p.argv, c->argv);
	words_add_pointers(&w, p.envp, c->envp);
	for (u32 i = 0; i < 2 * aux.count; i++)
		words_add(&w, aux.pair[i]);
	words_flush(&w);
	*sp = p.sp;
	return w.err;
}

/*
 * See mm/inject.h.
 *
 * Whoever changes the configuration (the command line, /proc/airlock-fail) first turns everything off. Its words are read one by one
 * and without a lock: a site that passes at that moment may go by a mixture, which is as good as any. The system's sites are counted by one atomic counter, so with one CPU, a seed and
 * `--icount` a run can be repeated exactly; whether site number n fails is a function of n and the seed alone.
 *
 * Nothing here allocates or takes a lock: sites are anywhere.
 */
#define LOG_SUBSYSTEM "inject"
#include "mm/inject.h"

#include "arch/cpu.h"
#include "arch/upcalls.h"
#include "lib/atomic.h"
#include "lib/string.h"
#include "sanitize/kcsan.h"
#include "sched/thread.h"
#include "trace/ksyms.h"
#include "trace/log.h"

#if defined(AIRLOCK_DEBUG) && !defined(AIRLOCK_HOST_TEST)

#define KINDS_MEMORY (BIT(INJECT_FRAME) | BIT(INJECT_TABLE) | BIT(INJECT_STACK) | BIT(INJECT_SLAB))
#define KINDS_ALL (KINDS_MEMORY | BIT(INJECT_DEVICE))
#define WORD_MAX 64

static const char *const kind_names[INJECT_KINDS] = {
	"frame", "table", "stack", "slab", "device", "copy"};

static struct {
	u64 kinds;
	u64 nth;    /* this site of the system's, 0: none */
	u64 one_in; /* on average one of so many, 0: none */
	u64 seed;
	char name[16]; /* threads of this name only; "": all of programs */
	bool kernel;   /* the kernel's own threads, too */
} config = {.kinds = KINDS_ALL};

static bool started;
static atomic64_t asked, failed;

/* A well-mixed function of a number: the finalizer of the SplitMix64 generator. */
static u64 mix(u64 x)
{
	x += 0x9e3779b97f4a7c15UL;
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9UL;
	x = (x ^ x >> 27) * 0x94d049bb133111ebUL;
	return x ^ x >> 31;
}

static bool is_meant(const struct thread *t, bool interrupt)
{
	if (!READ_ONCE(config.kernel) && !interrupt && !t->process)
		return false;
	return DATA_RACE(config.name[0] == '\0' || strcmp(t->name, config.name) == 0);
}

/* The system's choice. */
static bool choose(const struct thread *t, bool interrupt)
{
	u64 nth = READ_ONCE(config.nth), one_in = READ_ONCE(config.one_in);

	if ((!nth && !one_in) || !is_meant(t, interrupt))
		return false;
	u64 n = atomic64_fetch_add(&asked, 1) + 1;

	return n == nth || (one_in && mix(n ^ mix(READ_ONCE(config.seed))) % one_in == 0);
}

/* The thread's own choice; false in *mine if it has none. */
static bool count_down(struct thread *t, bool *mine)
{
	u32 nth = READ_ONCE(t->inject.nth);

	*mine = nth != 0;
	if (nth)
		WRITE_ONCE(t->inject.nth, nth - 1);
	return nth == 1;
}

static void tell(enum inject_kind kind, const char *what, u64 size, const void *caller,
	const struct thread *t)
{
	char where[96];

	atomic64_fetch_add(&failed, 1);
	if (!log_enabled(LOG_DEBUG))
		return;
	log_debug("%s %s (%lu bytes) fails in %s/%u at %016lx %s", kind_names[kind], what, size,
		t->name, t->tid, (u64)caller, ksym_format(where, sizeof(where), (u64)caller));
}

bool inject_fails(enum inject_kind kind, const char *what, u64 size, const void *caller)
{
	if (!READ_ONCE(started) || !(READ_ONCE(config.kinds) & BIT(kind)))
		return false;
	struct thread *t = current_thread();
	bool interrupt = this_cpu()->irq_depth > 0, mine = false, yes = false;

	if (!interrupt) {
		if (t->inject.exempt)
			return false;
		yes = count_down(t, &mine);
	}
	if (!mine)
		yes = choose(t, interrupt);
	if (!yes)
		return false;
	if (!interrupt)
		t->inject.failed++;
	tell(kind, what, size, caller, t);
	return true;
}

bool upcall_copy_fails(u64 n, const void *caller)
{
	return inject_fails(INJECT_COPY, "of a program's memory", n, caller);
}

void inject_exempt_begin(const char *reason)
{
	struct thread *t = current_thread();

	/* Start-up has no thread, and nothing fails in it. */
	if (t)
		t->inject.exempt++;
}

void inject_exempt_end(void)
{
	struct thread *t = current_thread();

	if (t)
		t->inject.exempt--;
}

u32 inject_count(void)
{
	return current_thread()->inject.failed;
}

bool inject_take(void)
{
	struct inject_thread *i = &current_thread()->inject;
	bool some = i->seen != i->failed;

	i->seen = i->failed;
	return some;
}

u32 inject_get_nth(const struct thread *t)
{
	return READ_ONCE(t->inject.nth);
}

void inject_set_nth(struct thread *t, u32 nth)
{
	WRITE_ONCE(t->inject.nth, nth);
}

void inject_figures(struct inject_figures *out)
{
	*out = (struct inject_figures){
		.asked = atomic64_load(&asked), .failed = atomic64_load(&failed)};
}

INIT_TEXT void inject_start(void)
{
	WRITE_ONCE(started, true);
}

/* -- the command line, /proc/airlock-fail -- */

/* Copies text up to one of two separators, or its end, to word, and moves *text behind it. */
static bool take_word(const char **text, char separator, char *word)
{
	u32 n = 0;

	if (**text == '\0')
		return false;
	for (; **text && **text != separator; (*text)++)
		if (n < WORD_MAX - 1)
			word[n++] = **text;
	word[n] = '\0';
	if (**text)
		(*text)++;
	return true;
}

static u64 kinds_of(const char *name)
{
	if (!strcmp(name, "all"))
		return KINDS_ALL;
	if (!strcmp(name, "memory"))
		return KINDS_MEMORY;
	for (u32 i = 0; i < INJECT_KINDS; i++)
		if (!strcmp(name, kind_names[i]))
			return BIT(i);
	return 0;
}

static bool parse_kinds(const char *text)
{
	char word[WORD_MAX];

	u64 all = 0;

	while (take_word(&text, '+', word)) {
		u64 kinds = kinds_of(word);

		if (!kinds)
			return false;
		all |= kinds;
	}
	WRITE_ONCE(config.kinds, all);
	return all != 0;
}

static bool take_kernel(const char *word)
{
	bool kernel = !strcmp(word, "kernel");

	WRITE_ONCE(config.kernel, kernel);
	return kernel;
}

static bool take_number(const char *value, u64 *to)
{
	u64 number;

	if (!string_to_u64(value, &number))
		return false;
	WRITE_ONCE(*to, number);
	return true;
}

static bool parse_setting(char *word)
{
	char *value = strchr(word, ':');

	if (!value)
		return take_kernel(word);
	*value++ = '\0';
	if (!strcmp(word, "name"))
		return string_copy(config.name, value, sizeof(config.name));
	if (!strcmp(word, "nth"))
		return take_number(value, &config.nth);
	if (!strcmp(word, "prob"))
		return take_number(value, &config.one_in);
	return !strcmp(word, "seed") && take_number(value, &config.seed);
}

static void turn_off(void)
{
	WRITE_ONCE(config.nth, 0);
	WRITE_ONCE(config.one_in, 0);
	WRITE_ONCE(config.seed, 0);
	WRITE_ONCE(config.kernel, false);
	WRITE_ONCE(config.name[0], '\0');
	atomic64_store(&asked, 0);
}

bool inject_parse(const char *text)
{
	char word[WORD_MAX];

	turn_off();
	if (!take_word(&text, ',', word) || !parse_kinds(word))
		return false;
	while (take_word(&text, ',', word))
		if (!parse_setting(word))
			return false;
	return true;
}

#endif

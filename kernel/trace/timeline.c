/*
 * The last crossings as a timeline, in the manner of the report that this project began with. One line a record:
 *
 *   cpu0 +0.000123456 R3-IRET    #41: RIP=0x50000000 root 0x101000 -> 0x66f000 IF=0
 *   cpu0 +0.000131002 R3-TIMER   #42: RIP=0x5000000b root 0x66f000
 *   cpu0 +0.000140110 R3-SYSRET  #43: RIP=0x50000010 after SYSCALL nr=39 for 310 ns root -> 0x66f000
 *
 * A system call is one record, made when it is over (ring.h): what happened during it stands before it.
 * #n counts the records of that CPU since it started, of all kinds together. The rings of all CPUs, and their NMI rings
 * (counted apart, #Nn), are merged by time stamp: at every step the oldest of the rings' next records is printed. Nothing is
 * allocated, so a report from any context can do it while the CPUs go on recording; records that are overwritten before
 * their turn comes are named.
 */
#include "trace/timeline.h"

#include "arch/clock.h"
#include "arch/vectors.h"
#include "lib/compiler.h"
#include "lib/format.h"
#include "trace/ksyms.h"

static const char *exception_word(u64 vector)
{
	static const char *const words[] = {"#DE", "#DB", "NMI", "#BP", "#OF", "#BR", "#UD", "#NM",
		"#DF", NULL, "#TS", "#NP", "#SS", "#GP", "#PF", NULL, "#MF", "#AC", "#MC", "#XM",
		"#VE", "#CP"};

	return vector < ARRAY_SIZE(words) ? words[vector] : NULL;
}

const char *vector_name(u64 vector)
{
	const char *word = exception_word(vector);

	switch (vector) {
	case VECTOR_SYSCALL:
		return "SYSCALL";
	case VECTOR_FIRST_RETURN:
		return "START";
	case VECTOR_TIMER:
		return "TIMER";
	case VECTOR_IPI:
		return "IPI";
	default:
		return word ? word : "IRQ";
	}
}

/* Nanoseconds after start; time stamps of different CPUs may differ by a little, so never below 0. */
static u64 elapsed_ns(u64 start_tsc, u64 tsc)
{
	u64 khz = clock_tsc_khz();

	if (!khz || tsc < start_tsc)
		return 0;
	return (tsc - start_tsc) / khz * NS_PER_MS + (tsc - start_tsc) % khz * NS_PER_MS / khz;
}

static const char *if_word(const struct trace_record *r)
{
	u32 flags = trace_flags(r);

	if (!(flags & TRACE_LOOKED))
		return "";
	return flags & TRACE_IF ? " IF=1" : " IF=0";
}

static const char *late_word(const struct trace_record *r)
{
	return trace_flags(r) & TRACE_LATE ? " WORK PENDING" : "";
}

/* Threads of the kernel's own are numbered apart: k0 is the boot CPU's idle thread. */
static const char *format_thread(char text[16], u32 tid)
{
	format(text, 16, "%s%u", tid & TRACE_KERNEL_THREAD ? "k" : "", tid & ~TRACE_KERNEL_THREAD);
	return text;
}

static int format_call(char *text, size_t size, const struct trace_record *r)
{
	u64 khz = clock_tsc_khz();
	u64 ns = khz ? (r->tsc - trace_began(r)) * 1000000 / khz : 0;

	return format(text, size, "RIP=%#lx after SYSCALL nr=%u for %lu ns root -> %#lx%s%s",
		trace_address(r), r->number, ns, r->word, if_word(r), late_word(r));
}

static int format_exit(char *text, size_t size, const struct trace_record *r)
{
	return format(text, size, "RIP=%#lx after %s root %#lx -> %#lx%s%s", trace_address(r),
		vector_name(r->extra), (u64)r->number << PAGE_SHIFT, r->word, if_word(r),
		late_word(r));
}

static int format_entry(char *text, size_t size, const struct trace_record *r)
{
	return format(text, size, "RIP=%#lx vector=%u error=%#x root %#lx", trace_address(r),
		r->extra, r->number, r->word);
}

static int format_switch(char *text, size_t size, const struct trace_record *r)
{
	char from[16], to[16];

	return format(text, size, "thread %s -> %s root %#lx", format_thread(from, r->number),
		format_thread(to, r->extra), r->word);
}

static int format_interrupted(char *text, size_t size, const struct trace_record *r)
{
	return format(text, size, "RIP=%#lx vector=%u error=%#x in %s", trace_address(r), r->extra,
		r->number, trace_flags(r) & TRACE_USER ? "ring 3" : "the kernel");
}

static int format_wake(char *text, size_t size, const struct trace_record *r)
{
	char who[16], by[16];

	return format(text, size, "thread %s by %s for cpu%lu", format_thread(who, r->number),
		format_thread(by, r->extra), r->word);
}

static int format_migrate(char *text, size_t size, const struct trace_record *r)
{
	char who[16];

	return format(text, size, "thread %s cpu%u -> cpu%lu", format_thread(who, r->number),
		r->extra, r->word);
}

static int format_block(char *text, size_t size, const struct trace_record *r)
{
	char who[16], where[64];

	return format(text, size, "thread %s in %s", format_thread(who, r->number),
		ksym_format(where, sizeof(where), trace_address(r)));
}

static int format_page(char *text, size_t size, const struct trace_record *r)
{
	return format(text, size, "address %#lx access %#x", r->word, r->number);
}

static int format_shoot(char *text, size_t size, const struct trace_record *r)
{
	return format(text, size, "%u pages from %#lx on CPUs %#x", r->number, r->word, r->extra);
}

static int format_lock(char *text, size_t size, const struct trace_record *r)
{
	char where[64];

	return format(text, size, "rank %u at %#lx, %u cycles in %s", r->number, r->word, r->extra,
		ksym_format(where, sizeof(where), trace_address(r)));
}

static int format_timer(char *text, size_t size, const struct trace_record *r)
{
	char where[64];

	return format(text, size, "%s due at %lu ns",
		ksym_format(where, sizeof(where), trace_address(r)), r->word);
}

static int format_stream(char *text, size_t size, const struct trace_record *r)
{
	return format(text, size, "number %u of %u: %#lx", r->number, r->extra, r->word);
}

static const struct {
	const char *word;
	int (*format)(char *text, size_t size, const struct trace_record *r);
} kinds[] = {
	[TRACE_SYSCALL] = {NULL, format_call},
	[TRACE_ENTRY] = {NULL, format_entry},
	[TRACE_EXIT] = {NULL, format_exit},
	[TRACE_NMI] = {NULL, format_interrupted},
	[TRACE_FAULT] = {NULL, format_interrupted},
	[TRACE_SWITCH] = {"SWITCH", format_switch},
	[TRACE_WAKE] = {"WAKE", format_wake},
	[TRACE_MIGRATE] = {"MIGRATE", format_migrate},
	[TRACE_BLOCK] = {"BLOCK", format_block},
	[TRACE_PAGE] = {"PAGE", format_page},
	[TRACE_SHOOT] = {"SHOOT", format_shoot},
	[TRACE_LOCK] = {"LOCK", format_lock},
	[TRACE_TIMER] = {"TIMER", format_timer},
	[TRACE_IRQ] = {NULL, format_interrupted},
	[TRACE_CALL] = {"CALL", format_stream},
	[TRACE_WORDS] = {"WORDS", format_stream},
	[TRACE_RESULT] = {"RESULT", format_stream},
	[TRACE_NAME] = {"NAME", format_stream},
	[TRACE_CLOCK] = {"CLOCK", format_stream},
};

static bool by_sysret(const struct trace_record *r)
{
	u32 flags = trace_flags(r);

	return trace_kind(r) == TRACE_SYSCALL ? !(flags & TRACE_IRET) : flags & TRACE_SYSRET;
}

/* "R3-" says that ring 3 was entered or left, "R0-" that the kernel was interrupted. */
static void format_word(char *text, size_t size, const struct trace_record *r)
{
	enum trace_kind kind = trace_kind(r);

	if (kinds[kind].word)
		format(text, size, "%s", kinds[kind].word);
	else if (kind == TRACE_EXIT || kind == TRACE_SYSCALL)
		format(text, size, "R3-%s", by_sysret(r) ? "SYSRET" : "IRET");
	else
		format(text, size, "%s-%s",
			kind == TRACE_ENTRY || trace_flags(r) & TRACE_USER ? "R3" : "R0",
			vector_name(r->extra));
}

void timeline_format(char *text, u32 cpu, u64 n, const struct trace_record *r, u64 start_tsc)
{
	u64 ns = elapsed_ns(start_tsc, r->tsc);
	char word[20];
	int length;

	if (trace_kind(r) >= ARRAY_SIZE(kinds)) {
		format(text, TIMELINE_LINE, "cpu%u #%lu: not a record", cpu, n);
		return;
	}
	format_word(word, sizeof(word), r);
	length = format(text, TIMELINE_LINE, "cpu%u +%lu.%09lu %-10s #%s%lu: ", cpu,
		ns / NS_PER_SEC, ns % NS_PER_SEC, word, trace_kind(r) == TRACE_NMI ? "N" : "", n);
	kinds[trace_kind(r)].format(text + length, TIMELINE_LINE - length, r);
}

/* Which record of a ring comes next; those from told on have not been printed, end is where reading stops. */
struct cursor {
	u64 at, told, end;
};

/* Moves to the first record at or after c->at that is still there. */
static bool cursor_read(struct cursor *c, u32 ring, struct trace_record *out)
{
	for (; c->at < c->end; c->at++)
		if (trace_ring_read(ring / 2, ring % 2, c->at, out))
			return true;
	return false;
}

/* The ring whose next record is the oldest, with that record; false after the last. */
static bool pick_oldest(struct cursor *cursors, u32 rings, u32 *ring, struct trace_record *oldest)
{
	struct trace_record r;
	bool found = false;
	u32 i;

	for (i = 0; i < rings; i++)
		if (cursor_read(&cursors[i], i, &r) && (!found || r.tsc < oldest->tsc)) {
			*oldest = r;
			*ring = i;
			found = true;
		}
	return found;
}

static void print_legend(void (*print)(const char *line), u64 total)
{
	char text[TIMELINE_LINE];

	format(text, sizeof(text), "-- the last crossings of each CPU, oldest first (%lu made) --",
		total);
	print(text);
	print("R3-IRET, R3-SYSRET: return to ring 3, [root of the kernel] -> root loaded; always IF=0");
	print("R3-other: ring 3 entered the kernel, root it ran on; R0-other: kernel interrupted");
}

/* Records that were skipped. */
static void print_gap(void (*print)(const char *line), struct cursor *c, u32 ring)
{
	const char *mark = ring % 2 ? "N" : "";
	char text[TIMELINE_LINE];

	if (c->told == c->at)
		return;
	format(text, sizeof(text),
		"cpu%u -- #%s%lu to #%s%lu were overwritten while this was printed", ring / 2, mark,
		c->told, mark, c->at - 1);
	print(text);
	c->told = c->at;
}

void trace_timeline(void (*print)(const char *line), u32 last)
{
	struct cursor cursors[2 * MAX_CPUS];
	u32 rings = 2 * MIN(cpu_count(), (u32)MAX_CPUS), i;
	char text[TIMELINE_LINE];
	struct trace_record r;
	u64 total = 0, start = 0;

	for (i = 0; i < rings; i++) {
		cursors[i].end = trace_ring_count(i / 2, i % 2);
		cursors[i].at = cursors[i].end > last ? cursors[i].end - last : 0;
		cursors[i].told = cursors[i].at;
		total += cursors[i].end;
	}
	print_legend(print, total);
	while (pick_oldest(cursors, rings, &i, &r)) {
		start = start ? start : r.tsc;
		print_gap(print, &cursors[i], i);
		timeline_format(text, i / 2, cursors[i].at, &r, start);
		print(text);
		cursors[i].told = ++cursors[i].at;
	}
	for (i = 0; i < rings; i++)
		print_gap(print, &cursors[i], i);
}

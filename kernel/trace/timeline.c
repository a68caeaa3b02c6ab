/*
 * The last crossings as a timeline, in the manner of the report that this project began with. One line a record:
 *
 *   cpu0 +0.000123456 R3-IRET    #41: RIP=0x50000000 root 0x101000 -> 0x66f000 IF=0
 *   cpu0 +0.000131002 R3-TIMER   #42: RIP=0x5000000b root 0x66f000
 *
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

static int format_exit(char *text, size_t size, const struct trace_record *r)
{
	return format(text, size, "RIP=%#lx after %s root %#lx -> %#lx IF=%d%s", r->rip,
		vector_name(r->vector), (u64)r->detail << PAGE_SHIFT, r->root,
		r->flags & TRACE_IF ? 1 : 0, r->flags & TRACE_LATE ? " WORK PENDING" : "");
}

static int format_entry(char *text, size_t size, const struct trace_record *r)
{
	if (r->vector == VECTOR_SYSCALL)
		return format(text, size, "RIP=%#lx nr=%u root %#lx", r->rip, r->detail, r->root);
	return format(text, size, "RIP=%#lx vector=%u error=%#x root %#lx", r->rip, r->vector,
		r->detail, r->root);
}

/* Threads of the kernel's own are numbered apart: k0 is the boot CPU's idle thread. */
static int format_switch(char *text, size_t size, const struct trace_record *r)
{
	u32 from = (u32)r->rip, to = r->detail;

	return format(text, size, "thread %s%u -> %s%u root %#lx",
		from & TRACE_KERNEL_THREAD ? "k" : "", from & ~TRACE_KERNEL_THREAD,
		to & TRACE_KERNEL_THREAD ? "k" : "", to & ~TRACE_KERNEL_THREAD, r->root);
}

static int format_detail(char *text, size_t size, const struct trace_record *r)
{
	switch (r->kind) {
	case TRACE_EXIT:
		return format_exit(text, size, r);
	case TRACE_ENTRY:
		return format_entry(text, size, r);
	case TRACE_SWITCH:
		return format_switch(text, size, r);
	default:
		return format(text, size, "RIP=%#lx vector=%u error=%#x in %s", r->rip, r->vector,
			r->detail, r->flags & TRACE_USER ? "ring 3" : "the kernel");
	}
}

/* "R3-" says that ring 3 was entered or left, "R0-" that the kernel was interrupted. */
static void format_word(char *text, size_t size, const struct trace_record *r)
{
	if (r->kind == TRACE_EXIT)
		format(text, size, "R3-%s", r->flags & TRACE_SYSRET ? "SYSRET" : "IRET");
	else if (r->kind == TRACE_SWITCH)
		format(text, size, "SWITCH");
	else
		format(text, size, "%s-%s",
			r->kind == TRACE_ENTRY || r->flags & TRACE_USER ? "R3" : "R0",
			vector_name(r->vector));
}

void timeline_format(char *text, u32 cpu, u64 n, const struct trace_record *r, u64 start_tsc)
{
	u64 ns = elapsed_ns(start_tsc, r->tsc);
	char word[20];
	int length;

	format_word(word, sizeof(word), r);
	length = format(text, TIMELINE_LINE, "cpu%u +%lu.%09lu %-10s #%s%lu: ", cpu,
		ns / NS_PER_SEC, ns % NS_PER_SEC, word, r->kind == TRACE_NMI ? "N" : "", n);
	format_detail(text + length, TIMELINE_LINE - length, r);
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
	print("R3-IRET, R3-SYSRET: return to ring 3, root of the kernel -> root loaded; always IF=0");
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

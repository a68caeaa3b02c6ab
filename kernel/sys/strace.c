/*
 * Lines of decoded calls, as strace(1) writes them.
 *
 * What a call is given is read before the call, what it gives back after it: so up to the first parameter that the call fills,
 * the line is written when the call begins, and its rest when it ends. While the line is open another thread's call may come:
 * then the line is closed as "unfinished", and its rest becomes a line of its own, "resumed".
 *
 * `open` says whose line is open; it and the order of what is sent are under the lock. Text is made without it, because reading
 * the program's memory may fault and sleep. It ranks with the trace's (tracer.c): nothing that is called under it takes that.
 */
#include "sys/strace.h"

#include <asm/unistd_64.h>

#include "dev/console.h"
#include "lib/errno.h"
#include "lib/nospec.h"
#include "mm/inject.h"
#include "mm/slab.h"
#include "proc/process.h"
#include "sched/mutex.h"
#include "sys/count.h"
#include "sys/show.h"

#define TEXT_MAX 2048

struct description {
	u8 count;
	u8 types[6];
};

static const struct description descriptions[SYSCALL_NUMBERS] = {
#define CALL0(name) [__NR_##name] = {0, {0}},
#define CALL1(name, a) [__NR_##name] = {1, {ARG_##a}},
#define CALL2(name, a, b) [__NR_##name] = {2, {ARG_##a, ARG_##b}},
#define CALL3(name, a, b, c) [__NR_##name] = {3, {ARG_##a, ARG_##b, ARG_##c}},
#define CALL4(name, a, b, c, d) [__NR_##name] = {4, {ARG_##a, ARG_##b, ARG_##c, ARG_##d}},
#define CALL5(name, a, b, c, d, e) \
	[__NR_##name] = {5, {ARG_##a, ARG_##b, ARG_##c, ARG_##d, ARG_##e}},
#define CALL6(name, a, b, c, d, e, f) \
	[__NR_##name] = {6, {ARG_##a, ARG_##b, ARG_##c, ARG_##d, ARG_##e, ARG_##f}},
#define NONE(name) [__NR_##name] = {6, {ARG_u64, ARG_u64, ARG_u64, ARG_u64, ARG_u64, ARG_u64}},
#include "sys/table.def"
};

/* A number beyond the table. */
static const struct description unknown = {
	6, {ARG_u64, ARG_u64, ARG_u64, ARG_u64, ARG_u64, ARG_u64}};

static bool started;
static struct mutex lock;
/* lock: whose line is open, 0: none; the first thread that made a call; whether there was another. */
static u32 open, first;
static bool several;

static const struct description *describe(u32 number)
{
	if (number >= SYSCALL_NUMBERS)
		return &unknown;
	return &descriptions[index_nospec(number, SYSCALL_NUMBERS)];
}

int strace_start(void)
{
	if (!console_has_strace())
		return -ENODEV;
	mutex_init(&lock, RANK_TRACE);
	started = true;
	return 0;
}

static void put_name(struct show *s, u32 number)
{
	const char *name = syscall_name(number);

	if (name)
		show_put(s, "%s", name);
	else
		show_put(s, "syscall_%u", number);
}

/* The arguments from one on: up to the first that the call fills, or the rest. Returns where it stopped. */
static u32 put_arguments(struct show *s, const struct description *d, u32 from, bool over)
{
	for (s->index = from; s->index < d->count; s->index++) {
		enum arg_type type = d->types[s->index];

		if (!over && show_is_out(type))
			break;
		show_argument(s, type);
		show_put(s, s->index + 1 < d->count ? ", " : "");
	}
	return s->index;
}

/* lock. */
static void put_who(struct show *s, u32 tid)
{
	first = first ? first : tid;
	several |= tid != first;
	if (several)
		show_put(s, "[pid %5u] ", tid);
}

/* A piece of the output in one go. `begins`: of a call; else of its end. newline: the line is complete with it. */
static void emit(const struct watch *w, const struct show *piece, bool begins, bool newline)
{
	u32 tid = current_thread()->tid;
	char head[96];
	struct show s = {.text = head, .size = sizeof(head)};

	mutex_lock(&lock);
	if (open && open != tid)
		show_put(&s, " <unfinished ...>\n");
	if (begins || open != tid)
		put_who(&s, tid);
	if (!begins && open != tid) {
		show_put(&s, "<... ");
		put_name(&s, w->number);
		show_put(&s, " resumed>");
	}
	open = newline ? 0 : tid;
	console_strace(head, s.at);
	console_strace(piece->text, piece->at);
	if (newline)
		console_strace("\n", 1);
	mutex_unlock(&lock);
}

/* Calls that don't come back have their line complete at once. */
static bool never_returns(u32 number)
{
	return number == __NR_exit || number == __NR_exit_group || number == __NR_rt_sigreturn;
}

/* NULL: there is no memory, and the line is lost. */
static char *text_alloc(void)
{
	inject_exempt_begin("who watches must not change what is watched");
	char *text = kmalloc(TEXT_MAX);
	inject_exempt_end();
	return text;
}

void strace_begin(struct watch *w)
{
	struct show s = {.text = started ? text_alloc() : NULL, .size = TEXT_MAX, .args = w->args};
	const struct description *d = describe(w->number);
	bool last = never_returns(w->number);

	w->shown = 0;
	if (!s.text)
		return;
	s.text[0] = '\0';
	put_name(&s, w->number);
	show_put(&s, "(");
	w->shown = (u8)put_arguments(&s, d, 0, false);
	if (last)
		show_put(&s, ") = ?");
	emit(w, &s, true, last);
	kfree(s.text);
}

void strace_end(const struct watch *w, s64 result)
{
	struct show s = {.text = started ? text_alloc() : NULL,
		.size = TEXT_MAX,
		.args = w->args,
		.result = result};

	if (!s.text || never_returns(w->number))
		goto out;
	s.text[0] = '\0';
	put_arguments(&s, describe(w->number), w->shown, true);
	show_put(&s, ")");
	show_result(&s, w->number, result);
	emit(w, &s, false, true);
out:
	kfree(s.text);
}

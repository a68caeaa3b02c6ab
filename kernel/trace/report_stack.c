/*
 * Stacks in a report: of a CPU, through the interrupts that it was in, or of a thread that sleeps.
 *
 * What is broken may be the stack itself, so each step is checked by stack_step() against the stack that the frame lies on.
 */
#include "arch/cpu.h"
#include "arch/image.h"
#include "lib/format.h"
#include "trace/ksyms.h"
#include "trace/panic.h"
#include "trace/timeline.h"

#define STACK_LINES_MAX 32
#define STRETCHES_MAX 4

static struct stack_bounds find(const struct report_stacks *s, u64 address)
{
	return s->cpu ? stack_find_on(s->cpu, address) : s->one;
}

/* A return address may be the first one behind its function, if the call never returns: the name is that of the call. */
void report_place(u64 ip, bool returned_to, u32 times)
{
	u64 offset;
	const char *name = ksym_lookup(ip - returned_to, &offset);
	char again[24] = "";

	if (times > 1)
		format(again, sizeof(again), " (%u times)", times);
	if (name)
		report_print("    %016lx %s+%#lx%s", ip, name, offset + returned_to, again);
	else
		report_print("    %016lx%s", ip, again);
}

/* One stretch of a stack, recursion in one line. Returns the frame pointer of the last step, whose caller is *last. */
static u64 print_stretch(const struct report_stacks *s, u64 frame_pointer, u64 *last)
{
	struct stack_bounds bounds = find(s, frame_pointer);
	u64 ip, before = frame_pointer;
	u32 lines = 0, times = 0;

	*last = 0;
	while (lines < STACK_LINES_MAX && stack_step(&bounds, &frame_pointer, &ip)) {
		if (frame_pointer)
			before = frame_pointer;
		if (ip == *last) {
			times++;
			continue;
		}
		if (times)
			report_place(*last, true, times);
		*last = ip;
		times = 1;
		lines++;
	}
	if (times)
		report_place(*last, true, times);
	if (lines == STACK_LINES_MAX)
		report_print("    ...");
	return before;
}

/* Where the handler whose stretch ended in the entry code was called from: its frame lies above the return address. */
static const struct trap_frame *interrupted_frame(
	const struct report_stacks *s, u64 frame_pointer, u64 last)
{
	const struct trap_frame *f = (const struct trap_frame *)(frame_pointer + 16);
	struct stack_bounds b = find(s, frame_pointer);

	if (last < (u64)__entry_text_start || last >= (u64)__entry_text_end)
		return NULL;
	return (u64)f % 8 == 0 && (u64)f >= b.low && (u64)(f + 1) <= b.high ? f : NULL;
}

void report_callers(const struct report_stacks *s, u64 frame_pointer)
{
	const struct trap_frame *f;
	u64 last;

	for (u32 stretch = 0; stretch < STRETCHES_MAX; stretch++) {
		frame_pointer = print_stretch(s, frame_pointer, &last);
		f = interrupted_frame(s, frame_pointer, last);
		if (!f)
			return;
		if (frame_from_user(f)) {
			report_print("    from ring 3 at %#lx", f->rip);
			return;
		}
		report_print("interrupted by vector %lu (%s):", f->vector, vector_name(f->vector));
		report_place(f->rip, false, 1);
		frame_pointer = f->rbp;
	}
}

/* The caller of a function that has not made its frame yet (or of no function: a wild jump). It has pushed at most the
 * caller's frame pointer. */
static void print_frameless_caller(const struct trap_frame *f)
{
	struct stack_bounds bounds = stack_find(f->rsp);
	u64 offset, at;
	const char *name = ksym_lookup(f->rip, &offset);

	if (name && offset > 1)
		return;
	at = f->rsp + (name && offset == 1 ? 8 : 0);
	if (at % 8 == 0 && at >= bounds.low && at + 8 <= bounds.high)
		report_place(*(const u64 *)at, true, 1);
}

void report_stack(const struct trap_frame *f, u64 frame_pointer)
{
	struct report_stacks here = {.cpu = this_cpu()};

	report_print("stack:");
	if (f) {
		report_place(f->rip, false, 1);
		print_frameless_caller(f);
		frame_pointer = f->rbp;
	}
	report_callers(&here, frame_pointer);
}

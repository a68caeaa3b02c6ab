/*
 * A fault on the crossing itself: which way was being taken, and what the entry stack says about it.
 *
 * The report that this project began with had two explanations, and this tells them apart:
 *   the window   an interrupt came on the way out, where interrupts must be off from the last look at the work word on. Then the
 *                entry stack, below the frame for IRETQ, holds an interrupt's frame from ring 0 whose RIP is on the way out;
 *   the hole     the way in did not change the table: ring 3 was interrupted, and the fault's own RIP is on the way in, on a
 *                root that is the program's.
 * A double fault knows the root that it interrupted (cpu->found_cr3); an ordinary fault runs on it.
 */
#include "arch/control.h"
#include "arch/cpu.h"
#include "arch/image.h"
#include "arch/irqflags.h"
#include "arch/kernel_map.h"
#include "arch/pagetable.h"
#include "lib/format.h"
#include "lib/string.h"
#include "trace/ksyms.h"
#include "trace/log.h"
#include "trace/panic.h"

#define VECTOR_DOUBLE_FAULT 8
#define CR3_ADDRESS 0x000ffffffffff000UL
/* What the hardware pushes. */
#define FRAME_WORDS 5
#define FRAMES_SHOWN 4

enum way { WAY_NONE, WAY_IN, WAY_OUT };

static enum way way_of(u64 rip, u64 *offset)
{
	const char *name = ksym_lookup(rip, offset);

	if (!name || rip < (u64)__entry_text_start || rip >= (u64)__entry_text_end)
		return WAY_NONE;
	/* What is reached when the return itself faults is a way in. */
	if (!strncmp(name, "exit_", 5) && strcmp(name, "exit_fault") != 0)
		return WAY_OUT;
	return strncmp(name, "paranoid_", 9) != 0 ? WAY_IN : WAY_NONE;
}

/* Words that look like RIP, CS, RFLAGS of an interrupt. */
static bool is_frame(const u64 *w)
{
	return (w[1] == KERNEL_CS || w[1] == USER_CS) && (w[2] & RFLAGS_FIXED) && w[2] < BIT(22) &&
	       (w[4] == USER_DS || w[4] == KERNEL_DS || w[4] == 0);
}

/* The interrupts that came on the way out, from the top of the entry stack; true if there was one. */
static bool interrupts_on_the_way_out(const struct cpu *c)
{
	const u64 *w = (const u64 *)c->entry_rsp - FRAME_WORDS, *low = w + FRAME_WORDS - 512;
	u32 shown = 0;
	char line[LOG_TEXT_MAX], where[64];
	bool found = false;
	u64 offset;

	for (; w >= low && shown < FRAMES_SHOWN; w--) {
		if (!is_frame(w))
			continue;
		bool out = w[1] == KERNEL_CS && way_of(w[0], &offset) == WAY_OUT;

		format(line, sizeof(line), "entry stack: %s at %s, IF=%d%s",
			w[1] == USER_CS ? "a frame of ring 3" : "the kernel was interrupted",
			ksym_format(where, sizeof(where), w[0]), w[2] & RFLAGS_IF ? 1 : 0,
			out ? ": on the way out, where IF must be 0" : "");
		log_raw(line);
		found |= out;
		shown++;
	}
	return found;
}

void report_crossing(const struct trap_frame *f)
{
	const struct cpu *c = this_cpu();
	u64 cr3 = f->vector == VECTOR_DOUBLE_FAULT ? c->found_cr3 : cr3_read(), offset;
	bool program = (cr3 & CR3_ADDRESS) == (c->user_cr3 & CR3_ADDRESS) && c->pti;
	enum way way = way_of(f->rip, &offset);

	if (frame_from_user(f) || (!way && !program))
		return;
	log_raw("-- the crossing --");
	bool window = interrupts_on_the_way_out(c);
	if (window)
		log_raw("crossing: THE WINDOW: an interrupt was taken on the way out to ring 3, after the last look");
	else if (way == WAY_IN && program)
		log_raw("crossing: THE HOLE: ring 3 was left, and the way in runs on the program's table still");
	else
		log_raw(program ? "crossing: kernel code runs on the program's table"
				: "crossing: the fault is on the crossing, on a table of the kernel's");
}

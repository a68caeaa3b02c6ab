/*
 * What every thread waits for: a report that the host asks for when a program takes too long, by an NMI (arch/serial.h), so it
 * comes also from CPUs that take no interrupts.
 *
 * All CPUs stand still meanwhile, each wherever it was, perhaps in the middle of a change under a lock. So nothing is
 * locked, and what is walked must be such that a half-made change does no harm; proc/threads.c says why that holds.
 */
#include "arch/cpu.h"
#include "arch/irqflags.h"
#include "arch/layout.h"
#include "arch/thread.h"
#include "lib/atomic.h"
#include "trace/ksyms.h"
#include "trace/panic.h"
#include "trace/report.h"

/* Enough to see who waits for whom; a thousand more of the same say nothing new. */
#define THREADS_MAX 200

static void (*describe_threads)(report_thread_fn *show);
/* The CPU that makes the report is the one that sets it. */
static atomic32_t taken;
/* The reporter's only. */
static bool wanted;
static u32 shown, passed_over;

void report_set_threads(void (*describe)(report_thread_fn *show))
{
	WRITE_ONCE(describe_threads, describe);
}

/* Where it was switched out. */
static void print_sleeper(const struct arch_thread *t)
{
	struct report_stacks own = {
		.one = {t->stack_top - KERNEL_STACK_SIZE, t->stack_top},
	};
	u64 ip, frame_pointer;

	if (t->kernel_rsp < own.one.low || t->kernel_rsp + CONTEXT_WORDS * 8 > own.one.high)
		return;
	frame_pointer = arch_thread_switched_out(t, &ip);
	report_place(ip, true, 1);
	report_callers(&own, frame_pointer);
}

static void print_thread(const struct arch_thread *asleep, const char *text)
{
	if (shown == THREADS_MAX) {
		passed_over++;
		return;
	}
	shown++;
	report_print("%s", text);
	if (asleep)
		print_sleeper(asleep);
}

void report_threads(void)
{
	if (!wanted || !describe_threads)
		return;
	describe_threads(print_thread);
	if (passed_over)
		report_print("%u more", passed_over);
}

void report_on_request(const struct trap_frame *frame)
{
	u32 nobody = 0;

	/* The others came for the same reason, and are stopped like any that did not. */
	while (!atomic32_compare_exchange(&taken, &nobody, 1)) {
		report_stop_if_asked(frame);
		cpu_relax();
		nobody = 0;
	}
	wanted = true;
	panic_begin();
	panic_fatal_line("the host asked what everything waits for");
	panic_finish(frame, frame->rbp);
}

/*
 * The end: panic(), refuse_start() and report_fault().
 *
 * reporter says who reports: 0 nobody, otherwise CPU + 1. It is set once, by compare-and-exchange; a CPU that comes later is
 * halted here or by the NMI of smp_stop_others(). If it is the reporter itself that comes again, the report has
 * failed: it gets one more line, and a third time nothing but the end.
 */
#include "trace/panic.h"

#include "arch/cpu.h"
#include "arch/irqflags.h"
#include "arch/msr.h"
#include "arch/power.h"
#include "arch/serial.h"
#include "arch/smp.h"
#include "lib/assert.h"
#include "lib/format.h"
#include "lib/string.h"
#include "sanitize/kasan.h"
#include "sanitize/kcsan.h"
#include "sync/fuzz.h"
#include "sync/spinlock_debug.h"
#include "trace/ksyms.h"
#include "trace/log.h"
#include "trace/report.h"
#include "trace/ring.h"

/* Crossings of each CPU in a report. */
#define REPORT_CROSSINGS 24

static atomic32_t reporter;
/* The reporter's only. */
static u32 attempts;

/* At the very beginning, before cpu_load(), GS leads nowhere. */
static bool cpu_known(void)
{
	return msr_read(MSR_GS_BASE) != 0;
}

/* This CPU as reporter says it. */
static u32 me(void)
{
	return cpu_known() ? this_cpu()->id + 1 : 1;
}

void panic_halt(void)
{
	irq_disable();
	for (;;)
		cpu_relax();
}

/* The report itself failed. Nothing that could fail again: straight to the port. */
static NORETURN void give_up(const char *text)
{
	static const char prefix[] = "\nairlock-fatal: panic while reporting a panic: ";

	if (attempts == 2) {
		serial_write(prefix, sizeof(prefix) - 1);
		serial_write(text, strlen(text));
		serial_write("\n", 1);
	}
	power_off(POWER_PANIC);
}

void panic_begin(void)
{
	u32 who = 0;

	irq_disable();
	if (!atomic32_compare_exchange(&reporter, &who, me()) && who != me())
		panic_halt();
	if (++attempts > 1)
		return;
	spin_debug_stop();
	fuzz_stop();
	kasan_stop();
	kcsan_stop();
	if (cpu_known())
		smp_stop_others();
	log_take_port();
}

void panic_fatal_line(const char *text)
{
	char line[LOG_TEXT_MAX], fuzz[FUZZ_TEXT_MAX];

	if (attempts > 1)
		give_up(text);
	fuzz_describe(fuzz, sizeof(fuzz));
	format(line, sizeof(line), "airlock-fatal: %s%s", text, fuzz);
	log_raw(line);
}

static void print_line(const char *line)
{
	log_raw(line);
}

void panic_finish(const struct trap_frame *frame, u64 frame_pointer)
{
	if (!cpu_known())
		power_off(POWER_PANIC);
	if (frame)
		report_registers(frame);
	report_machine_state(frame);
	if (frame)
		report_crossing(frame);
	report_stack(frame, frame_pointer);
	report_wait_stopped();
	report_cpus(frame);
	report_threads();
	trace_timeline(print_line, REPORT_CROSSINGS);
	power_off(POWER_PANIC);
}

bool panic_is_elsewhere(void)
{
	u32 who = atomic32_load(&reporter);

	return who != 0 && who != me();
}

static void begin_with(const char *format_string, va_list args)
{
	char text[LOG_TEXT_MAX - 32];

	panic_begin();
	format_v(text, sizeof(text), format_string, args);
	panic_fatal_line(text);
}

void panic(const char *format_string, ...)
{
	va_list args;

	va_start(args, format_string);
	begin_with(format_string, args);
	va_end(args);
	panic_finish(NULL, (u64)__builtin_frame_address(0));
}

void refuse_start(const char *format_string, ...)
{
	va_list args;

	va_start(args, format_string);
	begin_with(format_string, args);
	va_end(args);
	power_off(POWER_REFUSED);
}

void report_fault(const struct trap_frame *frame, const char *what)
{
	char text[LOG_TEXT_MAX - 32], where[64], why[64];

	panic_begin();
	report_describe_fault(frame, why, sizeof(why));
	format(text, sizeof(text), "%s in the kernel at %s%s", what,
		ksym_format(where, sizeof(where), frame->rip), why);
	panic_fatal_line(text);
	panic_finish(frame, frame->rbp);
}

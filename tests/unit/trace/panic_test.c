/*
 * The end of the kernel: who reports, in which order, what happens if the report itself fails, and with which status the
 * machine stops.
 *
 * Seen to fail: panic_begin() that lets a second CPU report; without the count of attempts (the recursion never ends, killed by
 * the alarm); me() that always looks at this_cpu() (start-up without GS); refuse_start() with the panic's status.
 */
#include "unit.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "arch/cpu.h"
#include "arch/irqflags.h"
#include "arch/msr.h"

#define panic kernel_panic
#define refuse_start kernel_refuse_start
#define msr_read fake_msr_read
#define cpu_relax halted
/* The headers above have declared it by its own name. */
NORETURN COLD void panic(const char *format, ...) PRINTF_LIKE(1, 2);
static u64 fake_msr_read(u32 msr);
static void halted(void);
// sources: kernel/lib/format.c kernel/lib/text.c
#include "../../../kernel/trace/panic.c"
#undef panic
#undef cpu_relax

/* What was done, in order: a word for each step. */
static char steps[2000];
static jmp_buf end;
static bool gs_is_set;
/* A part of the report that panics itself, and how often. */
static u32 broken;

static void step(const char *format_string, ...)
{
	size_t n = strlen(steps);
	va_list args;

	va_start(args, format_string);
	vsnprintf(steps + n, sizeof(steps) - n, format_string, args);
	va_end(args);
}

static u64 fake_msr_read(u32 msr)
{
	assert_int_equal(msr, MSR_GS_BASE);
	return gs_is_set ? (u64)this_cpu() : 0;
}

static void halted(void)
{
	step("halt");
	longjmp(end, 1);
}

void power_off(enum power_status status)
{
	step("off %d", status);
	longjmp(end, 1);
}

void smp_stop_others(void)
{
	step("stop ");
}

void log_take_port(void)
{
	step("port ");
}

void log_raw(const char *line)
{
	step("[%s] ", line);
}

size_t serial_write(const char *bytes, size_t n)
{
	step("%.*s", (int)n, bytes);
	return n;
}

void spin_debug_stop(void)
{
}

void report_describe_fault(const struct trap_frame *frame, char *text, size_t size)
{
	format(text, size, ": why");
}

void report_wait_stopped(void)
{
	step("wait ");
}

void report_crossing(const struct trap_frame *frame)
{
	step("crossing ");
}

void report_registers(const struct trap_frame *frame)
{
	step("registers ");
}

void report_machine_state(const struct trap_frame *frame)
{
	step("state ");
	if (broken) {
		broken--;
		kernel_panic("again");
	}
}

void report_stack(const struct trap_frame *frame, u64 frame_pointer)
{
	step(frame ? "stack of fault " : "stack ");
}

void report_cpus(const struct trap_frame *frame)
{
	step("cpus ");
}

void report_threads(void)
{
	step("threads ");
}

void trace_timeline(void (*print)(const char *line), u32 last)
{
	print("crossings");
}

const char *ksym_format(char *buffer, size_t size, u64 address)
{
	format(buffer, size, "f+%#lx", address);
	return buffer;
}

static int fresh(void **state)
{
	reporter.v = 0;
	attempts = 0;
	steps[0] = '\0';
	gs_is_set = true;
	broken = 0;
	fake_cpu_id = 0;
	irq_enable();
	alarm(20);
	return 0;
}

static void a_panic(void **state)
{
	if (!setjmp(end))
		kernel_panic("%d words", 2);
	assert_string_equal(steps,
		"stop port [airlock-fatal: 2 words] state stack wait cpus threads [crossings] off 17");
	assert_true(irq_disabled());
}

static void a_fault(void **state)
{
	struct trap_frame f = {.rip = 0x10};

	if (!setjmp(end))
		report_fault(&f, "#PF");
	assert_string_equal(steps,
		"stop port [airlock-fatal: #PF in the kernel at f+0x10: why] "
		"registers state crossing stack of fault wait cpus threads [crossings] off 17");
}

static void refusing(void **state)
{
	if (!setjmp(end))
		kernel_refuse_start("no memory");
	assert_string_equal(steps, "stop port [airlock-fatal: no memory] off 18");
}

/* Nothing may look at this_cpu(), and there are no others to stop. */
static void before_the_cpu_is_set_up(void **state)
{
	gs_is_set = false;
	/* Would be another reporter's number. */
	fake_cpu_id = 3;
	if (!setjmp(end))
		kernel_panic("early");
	assert_string_equal(steps, "port [airlock-fatal: early] off 17");
	assert_int_equal(reporter.v, 1);
}

static void a_panic_in_the_report(void **state)
{
	broken = 100;
	if (!setjmp(end))
		kernel_panic("first");
	assert_string_equal(steps, "stop port [airlock-fatal: first] state \n"
				   "airlock-fatal: panic while reporting a panic: again\noff 17");
}

static void the_second_cpu_only_halts(void **state)
{
	reporter.v = 2;
	assert_true(panic_is_elsewhere());
	if (!setjmp(end))
		kernel_panic("me, too");
	assert_string_equal(steps, "halt");
	fake_cpu_id = 1;
	assert_false(panic_is_elsewhere());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_panic, fresh),
		cmocka_unit_test_setup(a_fault, fresh),
		cmocka_unit_test_setup(refusing, fresh),
		cmocka_unit_test_setup(before_the_cpu_is_set_up, fresh),
		cmocka_unit_test_setup(a_panic_in_the_report, fresh),
		cmocka_unit_test_setup(the_second_cpu_only_halts, fresh),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

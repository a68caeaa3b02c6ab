/* How panic.c and report*.c share a report; nobody else's business. */
#ifndef TRACE_PANIC_H
#define TRACE_PANIC_H

#include "arch/frame.h"
#include "lib/compiler.h"
#include "lib/types.h"
#include "trace/stack.h"

/* Makes this CPU the one that reports, or never returns. */
void panic_begin(void);
/* The line that the command shows the user. */
void panic_fatal_line(const char *text);
/* Everything after it, and the end. frame: of the fault, or NULL for a panic() call, whose frame pointer is given. */
NORETURN void panic_finish(const struct trap_frame *frame, u64 frame_pointer);

/* Another CPU reports: this one must stop. */
bool panic_is_elsewhere(void);
NORETURN void panic_halt(void);

/* A line. */
void report_print(const char *format_string, ...) PRINTF_LIKE(1, 2);
/* What a frame pointer may lead to: the stacks of a CPU, or one. */
struct cpu;
struct report_stacks {
	const struct cpu *cpu; /* or NULL */
	struct stack_bounds one;
};
/* A line for an address of code: one that a call returns to, or an exact one. */
void report_place(u64 ip, bool returned_to, u32 times);
/* Who called whom from that frame on, through interrupts of the kernel down to its beginning, or to ring 3. */
void report_callers(const struct report_stacks *stacks, u64 frame_pointer);

/* Prints the parts (report.c). */
/* What a fault was about, ": writing to 0x8, not mapped", or nothing. */
void report_describe_fault(const struct trap_frame *frame, char *text, size_t size);
/* Until the other CPUs have left word, but not for long. */
void report_wait_stopped(void);
/* What a fault on the crossing itself means (report_crossing.c). */
void report_crossing(const struct trap_frame *frame);
void report_registers(const struct trap_frame *frame);
void report_machine_state(const struct trap_frame *frame);
/* Of the fault, or else from the function with that frame pointer on. Bad pointers end it. */
void report_stack(const struct trap_frame *frame, u64 frame_pointer);
void report_cpus(const struct trap_frame *frame);
/* Every thread, if the host asked for that (report_threads.c). */
void report_threads(void);

#endif

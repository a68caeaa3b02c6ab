/*
 * Reports of what must not happen: a panic's, and a fault's in the kernel. Both end the machine.
 *
 * The first CPU to come here reports; the others are stopped, and one that panics meanwhile just halts. A panic inside a
 * report prints one line and ends the machine. Reports wait for nobody: no lock is taken.
 */
#ifndef TRACE_REPORT_H
#define TRACE_REPORT_H

#include "arch/frame.h"
#include "lib/compiler.h"
#include "lib/types.h"

/* An exception that the kernel's code must not raise: prints everything known about it. what: "#PF", "machine check". Any
 * context. */
NORETURN COLD void report_fault(const struct trap_frame *frame, const char *what);

/* In the NMI handler: if another CPU is reporting, notes where this one was and halts it for ever. */
void report_stop_if_asked(const struct trap_frame *frame);

/* In the NMI handler: the host wants to know what everything waits for, and all CPUs may have come for that. Reports, and ends the
 * machine. */
NORETURN COLD void report_on_request(const struct trap_frame *frame);

/* What the layers above add to a report. Each writes at most size bytes of text and must not wait, allocate or fault. */
struct report_ops {
	/* The thread and process that run on the CPU. */
	void (*describe_current)(u32 cpu, char *text, size_t size);
};
/* Start-up. ops must live for ever. */
void report_set_ops(const struct report_ops *ops);

/* Shows a thread: a line, and its stack if it is switched out. */
struct arch_thread;
typedef void report_thread_fn(const struct arch_thread *asleep, const char *text);
/* Start-up. describe calls show for every thread there is, with all CPUs stopped wherever they were. */
void report_set_threads(void (*describe)(report_thread_fn *show));

#endif

/*
 * The crossing recorder: per CPU, the last RING_RECORDS times the kernel was entered or left. Always on.
 *
 * Only the own CPU writes its ring, with interrupts off (entries record before interrupts come on, exits after they
 * went off), so a record costs a handful of instructions and no lock; an NMI writes to a ring of its own so that it
 * never tears a record being written. Readers (reports) tolerate the record under the writer's pen: each carries its
 * sequence number.
 */
#ifndef TRACE_RING_H
#define TRACE_RING_H

#include "arch/frame.h"
#include "lib/types.h"

enum trace_kind {
	TRACE_ENTRY = 1, /* ring 3 to kernel: vector, rip, cr3 at delivery is user_cr3 */
	TRACE_EXIT,      /* kernel to ring 3: rip, root loaded, how */
	TRACE_NMI,
	TRACE_FAULT,     /* exception in kernel mode */
	TRACE_SWITCH,    /* another thread */
};

struct trace_record {
	u64 tsc;
	u64 rip;
	u64 root;     /* the CR3 that ring 3 runs or ran on */
	u16 vector;   /* or VECTOR_SYSCALL */
	u8 kind;      /* enum trace_kind */
	u8 flags;     /* TRACE_SYSRET, TRACE_IF */
	u32 detail;   /* system call number, error code, thread id */
};

#define TRACE_SYSRET 1 /* the exit used SYSRET, not IRET */
#define TRACE_IF 2     /* IF was 1 when the record was made: never so on an exit */
#define TRACE_LATE 4   /* a work flag was set when the record was made: never so on an exit */

#define RING_RECORDS 512

struct trace_ring;

/* Allocates this CPU's rings. 0 or -ENOMEM. */
int trace_ring_init(u32 cpu);

/* Prints the last records of every CPU, oldest first, as a numbered timeline in the manner of the report that this
 * project began with (R3-IRET #n, R3-TIMER #n). print gets one line at a time. Any context. */
void trace_timeline(void (*print)(const char *line), u32 last);

#endif

/*
 * The flight recorder: per CPU, the last RING_RECORDS things that happened to it. Always on.
 *
 * Only the own CPU writes its ring, with interrupts off, so a record costs a handful of instructions and no lock (the
 * writing itself is arch/trace_slot.h). An NMI writes to a ring of its own, so that it never tears a record being
 * written. A record's sequence number is its place: record n lies in slot n modulo the ring's size, and the ring's counter
 * says which n are there. Readers (reports, the stream to the host) copy a record and then look at the counter again, so
 * they never show one that was overwritten under their eyes.
 *
 * A system call that comes back by SYSRET makes one record, at its end: the time it began was left in its frame, in the
 * half of `error` that the number does not need. That is 10 instructions for both crossings (docs/tracing.md has the
 * measurement). While the call is under way the frame itself says which it is: reports read it there.
 */
#ifndef TRACE_RING_H
#define TRACE_RING_H

#include "arch/cpu.h"
#include "arch/frame.h"
#include "arch/irqflags.h"
#include "arch/thread.h"
#include "arch/trace_slot.h"
#include "lib/types.h"
#include "trace/kinds.h"

struct trace_record {
	u64 tsc;
	u64 place; /* kind << 56 | flags << 48 | low 48 bits of an address */
	u32 number;
	u32 extra;
	u64 word;
};

#define RING_RECORDS (CPU_RING_SIZE / sizeof(struct trace_record))
#define RING_NMI_RECORDS 64

/* Locking key: (n) written by the CPU's NMI, #DB, #MC and #DF handlers; (a) atomic; read by anyone. */
struct trace_nmi_ring {
	struct trace_record record[RING_NMI_RECORDS]; /* (n) */
	atomic64_t next;			      /* (a) */
};

/* Gives the CPU its ring for NMIs. 0 or -ENOMEM. Before it, records of NMIs are dropped. Start-up. */
int trace_ring_init(u32 cpu);

/* Copies record n of a CPU's ring (or of its NMI ring). False if it is not there, or no longer. Any context. */
bool trace_ring_read(u32 cpu, bool nmi, u64 n, struct trace_record *out);
/* How many records the CPU has ever made. */
u64 trace_ring_count(u32 cpu, bool nmi);

static inline enum trace_kind trace_kind(const struct trace_record *r)
{
	return (enum trace_kind)(r->place >> 56);
}

static inline u32 trace_flags(const struct trace_record *r)
{
	return r->place >> 48 & 0xff;
}

/* Sign-extended: canonical again. */
static inline u64 trace_address(const struct trace_record *r)
{
	return (u64)((s64)(r->place << 16) >> 16);
}

/* TRACE_SYSCALL: when it began. Right for calls that took less than 2^32 ticks. */
static inline u64 trace_began(const struct trace_record *r)
{
	return r->tsc - (u32)((u32)r->tsc - r->extra);
}

/* Prints the last records of every CPU, oldest first, as a numbered timeline in the manner of the report that this
 * project began with (R3-IRET #n, R3-TIMER #n). print gets one line at a time. Any context. */
void trace_timeline(void (*print)(const char *line), u32 last);

/* -- making records: in the functions below interrupts are off, on the CPU's own behalf -- */

#define TRACE_PLACE(kind, flags, address) \
	((u64)(kind) << 56 | (u64)(u8)(flags) << 48 | ((u64)(address) & (BIT(48) - 1)))
#define TRACE_PAIR(number, extra) ((u64)(u32)(number) | (u64)(u32)(extra) << 32)

/* Returns the lower half of its time, as do the functions for crossings. */
static ALWAYS_INLINE u32 trace_put(u64 place, u64 pair, u64 word)
{
	u32 slot = trace_slot_begin();
	u32 now = trace_slot_put_time(slot, 0);

	trace_slot_put(slot, 8, place);
	trace_slot_put(slot, 16, pair);
	trace_slot_put(slot, 24, word);
	trace_slot_done(sizeof(struct trace_record));
	return now;
}

/* Debug kernels look at IF and the work word at each exit. */
#ifdef AIRLOCK_DEBUG
#define TRACE_LOOKS true
#else
#define TRACE_LOOKS false
#endif

static ALWAYS_INLINE u8 trace_if_flag(void)
{
	/* RFLAGS.IF is bit 9, TRACE_IF bit 1. */
	return irq_flags() >> 8 & TRACE_IF;
}

static ALWAYS_INLINE u8 trace_exit_flags(bool sysret)
{
	const struct arch_thread *t = (const struct arch_thread *)current_thread();
	u8 flags = TRACE_LOOKED | (sysret ? TRACE_SYSRET : 0) | trace_if_flag();

	return atomic32_load_relaxed(&t->work) ? flags | TRACE_LATE : flags;
}

/* A system call came in: first thing in the C code. */
static ALWAYS_INLINE u32 trace_call_began(struct trap_frame *frame)
{
	u32 now = trace_time();
#ifndef AIRLOCK_NO_RECORDER
	frame->call_stamp = now;
#endif
	return now;
}

/* About to return from it: the last thing in the C code, after the last look at the work word. */
static ALWAYS_INLINE u32 trace_call_ended(const struct trap_frame *frame, bool sysret)
{
	/* Else kind and flags are 0, and so are the high bits of RIP, or it would not be SYSRET. */
	bool tell = TRACE_LOOKS || !sysret;
	u64 place = tell ? TRACE_PLACE(TRACE_SYSCALL,
				   trace_exit_flags(sysret) | (sysret ? 0 : TRACE_IRET), frame->rip)
			 : frame->rip;

	return trace_put(place, frame->error, this_cpu_user_root());
}

/* Ring 3 came into the kernel by a trap. First thing in the C code. */
static ALWAYS_INLINE u32 trace_entry(const struct trap_frame *frame)
{
	return trace_put(TRACE_PLACE(TRACE_ENTRY, 0, frame->rip),
		TRACE_PAIR(frame->error, frame->vector), this_cpu_user_root());
}

/* About to return to ring 3 otherwise than from a call by SYSRET. */
static ALWAYS_INLINE u32 trace_exit(const struct trap_frame *frame, u64 root, bool sysret)
{
	return trace_put(TRACE_PLACE(TRACE_EXIT, trace_exit_flags(sysret), frame->rip),
		TRACE_PAIR(this_cpu()->kernel_cr3 >> PAGE_SHIFT, frame->vector), root);
}

/* An exception in kernel code. */
static ALWAYS_INLINE void trace_fault(const struct trap_frame *frame)
{
	(void)trace_put(TRACE_PLACE(TRACE_FAULT, trace_if_flag(), frame->rip),
		TRACE_PAIR(frame->error, frame->vector), this_cpu()->kernel_cr3);
}

/* Kernel code was interrupted. */
static ALWAYS_INLINE void trace_irq(const struct trap_frame *frame)
{
	(void)trace_put(TRACE_PLACE(TRACE_IRQ, 0, frame->rip), TRACE_PAIR(0, frame->vector), 0);
}

/* Threads are told by number; state is that of prev. */
static ALWAYS_INLINE void trace_switch(u32 prev, u32 next, u32 state)
{
	(void)trace_put(TRACE_PLACE(TRACE_SWITCH, state, 0), TRACE_PAIR(prev, next),
		this_cpu()->kernel_cr3);
}

/* A thread was made runnable, for the queue of a CPU. */
static ALWAYS_INLINE void trace_wake(u32 tid, u32 waker, u32 cpu)
{
	(void)trace_put(TRACE_PLACE(TRACE_WAKE, 0, 0), TRACE_PAIR(tid, waker), cpu);
}

/* The running thread is about to sleep, in a kernel function. */
static ALWAYS_INLINE void trace_block(u64 function, u32 tid, u32 state, u64 deadline_ns)
{
	(void)trace_put(TRACE_PLACE(TRACE_BLOCK, 0, function), TRACE_PAIR(tid, state), deadline_ns);
}

/* Anything else. Any context but NMI, IF any. */
void trace_event(enum trace_kind kind, u64 address, u32 number, u32 extra, u64 word);

/* NMI or another paranoid entry. The root that they found is in a register of the assembly's: not recorded. */
void trace_nmi(const struct trap_frame *frame);

#endif

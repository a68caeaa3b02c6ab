/*
 * The crossing recorder: per CPU, the last RING_RECORDS times the kernel was entered or left. Always on.
 *
 * Only the own CPU writes its ring, with interrupts off (entries record before interrupts come on, exits after they
 * went off), so a record costs a handful of instructions and no lock; an NMI writes to a ring of its own so that it
 * never tears a record being written. A record's sequence number is its place: record n of a ring lies in slot n modulo
 * the ring's size, and the ring's counter says which n are there. Readers (reports) copy a record and then look at the
 * counter again, so they never show one that was overwritten under their eyes.
 */
#ifndef TRACE_RING_H
#define TRACE_RING_H

#include "arch/cpu.h"
#include "arch/frame.h"
#include "arch/irqflags.h"
#include "arch/thread.h"
#include "lib/types.h"

enum trace_kind {
	TRACE_ENTRY = 1, /* ring 3 to kernel: vector, rip, cr3 at delivery is user_cr3 */
	TRACE_EXIT,	 /* kernel to ring 3: rip, root loaded, how */
	TRACE_NMI,
	TRACE_FAULT,  /* exception in kernel mode */
	TRACE_SWITCH, /* another thread */
};

struct trace_record {
	u64 tsc;
	u64 rip;  /* TRACE_SWITCH: number of the thread that was left */
	u64 root; /* the CR3 that ring 3 runs or ran on; TRACE_FAULT: the kernel's; TRACE_NMI: 0 */
	u16 vector; /* or VECTOR_SYSCALL */
	u8 kind;    /* enum trace_kind */
	u8 flags;   /* TRACE_SYSRET, TRACE_IF, TRACE_LATE, TRACE_USER */
	u32 detail; /* entry: system call number or error code; switch: number of the next thread; exit: frame number of the
		     * root that the kernel ran on */
};

#define TRACE_SYSRET 1 /* the exit used SYSRET, not IRET */
#define TRACE_IF 2     /* IF was 1 when the record was made: never so on an exit */
#define TRACE_LATE 4   /* a work flag was set when the record was made: never so on an exit */
#define TRACE_USER 8   /* the NMI interrupted ring 3 */

/* Added to the number of a thread that is not a program's. */
#define TRACE_KERNEL_THREAD 0x40000000U

#define RING_RECORDS 512
#define RING_NMI_RECORDS 64

/* Locking key: (p) written by the own CPU with interrupts off; (n) written by its NMI, #DB, #MC and #DF handlers;
 * (a) atomic; all read by anyone, see above. The counter of record[] is cpu->trace_next. */
struct trace_ring {
	struct trace_record record[RING_RECORDS]; /* (p) first, so that its address is the ring's */
	struct trace_record nmi_record[RING_NMI_RECORDS]; /* (n) */
	atomic64_t nmi_next;				  /* (a) */
};

/* Gives the CPU its rings. 0 or -ENOMEM. Before it, records are dropped. Any CPU, start-up. */
int trace_ring_init(u32 cpu);

/* Copies record n of a CPU's ring (or of its NMI ring). False if it is not there, or no longer. Any context. */
bool trace_ring_read(u32 cpu, bool nmi, u64 n, struct trace_record *out);
/* How many records the CPU has ever made. */
u64 trace_ring_count(u32 cpu, bool nmi);

/* Prints the last records of every CPU, oldest first, as a numbered timeline in the manner of the report that this
 * project began with (R3-IRET #n, R3-TIMER #n). print gets one line at a time. Any context. */
void trace_timeline(void (*print)(const char *line), u32 last);

/* -- making records: the functions below are called with interrupts off, on the CPU's own behalf -- */

static ALWAYS_INLINE void trace_put(struct cpu *c, u64 rip, u64 root, u64 info)
{
	struct trace_ring *ring = c->ring;
	u64 n = c->trace_next;
	struct trace_record *r;

	if (UNLIKELY(!ring))
		return;
	r = &ring->record[n % RING_RECORDS];
	r->tsc = __builtin_ia32_rdtsc();
	r->rip = rip;
	r->root = root;
	/* The four small members in one store. */
	*(u64 *)&r->vector = info;
	/* The record is complete before the counter says so (and before a later record can overwrite it, which readers tell
	 * by the counter): x86 keeps stores in order, the compiler is told to. */
	__atomic_store_n(&c->trace_next, n + 1, __ATOMIC_RELEASE);
}

#define TRACE_INFO(vector, kind, flags, detail) \
	((u64)(u16)(vector) | (u64)(kind) << 16 | (u64)(u8)(flags) << 24 | (u64)(u32)(detail) << 32)

static ALWAYS_INLINE u8 trace_if_flag(void)
{
	/* RFLAGS.IF is bit 9, TRACE_IF bit 1. */
	return irq_flags() >> 8 & TRACE_IF;
}

/* Ring 3 came into the kernel. First thing in the C code. */
static ALWAYS_INLINE void trace_entry(const struct trap_frame *frame)
{
	struct cpu *c = this_cpu();

	trace_put(c, frame->rip, c->user_cr3,
		TRACE_INFO(frame->vector, TRACE_ENTRY, 0, frame->error));
}

/* About to return to ring 3: the last thing in the C code, after the last look at the work word. */
static ALWAYS_INLINE void trace_exit(const struct trap_frame *frame, u64 root, bool sysret)
{
	struct cpu *c = this_cpu();
	const struct arch_thread *t = (const struct arch_thread *)c->current;
	u8 flags = (sysret ? TRACE_SYSRET : 0) | trace_if_flag();

	if (UNLIKELY(atomic32_load_relaxed(&t->work)))
		flags |= TRACE_LATE;
	trace_put(c, frame->rip, root,
		TRACE_INFO(frame->vector, TRACE_EXIT, flags, c->kernel_cr3 >> PAGE_SHIFT));
}

/* An exception in kernel code. */
static ALWAYS_INLINE void trace_fault(const struct trap_frame *frame)
{
	struct cpu *c = this_cpu();

	trace_put(c, frame->rip, c->kernel_cr3,
		TRACE_INFO(frame->vector, TRACE_FAULT, trace_if_flag(), frame->error));
}

/* Threads are told by number. */
static ALWAYS_INLINE void trace_switch(u32 prev, u32 next)
{
	struct cpu *c = this_cpu();

	trace_put(c, prev, c->kernel_cr3, TRACE_INFO(0, TRACE_SWITCH, 0, next));
}

/* NMI or another paranoid entry. These may interrupt each other, so a place in the ring is taken first and says "nothing
 * here" (kind 0) until it is filled. The root that they found is in a register of the assembly's: not recorded. */
static ALWAYS_INLINE void trace_nmi(const struct trap_frame *frame)
{
	struct cpu *c = this_cpu();
	struct trace_record *r;

	if (UNLIKELY(!c->ring))
		return;
	r = &c->ring->nmi_record[atomic64_fetch_add(&c->ring->nmi_next, 1) % RING_NMI_RECORDS];
	WRITE_ONCE(*(u64 *)&r->vector, 0);
	r->tsc = __builtin_ia32_rdtsc();
	r->rip = frame->rip;
	r->root = 0;
	__atomic_store_n((u64 *)&r->vector,
		TRACE_INFO(frame->vector, TRACE_NMI, frame_from_user(frame) ? TRACE_USER : 0,
			frame->error),
		__ATOMIC_RELEASE);
}

#endif

/*
 * struct cpu: what one processor owns. GS base points to it whenever the kernel's C code runs.
 *
 * The first page is mapped in user-side tables, so it holds no secrets and only what the entry path
 * reads or writes; its offsets are fixed (entry/offsets are checked against this structure in
 * cpu/cpu.c). Everything else starts on the second page.
 *
 * Locking key: (p) only this CPU touches it, with interrupts off; (b) written at boot, constant
 * afterwards; (a) atomic, any CPU; a name: that lock.
 */
#ifndef ARCH_CPU_H
#define ARCH_CPU_H

#include "arch/layout.h"
#include "lib/atomic.h"
#include "lib/compiler.h"
#include "lib/list.h"
#include "lib/types.h"

struct thread;
struct runq;
struct timerq;
struct trace_nmi_ring;
struct frame_cache;
struct mm;

struct cpu {
	/* -- first page: the crossing's own words. Offsets are in entry/offsets.h. -- */
	struct cpu *self; /* (b) */
	u64 scratch_rsp;  /* (p) the program's RSP between SYSCALL and the first push */
	u64 kernel_cr3;	  /* (p) kernel-side root of the current address space */
	u64 user_cr3; /* (p) root to return to ring 3 with. Writer: mm_switch(), IF=0; reader: exit.S */
	u64 thread_rsp; /* (p) top of the current thread's kernel stack. Writer: the context switch */
	u64 entry_rsp;	  /* (b) top of the entry stack, the same as TSS.rsp0 */
	u64 pti;	  /* (b) 1: user_cr3 differs from kernel_cr3 and must be switched */
	u64 paranoid_cr3; /* (b) root of the kernel's own table: what IST entries run on */

	/* -- second page on: never mapped in a user-side table -- */
	ALIGNED(4096)
	u32 id;			/* (b) 0 is the boot CPU; dense */
	u32 apic_id;		/* (b) */
	struct thread *current; /* (p) */
	struct thread *idle;	/* (b) */
	struct mm *mm;		/* (p) address space whose tables are loaded; holds a reference */
	struct runq *runq;	/* (b) sched/runq.c */
	struct timerq *timerq;	/* (b) time/timer.c */
	struct trace_nmi_ring *nmi_ring; /* (b) trace/ring.c */
	struct frame_cache *frame_cache; /* (b) mm/frame.c */
	u64 trace_at;	   /* (p) bytes of records ever written to its ring: arch/trace_slot.h */
	u64 user_ticks;	   /* (p) in ring 3 so far, read by others: arch/user_time.h */
	u32 user_since;	   /* (p) the TSC's lower half when ring 3 was entered; 0 in the kernel */
	u32 irq_depth;	   /* (p) interrupt handlers running, 0 in thread context */
	u64 found_cr3;	   /* (p) root that the last paranoid door interrupted: for reports */
	u32 nmi_depth;	   /* (p) NMI handlers running */
	atomic32_t online; /* (a) 1 once it schedules */
	atomic32_t ipi_pending; /* (a) IPI_* bits not yet handled, arch/smp.h */
	atomic64_t barriers;	/* (a) written by this CPU: smp_barrier() requests served */
	u64 debug_loaded;	/* (p) what DR7 holds for the running thread; 0: nothing */
	u64 irq_count;		/* (p) statistics */
};

_Static_assert(offsetof(struct cpu, id) == 4096, "the private part starts on the second page");
_Static_assert(sizeof(struct cpu) <= (1 + CPU_PRIVATE_PAGES) * 4096, "struct cpu fits its area");

/* This CPU. The pointer stays meaningful only while the caller can't migrate: interrupts off, or in
 * a thread that does not block or return to user in between (the kernel is not preempted). */
static inline struct cpu *this_cpu(void)
{
	struct cpu *c;
	__asm__ volatile("movq %%gs:0, %0" : "=r"(c));
	return c;
}

/* The running thread. The load is one instruction, so it is right even if the thread migrates. */
static inline struct thread *current_thread(void)
{
	struct thread *t;
	__asm__ volatile("movq %%gs:%c1, %0" : "=r"(t) : "i"(offsetof(struct cpu, current)));
	return t;
}

/* CPUs found at boot; cpu_get(i) for i < cpu_count() is valid from then on. */
u32 cpu_count(void);
struct cpu *cpu_get(u32 id);

#define cpu_for_each(c, i) for (i = 0; i < cpu_count() && (c = cpu_get(i)) != NULL; i++)

#endif

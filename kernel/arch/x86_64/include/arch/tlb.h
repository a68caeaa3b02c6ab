/*
 * Translation caches, on this CPU and the others.
 *
 * struct tlb_state is the part of an address space that says which CPUs may hold its translations. A shootdown
 * returns only after every such CPU has dropped them (or has marked them for dropping before its next return to
 * ring 3), so the caller may free the frames right after (hazards T3, T4, B20).
 */
#ifndef ARCH_TLB_H
#define ARCH_TLB_H

#include "arch/pagetable.h"
#include "lib/atomic.h"
#include "lib/types.h"

struct tlb_state {
	atomic64_t cpus;       /* (a) bit n: CPU n has the table loaded */
	atomic64_t generation; /* (a) bumped by each change that needs a flush */
	u64 context_id;        /* (b) never reused: tells PCID slots of different spaces apart */
};

void tlb_state_init(struct tlb_state *t);

/* Drops [start, end) of the program's half on every CPU that has the table. IF=1 and no spinlock held that an interrupt
 * handler takes: it waits for other CPUs. */
void tlb_flush_range(struct tlb_state *t, uaddr_t start, uaddr_t end);

/* Drops a range of kernel addresses on every CPU. Same context. */
void tlb_flush_kernel(void *start, size_t size);

/* Loads the tables of an address space (NULL: the kernel's own) on this CPU: the only writer of cpu->kernel_cr3 and
 * cpu->user_cr3. IF=0. */
void tlb_switch(struct pagetable *pt, struct tlb_state *t, struct tlb_state *previous);

/* The IPI handler's part. IF=0. */
void tlb_ipi(void);

#endif

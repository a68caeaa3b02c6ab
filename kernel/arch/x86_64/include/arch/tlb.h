/*
 * Translation caches, on this CPU and the others.
 *
 * struct tlb_state is the part of an address space that says which CPUs may hold its translations.
 * A shootdown returns only after every such CPU has dropped them, for the kernel's side and the
 * program's (or will drop them before it uses that address space again), so the caller may free the
 * frames right after (hazards T3, T4, B20).
 */
#ifndef ARCH_TLB_H
#define ARCH_TLB_H

#include "arch/pagetable.h"
#include "lib/atomic.h"
#include "lib/types.h"

struct tlb_state {
	atomic64_t cpus;       /* (a) bit n: CPU n has the table loaded */
	atomic64_t generation; /* (a) bumped by each change that needs a flush */
	u64 context_id;	       /* (b) never reused: tells PCID slots of different spaces apart */
};

void tlb_state_init(struct tlb_state *t);

/* Drops [start, end) of the program's half on every CPU that has the table. IF=1 and no spinlock
 * held that an interrupt handler takes: it waits for other CPUs. */
void tlb_flush_range(struct tlb_state *t, uaddr_t start, uaddr_t end);

/* The same for all of it, and for the CPUs' memory of its tables: before tables are freed. */
void tlb_flush_all(struct tlb_state *t);

/* Makes every CPU that has the table loaded, this one too, go to the kernel's own: none runs a
 * program on it, or will again. Afterwards its tables may be freed. Same context. */
void tlb_leave(struct tlb_state *t);

/* Drops a range of kernel addresses on every CPU. Same context; during start-up, with one CPU, IF
 * may be 0. */
void tlb_flush_kernel(void *start, size_t size);

/* Loads the tables of an address space on this CPU: the only writer of cpu->kernel_cr3 and
 * cpu->user_cr3. Cheap if they are loaded already. IF=0. */
void tlb_switch(const struct pagetable *pt, struct tlb_state *t);

/* This CPU goes on without a program: it keeps the tables until a shootdown or another
 * tlb_switch(). IF=0. */
void tlb_enter_lazy(void);

/* The IPI handler's part. IF=0. */
void tlb_ipi(void);

/* Loads the kernel's own table, before struct cpu is there; and whether this kernel uses PCIDs. For
 * kernel_map.c. */
void tlb_load_kernel_root(void);
bool tlb_uses_pcid(void);

#endif

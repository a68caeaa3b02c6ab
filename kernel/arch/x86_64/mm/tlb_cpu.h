/* What a CPU knows about the address spaces in its translation caches: shared by tlb_switch.c and
 * tlb.c. */
#ifndef MM_TLB_CPU_H
#define MM_TLB_CPU_H

#include "arch/layout.h"
#include "arch/tlb.h"
#include "lib/atomic.h"
#include "lib/compiler.h"
#include "lib/types.h"

/* Address spaces whose translations a CPU keeps apart by PCID. */
#define TLB_SLOTS 6
/* Ranges up to this many pages are dropped page by page. */
#define TLB_PAGES_MAX 32

struct tlb_slot {
	u64 context_id; /* of the space; 0: unused */
	u64 generation; /* the space's, up to which this CPU has flushed */
};

/* Locking key: (p) only this CPU, with interrupts off; (a) atomic. */
struct ALIGNED(64) tlb_cpu {
	struct tlb_state *loaded;	  /* (p) NULL: the kernel's own table */
	bool lazy;			  /* (p) no program runs on it */
	u32 slot;			  /* (p) of the loaded space */
	u32 next_slot;			  /* (p) reused next */
	struct tlb_slot slots[TLB_SLOTS]; /* (p) */
	atomic64_t requests; /* (a) bit n: CPU n asks for its shootdown to be done here */
};

struct tlb_cpu *tlb_cpu_this(void);
struct tlb_cpu *tlb_cpu_get(u32 id);

/* This CPU goes to the kernel's own table. IF=0. */
void tlb_load_none(struct tlb_cpu *c);

/* Drops translations of the loaded space, on both sides. IF=0. */
void tlb_drop_address(const struct tlb_cpu *c, u64 va);
void tlb_drop_space(const struct tlb_cpu *c);
/* Drops kernel addresses. */
void tlb_drop_kernel(u64 start, u64 end);

#endif

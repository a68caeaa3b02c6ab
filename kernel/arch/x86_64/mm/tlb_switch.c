/*
 * Which address space this CPU has loaded, and the two words that the entry and exit paths load CR3
 * from.
 *
 * Where the CPU has PCIDs (and INVPCID, which came with the other features that this kernel
 * demands), the last TLB_SLOTS spaces keep their translations. Each slot has two PCIDs, one for the
 * kernel's side and one for the program's: under isolation the same address may be mapped in one
 * and not in the other. PCID 0 is the kernel's own table's.
 *
 * cpu->kernel_cr3 and cpu->user_cr3 carry CR3's no-flush bit as long as their space is loaded,
 * because the invariant is: what the two PCIDs of the loaded space hold is never stale. It holds
 * because
 *   - tlb_switch() makes it true: a slot that is new, or whose generation is not the space's, is
 *     flushed on both sides;
 *   - while the space is loaded this CPU's bit in cpus is set, so each shootdown comes here, and
 *     flushes both sides before it is acknowledged (hazards T3, T4).
 *
 * The switch and a shootdown can't miss each other. The switch sets its bit, then reads the
 * generation; a shootdown has changed the table, then bumps the generation, then reads the bits.
 * All four are sequentially consistent: either the shootdown sees the bit, or the switch sees the
 * generation (and the changed table).
 */
#include "arch/boot_alloc.h"
#include "arch/cpu.h"
#include "arch/features.h"
#include "arch/irqflags.h"
#include "arch/pti.h"
#include "invalidate.h"
#include "lib/assert.h"
#include "tlb_cpu.h"

#define CR3_NOFLUSH BIT(63)
#define PCID_USER_SIDE 0x800UL

static struct tlb_cpu cpus[MAX_CPUS];
/* The last number given to an address space. */
static atomic64_t last_context_id;

struct tlb_cpu *tlb_cpu_get(u32 id)
{
	return &cpus[id];
}

struct tlb_cpu *tlb_cpu_this(void)
{
	return &cpus[this_cpu()->id];
}

bool tlb_uses_pcid(void)
{
	return cpu_features.pcid && cpu_features.invpcid;
}

void tlb_state_init(struct tlb_state *t)
{
	*t = (struct tlb_state){.context_id = atomic64_fetch_add(&last_context_id, 1) + 1};
}

static u64 kernel_side_pcid(u32 slot)
{
	return slot + 1;
}

static u64 user_side_pcid(u32 slot)
{
	return pti_enabled() ? kernel_side_pcid(slot) | PCID_USER_SIDE : kernel_side_pcid(slot);
}

void tlb_load_kernel_root(void)
{
	cr3_write(kernel_root().v);
}

/* Sets both words. The exit path reads user_cr3 only with IF=0, and we run with IF=0 on that CPU,
 * so it sees both or neither. */
static void set_words(u64 kernel_cr3, u64 user_cr3)
{
	struct cpu *c = this_cpu();

	c->kernel_cr3 = kernel_cr3;
	c->user_cr3 = user_cr3;
}

static void forget_loaded(struct tlb_cpu *c)
{
	/* After the CR3 load: from here on no shootdown of that space concerns this CPU. */
	if (c->loaded)
		atomic64_fetch_and(&c->loaded->cpus, ~BIT(this_cpu()->id));
}

void tlb_load_none(struct tlb_cpu *c)
{
	ASSERT(irq_disabled());
	tlb_load_kernel_root();
	set_words(kernel_root().v, kernel_root().v);
	forget_loaded(c);
	c->loaded = NULL;
	c->lazy = false;
}

/* The space's slot, or one that is taken from another space. */
static u32 find_slot(struct tlb_cpu *c, const struct tlb_state *t)
{
	for (u32 i = 0; i < TLB_SLOTS; i++)
		if (c->slots[i].context_id == t->context_id)
			return i;
	u32 slot = c->next_slot;
	c->next_slot = (slot + 1) % TLB_SLOTS;
	c->slots[slot] = (struct tlb_slot){.context_id = t->context_id, .generation = UINT64_MAX};
	return slot;
}

static void load_with_pcid(struct tlb_cpu *c, const struct pagetable *pt, u64 generation)
{
	struct tlb_slot *slot = &c->slots[c->slot];
	u64 kernel_cr3 = pt->root.v | kernel_side_pcid(c->slot);
	u64 user_cr3 = pt->user_root.v | user_side_pcid(c->slot);
	bool fresh = slot->generation == generation;

	slot->generation = generation;
	set_words(kernel_cr3 | CR3_NOFLUSH, user_cr3 | CR3_NOFLUSH);
	/* Without the no-flush bit the load drops what the PCID held. */
	cr3_write(fresh ? kernel_cr3 | CR3_NOFLUSH : kernel_cr3);
	if (!fresh && user_cr3 != kernel_cr3)
		invpcid(INVPCID_CONTEXT, user_side_pcid(c->slot), 0);
}

void tlb_switch(const struct pagetable *pt, struct tlb_state *t)
{
	struct tlb_cpu *c = tlb_cpu_this();

	ASSERT(irq_disabled());
	c->lazy = false;
	if (c->loaded == t)
		return;
	atomic64_fetch_or(&t->cpus, BIT(this_cpu()->id));
	/* After the bit: see above. */
	u64 generation = atomic64_load(&t->generation);
	if (tlb_uses_pcid()) {
		c->slot = find_slot(c, t);
		load_with_pcid(c, pt, generation);
	} else {
		set_words(pt->root.v, pt->user_root.v);
		cr3_write(pt->root.v);
	}
	forget_loaded(c);
	c->loaded = t;
}

void tlb_enter_lazy(void)
{
	ASSERT(irq_disabled());
	tlb_cpu_this()->lazy = true;
}

/* The running code is on the kernel's side. Without PCIDs the program's side is dropped by the CR3
 * load at exit. */
void tlb_drop_address(const struct tlb_cpu *c, u64 va)
{
	invlpg(va);
	if (tlb_uses_pcid() && pti_enabled())
		invpcid(INVPCID_ADDRESS, user_side_pcid(c->slot), va);
}

void tlb_drop_space(const struct tlb_cpu *c)
{
	if (!tlb_uses_pcid()) {
		cr3_write(cr3_read());
		return;
	}
	invpcid(INVPCID_CONTEXT, kernel_side_pcid(c->slot), 0);
	if (pti_enabled())
		invpcid(INVPCID_CONTEXT, user_side_pcid(c->slot), 0);
}

/* INVLPG reaches the kernel's translations if they are global, or if there are no PCIDs; otherwise
 * they may stand under any of them. */
void tlb_drop_kernel(u64 start, u64 end)
{
	if (tlb_uses_pcid() && pti_enabled())
		invpcid(INVPCID_EVERYTHING, 0, 0);
	else if (end - start > TLB_PAGES_MAX * PAGE_SIZE)
		invalidate_by_cr4();
	else
		for (u64 va = start; va < end; va += PAGE_SIZE)
			invlpg(va);
}

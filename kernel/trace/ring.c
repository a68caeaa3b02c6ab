/*
 * The crossing recorder's reading side; the writing side is inline in ring.h.
 *
 * A reader may run while the owner goes on recording. Record n is in the ring while
 *	n < count <= n + SIZE - 1
 * where count is the owner's counter: at count == n + SIZE the owner may already be overwriting it. So a reader copies
 * the record and looks at the counter afterwards.
 */
#include "trace/ring.h"

#include "arch/boot_alloc.h"
#include "lib/errno.h"

INIT_TEXT int trace_ring_init(u32 cpu)
{
	struct trace_ring *ring;

	if (boot_alloc_finished())
		return -ENOMEM;
	ring = boot_alloc(sizeof(*ring), 64);
	if (!ring)
		return -ENOMEM;
	WRITE_ONCE(cpu_get(cpu)->ring, ring);
	return 0;
}

u64 trace_ring_count(u32 cpu, bool nmi)
{
	struct cpu *c = cpu_get(cpu);
	struct trace_ring *ring = READ_ONCE(c->ring);

	if (!ring)
		return 0;
	/* Acquire: what the counter covers has been written. Pairs with trace_put(). */
	return nmi ? atomic64_load_acquire(&ring->nmi_next)
		   : __atomic_load_n(&c->trace_next, __ATOMIC_ACQUIRE);
}

bool trace_ring_read(u32 cpu, bool nmi, u64 n, struct trace_record *out)
{
	struct trace_ring *ring = READ_ONCE(cpu_get(cpu)->ring);
	u64 size = nmi ? RING_NMI_RECORDS : RING_RECORDS;

	if (n >= trace_ring_count(cpu, nmi))
		return false;
	*out = nmi ? ring->nmi_record[n % size] : ring->record[n % size];
	/* The copy is complete before the counter is read again. */
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	return out->kind != 0 && trace_ring_count(cpu, nmi) < n + size;
}

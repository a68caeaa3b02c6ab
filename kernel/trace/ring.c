/*
 * The flight recorder: its reading side, and what is not worth being inline of its writing side (ring.h).
 *
 * A reader may run while the owner goes on recording. Record n is in the ring while
 *	n < count <= n + SIZE - 1
 * where count is the owner's counter: at count == n + SIZE the owner may already be overwriting it. So a reader copies
 * the record and looks at the counter afterwards.
 */
#include "trace/ring.h"

#include "arch/boot_alloc.h"
#include "lib/errno.h"
#include "lib/string.h"

INIT_TEXT int trace_ring_init(u32 cpu)
{
	struct trace_nmi_ring *ring;

	if (boot_alloc_finished())
		return -ENOMEM;
	ring = boot_alloc(sizeof(*ring), 64);
	if (!ring)
		return -ENOMEM;
	WRITE_ONCE(cpu_get(cpu)->nmi_ring, ring);
	return 0;
}

/* -- reading -- */

u64 trace_ring_count(u32 cpu, bool nmi)
{
	struct cpu *c = cpu_get(cpu);
	struct trace_nmi_ring *ring = READ_ONCE(c->nmi_ring);

	/* Acquire: what the counter covers has been written. Pairs with trace_slot_done(). */
	if (!nmi)
		return __atomic_load_n(&c->trace_at, __ATOMIC_ACQUIRE) /
		       sizeof(struct trace_record);
	return ring ? atomic64_load_acquire(&ring->next) : 0;
}

static const struct trace_record *slot_of(u32 cpu, bool nmi, u64 n)
{
	if (nmi)
		return &READ_ONCE(cpu_get(cpu)->nmi_ring)->record[n % RING_NMI_RECORDS];
	return (const struct trace_record *)trace_slot_ring(cpu) + n % RING_RECORDS;
}

bool trace_ring_read(u32 cpu, bool nmi, u64 n, struct trace_record *out)
{
	u64 size = nmi ? RING_NMI_RECORDS : RING_RECORDS;

	if (n >= trace_ring_count(cpu, nmi))
		return false;
	memcpy(out, slot_of(cpu, nmi, n), sizeof(*out));
	/* The copy is complete before the counter is read again. */
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	return (!nmi || out->place) && trace_ring_count(cpu, nmi) < n + size;
}

/* -- writing -- */

void trace_event(enum trace_kind kind, u64 address, u32 number, u32 extra, u64 word)
{
	u64 flags = irq_save();

	(void)trace_put(TRACE_PLACE(kind, 0, address), TRACE_PAIR(number, extra), word);
	irq_restore_stay(flags);
}

/* Paranoid doors may interrupt each other, so a place in the ring is taken first and says "nothing here" (place 0) until
 * it is filled. */
void trace_nmi(const struct trap_frame *frame)
{
	struct trace_nmi_ring *ring = READ_ONCE(this_cpu()->nmi_ring);
	struct trace_record *r;

	if (UNLIKELY(!ring))
		return;
	r = &ring->record[atomic64_fetch_add(&ring->next, 1) % RING_NMI_RECORDS];
	WRITE_ONCE(r->place, 0);
	r->tsc = __builtin_ia32_rdtsc();
	r->number = (u32)frame->error;
	r->extra = (u32)frame->vector;
	r->word = frame->rsp;
	__atomic_store_n(&r->place,
		TRACE_PLACE(TRACE_NMI, frame_from_user(frame) ? TRACE_USER : 0, frame->rip),
		__ATOMIC_RELEASE);
}

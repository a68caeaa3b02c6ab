/*
 * Taking records out of the rings; stream.h says what for.
 *
 * taken[] says how far each ring was read. It is written by whoever drains, one at a time (the caller's lock), and read
 * without it by trace_relieve(), for which a stale value means one round of draining too many.
 */
#include "trace/stream.h"

#include "arch/clock.h"
#include "arch/irqflags.h"
#include "lib/string.h"

static struct {
	u64 taken, lost;
} progress[MAX_CPUS][2];

bool trace_streaming;
static void (*drain_fn)(void);

void trace_stream_start(void (*drain)(void))
{
	WRITE_ONCE(drain_fn, drain);
	WRITE_ONCE(trace_streaming, true);
}

/* One more record, if the next one is still there; else as many are given up as were overwritten, and some more. */
static bool take_one(u32 cpu, bool nmi, struct trace_record *out)
{
	u64 size = nmi ? RING_NMI_RECORDS : RING_RECORDS;
	u64 next, count;

	for (;;) {
		next = progress[cpu][nmi].taken;
		count = trace_ring_count(cpu, nmi);
		if (next >= count)
			return false;
		if (trace_ring_read(cpu, nmi, next, out))
			break;
		u64 resume = count - next >= size ? count - size / 2 : next + 1;

		progress[cpu][nmi].lost += resume - next;
		WRITE_ONCE(progress[cpu][nmi].taken, resume);
	}
	WRITE_ONCE(progress[cpu][nmi].taken, next + 1);
	return true;
}

bool trace_stream_take(
	u32 cpu, bool nmi, struct trace_batch *batch, struct trace_record *records, u32 max)
{
	u64 lost = progress[cpu][nmi].lost;
	u32 n = 0;

	/* A batch has no gap: what is lost is lost before it. */
	while (n < max && take_one(cpu, nmi, &records[n])) {
		if (progress[cpu][nmi].lost != lost) {
			records[0] = records[n];
			n = 0;
			lost = progress[cpu][nmi].lost;
		}
		n++;
	}
	if (n == 0)
		return false;
	*batch = (struct trace_batch){
		.magic = TRACE_BATCH_MAGIC,
		.cpu = cpu | (nmi ? TRACE_BATCH_NMI : 0),
		.count = n,
		.first = progress[cpu][nmi].taken - n,
		.lost = lost,
		.tsc = clock_cycles(),
		.ns = clock_now_ns(),
		.khz = clock_tsc_khz(),
	};
	return true;
}

void trace_stream_mark(struct trace_batch *mark)
{
	*mark = (struct trace_batch){
		.magic = TRACE_BATCH_MAGIC,
		.cpu = TRACE_BATCH_MARK,
		.tsc = clock_cycles(),
		.ns = clock_now_ns(),
		.khz = clock_tsc_khz(),
	};
}

void trace_stream_relieve(void)
{
	u32 cpu = this_cpu()->id;

	if (trace_ring_count(cpu, false) - READ_ONCE(progress[cpu][0].taken) > RING_RECORDS / 2)
		drain_fn();
}

/* -- what is recorded only for the host -- */

void trace_call(u32 number, u32 tid, u32 count, const u64 args[6])
{
	u64 flags = irq_save();

	(void)trace_put(
		TRACE_PLACE(TRACE_CALL, 0, 0), TRACE_PAIR(number, tid), count ? args[0] : 0);
	/* The time of these is an argument, so they are put together by hand; nothing comes in between. */
	for (u32 i = 1; i < count; i += 3) {
		u32 slot = trace_slot_begin();

		trace_slot_put(slot, 0, args[i]);
		trace_slot_put(slot, 8, TRACE_PLACE(TRACE_WORDS, 0, 0));
		trace_slot_put(slot, 16, i + 2 < count ? args[i + 2] : 0);
		trace_slot_put(slot, 24, i + 1 < count ? args[i + 1] : 0);
		trace_slot_done(sizeof(struct trace_record));
	}
	irq_restore_stay(flags);
}

void trace_result(u32 number, u32 tid, s64 result)
{
	trace_event(TRACE_RESULT, 0, number, tid, (u64)result);
}

void trace_name(u32 tid, u32 pid, const char name[16])
{
	u64 flags = irq_save(), half[2];
	u32 slot = trace_slot_begin();

	memcpy(half, name, sizeof(half));
	trace_slot_put(slot, 0, half[0]);
	trace_slot_put(slot, 8, TRACE_PLACE(TRACE_NAME, 0, 0));
	trace_slot_put(slot, 16, TRACE_PAIR(tid, pid));
	trace_slot_put(slot, 24, half[1]);
	trace_slot_done(sizeof(struct trace_record));
	irq_restore_stay(flags);
}

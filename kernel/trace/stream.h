/*
 * Records on their way to the host.
 *
 * Somebody who can sleep and knows a way out (dev/tracer.c) takes the records of all rings in batches. While there is
 * one, calls are recorded with arguments and results, and threads with names. Where a program comes into the kernel and may sleep,
 * trace_relieve() lets it help when its CPU's ring is half full: so a program that makes records faster than they are taken
 * is slowed down instead of losing them. What is lost all the same is counted.
 */
#ifndef TRACE_STREAM_H
#define TRACE_STREAM_H

#include "lib/compiler.h"
#include "lib/types.h"
#include "trace/ring.h"

/* Comes before the records of each batch. All numbers are little-endian. cli/tracefile.c reads it. */
struct trace_batch {
	u64 magic;
	u32 cpu; /* with TRACE_BATCH_NMI: of its NMI ring */
	u32 count;
	u64 first; /* number of the first record */
	u64 lost;  /* records of this ring lost so far */
	u64 tsc;   /* one moment, on two clocks */
	u64 ns;
	u64 khz;
	u64 reserved;
};

/* Whether records are taken. Constant once programs run. */
extern bool trace_streaming;

/* From now on records are taken, from those made so far on; drain is what trace_relieve() calls. Start-up. */
void trace_stream_start(void (*drain)(void));

/* Fills in the mark for a round of draining that begins now; it goes out behind the round. */
void trace_stream_mark(struct trace_batch *mark);

/* Fills a batch from a ring: at most max records. False if there is none. One caller at a time for each ring. */
bool trace_stream_take(
	u32 cpu, bool nmi, struct trace_batch *batch, struct trace_record *records, u32 max);

void trace_stream_relieve(void);
/* Thread context, may sleep; any mutex may be held. */
static inline void trace_relieve(void)
{
	if (UNLIKELY(READ_ONCE(trace_streaming)))
		trace_stream_relieve();
}

/* A call's arguments and result, a thread's name. Thread context, while trace_streaming. */
void trace_call(u32 number, u32 tid, u32 count, const u64 args[6]);
void trace_result(u32 number, u32 tid, s64 result);
void trace_name(u32 tid, u32 pid, const char name[16]);

#endif

/* The kernel's stream of trace records: taking it apart, and putting the CPUs' records in order. */
#ifndef CLI_TRACESTREAM_H
#define CLI_TRACESTREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* struct trace_record of kernel/trace/ring.h, with the CPU whose it is. */
struct trace_item {
	uint64_t
		key; /* place in the order of time: the record's time, or that of the one before it */
	uint32_t cpu;
	uint32_t sequence;
	uint64_t tsc;
	uint64_t place;
	uint32_t number;
	uint32_t extra;
	uint64_t word;
};

enum { TRACE_CPUS = 64 };

struct tracestream {
	void (*take)(void *context, const struct trace_item *item);
	void (*lost)(void *context, uint32_t cpu, uint64_t records);
	void *context;
	/* The clocks at the first batch; khz is 0 before. */
	uint64_t tsc, ns, khz;
	uint64_t total, total_lost;
	/* Bytes that make no batch. */
	bool broken;
	/* -- its own -- */
	char *bytes;
	size_t length;
	struct trace_item *items;
	size_t count, room;
	uint64_t known_lost[2 * TRACE_CPUS];
	uint64_t last_key[TRACE_CPUS];
	uint32_t sequence;
};

/* Bytes as they come. `take` gets whatever is in order by now. */
void tracestream_add(struct tracestream *stream, const char *data, size_t length);
/* There is nothing more: `take` gets the rest. */
void tracestream_finish(struct tracestream *stream);

/* Nanoseconds since the kernel's start, by the clocks of the first batch. */
int64_t tracestream_ns(const struct tracestream *stream, uint64_t tsc);

#endif

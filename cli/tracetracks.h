/*
 * The tracks of a trace: one for each CPU, with a slice for as long as a thread runs there, and one for each thread, with
 * slices for its system calls and its traps. Fed with one record at a time, in order of time; ns is the record's moment.
 */
#ifndef CLI_TRACETRACKS_H
#define CLI_TRACETRACKS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "symbols.h"
#include "traceevent.h"
#include "tracestream.h"
#include "tracethread.h"

/* The process that the CPUs' tracks belong to. */
#define TRACE_MACHINE_PID 0

struct trace_running {
	uint32_t tid;
	int64_t since;
	bool known;
	bool named;
	/* The call whose arguments are still coming. */
	struct trace_thread *calling;
};

struct trace_tracks {
	FILE *out;
	struct symbols *symbols;
	struct trace_threads threads;
	struct trace_running cpu[TRACE_CPUS];
	uint64_t flows;
};

/* A kernel function as text, for an argument: its name and the offset, or the address. Returns text. */
const char *tracks_function(
	const struct trace_tracks *tracks, uint64_t address, char *text, size_t size);
/* The address in a record. */
uint64_t tracks_address(const struct trace_item *item);

/* CPUs: tracecpu.c */
void trace_cpu_switch(struct trace_tracks *tracks, const struct trace_item *item, int64_t ns);
void trace_cpu_wake(struct trace_tracks *tracks, const struct trace_item *item, int64_t ns);
/* What has no length: migrations, shootdowns, contended locks, timers, interrupts; others are ignored. */
void trace_cpu_instant(struct trace_tracks *tracks, const struct trace_item *item, int64_t ns);
/* What was going on is not known any more. */
void trace_cpu_lost(struct trace_tracks *tracks, uint32_t cpu, uint64_t records, int64_t ns);
/* The machine has ended. */
void trace_cpu_end(struct trace_tracks *tracks, uint32_t cpu, int64_t ns);

/* Threads: tracecalls.c */
void trace_thread_call(struct trace_tracks *tracks, const struct trace_item *item, int64_t ns);
void trace_thread_words(struct trace_tracks *tracks, const struct trace_item *item);
void trace_thread_result(struct trace_tracks *tracks, const struct trace_item *item, int64_t ns);
/* The call that is open, if any, ends without a result. */
void trace_thread_end(
	struct trace_tracks *tracks, struct trace_thread *thread, uint32_t cpu, int64_t ns);
void trace_thread_entry(struct trace_tracks *tracks, const struct trace_item *item, int64_t ns);
void trace_thread_exit(struct trace_tracks *tracks, const struct trace_item *item, int64_t ns);
void trace_thread_page(struct trace_tracks *tracks, const struct trace_item *item, int64_t ns);
void trace_thread_block(struct trace_tracks *tracks, const struct trace_item *item, int64_t ns);
void trace_thread_name(struct trace_tracks *tracks, const struct trace_item *item);

#endif

/*
 * From records to trace events (the format of chrome://tracing and ui.perfetto.dev: "Trace Event Format", JSON object form).
 *
 * Process 0 stands for the machine: one track for each CPU, with a slice for as long as a thread runs there. Every process
 * of the VM has a track for each thread, with slices for its system calls and its traps; they follow one another, since a
 * thread does one thing at a time. A wakeup is a flow from the waker's slice on a CPU to the slice in which the woken thread
 * begins to run. What has no length is an instant.
 *
 * Each event is a line of its own, so that `airlock trace` and other line readers need no whole file in memory; a slice is
 * written when it ends.
 */
#include "tracefile.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../kernel/trace/kinds.h"
#include "message.h"
#include "text.h"
#include "traceevent.h"
#include "tracestream.h"
#include "tracetracks.h"

struct tracefile {
	struct trace_tracks tracks;
	struct tracestream stream;
	const char *path;
	int64_t last;
};

static void take(void *context, const struct trace_item *item)
{
	struct tracefile *file = context;
	int64_t ns = tracestream_ns(&file->stream, item->key);
	file->last = ns > file->last ? ns : file->last;
	switch (item->place >> 56) {
	case TRACE_SWITCH:
		trace_cpu_switch(&file->tracks, item, ns);
		break;
	case TRACE_WAKE:
		trace_cpu_wake(&file->tracks, item, ns);
		break;
	case TRACE_CALL:
		trace_thread_call(&file->tracks, item, ns);
		break;
	case TRACE_WORDS:
		trace_thread_words(&file->tracks, item);
		break;
	case TRACE_RESULT:
		trace_thread_result(&file->tracks, item, ns);
		break;
	case TRACE_ENTRY:
		trace_thread_entry(&file->tracks, item, ns);
		break;
	case TRACE_EXIT:
		trace_thread_exit(&file->tracks, item, ns);
		break;
	case TRACE_PAGE:
		trace_thread_page(&file->tracks, item, ns);
		break;
	case TRACE_BLOCK:
		trace_thread_block(&file->tracks, item, ns);
		break;
	case TRACE_NAME:
		trace_thread_name(&file->tracks, item);
		break;
	default:
		trace_cpu_instant(&file->tracks, item, ns);
		break;
	}
}

static void lost(void *context, uint32_t cpu, uint64_t records)
{
	struct tracefile *file = context;
	trace_cpu_lost(&file->tracks, cpu, records, file->last);
}

struct tracefile *tracefile_create(const char *path, const char *kernel)
{
	FILE *out = fopen(path, "we");
	if (!out) {
		message("cannot write the trace to %s: %s", path, strerror(errno));
		return NULL;
	}
	struct tracefile *file = text_alloc(sizeof(*file));
	*file = (struct tracefile){
		.path = path, .tracks = {.out = out, .symbols = symbols_load(kernel)}};
	file->stream.take = take;
	file->stream.lost = lost;
	file->stream.context = file;
	fputs("{\"displayTimeUnit\":\"ns\",\"traceEvents\":[\n", out);
	trace_event_process(out, TRACE_MACHINE_PID, "CPUs");
	return file;
}

void tracefile_add(void *file, const char *data, size_t length)
{
	struct tracefile *trace = file;
	tracestream_add(&trace->stream, data, length);
}

/* What is still open when the machine ends. */
static void end_all(struct tracefile *file)
{
	for (uint32_t cpu = 0; cpu < TRACE_CPUS; cpu++)
		trace_cpu_end(&file->tracks, cpu, file->last);
	for (size_t i = 0; i < file->tracks.threads.count; i++)
		trace_thread_end(&file->tracks, file->tracks.threads.items[i], 0, file->last);
}

int tracefile_finish(struct tracefile *file)
{
	int status = 0;
	tracestream_finish(&file->stream);
	end_all(file);
	/* The last one has no comma behind it. */
	trace_event_last(file->tracks.out, file->last);
	fprintf(file->tracks.out,
		"],\"otherData\":{\"records\":\"%" PRIu64 "\",\"lost\":\"%" PRIu64
		"\",\"khz\":\"%" PRIu64 "\"}}\n",
		file->stream.total, file->stream.total_lost, file->stream.khz);
	if (file->stream.broken)
		message("the end of the trace is missing: the kernel sent something else");
	if (file->stream.total_lost)
		message("the trace lost %" PRIu64 " of %" PRIu64 " records",
			file->stream.total_lost, file->stream.total_lost + file->stream.total);
	bool failed = ferror(file->tracks.out) != 0;
	if (fclose(file->tracks.out) != 0 || failed)
		status = message_fail(STATUS_AIRLOCK, "cannot write the trace to %s", file->path);
	symbols_free(file->tracks.symbols);
	trace_threads_free(&file->tracks.threads);
	free(file);
	return status;
}

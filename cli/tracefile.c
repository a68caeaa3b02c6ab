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
#include "calls.h"
#include "message.h"
#include "symbols.h"
#include "text.h"
#include "traceevent.h"
#include "tracestream.h"
#include "tracethread.h"

enum { MACHINE_PID = 0, VECTOR_PAGE_FAULT = 14, STATE_DEAD = 4 };

struct running {
	uint32_t tid;
	int64_t since;
	bool known;
	bool named;
	/* The call whose arguments are still coming. */
	struct trace_thread *calling;
};

struct tracefile {
	FILE *out;
	const char *path;
	struct symbols *symbols;
	struct tracestream stream;
	struct trace_threads threads;
	struct running cpu[TRACE_CPUS];
	uint64_t flows;
	int64_t last;
};

static struct trace_event event_on_cpu(const struct tracefile *file, uint32_t cpu, int64_t ns)
{
	(void)file;
	return (struct trace_event){.pid = MACHINE_PID, .tid = cpu, .ns = ns};
}

static struct trace_event event_on_thread(const struct trace_thread *thread, int64_t ns)
{
	return (struct trace_event){.pid = thread->pid, .tid = thread->tid, .ns = ns};
}

static struct trace_thread *thread_of(struct tracefile *file, uint32_t tid)
{
	return trace_threads_get(&file->threads, tid);
}

/* The thread that runs on the CPU, as far as is known; the kernel's own have no track. */
static struct trace_thread *thread_on(struct tracefile *file, uint32_t cpu)
{
	if (!file->cpu[cpu].known || file->cpu[cpu].tid & TRACE_KERNEL_THREAD)
		return NULL;
	return thread_of(file, file->cpu[cpu].tid);
}

/* A kernel function as text, for an argument. */
static const char *function(const struct tracefile *file, uint64_t address, char *text, size_t size)
{
	uint64_t offset;
	const char *name = symbols_find(file->symbols, address, &offset);
	if (name && offset)
		snprintf(text, size, "%s+0x%" PRIx64, name, offset);
	else if (name)
		snprintf(text, size, "%s", name);
	else
		snprintf(text, size, "0x%" PRIx64, address);
	return text;
}

static uint64_t address_of(const struct trace_item *item)
{
	return (uint64_t)((int64_t)(item->place << 16) >> 16);
}

/* -- a CPU's track -- */

static void end_running(struct tracefile *file, uint32_t cpu, int64_t ns)
{
	struct running *r = &file->cpu[cpu];
	if (!r->known)
		return;
	struct trace_event event = event_on_cpu(file, cpu, r->since);
	const struct trace_thread *thread = thread_of(file, r->tid);
	event.name = thread->name;
	event.category = "sched";
	event.length = ns - r->since;
	trace_event_number(&event, "tid", thread->tid & ~TRACE_KERNEL_THREAD);
	trace_event_number(&event, "pid", thread->pid);
	trace_event_slice(file->out, &event);
}

static void end_call(struct tracefile *file, struct trace_thread *thread, uint32_t cpu, int64_t ns,
	const int64_t *result);

static void take_switch(struct tracefile *file, const struct trace_item *item, int64_t ns)
{
	struct running *r = &file->cpu[item->cpu];
	end_running(file, item->cpu, ns);
	r->known = true;
	struct trace_thread *left = thread_of(file, item->number);
	if (((item->place >> 48) & 0xff) == STATE_DEAD)
		end_call(file, left, item->cpu, ns, NULL);
	if (!r->named) {
		trace_event_track(file->out, MACHINE_PID, item->cpu, "CPU", item->cpu);
		r->named = true;
	}
	r->tid = item->extra;
	r->since = ns;
	struct trace_thread *next = thread_of(file, item->extra);
	if (next->flow) {
		struct trace_event event = event_on_cpu(file, item->cpu, ns);
		event.name = "wakeup";
		event.category = "sched";
		event.id = next->flow;
		trace_event_flow_end(file->out, &event);
		next->flow = 0;
	}
}

static void take_wake(struct tracefile *file, const struct trace_item *item, int64_t ns)
{
	struct trace_thread *woken = thread_of(file, item->number);
	struct trace_event event = event_on_cpu(file, item->cpu, ns);
	if (woken->flow || !file->cpu[item->cpu].known)
		return;
	woken->flow = ++file->flows;
	event.name = "wakeup";
	event.category = "sched";
	event.id = woken->flow;
	trace_event_text(&event, "woken", woken->name);
	trace_event_flow_begin(file->out, &event);
}

/* -- a thread's track -- */

static void take_call(struct tracefile *file, const struct trace_item *item, int64_t ns)
{
	struct trace_thread *thread = thread_of(file, item->extra);
	thread->call = (struct trace_call){.open = true,
		.number = item->number,
		.since = ns,
		.args = {item->word},
		.count = 1};
	file->cpu[item->cpu].calling = thread;
}

static void take_words(struct tracefile *file, const struct trace_item *item)
{
	struct trace_thread *thread = file->cpu[item->cpu].calling;
	uint64_t words[3] = {item->tsc, item->word, item->number | (uint64_t)item->extra << 32};
	for (int i = 0; thread && i < 3 && thread->call.count < 6; i++)
		thread->call.args[thread->call.count++] = words[i];
}

static void end_call(struct tracefile *file, struct trace_thread *thread, uint32_t cpu, int64_t ns,
	const int64_t *result)
{
	const struct trace_call *call = &thread->call;
	char name[32], args[256], text[64];
	if (!call->open)
		return;
	const char *known = calls_name(call->number);
	if (known)
		snprintf(name, sizeof(name), "%s", known);
	else
		snprintf(name, sizeof(name), "syscall_%u", call->number);
	struct trace_event event = event_on_thread(thread, call->since);
	event.name = name;
	event.category = "syscall";
	event.length = ns - call->since;
	calls_arguments(call->number, call->args, args, sizeof(args));
	trace_event_text(&event, "args", args);
	if (result) {
		calls_result(call->number, *result, text, sizeof(text));
		trace_event_text(&event, "result", text);
	}
	trace_event_number(&event, "cpu", cpu);
	trace_event_slice(file->out, &event);
	thread->call.open = false;
}

static void take_result(struct tracefile *file, const struct trace_item *item, int64_t ns)
{
	struct trace_thread *thread = thread_of(file, item->extra);
	int64_t result = (int64_t)item->word;
	if (thread->call.number == item->number)
		end_call(file, thread, item->cpu, ns, &result);
}

static void take_entry(struct tracefile *file, const struct trace_item *item, int64_t ns)
{
	struct trace_thread *thread = thread_on(file, item->cpu);
	if (thread)
		thread->trap = (struct trace_trap){
			.open = true, .vector = item->extra, .rip = address_of(item), .since = ns};
}

static void take_exit(struct tracefile *file, const struct trace_item *item, int64_t ns)
{
	struct trace_thread *thread = thread_on(file, item->cpu);
	char name[32], text[32];
	if (!thread || !thread->trap.open)
		return;
	struct trace_event event = event_on_thread(thread, thread->trap.since);
	event.name = trace_vector_name(thread->trap.vector, name);
	event.category = "trap";
	event.length = ns - thread->trap.since;
	snprintf(text, sizeof(text), "0x%" PRIx64, thread->trap.rip);
	trace_event_text(&event, "rip", text);
	if (thread->trap.vector == VECTOR_PAGE_FAULT) {
		char address[32];
		snprintf(address, sizeof(address), "0x%" PRIx64, thread->trap.address);
		trace_event_text(&event, "address", address);
	}
	trace_event_slice(file->out, &event);
	thread->trap.open = false;
}

/* Of a trap it is an argument; otherwise a user copy met it. */
static void take_page(struct tracefile *file, const struct trace_item *item, int64_t ns)
{
	struct trace_thread *thread = thread_of(file, item->extra);
	char text[32];
	thread->trap.address = item->word;
	if (thread->trap.open)
		return;
	struct trace_event event = event_on_thread(thread, ns);
	event.name = "page fault in a copy";
	event.category = "memory";
	snprintf(text, sizeof(text), "0x%" PRIx64, item->word);
	trace_event_text(&event, "address", text);
	trace_event_instant(file->out, &event);
}

static void take_block(struct tracefile *file, const struct trace_item *item, int64_t ns)
{
	struct trace_thread *thread = thread_of(file, item->number);
	char text[128];
	if (item->number & TRACE_KERNEL_THREAD)
		return;
	struct trace_event event = event_on_thread(thread, ns);
	event.name = "sleeps";
	event.category = "sched";
	trace_event_text(&event, "in", function(file, address_of(item), text, sizeof(text)));
	trace_event_instant(file->out, &event);
}

/* -- the rest -- */

static void take_on_cpu(struct tracefile *file, const struct trace_item *item, int64_t ns,
	const char *name, const char *category, const char *key, const char *value)
{
	struct trace_event event = event_on_cpu(file, item->cpu, ns);
	event.name = name;
	event.category = category;
	if (key)
		trace_event_text(&event, key, value);
	trace_event_instant(file->out, &event);
}

static void take_name(struct tracefile *file, const struct trace_item *item)
{
	char name[17] = {0};
	memcpy(name, &item->tsc, 8);
	memcpy(name + 8, &item->word, 8);
	struct trace_thread *thread = thread_of(file, item->number);
	trace_threads_name(thread, item->extra, name);
	if (!(item->number & TRACE_KERNEL_THREAD))
		trace_event_names(file->out, thread->pid, thread->tid, thread->name);
}

static void take_other(struct tracefile *file, const struct trace_item *item, int64_t ns)
{
	char text[128], name[32];
	switch (item->place >> 56) {
	case TRACE_MIGRATE:
		snprintf(text, sizeof(text), "%s from CPU %u to %" PRIu64,
			thread_of(file, item->number)->name, item->extra, item->word);
		take_on_cpu(file, item, ns, "migrates", "sched", "thread", text);
		break;
	case TRACE_SHOOT:
		snprintf(text, sizeof(text), "%u from 0x%" PRIx64 " on CPUs 0x%x", item->number,
			item->word, item->extra);
		take_on_cpu(file, item, ns, "shootdown", "memory", "pages", text);
		break;
	case TRACE_LOCK:
		snprintf(text, sizeof(text), "%u ticks for rank %u in ", item->extra, item->number);
		function(file, address_of(item), text + strlen(text), sizeof(text) - strlen(text));
		take_on_cpu(file, item, ns, "lock waited for", "lock", "how", text);
		break;
	case TRACE_TIMER:
		take_on_cpu(file, item, ns, "timer", "timer", "function",
			function(file, address_of(item), text, sizeof(text)));
		break;
	case TRACE_IRQ:
	case TRACE_NMI:
	case TRACE_FAULT:
		take_on_cpu(file, item, ns, trace_vector_name(item->extra, name), "interrupt",
			"rip", function(file, address_of(item), text, sizeof(text)));
		break;
	default:
		break;
	}
}

static void take(void *context, const struct trace_item *item)
{
	struct tracefile *file = context;
	int64_t ns = tracestream_ns(&file->stream, item->key);
	file->last = ns > file->last ? ns : file->last;
	switch (item->place >> 56) {
	case TRACE_SWITCH:
		take_switch(file, item, ns);
		break;
	case TRACE_WAKE:
		take_wake(file, item, ns);
		break;
	case TRACE_CALL:
		take_call(file, item, ns);
		break;
	case TRACE_WORDS:
		take_words(file, item);
		break;
	case TRACE_RESULT:
		take_result(file, item, ns);
		break;
	case TRACE_ENTRY:
		take_entry(file, item, ns);
		break;
	case TRACE_EXIT:
		take_exit(file, item, ns);
		break;
	case TRACE_PAGE:
		take_page(file, item, ns);
		break;
	case TRACE_BLOCK:
		take_block(file, item, ns);
		break;
	case TRACE_NAME:
		take_name(file, item);
		break;
	default:
		take_other(file, item, ns);
		break;
	}
}

/* What was going on is not known any more. */
static void lost(void *context, uint32_t cpu, uint64_t records)
{
	struct tracefile *file = context;
	struct trace_event event = event_on_cpu(file, cpu, file->last);
	event.name = "records lost";
	event.category = "lost";
	trace_event_number(&event, "records", (int64_t)records);
	trace_event_instant(file->out, &event);
	file->cpu[cpu].known = false;
	file->cpu[cpu].calling = NULL;
}

struct tracefile *tracefile_create(const char *path, const char *kernel)
{
	FILE *out = fopen(path, "we");
	if (!out) {
		message("cannot write the trace to %s: %s", path, strerror(errno));
		return NULL;
	}
	struct tracefile *file = text_alloc(sizeof(*file));
	*file = (struct tracefile){.out = out, .path = path, .symbols = symbols_load(kernel)};
	file->stream.take = take;
	file->stream.lost = lost;
	file->stream.context = file;
	fputs("{\"displayTimeUnit\":\"ns\",\"traceEvents\":[\n", out);
	trace_event_process(out, MACHINE_PID, "CPUs");
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
		end_running(file, cpu, file->last);
	for (size_t i = 0; i < file->threads.count; i++)
		end_call(file, file->threads.items[i], 0, file->last, NULL);
}

int tracefile_finish(struct tracefile *file)
{
	int status = 0;
	tracestream_finish(&file->stream);
	end_all(file);
	/* The last one has no comma behind it. */
	trace_event_last(file->out, file->last);
	fprintf(file->out,
		"],\"otherData\":{\"records\":\"%" PRIu64 "\",\"lost\":\"%" PRIu64
		"\",\"khz\":\"%" PRIu64 "\"}}\n",
		file->stream.total, file->stream.total_lost, file->stream.khz);
	if (file->stream.broken)
		message("the end of the trace is missing: the kernel sent something else");
	if (file->stream.total_lost)
		message("the trace lost %" PRIu64 " of %" PRIu64 " records",
			file->stream.total_lost, file->stream.total_lost + file->stream.total);
	bool failed = ferror(file->out) != 0;
	if (fclose(file->out) != 0 || failed)
		status = message_fail(STATUS_AIRLOCK, "cannot write the trace to %s", file->path);
	symbols_free(file->symbols);
	trace_threads_free(&file->threads);
	free(file);
	return status;
}

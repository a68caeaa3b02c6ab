/*
 * A thread's track: its system calls and traps as slices. They follow one another, since a thread does one thing at a time;
 * a slice is written when it ends.
 */
#include <inttypes.h>
#include <string.h>

#include "../kernel/trace/kinds.h"
#include "calls.h"
#include "tracetracks.h"

enum { VECTOR_PAGE_FAULT = 14 };

static struct trace_event event_on_thread(const struct trace_thread *thread, int64_t ns)
{
	return (struct trace_event){.pid = thread->pid, .tid = thread->tid, .ns = ns};
}

/* The thread that runs on the CPU, as far as is known; the kernel's own have no track. */
static struct trace_thread *thread_on(struct trace_tracks *tracks, uint32_t cpu)
{
	if (!tracks->cpu[cpu].known || tracks->cpu[cpu].tid & TRACE_KERNEL_THREAD)
		return NULL;
	return trace_threads_get(&tracks->threads, tracks->cpu[cpu].tid);
}

void trace_thread_call(struct trace_tracks *tracks, const struct trace_item *item, int64_t ns)
{
	struct trace_thread *thread = trace_threads_get(&tracks->threads, item->extra);
	thread->call = (struct trace_call){.open = true,
		.number = item->number,
		.since = ns,
		.args = {item->word},
		.count = 1};
	tracks->cpu[item->cpu].calling = thread;
}

void trace_thread_words(struct trace_tracks *tracks, const struct trace_item *item)
{
	struct trace_thread *thread = tracks->cpu[item->cpu].calling;
	uint64_t words[3] = {item->tsc, item->word, item->number | (uint64_t)item->extra << 32};
	for (int i = 0; thread && i < 3 && thread->call.count < 6; i++)
		thread->call.args[thread->call.count++] = words[i];
}

static void end_call(struct trace_tracks *tracks, struct trace_thread *thread, uint32_t cpu,
	int64_t ns, const int64_t *result)
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
	trace_event_slice(tracks->out, &event);
	thread->call.open = false;
}

void trace_thread_end(
	struct trace_tracks *tracks, struct trace_thread *thread, uint32_t cpu, int64_t ns)
{
	end_call(tracks, thread, cpu, ns, NULL);
}

void trace_thread_result(struct trace_tracks *tracks, const struct trace_item *item, int64_t ns)
{
	struct trace_thread *thread = trace_threads_get(&tracks->threads, item->extra);
	int64_t result = (int64_t)item->word;
	if (thread->call.number == item->number)
		end_call(tracks, thread, item->cpu, ns, &result);
}

void trace_thread_entry(struct trace_tracks *tracks, const struct trace_item *item, int64_t ns)
{
	struct trace_thread *thread = thread_on(tracks, item->cpu);
	if (thread)
		thread->trap = (struct trace_trap){.open = true,
			.vector = item->extra,
			.rip = tracks_address(item),
			.since = ns};
}

void trace_thread_exit(struct trace_tracks *tracks, const struct trace_item *item, int64_t ns)
{
	struct trace_thread *thread = thread_on(tracks, item->cpu);
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
	trace_event_slice(tracks->out, &event);
	thread->trap.open = false;
}

/* Of a trap it is an argument; otherwise a user copy met it. */
void trace_thread_page(struct trace_tracks *tracks, const struct trace_item *item, int64_t ns)
{
	struct trace_thread *thread = trace_threads_get(&tracks->threads, item->extra);
	char text[32];
	thread->trap.address = item->word;
	if (thread->trap.open)
		return;
	struct trace_event event = event_on_thread(thread, ns);
	event.name = "page fault in a copy";
	event.category = "memory";
	snprintf(text, sizeof(text), "0x%" PRIx64, item->word);
	trace_event_text(&event, "address", text);
	trace_event_instant(tracks->out, &event);
}

void trace_thread_block(struct trace_tracks *tracks, const struct trace_item *item, int64_t ns)
{
	struct trace_thread *thread = trace_threads_get(&tracks->threads, item->number);
	char text[128];
	if (item->number & TRACE_KERNEL_THREAD)
		return;
	struct trace_event event = event_on_thread(thread, ns);
	event.name = "sleeps";
	event.category = "sched";
	trace_event_text(
		&event, "in", tracks_function(tracks, tracks_address(item), text, sizeof(text)));
	trace_event_instant(tracks->out, &event);
}

void trace_thread_name(struct trace_tracks *tracks, const struct trace_item *item)
{
	char name[17] = {0};
	memcpy(name, &item->tsc, 8);
	memcpy(name + 8, &item->word, 8);
	struct trace_thread *thread = trace_threads_get(&tracks->threads, item->number);
	trace_threads_name(thread, item->extra, name);
	if (!(item->number & TRACE_KERNEL_THREAD))
		trace_event_names(tracks->out, thread->pid, thread->tid, thread->name);
}

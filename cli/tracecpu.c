/*
 * A CPU's track: which thread ran when, whom it woke, and what interrupted it. A wakeup is a flow from the waker's slice to
 * the slice in which the woken thread begins to run.
 */
#include <inttypes.h>
#include <string.h>

#include "../kernel/trace/kinds.h"
#include "tracetracks.h"

/* A thread's state as the kernel's record has it. */
enum { STATE_DEAD = 4 };

static struct trace_event event_on_cpu(uint32_t cpu, int64_t ns)
{
	return (struct trace_event){.pid = TRACE_MACHINE_PID, .tid = cpu, .ns = ns};
}

const char *tracks_function(
	const struct trace_tracks *tracks, uint64_t address, char *text, size_t size)
{
	uint64_t offset;
	const char *name = symbols_find(tracks->symbols, address, &offset);
	if (name && offset)
		snprintf(text, size, "%s+0x%" PRIx64, name, offset);
	else if (name)
		snprintf(text, size, "%s", name);
	else
		snprintf(text, size, "0x%" PRIx64, address);
	return text;
}

uint64_t tracks_address(const struct trace_item *item)
{
	return (uint64_t)((int64_t)(item->place << 16) >> 16);
}

void trace_cpu_end(struct trace_tracks *tracks, uint32_t cpu, int64_t ns)
{
	struct trace_running *r = &tracks->cpu[cpu];
	if (!r->known)
		return;
	struct trace_event event = event_on_cpu(cpu, r->since);
	const struct trace_thread *thread = trace_threads_get(&tracks->threads, r->tid);
	event.name = thread->name;
	event.category = "sched";
	event.length = ns - r->since;
	trace_event_number(&event, "tid", thread->tid & ~TRACE_KERNEL_THREAD);
	trace_event_number(&event, "pid", thread->pid);
	trace_event_slice(tracks->out, &event);
}

void trace_cpu_switch(struct trace_tracks *tracks, const struct trace_item *item, int64_t ns)
{
	struct trace_running *r = &tracks->cpu[item->cpu];
	trace_cpu_end(tracks, item->cpu, ns);
	r->known = true;
	struct trace_thread *left = trace_threads_get(&tracks->threads, item->number);
	if (((item->place >> 48) & 0xff) == STATE_DEAD)
		trace_thread_end(tracks, left, item->cpu, ns);
	if (!r->named) {
		trace_event_track(tracks->out, TRACE_MACHINE_PID, item->cpu, "CPU", item->cpu);
		r->named = true;
	}
	r->tid = item->extra;
	r->since = ns;
	struct trace_thread *next = trace_threads_get(&tracks->threads, item->extra);
	if (next->flow) {
		struct trace_event event = event_on_cpu(item->cpu, ns);
		event.name = "wakeup";
		event.category = "sched";
		event.id = next->flow;
		trace_event_flow_end(tracks->out, &event);
		next->flow = 0;
	}
}

void trace_cpu_wake(struct trace_tracks *tracks, const struct trace_item *item, int64_t ns)
{
	struct trace_thread *woken = trace_threads_get(&tracks->threads, item->number);
	struct trace_event event = event_on_cpu(item->cpu, ns);
	if (woken->flow || !tracks->cpu[item->cpu].known)
		return;
	woken->flow = ++tracks->flows;
	event.name = "wakeup";
	event.category = "sched";
	event.id = woken->flow;
	trace_event_text(&event, "woken", woken->name);
	trace_event_flow_begin(tracks->out, &event);
}

static void instant(const struct trace_tracks *tracks, const struct trace_item *item, int64_t ns,
	const char *name, const char *category, const char *key, const char *value)
{
	struct trace_event event = event_on_cpu(item->cpu, ns);
	event.name = name;
	event.category = category;
	if (key)
		trace_event_text(&event, key, value);
	trace_event_instant(tracks->out, &event);
}

void trace_cpu_instant(struct trace_tracks *tracks, const struct trace_item *item, int64_t ns)
{
	char text[128], name[32];
	switch (item->place >> 56) {
	case TRACE_MIGRATE:
		snprintf(text, sizeof(text), "%s from CPU %u to %" PRIu64,
			trace_threads_get(&tracks->threads, item->number)->name, item->extra,
			item->word);
		instant(tracks, item, ns, "migrates", "sched", "thread", text);
		break;
	case TRACE_SHOOT:
		snprintf(text, sizeof(text), "%u from 0x%" PRIx64 " on CPUs 0x%x", item->number,
			item->word, item->extra);
		instant(tracks, item, ns, "shootdown", "memory", "pages", text);
		break;
	case TRACE_LOCK:
		snprintf(text, sizeof(text), "%u ticks for rank %u in ", item->extra, item->number);
		tracks_function(tracks, tracks_address(item), text + strlen(text),
			sizeof(text) - strlen(text));
		instant(tracks, item, ns, "lock waited for", "lock", "how", text);
		break;
	case TRACE_TIMER:
		instant(tracks, item, ns, "timer", "timer", "function",
			tracks_function(tracks, tracks_address(item), text, sizeof(text)));
		break;
	case TRACE_IRQ:
	case TRACE_NMI:
	case TRACE_FAULT:
		instant(tracks, item, ns, trace_vector_name(item->extra, name), "interrupt", "rip",
			tracks_function(tracks, tracks_address(item), text, sizeof(text)));
		break;
	default:
		break;
	}
}

void trace_cpu_lost(struct trace_tracks *tracks, uint32_t cpu, uint64_t records, int64_t ns)
{
	struct trace_event event = event_on_cpu(cpu, ns);
	event.name = "records lost";
	event.category = "lost";
	trace_event_number(&event, "records", (int64_t)records);
	trace_event_instant(tracks->out, &event);
	tracks->cpu[cpu].known = false;
	tracks->cpu[cpu].calling = NULL;
}

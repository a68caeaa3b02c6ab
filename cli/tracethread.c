#include "tracethread.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../kernel/trace/kinds.h"
#include "text.h"

/* As kernel/arch/x86_64/include/arch/vectors.h says. */
enum { VECTOR_TIMER = 0xec, VECTOR_IPI = 0xfd };

static size_t place_of(const struct trace_threads *threads, uint32_t tid)
{
	size_t low = 0, high = threads->count;
	while (low < high) {
		size_t middle = (low + high) / 2;
		if (threads->items[middle]->tid < tid)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

struct trace_thread *trace_threads_get(struct trace_threads *threads, uint32_t tid)
{
	size_t at = place_of(threads, tid);
	if (at < threads->count && threads->items[at]->tid == tid)
		return threads->items[at];
	if (threads->count == threads->room) {
		threads->room = threads->room ? 2 * threads->room : 64;
		threads->items = text_grow(threads->items, threads->room * sizeof(*threads->items));
	}
	memmove(threads->items + at + 1, threads->items + at,
		(threads->count - at) * sizeof(*threads->items));
	threads->count++;
	struct trace_thread *thread = text_alloc(sizeof(*thread));
	*thread = (struct trace_thread){.tid = tid, .pid = tid & TRACE_KERNEL_THREAD ? 0 : tid};
	if (tid & TRACE_KERNEL_THREAD)
		snprintf(thread->name, sizeof(thread->name), "kernel %u",
			tid & ~TRACE_KERNEL_THREAD);
	else
		snprintf(thread->name, sizeof(thread->name), "thread %u", tid);
	threads->items[at] = thread;
	return thread;
}

void trace_threads_name(struct trace_thread *thread, uint32_t pid, const char *name)
{
	if (pid)
		thread->pid = pid;
	snprintf(thread->name, sizeof(thread->name), "%s", name);
}

void trace_threads_free(struct trace_threads *threads)
{
	for (size_t i = 0; i < threads->count; i++)
		free(threads->items[i]);
	free(threads->items);
	*threads = (struct trace_threads){0};
}

const char *trace_vector_name(uint32_t vector, char text[32])
{
	static const char *const exceptions[] = {"#DE", "#DB", "NMI", "#BP", "#OF", "#BR", "#UD",
		"#NM", "#DF", "exception 9", "#TS", "#NP", "#SS", "#GP", "#PF", "exception 15",
		"#MF", "#AC", "#MC", "#XM", "#VE", "#CP"};
	if (vector < sizeof(exceptions) / sizeof(exceptions[0]))
		return exceptions[vector];
	if (vector == VECTOR_TIMER)
		return "timer interrupt";
	if (vector == VECTOR_IPI)
		return "IPI";
	snprintf(text, 32, "interrupt %u", vector);
	return text;
}

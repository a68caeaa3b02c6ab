/* The events of a trace file in memory, for `airlock trace`. */
#ifndef CLI_TRACELIST_H
#define CLI_TRACELIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct trace_line {
	/* Microseconds since the kernel's start, and how long it took; no length: -1. */
	double at, length;
	/* As in the file: process 0 is the machine, its tracks are the CPUs. */
	long pid, tid;
	char phase;
	char *name;
	char *category;
	/* "args: ..., result: ..." */
	char *details;
	/* The result of a call, in details, or NULL. */
	char *result;
};

struct trace_list {
	struct trace_line *items;
	size_t count, room;
	/* Names of tracks: items with phase 'M'. */
	size_t lost;
};

/* Reads what tracefile.c has written, or any file of trace events that has one on each line, in order of time. 0, or an exit
 * status after one line. */
int trace_list_read(const char *path, struct trace_list *list);
void trace_list_free(struct trace_list *list);

/* The name of a thread, or NULL. */
const char *trace_list_thread(const struct trace_list *list, long pid, long tid);

#endif

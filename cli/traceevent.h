/* One trace event as a line of JSON. */
#ifndef CLI_TRACEEVENT_H
#define CLI_TRACEEVENT_H

#include <stdint.h>
#include <stdio.h>

struct trace_event {
	const char *name;
	const char *category;
	uint32_t pid, tid;
	int64_t ns;
	/* Of a slice. */
	int64_t length;
	/* Of a flow. */
	uint64_t id;
	/* Members of "args", as JSON. */
	char args[768];
};

/* Adds a member to "args". */
void trace_event_text(struct trace_event *event, const char *key, const char *value);
void trace_event_number(struct trace_event *event, const char *key, int64_t value);

void trace_event_slice(FILE *out, const struct trace_event *event);
void trace_event_instant(FILE *out, const struct trace_event *event);
void trace_event_flow_begin(FILE *out, const struct trace_event *event);
void trace_event_flow_end(FILE *out, const struct trace_event *event);
/* The names of a track and of a process. */
void trace_event_process(FILE *out, uint32_t pid, const char *name);
void trace_event_track(FILE *out, uint32_t pid, uint32_t tid, const char *name, uint32_t number);
void trace_event_names(FILE *out, uint32_t pid, uint32_t tid, const char *name);
/* The last line, which says how long the trace is. */
void trace_event_last(FILE *out, int64_t ns);

#endif

#include "traceevent.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

/* Puts a string between quotes; bytes that are no ASCII are shown as Latin-1, so that the file is valid whatever they are. */
static void quote(char *text, size_t size, const char *value)
{
	size_t at = 0;
	text[at++] = '"';
	for (; *value && at + 8 < size; value++) {
		unsigned char c = (unsigned char)*value;
		if (c < 0x20 || c >= 0x7f || c == '"' || c == '\\')
			at += (size_t)snprintf(text + at, size - at, "\\u%04x", c);
		else
			text[at++] = (char)c;
	}
	text[at++] = '"';
	text[at] = '\0';
}

void trace_event_text(struct trace_event *event, const char *key, const char *value)
{
	size_t at = strlen(event->args);
	char quoted[600];
	quote(quoted, sizeof(quoted), value);
	if (at + strlen(key) + strlen(quoted) + 5 < sizeof(event->args))
		snprintf(event->args + at, sizeof(event->args) - at, "%s\"%s\":%s", at ? "," : "",
			key, quoted);
}

void trace_event_number(struct trace_event *event, const char *key, int64_t value)
{
	size_t at = strlen(event->args);
	if (at + strlen(key) + 30 < sizeof(event->args))
		snprintf(event->args + at, sizeof(event->args) - at, "%s\"%s\":%" PRId64,
			at ? "," : "", key, value);
}

/* Microseconds with three decimals; never before the kernel's start. */
static void put_time(FILE *out, const char *key, int64_t ns)
{
	if (ns < 0)
		ns = 0;
	fprintf(out, ",\"%s\":%" PRId64 ".%03" PRId64, key, ns / 1000, ns % 1000);
}

static void begin(FILE *out, const struct trace_event *event, const char *phase)
{
	char name[200];
	quote(name, sizeof(name), event->name);
	fprintf(out, "{\"ph\":\"%s\",\"name\":%s,\"cat\":\"%s\",\"pid\":%u,\"tid\":%u", phase, name,
		event->category, event->pid, event->tid);
	put_time(out, "ts", event->ns);
}

static void end(FILE *out, const struct trace_event *event)
{
	fprintf(out, ",\"args\":{%s}},\n", event->args);
}

void trace_event_slice(FILE *out, const struct trace_event *event)
{
	begin(out, event, "X");
	put_time(out, "dur", event->length);
	end(out, event);
}

void trace_event_instant(FILE *out, const struct trace_event *event)
{
	begin(out, event, "i");
	fputs(",\"s\":\"t\"", out);
	end(out, event);
}

void trace_event_flow_begin(FILE *out, const struct trace_event *event)
{
	begin(out, event, "s");
	fprintf(out, ",\"id\":%" PRIu64, event->id);
	end(out, event);
}

void trace_event_flow_end(FILE *out, const struct trace_event *event)
{
	begin(out, event, "f");
	fprintf(out, ",\"bp\":\"e\",\"id\":%" PRIu64, event->id);
	end(out, event);
}

static void put_name(FILE *out, const char *what, uint32_t pid, uint32_t tid, const char *name)
{
	char quoted[200];
	quote(quoted, sizeof(quoted), name);
	fprintf(out,
		"{\"ph\":\"M\",\"name\":\"%s\",\"pid\":%u,\"tid\":%u,\"args\":{\"name\":%s}},\n",
		what, pid, tid, quoted);
}

void trace_event_process(FILE *out, uint32_t pid, const char *name)
{
	put_name(out, "process_name", pid, 0, name);
}

void trace_event_track(FILE *out, uint32_t pid, uint32_t tid, const char *name, uint32_t number)
{
	char text[40];
	snprintf(text, sizeof(text), "%s %u", name, number);
	put_name(out, "thread_name", pid, tid, text);
}

void trace_event_names(FILE *out, uint32_t pid, uint32_t tid, const char *name)
{
	put_name(out, "thread_name", pid, tid, name);
	if (pid == tid)
		put_name(out, "process_name", pid, 0, name);
}

void trace_event_last(FILE *out, int64_t ns)
{
	fputs("{\"ph\":\"i\",\"name\":\"end\",\"cat\":\"end\",\"pid\":0,\"tid\":0", out);
	put_time(out, "ts", ns);
	fputs(",\"s\":\"g\",\"args\":{}}\n", out);
}

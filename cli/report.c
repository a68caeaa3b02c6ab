/*
 * The kernel's events, one JSON object a line.  The kernel is believed no more than it must be: a
 * hostile program may have taken it over, so everything is checked for its type, and the number of
 * events is limited.
 */
#include "report.h"

#include <stdlib.h>
#include <string.h>

#include "message.h"

enum { REPORT_EVENTS_MAX = 100000 };

void report_init(struct report *report)
{
	*report = (struct report){.events = json_array()};
	if (!report->events)
		exit(message_fail(STATUS_AIRLOCK, "the host is out of memory"));
}

void report_free(struct report *report)
{
	json_decref(report->events);
	report->events = NULL;
}

static bool report_is(const json_t *event, const char *kind)
{
	return strcmp(report_text(event, "event", ""), kind) == 0;
}

static bool report_is_final(const json_t *event)
{
	return report_is(event, "exit") || report_is(event, "signal") || report_is(event, "error");
}

void report_add_line(struct report *report, const char *line, size_t length)
{
	json_t *event = json_loadb(line, length, 0, NULL);
	if (!event || !json_is_string(json_object_get(event, "event")) ||
		json_array_size(report->events) >= REPORT_EVENTS_MAX) {
		json_decref(event);
		report->malformed++;
		return;
	}
	if (report_is_final(event))
		report->final = true;
	json_array_append_new(report->events, event);
}

const json_t *report_find(const struct report *report, const char *event)
{
	for (size_t i = json_array_size(report->events); i-- > 0;) {
		const json_t *candidate = json_array_get(report->events, i);
		if (report_is(candidate, event))
			return candidate;
	}
	return NULL;
}

const json_t *report_final(const struct report *report)
{
	for (size_t i = json_array_size(report->events); i-- > 0;) {
		const json_t *candidate = json_array_get(report->events, i);
		if (report_is_final(candidate))
			return candidate;
	}
	return NULL;
}

long report_number(const json_t *event, const char *member, long missing)
{
	const json_t *value = json_object_get(event, member);
	return json_is_integer(value) ? (long)json_integer_value(value) : missing;
}

const char *report_text(const json_t *event, const char *member, const char *missing)
{
	const json_t *value = json_object_get(event, member);
	return json_is_string(value) ? json_string_value(value) : missing;
}

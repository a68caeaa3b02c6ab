/* Results that the kernel told as events, as lines. */
#include "results.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

static int results_compare_calls(const void *left, const void *right)
{
	long a = report_number(*(json_t *const *)left, "calls", 0);
	long b = report_number(*(json_t *const *)right, "calls", 0);
	return (a < b) - (a > b);
}

void results_print_syscalls(const struct report *report)
{
	size_t count = 0, total = json_array_size(report->events);
	const json_t **events = text_alloc(total * sizeof(*events));
	for (size_t i = 0; i < total; i++) {
		const json_t *event = json_array_get(report->events, i);
		if (strcmp(report_text(event, "event", ""), "syscall") == 0)
			events[count++] = event;
	}
	qsort(events, count, sizeof(*events), results_compare_calls);
	fprintf(stderr, "%10s  %8s  %s\n", "calls", "ENOSYS", "system call");
	for (size_t i = 0; i < count; i++)
		fprintf(stderr, "%10ld  %8ld  %s (%ld)\n", report_number(events[i], "calls", 0),
			report_number(events[i], "enosys", 0), report_text(events[i], "name", "?"),
			report_number(events[i], "number", -1));
	free(events);
}

void results_print(const struct report *report)
{
	for (size_t i = 0; i < json_array_size(report->events); i++) {
		const json_t *event = json_array_get(report->events, i);
		const char *kind = report_text(event, "event", "");
		const char *why = report_text(event, "why", "");
		if (strcmp(kind, "test") == 0)
			printf("%s %s%s%s\n", report_text(event, "result", "fail"),
				report_text(event, "name", "?"), why[0] ? ": " : "", why);
		else if (strcmp(kind, "bench") == 0)
			printf("bench %s %s %g\n", report_text(event, "name", "?"),
				report_text(event, "unit", "?"),
				json_number_value(json_object_get(event, "value")));
	}
	fflush(stdout);
}

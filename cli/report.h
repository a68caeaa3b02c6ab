/* What the kernel told on the control port. */
#ifndef CLI_REPORT_H
#define CLI_REPORT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct report {
	/* All events in order. */
	json_t *events;
	/* The last event (exit, signal or error) has arrived. */
	bool final;
	/* Lines that were no events. */
	size_t malformed;
};

void report_init(struct report *report);
void report_free(struct report *report);

/* One line, without its end. */
void report_add_line(struct report *report, const char *line, size_t length);

/* The last event of this kind, or NULL. */
const json_t *report_find(const struct report *report, const char *event);

/* The event that ended the run (exit, signal or error), or NULL. */
const json_t *report_final(const struct report *report);

/* Members, with a value for those that are missing or of another type. */
long report_number(const json_t *event, const char *member, long missing);
const char *report_text(const json_t *event, const char *member, const char *missing);

#endif

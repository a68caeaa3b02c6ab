/* Figures of the system calls in a trace. */
#ifndef CLI_TRACESUMMARY_H
#define CLI_TRACESUMMARY_H

#include "tracelist.h"

/* Prints a table, one line for each call, and a histogram of how long each took. `wanted` says which lines count. */
void trace_summary_print(const struct trace_list *list,
	bool (*wanted)(const struct trace_line *line, const void *context), const void *context);

#endif

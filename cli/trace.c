/* airlock trace: a trace file as text. */
#include "trace.h"

#include <argp.h>
#include <fnmatch.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "message.h"
#include "text.h"
#include "tracelist.h"
#include "tracesummary.h"

enum { OPTION_FROM = 256, OPTION_TO };

struct trace_options {
	const char *file;
	/* A number, or a glob over names; NULL for all. */
	const char *thread;
	const char *call;
	/* Microseconds. */
	double from, to;
	bool summary;
};

struct trace_filter {
	const struct trace_options *options;
	const struct trace_list *list;
};

static bool thread_fits(const struct trace_filter *filter, const struct trace_line *line)
{
	const char *wanted = filter->options->thread;
	long number;
	if (!wanted)
		return true;
	if (text_number(wanted, 0, 0x7fffffff, &number))
		return line->pid != 0 && line->tid == number;
	const char *name = trace_list_thread(filter->list, line->pid, line->tid);
	if (name && fnmatch(wanted, name, 0) == 0)
		return true;
	/* On a CPU's track the slice has the thread's name. */
	return line->pid == 0 && strcmp(line->category, "sched") == 0 && line->phase == 'X' &&
	       fnmatch(wanted, line->name, 0) == 0;
}

static bool fits(const struct trace_line *line, const void *context)
{
	const struct trace_filter *filter = context;
	const struct trace_options *options = filter->options;
	if (line->phase == 'M' || line->at > options->to ||
		line->at + (line->length > 0 ? line->length : 0) < options->from)
		return false;
	if (options->call && (strcmp(line->category, "syscall") != 0 ||
				     fnmatch(options->call, line->name, 0) != 0))
		return false;
	return thread_fits(filter, line);
}

/* "cpu1", or "busybox[1]". */
static void print_track(const struct trace_list *list, const struct trace_line *line)
{
	char text[64];
	const char *name = trace_list_thread(list, line->pid, line->tid);
	if (line->pid == 0)
		snprintf(text, sizeof(text), "cpu%ld", line->tid);
	else
		snprintf(text, sizeof(text), "%s[%ld]", name ? name : "thread", line->tid);
	printf("%-20s ", text);
}

static void print_line(const struct trace_list *list, const struct trace_line *line)
{
	printf("%14.6f ", line->at / 1e6);
	print_track(list, line);
	if (line->length >= 0)
		printf("%10.1f us ", line->length);
	else
		printf("%13s ", line->phase == 's' ? "->" : line->phase == 'f' ? "<-" : "");
	printf("%s%s%s\n", line->name, line->details[0] ? "  " : "", line->details);
}

static const struct argp_option trace_table[] = {
	{"thread", 't', "TID|NAME", 0, "Only this thread, by its number or a glob over names", 0},
	{"call", 'c', "NAME", 0, "Only system calls whose names fit this glob", 0},
	{"from", OPTION_FROM, "SECONDS", 0, "Only what happened after this time", 0},
	{"to", OPTION_TO, "SECONDS", 0, "Only what happened before this time", 0},
	{"summary", 's', 0, 0, "Counts and latencies of the system calls instead of the events", 0},
	{0},
};

static double seconds(const char *option, const char *value)
{
	char *end;
	double result = strtod(value, &end);
	if (*value == '\0' || *end != '\0' || !isfinite(result) || result < 0)
		exit(message_fail(STATUS_AIRLOCK,
			"--%s cannot be '%s': it takes a number of seconds", option, value));
	return result * 1e6;
}

static error_t trace_parse_one(int key, char *value, struct argp_state *state)
{
	struct trace_options *options = state->input;
	switch (key) {
	case 't':
		options->thread = value;
		return 0;
	case 'c':
		options->call = value;
		return 0;
	case OPTION_FROM:
		options->from = seconds("from", value);
		return 0;
	case OPTION_TO:
		options->to = seconds("to", value);
		return 0;
	case 's':
		options->summary = true;
		return 0;
	case ARGP_KEY_ARG:
		if (options->file)
			exit(message_fail(STATUS_AIRLOCK, "trace takes one file"));
		options->file = value;
		return 0;
	case ARGP_KEY_END:
		if (!options->file)
			exit(message_fail(STATUS_AIRLOCK,
				"trace: the file is missing (airlock trace --help)"));
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

int trace_command(int argc, char **argv)
{
	static const struct argp argp = {
		.options = trace_table,
		.parser = trace_parse_one,
		.args_doc = "FILE",
		.doc = "Prints a trace that `airlock run --trace FILE` has written: time in seconds, "
		       "track, length, what.",
	};
	struct trace_options options = {.to = INFINITY};
	struct trace_list list;
	argp_err_exit_status = STATUS_AIRLOCK;
	argp_parse(&argp, argc, argv, 0, NULL, &options);
	int status = trace_list_read(options.file, &list);
	if (status != 0)
		return status;
	struct trace_filter filter = {&options, &list};
	if (options.summary)
		trace_summary_print(&list, fits, &filter);
	else
		for (size_t i = 0; i < list.count; i++)
			if (fits(&list.items[i], &filter))
				print_line(&list, &list.items[i]);
	if (list.lost)
		message("%zu records of this trace were lost", list.lost);
	trace_list_free(&list);
	return 0;
}

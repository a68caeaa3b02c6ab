#include "tracelist.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "message.h"
#include "report.h"
#include "text.h"

/* "key: value, key: value" */
static char *details_of(const json_t *args)
{
	char *text = text_copy("");
	const char *key;
	json_t *value;
	json_object_foreach((json_t *)args, key, value)
	{
		char *longer = NULL;
		const char *between = text[0] ? ", " : "";
		if (json_is_string(value))
			longer = text_format(
				"%s%s%s: %s", text, between, key, json_string_value(value));
		else if (json_is_integer(value))
			longer = text_format("%s%s%s: %lld", text, between, key,
				(long long)json_integer_value(value));
		if (!longer)
			continue;
		free(text);
		text = longer;
	}
	return text;
}

static void add(struct trace_list *list, const json_t *event)
{
	const json_t *args = json_object_get(event, "args");
	const json_t *length = json_object_get(event, "dur");
	const char *phase = report_text(event, "ph", ""),
		   *result = report_text(args, "result", NULL);
	if (!phase[0])
		return;
	if (list->count == list->room) {
		list->room = list->room ? 2 * list->room : 4096;
		list->items = text_grow(list->items, list->room * sizeof(*list->items));
	}
	list->items[list->count++] = (struct trace_line){
		.at = json_number_value(json_object_get(event, "ts")),
		.length = length ? json_number_value(length) : -1,
		.pid = report_number(event, "pid", 0),
		.tid = report_number(event, "tid", 0),
		.phase = phase[0],
		.name = text_copy(phase[0] == 'M' ? report_text(args, "name", "")
						  : report_text(event, "name", "")),
		.category = text_copy(report_text(event, phase[0] == 'M' ? "name" : "cat", "")),
		.details = details_of(args),
		.result = result ? text_copy(result) : NULL,
	};
	if (strcmp(report_text(event, "cat", ""), "lost") == 0)
		list->lost += (size_t)report_number(args, "records", 0);
}

static int compare(const void *left, const void *right)
{
	const struct trace_line *a = left, *b = right;
	if (a->at != b->at)
		return a->at < b->at ? -1 : 1;
	/* What holds the other comes first. */
	return (a->length < b->length) - (a->length > b->length);
}

int trace_list_read(const char *path, struct trace_list *list)
{
	FILE *file = fopen(path, "re");
	char *line = NULL;
	size_t room = 0;
	ssize_t length;
	*list = (struct trace_list){0};
	if (!file)
		return message_fail(STATUS_AIRLOCK, "cannot read %s: %s", path, strerror(errno));
	while ((length = getline(&line, &room, file)) > 0) {
		while (length > 0 && strchr(",\r\n", line[length - 1]))
			length--;
		json_t *event = line[0] == '{' ? json_loadb(line, (size_t)length, 0, NULL) : NULL;
		if (event)
			add(list, event);
		json_decref(event);
	}
	free(line);
	fclose(file);
	if (list->count == 0)
		return message_fail(STATUS_AIRLOCK,
			"%s holds no trace events, one on a line, as airlock run --trace writes them",
			path);
	qsort(list->items, list->count, sizeof(*list->items), compare);
	return 0;
}

void trace_list_free(struct trace_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		free(list->items[i].name);
		free(list->items[i].category);
		free(list->items[i].details);
		free(list->items[i].result);
	}
	free(list->items);
	*list = (struct trace_list){0};
}

const char *trace_list_thread(const struct trace_list *list, long pid, long tid)
{
	/* The last name counts. */
	for (size_t i = list->count; i-- > 0;) {
		const struct trace_line *line = &list->items[i];
		if (line->phase == 'M' && line->pid == pid && line->tid == tid &&
			strcmp(line->category, "thread_name") == 0)
			return line->name;
	}
	return NULL;
}

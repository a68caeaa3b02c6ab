/* A kernel panic in five lines: what, where, on which CPU, whether it was on the crossing, and the file with the rest. */
#include "crash.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crashfile.h"
#include "message.h"
#include "text.h"

/* The first line that begins so, behind that. */
static const char *value(const struct text_list *lines, const char *prefix, const char *missing)
{
	for (size_t i = 0; i < lines->count; i++)
		if (text_starts(lines->items[i], prefix))
			return lines->items[i] + strlen(prefix);
	return missing;
}

static const char *who_reports(const struct text_list *lines)
{
	for (size_t i = 0; i < lines->count; i++)
		if (text_starts(lines->items[i], "cpu") && strstr(lines->items[i], ": reports"))
			return lines->items[i];
	return "not known";
}

/* How many places stand before the line where the story begins: of a hang, what was interrupted, or the CPU that hangs. */
static size_t places_before(const struct text_list *lines, const char *fatal)
{
	static const char hang[] = "hang: CPU ";
	char stopped[32], *end;
	size_t places = 0, interrupted = 0;
	uint64_t address;
	if (!text_starts(fatal, hang))
		return 0;
	const char *number = fatal + sizeof(hang) - 1;
	unsigned long cpu = strtoul(number, &end, 10);
	if (end == number)
		return 0;
	snprintf(stopped, sizeof(stopped), "cpu%lu: stopped", cpu);
	for (size_t i = 0; i < lines->count; i++) {
		if (text_starts(lines->items[i], stopped))
			return places;
		if (!interrupted && text_starts(lines->items[i], "interrupted by vector"))
			interrupted = places;
		places += crash_file_place(lines->items[i], &address);
	}
	return interrupted;
}

/* Where: the first place that is not the reporting itself. */
static const char *where(const struct source_line *places, size_t from, size_t count)
{
	for (size_t i = from; i < count; i++) {
		const char *text = places[i].text;
		const char *last = text ? strrchr(text, '\n') : NULL;
		if (text && !strstr(last ? last : text, "kernel/trace/") &&
			!text_starts(text, "panic "))
			return text;
	}
	return "not known";
}

void crash_report(const struct klog *log, const char *fatal, const struct crash_context *context)
{
	struct crash_file file;
	crash_file_write(&file, "crash", log, fatal, context);
	const struct text_list *lines = &file.lines;
	const char *place = where(file.places, places_before(lines, fatal), file.count);
	message("kernel panic: %s", fatal);
	message("  where:    %.*s", (int)strcspn(place, "\n"), place);
	message("  on:       %s", who_reports(lines));
	message("  crossing: %s", value(lines, "crossing: ", "nothing wrong with it"));
	message("  report:   %s", file.written ? file.name : "could not be written");
	crash_file_free(&file);
}

/*
 * A time limit is over. The kernel has reported every thread: a line, and the stack below it. Of each thread of a program one line
 * is said, with the innermost place that is not about sleeping as such.
 *
 * A time limit is nothing unusual, so the file goes to the current folder only if crash reports were given a folder.
 */
#include "hang.h"

#include <stdlib.h>
#include <string.h>

#include "crashfile.h"
#include "message.h"

enum { THREADS_SAID = 12 };

/* Part of every sleep, or of the way into the kernel. */
static bool is_common(const char *place)
{
	static const char *const folders[] = {"kernel/sched/", "kernel/sync/", "kernel/arch/",
		"kernel/lib/", "kernel/trace/", "kernel/sanitize/"};
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
		if (strstr(place, folders[i]))
			return true;
	return false;
}

/* The first line of the text that is about waiting for something; the rest is what it was inlined into. */
static char *telling_line(const char *text)
{
	for (const char *line = text; line && *line;) {
		size_t length = strcspn(line, "\n");
		char *copy = text_format("%.*s", (int)length, line);
		if (!is_common(copy))
			return copy;
		free(copy);
		line += length + (line[length] == '\n');
	}
	return NULL;
}

/* The place that a thread waits at, whose stack begins with that line and place; *at is moved behind its places. */
static char *find_place(const struct crash_file *file, size_t line, size_t *at)
{
	char *found = NULL;
	uint64_t address;
	for (; line < file->lines.count && crash_file_place(file->lines.items[line], &address);
		line++) {
		if (!found && *at < file->count)
			found = telling_line(file->places[*at].text);
		++*at;
	}
	return found;
}

static void say_threads(const struct crash_file *file)
{
	size_t at = 0, said = 0, more = 0;
	uint64_t address;
	for (size_t i = 0; i < file->lines.count; i++) {
		const char *line = file->lines.items[i];
		at += crash_file_place(line, &address);
		if (!text_starts(line, "thread ") && !text_starts(line, "process "))
			continue;
		size_t behind = at;
		char *place = find_place(file, i + 1, &behind);
		if (said < THREADS_SAID)
			message("  %s%s%s", line, place ? "; at " : "", place ? place : "");
		else
			more++;
		said++;
		free(place);
	}
	if (more)
		message("  and %zu more", more);
}

void hang_report(const struct klog *log, const char *fatal, const struct crash_context *context)
{
	struct crash_context quiet = *context;
	struct crash_file file;
	quiet.only_where_wanted = true;
	crash_file_write(&file, "hang", log, fatal, &quiet);
	say_threads(&file);
	message("  report: %s", file.written ? file.name : "could not be written");
	crash_file_free(&file);
}

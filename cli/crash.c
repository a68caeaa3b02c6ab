/*
 * The kernel ends its log with a report: a line with the reason, registers, stacks of all CPUs, and the last crossings. The file
 * holds that with a source line under each place on a stack, and the log before it.
 *
 * A line of a stack is four blanks, sixteen hexadecimal digits, and a name. Such an address is behind the call that it stands
 * for, so the line is looked up one byte earlier; but the first after "stack:" of a fault is exact, and one byte less would be the
 * instruction before it. What is shown for it is right in all but the rarest cases.
 */
#include "crash.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "addr2line.h"
#include "message.h"
#include "text.h"

enum { PLACES_MAX = 512, LOG_BEFORE = 16384 };

static const char mark[] = "airlock-fatal: ";

/* Lines of the report, each ended by NUL. */
struct lines {
	char *text;
	char **items;
	size_t count;
};

static void split(struct lines *lines, const char *data, size_t length)
{
	*lines = (struct lines){.text = text_format("%.*s", (int)length, data)};
	lines->items = text_alloc((length + 1) * sizeof(*lines->items));
	for (char *line = strtok(lines->text, "\r\n"); line; line = strtok(NULL, "\r\n"))
		lines->items[lines->count++] = line;
}

/* The address of a line of a stack. */
static bool is_place(const char *line, uint64_t *address)
{
	char *end;
	if (strncmp(line, "    ffffffff", 12) != 0)
		return false;
	*address = strtoull(line + 4, &end, 16);
	return end == line + 20;
}

static size_t collect(const struct lines *lines, struct source_line *places)
{
	size_t count = 0;
	bool exact = false;
	for (size_t i = 0; i < lines->count && count < PLACES_MAX; i++) {
		uint64_t address;
		if (is_place(lines->items[i], &address))
			places[count++] = (struct source_line){.address = address - !exact};
		/* The line before the first place says whether that is where a CPU was. */
		exact = strncmp(lines->items[i], "stack:", 6) == 0 ||
			strstr(lines->items[i], ": stopped in the kernel") != NULL ||
			text_starts(lines->items[i], "interrupted by vector");
	}
	return count;
}

/* The start of the last report in the log. */
static const char *find_report(const struct klog *log)
{
	const char *found = NULL, *end = log->data + log->length;
	for (const char *line = log->data; line < end;) {
		const char *next = memchr(line, '\n', (size_t)(end - line));
		if ((size_t)(end - line) >= sizeof(mark) - 1 &&
			memcmp(line, mark, sizeof(mark) - 1) == 0 && !found)
			found = line;
		line = next ? next + 1 : end;
	}
	return found;
}

static void put_report(
	FILE *out, const struct lines *lines, const struct source_line *places, size_t count)
{
	size_t at = 0;
	for (size_t i = 0; i < lines->count; i++) {
		uint64_t address;
		fprintf(out, "%s\n", lines->items[i]);
		if (!is_place(lines->items[i], &address) || at == count)
			continue;
		const char *text = places[at++].text;
		for (; text && *text; text += strcspn(text, "\n") + (strchr(text, '\n') != NULL))
			fprintf(out, "        %.*s\n", (int)strcspn(text, "\n"), text);
	}
}

static void put_all(FILE *out, const struct klog *log, const char *fatal,
	const struct crash_context *context, const struct lines *lines,
	const struct source_line *places, size_t count)
{
	char when[40];
	time_t now = time(NULL);
	const char *report = find_report(log);
	size_t before = (size_t)(report - log->data);
	size_t shown = before < LOG_BEFORE ? before : LOG_BEFORE;
	strftime(when, sizeof(when), "%Y-%m-%d %H:%M:%S %z", localtime(&now));
	fprintf(out,
		"Airlock crash report\n\nwhat:    %s\nwhen:    %s\nprogram: %s\nkernel:  %s\n\n",
		fatal, when, context->program ? context->program : "?",
		context->kernel ? context->kernel : "?");
	fprintf(out, "== the kernel's report ==\n\n");
	put_report(out, lines, places, count);
	fprintf(out, "\n== the log before it ==\n\n%.*s", (int)shown, report - shown);
}

/* A new file in the folder; NULL if that can't be. */
static FILE *create_in(const char *folder, char **name)
{
	char when[32];
	time_t now = time(NULL);
	strftime(when, sizeof(when), "%Y%m%d-%H%M%S", localtime(&now));
	for (int i = 0; i < 100; i++) {
		*name = i ? text_format("%s/airlock-crash-%s-%d.txt", folder, when, i)
			  : text_format("%s/airlock-crash-%s.txt", folder, when);
		int fd = open(*name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
		if (fd >= 0)
			return fdopen(fd, "w");
		free(*name);
		*name = NULL;
	}
	return NULL;
}

static FILE *create(const struct crash_context *context, char **name)
{
	const char *folder = context->folder ? context->folder : getenv("AIRLOCK_CRASH_DIR");
	const char *temporary = getenv("TMPDIR");
	FILE *out = create_in(folder && folder[0] ? folder : ".", name);
	return out ? out : create_in(temporary && temporary[0] ? temporary : "/tmp", name);
}

/* The first line that begins so, behind that. */
static const char *value(const struct lines *lines, const char *prefix, const char *missing)
{
	for (size_t i = 0; i < lines->count; i++)
		if (text_starts(lines->items[i], prefix))
			return lines->items[i] + strlen(prefix);
	return missing;
}

static const char *who_reports(const struct lines *lines)
{
	for (size_t i = 0; i < lines->count; i++)
		if (text_starts(lines->items[i], "cpu") && strstr(lines->items[i], ": reports"))
			return lines->items[i];
	return "not known";
}

/* How many places stand before the line where the story begins: of a hang, what was interrupted, or the CPU that hangs. */
static size_t places_before(const struct lines *lines, const char *fatal)
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
		places += is_place(lines->items[i], &address);
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
	struct lines lines;
	struct source_line places[PLACES_MAX] = {0};
	const char *report = find_report(log);
	char *name = NULL;
	split(&lines, report, (size_t)(log->data + log->length - report));
	size_t count = collect(&lines, places);
	if (context->kernel)
		addr2line(context->kernel, places, count);
	FILE *out = create(context, &name);
	bool written = false;
	if (out) {
		put_all(out, log, fatal, context, &lines, places, count);
		written = !ferror(out);
		written = fclose(out) == 0 && written;
	}
	const char *place = where(places, places_before(&lines, fatal), count);
	message("kernel panic: %s", fatal);
	message("  where:    %.*s", (int)strcspn(place, "\n"), place);
	message("  on:       %s", who_reports(&lines));
	message("  crossing: %s", value(&lines, "crossing: ", "nothing wrong with it"));
	message("  report:   %s", written ? name : "could not be written");
	for (size_t i = 0; i < count; i++)
		free(places[i].text);
	free(lines.items);
	free(lines.text);
	free(name);
}

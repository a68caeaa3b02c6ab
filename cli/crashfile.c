/*
 * The kernel ends its log with a report: a line with the reason, registers, stacks of all CPUs, perhaps of all threads, and the last
 * crossings. The file holds that with a source line under each place on a stack, and the log before it. Calls, which the kernel
 * tells by number ("nr=61"), get their names.
 *
 * A line of a stack is four blanks, sixteen hexadecimal digits, and a name. Such an address is behind the call that it stands
 * for, so the line is looked up one byte earlier; but the first after "stack:" of a fault is exact, and one byte less would be the
 * instruction before it. What is shown for it is right in all but the rarest cases.
 */
#include "crashfile.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "calls.h"
#include "text.h"

enum { PLACES_MAX = 4096, LOG_BEFORE = 16384 };

static const char mark[] = "airlock-fatal: ";

/* "call nr=61" becomes "call wait4". The caller owns the result. */
static char *name_call(const char *line)
{
	static const char number[] = " nr=";
	const char *at = strstr(line, number);
	char *end;
	if (!at)
		return text_copy(line);
	unsigned long value = strtoul(at + sizeof(number) - 1, &end, 10);
	const char *name = calls_name((uint32_t)value);
	if (!name)
		return text_copy(line);
	return text_format("%.*s %s%s", (int)(at - line), line, name, end);
}

static void split(struct text_list *lines, const char *data, size_t length)
{
	char *text = text_format("%.*s", (int)length, data);
	for (char *line = strtok(text, "\r\n"); line; line = strtok(NULL, "\r\n")) {
		char *named = name_call(line);
		text_list_add(lines, named);
		free(named);
	}
	free(text);
}

/* The address of a line of a stack. */
bool crash_file_place(const char *line, uint64_t *address)
{
	char *end;
	if (strncmp(line, "    ffffffff", 12) != 0)
		return false;
	*address = strtoull(line + 4, &end, 16);
	return end == line + 20;
}

static size_t collect(const struct text_list *lines, struct source_line *places)
{
	size_t count = 0;
	bool exact = false;
	for (size_t i = 0; i < lines->count && count < PLACES_MAX; i++) {
		uint64_t address;
		if (crash_file_place(lines->items[i], &address))
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
	FILE *out, const struct text_list *lines, const struct source_line *places, size_t count)
{
	size_t at = 0;
	for (size_t i = 0; i < lines->count; i++) {
		uint64_t address;
		fprintf(out, "%s\n", lines->items[i]);
		if (!crash_file_place(lines->items[i], &address) || at == count)
			continue;
		const char *text = places[at++].text;
		for (; text && *text; text += strcspn(text, "\n") + (strchr(text, '\n') != NULL))
			fprintf(out, "        %.*s\n", (int)strcspn(text, "\n"), text);
	}
}

static void put_all(FILE *out, const struct klog *log, const char *fatal,
	const struct crash_context *context, const struct text_list *lines,
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
static FILE *create_in(const char *folder, const char *kind, char **name)
{
	char when[32];
	time_t now = time(NULL);
	strftime(when, sizeof(when), "%Y%m%d-%H%M%S", localtime(&now));
	for (int i = 0; i < 100; i++) {
		*name = i ? text_format("%s/airlock-%s-%s-%d.txt", folder, kind, when, i)
			  : text_format("%s/airlock-%s-%s.txt", folder, kind, when);
		int fd = open(*name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
		if (fd >= 0)
			return fdopen(fd, "w");
		free(*name);
		*name = NULL;
	}
	return NULL;
}

static FILE *create(const struct crash_context *context, const char *kind, char **name)
{
	const char *folder = context->folder ? context->folder : getenv("AIRLOCK_CRASH_DIR");
	const char *temporary = getenv("TMPDIR");
	bool given = folder && folder[0];
	FILE *out = NULL;
	if (given || !context->only_where_wanted)
		out = create_in(given ? folder : ".", kind, name);
	return out ? out : create_in(temporary && temporary[0] ? temporary : "/tmp", kind, name);
}

void crash_file_write(struct crash_file *file, const char *kind, const struct klog *log,
	const char *fatal, const struct crash_context *context)
{
	const char *report = find_report(log);
	*file = (struct crash_file){0};
	split(&file->lines, report, (size_t)(log->data + log->length - report));
	file->places = text_alloc(PLACES_MAX * sizeof(*file->places));
	file->count = collect(&file->lines, file->places);
	if (context->kernel)
		addr2line(context->kernel, file->places, file->count);
	FILE *out = create(context, kind, &file->name);
	if (!out)
		return;
	put_all(out, log, fatal, context, &file->lines, file->places, file->count);
	file->written = !ferror(out);
	file->written = fclose(out) == 0 && file->written;
}

void crash_file_free(struct crash_file *file)
{
	for (size_t i = 0; i < file->count; i++)
		free(file->places[i].text);
	free(file->places);
	text_list_free(&file->lines);
	free(file->name);
}

/*
 * One process for all addresses. Its output is, for each: the address, and then pairs of lines, a function and a place, the
 * innermost first.
 */
#include "addr2line.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "text.h"

/* The part of a path that is the same in every copy of the sources. */
static const char *in_sources(const char *path)
{
	const char *found = strstr(path, "/kernel/");
	return found ? found + 1 : path;
}

static void add_text(struct source_line *line, const char *function, const char *place)
{
	if (strncmp(place, "??", 2) == 0)
		return;
	char *longer = text_format("%s%s%s at %s", line->text ? line->text : "",
		line->text ? "\n" : "", function, in_sources(place));
	free(line->text);
	line->text = longer;
}

static void read_lines(FILE *from, struct source_line *lines, size_t count)
{
	char *text = NULL, function[256] = "";
	size_t room = 0, at = 0;
	bool is_function = true;
	while (getline(&text, &room, from) > 0) {
		text[strcspn(text, "\n")] = '\0';
		if (strncmp(text, "0x", 2) == 0) {
			at++;
			is_function = true;
			continue;
		}
		if (is_function)
			snprintf(function, sizeof(function), "%s", text);
		else if (at > 0 && at <= count)
			add_text(&lines[at - 1], function, text);
		is_function = !is_function;
	}
	free(text);
}

void addr2line(const char *image, struct source_line *lines, size_t count)
{
	struct text_list words = {0};
	int ends[2];
	text_list_add(&words, "addr2line");
	text_list_add(&words, "-aife");
	text_list_add(&words, image);
	for (size_t i = 0; i < count; i++)
		text_list_format(&words, "0x%" PRIx64, lines[i].address);
	if (count == 0 || pipe(ends) != 0)
		return;
	pid_t child = fork();
	if (child == 0) {
		dup2(ends[1], STDOUT_FILENO);
		close(ends[0]);
		close(STDERR_FILENO);
		execvp(words.items[0], words.items);
		_exit(1);
	}
	close(ends[1]);
	FILE *from = fdopen(ends[0], "r");
	if (from) {
		read_lines(from, lines, count);
		fclose(from);
	}
	if (child > 0)
		waitpid(child, NULL, 0);
	text_list_free(&words);
}

/*
 * The header of a test: a few lines in the comment at the top of its source.
 *
 *   # summary: what it shows
 *   # matrix: cpus pti        run it for 1 and 2 processors, and with isolation on and off
 *   # matrix: cpus+pti        two of these four only: 1 processor without, 2 with isolation; the other two are nightly
 *   # timeout: 60             seconds, for each run
 *   # quick: yes              also part of --quick and --most; "most": of --most; "no": of neither
 *   # nightly: yes            only with --nightly, or when it is named
 */
#include "testheader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "message.h"
#include "text.h"

enum { HEADER_MAX = 8192 };

static bool header_bool(const char *value, bool *out)
{
	*out = strcmp(value, "yes") == 0;
	return *out || strcmp(value, "no") == 0;
}

static bool header_span(const char *value, enum test_span *out)
{
	static const char *const names[] = {
		[SPAN_ALL] = "no", [SPAN_MOST] = "most", [SPAN_QUICK] = "yes"};
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(value, names[i]) != 0)
			continue;
		*out = (enum test_span)i;
		return true;
	}
	return false;
}

static bool header_matrix(const char *value, struct test_header *header)
{
	while (*value) {
		size_t length = strcspn(value, " ,");
		if (length == 8 && strncmp(value, "cpus+pti", 8) == 0)
			header->cpus = header->pti = header->pairs = true;
		else if (length == 4 && strncmp(value, "cpus", 4) == 0)
			header->cpus = true;
		else if (length == 3 && strncmp(value, "pti", 3) == 0)
			header->pti = true;
		else
			return false;
		value += length;
		value += strspn(value, " ,");
	}
	return true;
}

/* True also for keys that are not ours: prose has colons, too. */
static bool header_set(struct test_header *header, const char *key, const char *value)
{
	if (strcmp(key, "matrix") == 0)
		return header_matrix(value, header);
	if (strcmp(key, "timeout") == 0)
		return text_seconds(value, &header->timeout);
	if (strcmp(key, "quick") == 0)
		return header->span_said = header_span(value, &header->span);
	if (strcmp(key, "nightly") == 0)
		return header_bool(value, &header->nightly);
	if (strcmp(key, "summary") == 0)
		snprintf(header->summary, sizeof(header->summary), "%s", value);
	return true;
}

/* Splits "# key: value" in place.  False for other lines. */
static bool header_split(char *line, char **key, char **value)
{
	*key = line + strspn(line, " \t#/*");
	*value = *key + strspn(*key, "abcdefghijklmnopqrstuvwxyz");
	if (*key == line || *value == *key || **value != ':')
		return false;
	*(*value)++ = '\0';
	*value += strspn(*value, " \t");
	for (size_t end = strlen(*value); end > 0 && strchr(" \t\r", (*value)[end - 1]); end--)
		(*value)[end - 1] = '\0';
	return true;
}

bool testheader_parse(const char *path, const char *text, struct test_header *header)
{
	bool good = true;
	*header = (struct test_header){.timeout = TESTHEADER_SECONDS};
	char *copy = text_copy(text), *rest = copy, *line;
	while (good && (line = strsep(&rest, "\n")) != NULL) {
		char *key, *value;
		/* The header ends where the code begins. */
		if (line[0] && !strchr("#/ *\t", line[0]))
			break;
		if (!header_split(line, &key, &value) || header_set(header, key, value))
			continue;
		message("%s: the header line '%s: %s' makes no sense", path, key, value);
		good = false;
	}
	free(copy);
	return good;
}

bool testheader_read(const char *path, struct test_header *header)
{
	char text[HEADER_MAX] = "";
	FILE *file = fopen(path, "re");
	if (file) {
		size_t length = fread(text, 1, sizeof(text) - 1, file);
		text[length] = '\0';
		fclose(file);
	}
	return testheader_parse(path, text, header);
}

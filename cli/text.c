/* Strings and lists of strings. */
#include "text.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "message.h"

static void *text_check(void *memory)
{
	if (!memory)
		exit(message_fail(STATUS_AIRLOCK, "the host is out of memory"));
	return memory;
}

void *text_alloc(size_t size)
{
	return text_check(calloc(1, size ? size : 1));
}

void *text_grow(void *memory, size_t size)
{
	return text_check(realloc(memory, size ? size : 1));
}

char *text_copy(const char *text)
{
	return text_check(strdup(text));
}

static char *__attribute__((format(printf, 1, 0))) text_vformat(const char *format, va_list args)
{
	char *text = NULL;
	if (vasprintf(&text, format, args) < 0)
		text = NULL;
	return text_check(text);
}

char *text_format(const char *format, ...)
{
	va_list args;
	va_start(args, format);
	char *text = text_vformat(format, args);
	va_end(args);
	return text;
}

static void text_list_take(struct text_list *list, char *text)
{
	if (list->count + 2 > list->room) {
		list->room = list->room ? 2 * list->room : 16;
		list->items = text_grow(list->items, list->room * sizeof(*list->items));
	}
	list->items[list->count++] = text;
	list->items[list->count] = NULL;
}

void text_list_add(struct text_list *list, const char *text)
{
	text_list_take(list, text_copy(text));
}

void text_list_format(struct text_list *list, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	text_list_take(list, text_vformat(format, args));
	va_end(args);
}

bool text_list_has(const struct text_list *list, const char *text)
{
	for (size_t i = 0; i < list->count; i++)
		if (strcmp(list->items[i], text) == 0)
			return true;
	return false;
}

void text_list_free(struct text_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->items[i]);
	free(list->items);
	*list = (struct text_list){0};
}

bool text_starts(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

/* strtol() skips blanks and takes signs; a number here starts with a digit. */
static bool text_digit(const char *text)
{
	return text[0] >= '0' && text[0] <= '9';
}

bool text_number(const char *text, long low, long high, long *out)
{
	char *end;
	errno = 0;
	long value = strtol(text, &end, 10);
	if (!text_digit(text) || *end || errno || value < low || value > high)
		return false;
	*out = value;
	return true;
}

bool text_size_mib(const char *text, long *out)
{
	char *end;
	errno = 0;
	long value = strtol(text, &end, 10);
	if (!text_digit(text) || errno || value > 1L << 40)
		return false;

	switch (*end) {
	case 'k':
	case 'K':
		value /= 1024;
		break;
	case 'g':
	case 'G':
		value *= 1024;
		break;
	case 'm':
	case 'M':
		break;
	case '\0':
		end--;
		break;
	default:
		return false;
	}
	if (end[1] != '\0' || value < 1)
		return false;
	*out = value;
	return true;
}

bool text_seconds(const char *text, double *out)
{
	char *end;
	errno = 0;
	double value = strtod(text, &end);
	if ((!text_digit(text) && text[0] != '.') || *end || errno || !isfinite(value) ||
		value <= 0)
		return false;
	*out = value;
	return true;
}

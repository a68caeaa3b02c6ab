/* Strings and lists of strings that own their memory.  Running out of memory ends the command. */
#ifndef CLI_TEXT_H
#define CLI_TEXT_H

#include <stdbool.h>
#include <stddef.h>

struct text_list {
	/* Always followed by a NULL pointer once something was added, as execv() wants it. */
	char **items;
	size_t count;
	size_t room;
};

/* malloc() and realloc() that end the command with one line instead of returning NULL. */
void *text_alloc(size_t size);
void *text_grow(void *memory, size_t size);

char *text_copy(const char *text);
char *text_format(const char *format, ...) __attribute__((format(printf, 1, 2)));

void text_list_add(struct text_list *list, const char *text);
void text_list_format(struct text_list *list, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
bool text_list_has(const struct text_list *list, const char *text);
void text_list_free(struct text_list *list);

bool text_starts(const char *text, const char *prefix);

/*
 * Reads a whole decimal number from `low` to `high`.  False, and `out` untouched, when `text` is
 * anything else.
 */
bool text_number(const char *text, long low, long high, long *out);

/* Reads "512M", "2G", "65536K" or plain MiB into MiB.  False when it is none of these or below 1. */
bool text_size_mib(const char *text, long *out);

/* Reads a number of seconds with a fraction, above zero. */
bool text_seconds(const char *text, double *out);

#endif

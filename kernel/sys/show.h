/*
 * Values of system calls as text, in the words of strace(1).
 *
 * Thread context of the calling program: memory is read through user copies, and what can't be read is shown as an address.
 */
#ifndef SYS_SHOW_H
#define SYS_SHOW_H

#include "lib/compiler.h"
#include "lib/types.h"
#include "sys/argtypes.h"

/* A text being made; what does not fit is left out. */
struct show {
	char *text;
	size_t size, at;
	const u64 *args; /* all six, as the program gave them */
	u32 index;	 /* which is being shown */
	s64 result;	 /* once the call is over */
};

void show_put(struct show *s, const char *format, ...) PRINTF_LIKE(2, 3);

/* A number for each name. Ends with a NULL name. */
struct show_name {
	u64 value;
	const char *name;
};
#define SHOW_NAME(name)     \
	{                   \
		name, #name \
	}
#define SHOW_END        \
	{               \
		0, NULL \
	}

/* One of them, or the number. */
void show_one(struct show *s, const struct show_name *names, u64 value);
/* A sum of them: "O_WRONLY|O_CREAT"; zero is what `none` says. */
void show_flags(struct show *s, const struct show_name *names, u64 value, const char *none);
/* The value of an argument with the sign and width of its type. */
s64 show_value(const struct show *s, enum arg_type type);
/* Copies in a structure. False, with the address shown, if that can't be. */
bool show_copy(struct show *s, uaddr_t from, void *to, size_t n);
/* Bytes between quotes, at most so many of them, then "...". */
void show_quoted(struct show *s, uaddr_t from, size_t n, size_t most);

/* One argument. */
void show_argument(struct show *s, enum arg_type type);
/* True if its memory is read at the end. */
bool show_is_out(enum arg_type type);
/* " = 0", " = -1 ENOENT". */
void show_result(struct show *s, u32 number, s64 result);

#define BASE(name, meaning)
#define TYPE(name, type, meaning) void show_##meaning(struct show *s, enum arg_type type);
#define OUT(name, ctype, meaning) void show_##meaning(struct show *s, enum arg_type type);
#include "sys/types.def"
void show_number(struct show *s, enum arg_type type);
void show_bits(struct show *s, enum arg_type type);
void show_address(struct show *s, enum arg_type type);

#endif

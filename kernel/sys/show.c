/* The text, numbers, and the choice of how a type is shown. The rest is in show_flags.c, show_memory.c and show_struct.c. */
#include "sys/show.h"

#include <asm/errno.h>
#include <asm/unistd_64.h>

#include "arch/ucopy.h"
#include "lib/format.h"
#include "proc/restart.h"
#include "sys/errname.h"

void show_put(struct show *s, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	int n = format_v(s->text + s->at, s->size - s->at, format, args);
	va_end(args);
	s->at = MIN(s->at + (size_t)n, s->size - 1);
}

enum width { WIDTH_64, WIDTH_U32, WIDTH_S32 };

#define WIDTH(type)                                                   \
	(__builtin_types_compatible_p(type, s32)	  ? WIDTH_S32 \
		: __builtin_types_compatible_p(type, u32) ? WIDTH_U32 \
							  : WIDTH_64)

s64 show_value(const struct show *s, enum arg_type type)
{
	static const enum width widths[ARG_TYPES] = {
#define BASE(name, meaning) [ARG_##name] = WIDTH(name),
#define TYPE(name, type, meaning) [ARG_##name] = WIDTH(type),
#define OUT(name, type, meaning) [ARG_##name] = WIDTH(type),
#include "sys/types.def"
	};
	u64 value = s->args[s->index];

	if (widths[type] == WIDTH_S32)
		return (s32)value;
	return widths[type] == WIDTH_U32 ? (s64)(u32)value : (s64)value;
}

void show_number(struct show *s, enum arg_type type)
{
	if (type == ARG_size_t)
		show_put(s, "%lu", s->args[s->index]);
	else
		show_put(s, "%ld", show_value(s, type));
}

void show_bits(struct show *s, enum arg_type type)
{
	u64 value = s->args[s->index];

	show_put(s, value < 10 ? "%lu" : "%#lx", value);
}

void show_address(struct show *s, enum arg_type type)
{
	u64 value = s->args[s->index];

	if (value)
		show_put(s, "%#lx", value);
	else
		show_put(s, "NULL");
}

void show_argument(struct show *s, enum arg_type type)
{
	switch (type) {
#define BASE(name, meaning)                    \
	case ARG_##name:                       \
		show_##meaning(s, ARG_##name); \
		return;
#define TYPE(name, ctype, meaning) BASE(name, meaning)
#define OUT(name, ctype, meaning) BASE(name, meaning)
#include "sys/types.def"
	default:
		show_bits(s, type);
	}
}

bool show_is_out(enum arg_type type)
{
	static const bool out[ARG_TYPES] = {
#define BASE(name, meaning)
#define TYPE(name, type, meaning)
#define OUT(name, type, meaning) [ARG_##name] = true,
#include "sys/types.def"
	};

	return out[type];
}

void show_one(struct show *s, const struct show_name *names, u64 value)
{
	for (; names->name; names++)
		if (names->value == value) {
			show_put(s, "%s", names->name);
			return;
		}
	show_put(s, "%#lx", value);
}

void show_flags(struct show *s, const struct show_name *names, u64 value, const char *none)
{
	const char *between = "";

	if (!value) {
		show_put(s, "%s", none);
		return;
	}
	for (; names->name; names++) {
		if (!names->value || (value & names->value) != names->value)
			continue;
		show_put(s, "%s%s", between, names->name);
		value &= ~names->value;
		between = "|";
	}
	if (value)
		show_put(s, "%s%#lx", between, value);
}

bool show_copy(struct show *s, uaddr_t from, void *to, size_t n)
{
	if (from && !copy_from_user(to, from, n))
		return true;
	if (from)
		show_put(s, "%#lx", from);
	else
		show_put(s, "NULL");
	return false;
}

/* A call that is made again has no result that a program sees. */
static const char *restart_name(s64 result)
{
	switch (-result) {
	case ERESTART_ALWAYS:
		return "ERESTARTNOINTR";
	case ERESTART_NO_HANDLER:
		return "ERESTARTNOHAND";
	case ERESTART_BLOCK:
		return "ERESTART_RESTARTBLOCK";
	case EINTR_FINAL:
		return "EINTR";
	default:
		return NULL;
	}
}

static bool gives_address(u32 number)
{
	return number == __NR_brk || number == __NR_mmap || number == __NR_mremap ||
	       number == __NR_shmat;
}

void show_result(struct show *s, u32 number, s64 result)
{
	const char *name = result < 0 && result > -4096 ? errno_name((u32)-result) : NULL;

	if (restart_name(result))
		show_put(s, " = ? %s", restart_name(result));
	else if (name)
		show_put(s, " = -1 %s", name);
	else if (gives_address(number))
		show_put(s, " = %#lx", (u64)result);
	else
		show_put(s, " = %ld", result);
}

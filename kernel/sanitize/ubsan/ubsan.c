/*
 * The undefined-behaviour sanitizer's runtime, in the variant `ubsan` alone.
 *
 * GCC calls one of these functions where an operation has no meaning in C, with a static description (place, types) and the
 * operands. Each makes one panic that names file, line and operands. An operand of at most 8 bytes is passed as itself, a larger
 * one by address.
 */
#include "lib/assert.h"
#include "lib/format.h"
#include "lib/types.h"

struct ubsan_place {
	const char *file;
	u32 line, column;
};

struct ubsan_type {
	u16 kind; /* 0: integer */
	u16 info; /* bit 0: signed; above: log2 of the width in bits */
	char name[];
};

struct ubsan_overflow {
	struct ubsan_place place;
	const struct ubsan_type *type;
};

struct ubsan_shift {
	struct ubsan_place place;
	const struct ubsan_type *left, *right;
};

struct ubsan_bounds {
	struct ubsan_place place;
	const struct ubsan_type *array, *index;
};

struct ubsan_mismatch {
	struct ubsan_place place;
	const struct ubsan_type *type;
	u8 log_alignment;
	u8 kind;
};

#define VALUE_MAX 32

static bool is_signed(const struct ubsan_type *type)
{
	return type->kind == 0 && (type->info & 1);
}

static const char *value_text(char buffer[VALUE_MAX], const struct ubsan_type *type, u64 value)
{
	u32 bits = 1U << (type->info >> 1);

	if (type->kind != 0 || bits > 64)
		format(buffer, VALUE_MAX, "a value");
	else if (is_signed(type))
		format(buffer, VALUE_MAX, "%ld", (s64)(value << (64 - bits)) >> (64 - bits));
	else
		format(buffer, VALUE_MAX, "%lu", value);
	return buffer;
}

static NORETURN void report(const struct ubsan_place *place, const char *what)
{
	panic("ubsan: %s:%u:%u: %s", place->file, place->line, place->column, what);
}

static NORETURN void report_operands(
	const struct ubsan_overflow *d, const char *operation, u64 a, u64 b)
{
	char left[VALUE_MAX], right[VALUE_MAX], text[128];

	format(text, sizeof(text), "%s %s %s does not fit %s", value_text(left, d->type, a),
		operation, value_text(right, d->type, b), d->type->name);
	report(&d->place, text);
}

/* The names are GCC's. */
#define HANDLER(name, ...)                       \
	void __ubsan_handle_##name(__VA_ARGS__); \
	void __ubsan_handle_##name(__VA_ARGS__)

HANDLER(add_overflow, const struct ubsan_overflow *d, u64 a, u64 b)
{
	report_operands(d, "+", a, b);
}

HANDLER(sub_overflow, const struct ubsan_overflow *d, u64 a, u64 b)
{
	report_operands(d, "-", a, b);
}

HANDLER(mul_overflow, const struct ubsan_overflow *d, u64 a, u64 b)
{
	report_operands(d, "*", a, b);
}

HANDLER(divrem_overflow, const struct ubsan_overflow *d, u64 a, u64 b)
{
	report_operands(d, "/", a, b);
}

HANDLER(negate_overflow, const struct ubsan_overflow *d, u64 a)
{
	report_operands(d, "-", 0, a);
}

HANDLER(shift_out_of_bounds, const struct ubsan_shift *d, u64 a, u64 b)
{
	char left[VALUE_MAX], right[VALUE_MAX], text[128];

	format(text, sizeof(text), "a shift of %s (%s) by %s", value_text(left, d->left, a),
		d->left->name, value_text(right, d->right, b));
	report(&d->place, text);
}

HANDLER(out_of_bounds, const struct ubsan_bounds *d, u64 index)
{
	char value[VALUE_MAX], text[128];

	format(text, sizeof(text), "index %s is outside %s", value_text(value, d->index, index),
		d->array->name);
	report(&d->place, text);
}

HANDLER(load_invalid_value, const struct ubsan_overflow *d, u64 value)
{
	char text[128];

	format(text, sizeof(text), "%lu is no value of %s", value, d->type->name);
	report(&d->place, text);
}

HANDLER(type_mismatch_v1, const struct ubsan_mismatch *d, u64 pointer)
{
	char text[128];

	if (pointer == 0)
		format(text, sizeof(text), "a null pointer to %s is used", d->type->name);
	else
		format(text, sizeof(text), "%#lx is no address of an object of %s", pointer,
			d->type->name);
	report(&d->place, text);
}

HANDLER(pointer_overflow, const struct ubsan_place *place, u64 base, u64 result)
{
	char text[128];

	format(text, sizeof(text), "pointer arithmetic from %#lx to %#lx", base, result);
	report(place, text);
}

HANDLER(vla_bound_not_positive, const struct ubsan_overflow *d, u64 bound)
{
	report(&d->place, "an array whose length is not positive");
}

HANDLER(builtin_unreachable, const struct ubsan_place *place)
{
	report(place, "a place that can't be reached was reached");
}

HANDLER(invalid_builtin, const struct ubsan_place *place)
{
	report(place, "the number of zeros of 0 was asked for");
}

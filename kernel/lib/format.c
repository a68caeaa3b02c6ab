/*
 * printf-style formatting: see lib/format.h for what it understands.
 *
 * All output goes through a sink that counts every character and stores those that fit, so that the length is right
 * however small the buffer is. A conversion is read into a struct spec first and carried out after. An unknown
 * conversion is copied as it stands: a wrong format must never make a panic message disappear.
 */
#include "lib/format.h"

#include "lib/string.h"

struct sink {
	char *buffer;
	size_t size;
	size_t length;
};

struct spec {
	bool left, zero, plus, space, alternate;
	size_t width;
	bool has_precision;
	size_t precision;
	u32 bytes; /* size of the integer argument */
	char conversion;
};

/* What stands before the digits, and the digits. */
struct number {
	const char *prefix;
	size_t prefix_length;
	const char *digits;
	size_t digit_count;
};

/* No field gets longer: the result is an int. */
#define FIELD_MAX ((size_t)INT32_MAX + 1)
/* Octal is the longest. */
#define DIGITS_MAX 22

static void put(struct sink *s, const char *from, size_t n)
{
	if (s->length < s->size)
		memcpy(s->buffer + s->length, from, MIN(n, s->size - s->length));
	s->length += n;
}

static void pad(struct sink *s, char c, size_t n)
{
	if (s->length < s->size)
		memset(s->buffer + s->length, c, MIN(n, s->size - s->length));
	s->length += n;
}

static const char *read_flags(const char *p, struct spec *spec)
{
	for (;; p++) {
		switch (*p) {
		case '-':
			spec->left = true;
			break;
		case '0':
			spec->zero = true;
			break;
		case '+':
			spec->plus = true;
			break;
		case ' ':
			spec->space = true;
			break;
		case '#':
			spec->alternate = true;
			break;
		default:
			return p;
		}
	}
}

static const char *read_digits(const char *p, size_t *out)
{
	size_t n = 0;

	for (; *p >= '0' && *p <= '9'; p++)
		n = MIN(n * 10 + (size_t)(*p - '0'), FIELD_MAX);
	*out = n;
	return p;
}

/* The C library's: a negative width from an argument means left, a negative precision none at all. */
static const char *read_width(const char *p, struct spec *spec, va_list *args)
{
	if (*p != '*')
		return read_digits(p, &spec->width);
	s64 width = va_arg(*args, int);
	if (width < 0) {
		spec->left = true;
		width = -width;
	}
	spec->width = (size_t)width;
	return p + 1;
}

static const char *read_precision(const char *p, struct spec *spec, va_list *args)
{
	if (*p != '.')
		return p;
	p++;
	if (*p != '*') {
		spec->has_precision = true;
		return read_digits(p, &spec->precision);
	}
	int precision = va_arg(*args, int);
	spec->has_precision = precision >= 0;
	spec->precision = precision >= 0 ? (size_t)precision : 0;
	return p + 1;
}

static const char *read_length(const char *p, struct spec *spec)
{
	spec->bytes = sizeof(int);
	switch (*p) {
	case 'h':
		spec->bytes = p[1] == 'h' ? sizeof(char) : sizeof(short);
		return p + (p[1] == 'h' ? 2 : 1);
	case 'l':
		spec->bytes = sizeof(long);
		return p + (p[1] == 'l' ? 2 : 1);
	case 'z':
	case 't':
		spec->bytes = sizeof(size_t);
		return p + 1;
	default:
		return p;
	}
}

static u64 take_unsigned(const struct spec *spec, va_list *args)
{
	if (spec->bytes == sizeof(u64))
		return va_arg(*args, u64);
	u32 value = va_arg(*args, u32);
	if (spec->bytes == sizeof(u16))
		return (u16)value;
	if (spec->bytes == sizeof(u8))
		return (u8)value;
	return value;
}

static s64 take_signed(const struct spec *spec, va_list *args)
{
	u64 value = take_unsigned(spec, args);
	u32 unused = 64 - 8 * spec->bytes;

	return (s64)(value << unused) >> unused;
}

/* Writes the digits of value so that they end right before end; returns where they start. None for 0. */
static char *write_digits(char *end, u64 value, u32 base, bool upper)
{
	const char *digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";

	for (; value != 0; value /= base)
		*--end = digits[value % base];
	return end;
}

static void put_number(struct sink *s, const struct spec *spec, const struct number *n)
{
	size_t zeros = 0, length;
	size_t precision = spec->has_precision ? spec->precision : 1;

	if (precision > n->digit_count)
		zeros = precision - n->digit_count;
	length = n->prefix_length + zeros + n->digit_count;
	/* Flag 0 counts only if the number is not left-justified and has no precision of its own. */
	if (spec->zero && !spec->left && !spec->has_precision && spec->width > length) {
		zeros += spec->width - length;
		length = spec->width;
	}
	size_t blanks = spec->width > length ? spec->width - length : 0;
	if (!spec->left)
		pad(s, ' ', blanks);
	put(s, n->prefix, n->prefix_length);
	pad(s, '0', zeros);
	put(s, n->digits, n->digit_count);
	if (spec->left)
		pad(s, ' ', blanks);
}

static void put_signed(struct sink *s, const struct spec *spec, s64 value)
{
	char digits[DIGITS_MAX];
	u64 magnitude = value < 0 ? -(u64)value : (u64)value;
	char *start = write_digits(digits + sizeof(digits), magnitude, 10, false);
	const char *sign = value < 0 ? "-" : spec->plus ? "+" : spec->space ? " " : "";

	put_number(s, spec,
		&(struct number){.prefix = sign,
			.prefix_length = strlen(sign),
			.digits = start,
			.digit_count = (size_t)(digits + sizeof(digits) - start)});
}

static void put_unsigned(struct sink *s, const struct spec *spec, u64 value, u32 base)
{
	char digits[DIGITS_MAX + 1];
	char *end = digits + sizeof(digits);
	bool upper = spec->conversion == 'X';
	char *start = write_digits(end, value, base, upper);
	struct number n = {.prefix = ""};

	if (spec->alternate && base == 16 && value != 0) {
		n.prefix = upper ? "0X" : "0x";
		n.prefix_length = 2;
	}
	/* For octal, # means a leading zero, if the precision does not give one already. */
	size_t count = (size_t)(end - start);
	bool zero_given = spec->has_precision && spec->precision > count;
	if (spec->alternate && base == 8 && !zero_given)
		*--start = '0';
	n.digits = start;
	n.digit_count = (size_t)(end - start);
	put_number(s, spec, &n);
}

static void put_text(struct sink *s, const struct spec *spec, const char *text, size_t length)
{
	size_t blanks = spec->width > length ? spec->width - length : 0;

	if (!spec->left)
		pad(s, ' ', blanks);
	put(s, text, length);
	if (spec->left)
		pad(s, ' ', blanks);
}

static void put_string(struct sink *s, const struct spec *spec, const char *text)
{
	if (text == NULL)
		text = "(null)";
	put_text(
		s, spec, text, spec->has_precision ? strnlen(text, spec->precision) : strlen(text));
}

static void put_pointer(struct sink *s, const struct spec *spec, const void *p)
{
	char digits[DIGITS_MAX];
	char *start = write_digits(digits + sizeof(digits), (u64)p, 16, false);

	put_number(s, spec,
		&(struct number){.prefix = "0x",
			.prefix_length = 2,
			.digits = start,
			.digit_count = (size_t)(digits + sizeof(digits) - start)});
}

/* False if there is no such conversion. */
static bool convert(struct sink *s, const struct spec *spec, va_list *args)
{
	switch (spec->conversion) {
	case 'd':
	case 'i':
		put_signed(s, spec, take_signed(spec, args));
		return true;
	case 'u':
		put_unsigned(s, spec, take_unsigned(spec, args), 10);
		return true;
	case 'x':
	case 'X':
		put_unsigned(s, spec, take_unsigned(spec, args), 16);
		return true;
	case 'o':
		put_unsigned(s, spec, take_unsigned(spec, args), 8);
		return true;
	case 'c':
		put_text(s, spec, (char[]){(char)va_arg(*args, int)}, 1);
		return true;
	case 's':
		put_string(s, spec, va_arg(*args, const char *));
		return true;
	case 'p':
		put_pointer(s, spec, va_arg(*args, const void *));
		return true;
	case '%':
		put(s, "%", 1);
		return true;
	default:
		return false;
	}
}

/* p is right after the %. Returns where the text goes on. */
static const char *format_one(struct sink *s, const char *p, va_list *args)
{
	const char *percent = p - 1;
	struct spec spec = {0};

	p = read_flags(p, &spec);
	p = read_width(p, &spec, args);
	p = read_precision(p, &spec, args);
	p = read_length(p, &spec);
	spec.conversion = *p;
	if (*p != '\0')
		p++;
	if (!convert(s, &spec, args))
		put(s, percent, (size_t)(p - percent));
	return p;
}

int format_v(char *buffer, size_t size, const char *format, va_list args)
{
	struct sink s = {.buffer = buffer, .size = size};
	va_list list;

	va_copy(list, args);
	while (*format != '\0') {
		size_t plain = 0;
		while (format[plain] != '\0' && format[plain] != '%')
			plain++;
		put(&s, format, plain);
		format += plain;
		if (*format == '%')
			format = format_one(&s, format + 1, &list);
	}
	va_end(list);
	if (size > 0)
		buffer[MIN(s.length, size - 1)] = '\0';
	return (int)MIN(s.length, (size_t)INT32_MAX);
}

int format(char *buffer, size_t size, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	int n = format_v(buffer, size, format, args);
	va_end(args);
	return n;
}

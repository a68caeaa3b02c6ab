/* Reading the words `virtio_mmio.device=SIZE@ADDRESS:IRQ` of the command line. */
#include "dev/virtio_mmio.h"
#include "lib/cmdline.h"
#include "lib/string.h"

#define WORD "virtio_mmio.device="

static u32 digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return (u32)(c - '0');
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? (u32)(c - 'a') + 10 : 16;
}

/* A C-style number at *s, which is moved past it. False if there is none or it does not fit. */
static bool number_read(const char **s, u64 *out)
{
	const char *p = *s;
	u64 base = 10;

	if (p[0] == '0' && (p[1] | 0x20) == 'x') {
		base = 16;
		p += 2;
	} else if (p[0] == '0') {
		base = 8;
	}
	const char *first = p;
	for (*out = 0; digit_value(*p) < base; p++) {
		u64 digit = digit_value(*p);
		if (*out > (UINT64_MAX - digit) / base)
			return false;
		*out = *out * base + digit;
	}
	*s = p;
	return p > first;
}

/* A size: a number and K, M or nothing. */
static bool size_read(const char **s, u64 *out)
{
	u32 shift = 0;

	if (!number_read(s, out))
		return false;
	if ((**s | 0x20) == 'k')
		shift = 10;
	else if ((**s | 0x20) == 'm')
		shift = 20;
	*s += shift != 0;
	if (*out > UINT64_MAX >> shift)
		return false;
	*out <<= shift;
	return true;
}

static bool skip(const char **s, char c)
{
	if (**s != c)
		return false;
	++*s;
	return true;
}

static bool place_read(const char *s, struct virtio_mmio_place *out)
{
	u64 gsi, id;

	if (!size_read(&s, &out->size) || !skip(&s, '@') || !number_read(&s, &out->address) ||
		!skip(&s, ':') || !number_read(&s, &gsi) || gsi > UINT32_MAX)
		return false;
	if (skip(&s, ':') && !number_read(&s, &id))
		return false;
	out->gsi = (u32)gsi;
	/* The registers reach to the end of the first configuration word that a driver may read. */
	return *s == '\0' && out->size >= 0x108 && IS_ALIGNED(out->address, 4UL) &&
	       out->address <= UINT64_MAX - out->size;
}

bool virtio_mmio_next(const char **line, struct virtio_mmio_place *out, u32 *bad)
{
	char word[sizeof(WORD) + 64];

	while (cmdline_next(line, word, sizeof(word))) {
		if (strncmp(word, WORD, sizeof(WORD) - 1) != 0)
			continue;
		if (place_read(word + sizeof(WORD) - 1, out))
			return true;
		++*bad;
	}
	return false;
}

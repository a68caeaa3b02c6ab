/*
 * Reading the table of function names. Its form, made by tools/ksyms.c:
 *
 *	u64 first address; then for each function, in rising order of address:
 *	distance from the function before (LEB128: 7 bits a byte, low ones first, bit 7 set: more follow), name, NUL
 *
 * and at the end an entry with an empty name, which is where the last function ends. A lookup reads from the start: it happens in reports only, and the table is small because of it.
 */
#include "trace/ksyms.h"

#include "lib/format.h"
#include "lib/string.h"

/* From the linker script. Empty in the first link. */
extern const u8 __ksyms_start[], __ksyms_end[];

static const u8 *read_distance(const u8 *p, u64 *out)
{
	u32 shift = 0;

	*out = 0;
	do {
		*out |= (u64)(*p & 0x7f) << shift;
		shift += 7;
	} while (*p++ & 0x80);
	return p;
}

const char *ksym_lookup(u64 address, u64 *offset)
{
	const u8 *p = __ksyms_start;
	const char *best = NULL, *name;
	u64 at, distance;

	*offset = 0;
	if (p == __ksyms_end)
		return NULL;
	memcpy(&at, p, sizeof(at));
	p += sizeof(at);
	if (address < at)
		return NULL;
	for (;;) {
		p = read_distance(p, &distance);
		name = (const char *)p;
		at += distance;
		if (at > address)
			break;
		best = *name ? name : NULL;
		if (!best)
			break;
		*offset = address - at;
		p += strlen(name) + 1;
	}
	if (!best)
		*offset = 0;
	return best;
}

const char *ksym_format(char *buffer, size_t size, u64 address)
{
	u64 offset;
	const char *name = ksym_lookup(address, &offset);

	if (name)
		format(buffer, size, "%s+%#lx", name, offset);
	else
		format(buffer, size, "%#lx", address);
	return buffer;
}

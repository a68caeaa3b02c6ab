/*
 * The memory map: see memmap.h.
 *
 * The edges of all ranges, sorted, cut memory into pieces that lie wholly inside or outside of each
 * range. Each piece takes the strictest type of the ranges over it. With n ranges that is n^2
 * steps; n is about 10, and 512 at the most.
 */
#include "boot/memmap.h"

#include "arch/layout.h"

#define LIMIT ((u64)DIRECT_MAP_SLOTS << 39)

INIT_TEXT bool memmap_add(struct memmap *m, u64 start, u64 size, u32 type)
{
	if (size == 0 || start >= LIMIT)
		return true;
	/* Not start + size: that may wrap. */
	u64 end = size > LIMIT - start ? LIMIT : start + size;
	if (type == BOOT_RAM) {
		start = ALIGN_UP(start, PAGE_SIZE);
		end = ALIGN_DOWN(end, PAGE_SIZE);
	} else {
		start = ALIGN_DOWN(start, PAGE_SIZE);
		end = ALIGN_UP(end, PAGE_SIZE);
	}
	if (start >= end)
		return true;
	if (m->count == MEMMAP_RAW_MAX)
		return false;
	bool known = type == BOOT_RAM || type == BOOT_ACPI || type == BOOT_NVS;
	m->raw[m->count++] = (struct memmap_raw){start, end, known ? type : BOOT_RESERVED};
	return true;
}

/* Higher wins. 0 is for no range at all. */
static INIT_TEXT u32 strictness(u32 type)
{
	switch (type) {
	case BOOT_RAM:
		return 1;
	case BOOT_ACPI:
		return 2;
	case BOOT_NVS:
		return 3;
	case BOOT_RESERVED:
		return 4;
	default:
		return 0;
	}
}

/* Insertion sort: loaders' maps are nearly in order. */
static INIT_TEXT u32 sort_edges(struct memmap *m)
{
	u32 n = 0;
	for (u32 i = 0; i < 2 * m->count; i++) {
		u64 edge = i & 1 ? m->raw[i / 2].end : m->raw[i / 2].start;
		u32 at = n;
		while (at > 0 && m->edge[at - 1] > edge)
			at--;
		if (at > 0 && m->edge[at - 1] == edge)
			continue;
		for (u32 k = n; k > at; k--)
			m->edge[k] = m->edge[k - 1];
		m->edge[at] = edge;
		n++;
	}
	return n;
}

static INIT_TEXT u32 type_at(const struct memmap *m, u64 address)
{
	u32 type = 0;
	for (u32 i = 0; i < m->count; i++) {
		const struct memmap_raw *r = &m->raw[i];
		if (r->start <= address && address < r->end &&
			strictness(r->type) > strictness(type))
			type = r->type;
	}
	return type;
}

/* What is lost if the range isn't listed. */
static INIT_TEXT u64 worth(const struct boot_range *r)
{
	return r->type == BOOT_RESERVED ? 0 : r->size;
}

/* Removes the least useful of n ranges. */
static INIT_TEXT u32 drop_one(struct boot_range *out, u32 n)
{
	u32 least = 0;
	for (u32 i = 1; i < n; i++)
		if (worth(&out[i]) < worth(&out[least]))
			least = i;
	for (u32 i = least; i + 1 < n; i++)
		out[i] = out[i + 1];
	return n - 1;
}

INIT_TEXT u32 memmap_normalize(struct memmap *m, struct boot_range *out, u32 max)
{
	u32 edges = sort_edges(m), n = 0;
	for (u32 i = 0; i + 1 < edges; i++) {
		u64 start = m->edge[i], size = m->edge[i + 1] - start;
		u32 type = type_at(m, start);
		if (type == 0)
			continue;
		struct boot_range *last = n > 0 ? &out[n - 1] : NULL;
		if (last && last->type == type && last->start.v + last->size == start) {
			last->size += size;
			continue;
		}
		if (n == max)
			n = drop_one(out, n);
		out[n++] = (struct boot_range){PADDR(start), size, type};
	}
	return n;
}

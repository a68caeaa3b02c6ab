/*
 * Multiboot2's information: a block of tags, each with type and size, on 8-byte boundaries.
 *
 * The block says its own length; no tag is believed beyond it.
 */
#include "boot/loader.h"
#include "lib/string.h"

enum {
	TAG_END = 0,
	TAG_CMDLINE = 1,
	TAG_MODULE = 3,
	TAG_MEMMAP = 6,
	TAG_RSDP_OLD = 14,
	TAG_RSDP_NEW = 15,
};

struct mb2_header {
	u32 total_size;
	u32 reserved;
};

struct mb2_tag {
	u32 type;
	u32 size;
};

struct mb2_module {
	struct mb2_tag tag;
	u32 start, end;
};

struct mb2_memmap {
	struct mb2_tag tag;
	u32 entry_size, version;
};

struct mb2_range {
	u64 address, size;
	u32 type, reserved;
};

static INIT_TEXT const char *parse_ranges(const struct mb2_tag *tag, struct memmap *map)
{
	const struct mb2_memmap *t = (const void *)tag;
	if (tag->size < sizeof(*t) || t->entry_size < sizeof(struct mb2_range) || t->entry_size % 8)
		return "the boot loader's memory map is broken";
	const u8 *at = (const u8 *)(t + 1), *end = (const u8 *)tag + tag->size;
	for (; (size_t)(end - at) >= t->entry_size; at += t->entry_size) {
		const struct mb2_range *r = (const void *)at;
		if (!memmap_add(map, r->address, r->size, r->type))
			return "the boot loader's memory map has too many entries";
	}
	return NULL;
}

/* The first module is the archive. */
static INIT_TEXT void parse_module(const struct mb2_tag *tag, struct boot_info *info)
{
	const struct mb2_module *t = (const void *)tag;
	if (tag->size < sizeof(*t) || t->end <= t->start || info->archive_size != 0)
		return;
	info->archive = PADDR(t->start);
	info->archive_size = t->end - t->start;
}

/* The tag has a copy of the pointer. The newer wins. */
static INIT_TEXT void copy_rsdp(const struct mb2_tag *tag, struct boot_info *info)
{
	u32 size = MIN(tag->size - (u32)sizeof(*tag), (u32)BOOT_RSDP_MAX);
	if (size < info->rsdp_size)
		return;
	memcpy(info->rsdp, tag + 1, size);
	info->rsdp_size = size;
}

static INIT_TEXT const char *parse_tag(
	const struct mb2_tag *tag, struct boot_info *info, struct memmap *map)
{
	switch (tag->type) {
	case TAG_CMDLINE:
		loader_copy_cmdline(info, (const char *)(tag + 1), tag->size - sizeof(*tag));
		return NULL;
	case TAG_MODULE:
		parse_module(tag, info);
		return NULL;
	case TAG_MEMMAP:
		return parse_ranges(tag, map);
	case TAG_RSDP_OLD:
	case TAG_RSDP_NEW:
		copy_rsdp(tag, info);
		return NULL;
	default:
		return NULL;
	}
}

INIT_TEXT const char *multiboot2_parse(
	u64 pointer, loader_reach_t reach, struct boot_info *info, struct memmap *map)
{
	const struct mb2_header *h = reach(pointer, sizeof(*h));
	if (!h)
		return "the boot loader's Multiboot2 information is out of reach";
	u64 total = h->total_size;
	const u8 *block = reach(pointer, total);
	if (!block)
		return "the boot loader's Multiboot2 information is out of reach";
	for (u64 at = sizeof(*h); at + sizeof(struct mb2_tag) <= total;) {
		const struct mb2_tag *tag = (const void *)(block + at);
		if (tag->type == TAG_END)
			break;
		if (tag->size < sizeof(*tag) || tag->size > total - at)
			return "the boot loader's Multiboot2 information is broken";
		const char *problem = parse_tag(tag, info, map);
		if (problem)
			return problem;
		at = ALIGN_UP(at + tag->size, 8);
	}
	return map->count ? NULL : "the boot loader gave no memory map";
}

/*
 * PVH's start_info, as QEMU, Firecracker and Cloud Hypervisor hand it over (the Xen project's
 * start_info.h).
 *
 * Everything is little-endian and may lie anywhere in low memory; what it points to may be missing.
 */
#include "boot/loader.h"
#include "boot/protocol.h"
#include "lib/string.h"

struct pvh_start_info {
	u32 magic;
	u32 version; /* 1 and above have the memory map */
	u32 flags;
	u32 nr_modules;
	u64 modlist;
	u64 cmdline;
	u64 rsdp;
	u64 memmap;
	u32 memmap_entries;
	u32 reserved;
};
_Static_assert(sizeof(struct pvh_start_info) == 56, "start_info");

struct pvh_module {
	u64 address, size, cmdline, reserved;
};

struct pvh_range {
	u64 address, size;
	u32 type, reserved;
};

INIT_TEXT void loader_copy_cmdline(struct boot_info *info, const char *from, u64 size)
{
	size_t n = strnlen(from, MIN(size, BOOT_CMDLINE_MAX));
	info->cmdline_cut = n >= BOOT_CMDLINE_MAX;
	n = MIN(n, BOOT_CMDLINE_MAX - 1UL);
	memcpy(info->cmdline, from, n);
	info->cmdline[n] = '\0';
}

/* How much can be read at an address, up to max: the end of the string is not known before. */
static INIT_TEXT const char *reach_string(loader_reach_t reach, u64 address, u64 *size)
{
	for (u64 n = BOOT_CMDLINE_MAX; n > 0; n /= 2) {
		const char *s = reach(address, n);
		*size = n;
		if (s)
			return s;
	}
	return NULL;
}

static INIT_TEXT const char *parse_ranges(
	const struct pvh_start_info *si, loader_reach_t reach, struct memmap *map)
{
	if (si->version < 1 || si->memmap_entries == 0)
		return "the boot loader gave no memory map";
	u64 size = (u64)si->memmap_entries * sizeof(struct pvh_range);
	const struct pvh_range *r = reach(si->memmap, size);
	if (!r)
		return "the boot loader's memory map is out of reach";
	for (u32 i = 0; i < si->memmap_entries; i++)
		if (!memmap_add(map, r[i].address, r[i].size, r[i].type))
			return "the boot loader's memory map has too many entries";
	return NULL;
}

static INIT_TEXT const char *parse_module(
	const struct pvh_start_info *si, loader_reach_t reach, struct boot_info *info)
{
	if (si->nr_modules == 0)
		return NULL;
	const struct pvh_module *m = reach(si->modlist, sizeof(*m));
	if (!m)
		return "the boot loader's list of modules is out of reach";
	info->archive = PADDR(m->address);
	info->archive_size = m->size;
	return NULL;
}

/* The pointer may be wrong without harm: ACPI code checks the copy, and falls back on a search. */
static INIT_TEXT void copy_rsdp(u64 address, loader_reach_t reach, struct boot_info *info)
{
	const void *rsdp = address ? reach(address, BOOT_RSDP_MAX) : NULL;
	if (!rsdp)
		return;
	memcpy(info->rsdp, rsdp, BOOT_RSDP_MAX);
	info->rsdp_size = BOOT_RSDP_MAX;
}

INIT_TEXT const char *pvh_parse(
	u64 start_info, loader_reach_t reach, struct boot_info *info, struct memmap *map)
{
	const struct pvh_start_info *si = reach(start_info, sizeof(*si));
	if (!si || si->magic != BOOT_PROTOCOL_PVH)
		return "the boot loader's PVH information is missing";
	const char *problem = parse_ranges(si, reach, map);
	if (!problem)
		problem = parse_module(si, reach, info);
	if (problem)
		return problem;
	copy_rsdp(si->rsdp, reach, info);
	u64 size;
	const char *line = si->cmdline ? reach_string(reach, si->cmdline, &size) : NULL;
	if (line)
		loader_copy_cmdline(info, line, size);
	return NULL;
}

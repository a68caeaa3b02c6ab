/*
 * What the two loaders' information is turned into, and the two parsers.
 *
 * The parsers are pure but for reach(): they read the loader's structures only through it, so that
 * the unit tests can give them any bytes, cut off anywhere.
 */
#ifndef BOOT_LOADER_H
#define BOOT_LOADER_H

#include "arch/boot_info.h"
#include "boot/memmap.h"
#include "lib/types.h"

/* Zeroed memory that only start-up needs. */
#define INIT_BSS SECTION(".bss..init")

/* Where the kernel can read [pa, pa+size), or NULL if it can't. */
typedef const void *(*loader_reach_t)(u64 pa, u64 size);

/* Both fill info (all but the ranges and entry_tsc) and add to the map. NULL, or what is wrong, in
 * words for the user. */
const char *pvh_parse(
	u64 start_info, loader_reach_t reach, struct boot_info *info, struct memmap *map);
const char *multiboot2_parse(
	u64 pointer, loader_reach_t reach, struct boot_info *info, struct memmap *map);

/* Copies a command line of at most size bytes, ending at its NUL if it has one. */
void loader_copy_cmdline(struct boot_info *info, const char *from, u64 size);

#endif

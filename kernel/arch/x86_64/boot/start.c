/*
 * The first C code: from the loader's information to boot_info.
 *
 * Runs once, on the boot CPU, IF=0, on the provisional tables (head.S) with no IDT: an exception
 * here resets the machine. Nothing of the loader's memory is used after boot_start(), so it may be
 * overwritten.
 */
#include "boot/start.h"
#include "arch/boot_info.h"
#include "arch/clock.h"
#include "arch/layout.h"
#include "arch/serial.h"
#include "arch/shadow.h"
#include "arch/upcalls.h"
#include "boot/loader.h"
#include "boot/protocol.h"
#include "trace/log.h"

RO_AFTER_INIT struct boot_info boot_info;

ALIGNED(PAGE_SIZE) struct cpu boot_cpu;

static INIT_BSS struct memmap memmap;

/* head.S maps the first GiB; loaders may put their information above. Entries that were not present
 * are not cached by the CPU, so nothing has to be flushed. */
static INIT_TEXT void map_gib(u64 gib)
{
	if (boot_pdpt[gib] != 0)
		return;
	u64 *table = boot_pd_more[gib - 1];
	for (u64 i = 0; i < 512; i++)
		table[i] = gib * GIB | i * 2 * MIB | BOOT_PTE_LARGE;
	boot_pdpt[gib] = ((u64)table - KERNEL_BASE) | BOOT_PTE_TABLE;
}

/* The information of both protocols lies below 4 GiB. */
static INIT_TEXT const void *reach(u64 pa, u64 size)
{
	if (pa == 0 || size > 4 * GIB || pa > 4 * GIB - size)
		return NULL;
	u64 last = size ? pa + size - 1 : pa;
	for (u64 gib = pa / GIB; gib <= last / GIB; gib++)
		map_gib(gib);
	return (const void *)(DIRECT_MAP_BASE + pa);
}

static INIT_TEXT const char *parse(u32 protocol, u32 pointer)
{
	switch (protocol) {
	case BOOT_PROTOCOL_PVH:
		return pvh_parse(pointer, reach, &boot_info, &memmap);
	case BOOT_PROTOCOL_MULTIBOOT2:
		return multiboot2_parse(pointer, reach, &boot_info, &memmap);
	default:
		return "the boot loader speaks neither PVH nor Multiboot2";
	}
}

INIT_TEXT void boot_start(u32 protocol, u32 pointer, u64 entry_tsc)
{
	shadow_early();
	boot_info.entry_tsc = entry_tsc;
	clock_start_calibration();
	serial_init();
	const char *problem = parse(protocol, pointer);
	if (problem)
		refuse_start("%s", problem);
	boot_info.range_count = memmap_normalize(&memmap, boot_info.range, BOOT_RANGES_MAX);
	upcall_main();
}

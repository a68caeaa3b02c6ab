/* The BIOS's memory: see firmware.h. */
#include "irq/firmware.h"

#include "arch/kernel_map.h"
#include "arch/pagetable.h"
#include "irq/bytes.h"
#include "lib/compiler.h"
#include "lib/string.h"

/* The BIOS data area holds the extended one's segment. */
#define EBDA_SEGMENT 0x40e
/* Of the first 640. */
#define LAST_KIB 0x9fc00
#define BIOS_START 0xe0000
#define BIOS_END 0x100000

static INIT_TEXT const u8 *search(u64 start, u64 end, const char *signature, u32 length, u32 size,
	bool (*check)(const u8 *found, u32 size))
{
	const u8 *area = kernel_map_firmware(PADDR(start), end - start);
	for (u64 at = 0; area && at + size <= end - start; at += 16)
		if (area[at] == (u8)signature[0] && memcmp(area + at, signature, length) == 0 &&
			check(area + at, size))
			return area + at;
	return NULL;
}

INIT_TEXT const u8 *firmware_search(
	const char *signature, u32 length, u32 size, bool (*check)(const u8 *found, u32 size))
{
	const u8 *segment = kernel_map_firmware(PADDR(EBDA_SEGMENT), 2);
	u64 ebda = segment ? (u64)bytes_u16(segment) << 4 : 0;
	const u8 *found = NULL;
	if (ebda >= 0x400 && ebda < LAST_KIB)
		found = search(ebda, ebda + KIB, signature, length, size, check);
	if (!found)
		found = search(LAST_KIB, LAST_KIB + KIB, signature, length, size, check);
	if (!found)
		found = search(BIOS_START, BIOS_END, signature, length, size, check);
	return found;
}

/* The BIOS's memory, where firmware tables are found by searching. */
#ifndef IRQ_FIRMWARE_H
#define IRQ_FIRMWARE_H

#include "lib/types.h"

/* Searches the first KiB of the extended BIOS data area, the last KiB of low memory, and the BIOS
 * area, on 16-byte boundaries, for a structure of size bytes that begins with the signature and
 * passes the check. NULL if there is none. Boot CPU. */
const u8 *firmware_search(
	const char *signature, u32 length, u32 size, bool (*check)(const u8 *found, u32 size));

#endif

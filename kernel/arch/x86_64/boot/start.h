/* Between head.S and the C code of start-up. */
#ifndef BOOT_START_H
#define BOOT_START_H

#include "lib/compiler.h"
#include "lib/types.h"

#define BOOT_PTE_TABLE 0x3UL
#define BOOT_PTE_LARGE 0x83UL

extern u64 boot_pdpt[512];
extern u64 boot_pd_more[3][512];

/* protocol: one of boot/protocol.h, or what the loader had in EAX; pointer: what it had in EBX. */
NORETURN void boot_start(u32 protocol, u32 pointer, u64 entry_tsc);

#endif

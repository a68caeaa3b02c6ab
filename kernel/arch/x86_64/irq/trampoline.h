/* The code that a CPU starts with: trampoline.S, copied to a page below 1 MiB. */
#ifndef IRQ_TRAMPOLINE_H
#define IRQ_TRAMPOLINE_H

#include "lib/compiler.h"
#include "lib/types.h"

extern const u8 trampoline_start[], trampoline_end[], trampoline_data[];

/* At trampoline_data. Addresses are relative to the page until place_trampoline() adds its own. */
struct PACKED trampoline_data {
	u16 gdt_limit;
	u32 gdt_base;
	u32 long_mode_entry;
	u16 long_mode_selector;
	u32 root;
};

#endif

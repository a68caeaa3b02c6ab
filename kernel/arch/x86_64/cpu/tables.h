/* The descriptor tables: IDT (one for all CPUs), GDT and TSS (in each CPU's area). */
#ifndef CPU_TABLES_H
#define CPU_TABLES_H

#include "lib/compiler.h"
#include "lib/types.h"

struct PACKED idt_gate {
	u16 offset_low;
	u16 selector;
	u8 ist;
	u8 type;
	u16 offset_middle;
	u32 offset_high;
	u32 reserved;
};
_Static_assert(sizeof(struct idt_gate) == 16, "IDT gate");

struct PACKED tss {
	u32 reserved0;
	u64 rsp[3];
	u64 reserved1;
	u64 ist[7]; /* ist[0] is IST1 */
	u64 reserved2;
	u16 reserved3;
	u16 io_map;
};
_Static_assert(sizeof(struct tss) == 104, "TSS");

#define GDT_ENTRIES 10

struct cpu_tables {
	u64 gdt[GDT_ENTRIES];
	ALIGNED(16) struct tss tss;
};

/* Entries of ist[], and which pages of the CPU's area they are on. */
enum ist { IST_NMI, IST_DEBUG, IST_MACHINE_CHECK, IST_DOUBLE_FAULT, IST_COUNT };

/* A page of its own, read-only for everybody after start-up: also mapped in user-side tables. */
extern struct idt_gate cpu_idt[256];

/* Fills the IDT. Once, before the first tables_load(). */
void tables_init_idt(void);
/* Fills a CPU's GDT and TSS. The stacks are given by their initial stack pointers. */
void tables_init_cpu(struct cpu_tables *t, u64 rsp0, const u64 ist[IST_COUNT]);
/* Loads IDT, GDT, TSS and the kernel's selectors; GS base is 0 afterwards. */
void tables_load(const struct cpu_tables *t);

#endif

/*
 * IDT, GDT and TSS.
 *
 * Every vector has an interrupt gate (IF=0 at its first instruction) into .entry.text; only #BP and #OF can
 * be raised by INT from ring 3 (hazards C2, C13). There is no 32-bit code segment, no call gate, no LDT and no 16-bit
 * stack segment, so ring 3 has no other way in or out (hazards C5, C6).
 */
#include "cpu/tables.h"

#include "arch/layout.h"
#include "entry/entry.h"

#define GATE_INTERRUPT 0x8e
#define GATE_INTERRUPT_DPL3 0xee

#define DESCRIPTOR_KERNEL_CODE 0x00af9b000000ffff
#define DESCRIPTOR_KERNEL_DATA 0x00cf93000000ffff
#define DESCRIPTOR_USER_CODE 0x00affb000000ffff
#define DESCRIPTOR_USER_DATA 0x00cff3000000ffff

/* SYSCALL takes CS from STAR[47:32] and SS from it + 8; SYSRET CS from STAR[63:48] + 16 and SS from it + 8. */
_Static_assert(KERNEL_DS == KERNEL_CS + 8, "STAR order (hazard C7)");
_Static_assert(USER_CS == USER_CS32_UNUSED + 16 && USER_DS == USER_CS32_UNUSED + 8,
	"STAR order (hazard C7)");
_Static_assert(
	TSS_SELECTOR / 8 + 2 == GDT_ENTRIES, "the TSS descriptor is the last, of two entries");

struct PACKED table_pointer {
	u16 limit;
	u64 base;
};

RO_AFTER_INIT ALIGNED(4096) struct idt_gate cpu_idt[256];

static INIT_TEXT u8 vector_ist(u32 vector)
{
	switch (vector) {
	case 1:
		return IST_DEBUG + 1;
	case 2:
		return IST_NMI + 1;
	case 8:
		return IST_DOUBLE_FAULT + 1;
	case 18:
		return IST_MACHINE_CHECK + 1;
	default:
		return 0;
	}
}

INIT_TEXT void tables_init_idt(void)
{
	for (u32 v = 0; v < 256; v++) {
		u64 address = (u64)entry_vectors[v];
		cpu_idt[v] = (struct idt_gate){
			.offset_low = (u16)address,
			.offset_middle = (u16)(address >> 16),
			.offset_high = (u32)(address >> 32),
			.selector = KERNEL_CS,
			.ist = vector_ist(v),
			.type = v == 3 || v == 4 ? GATE_INTERRUPT_DPL3 : GATE_INTERRUPT,
		};
	}
}

INIT_TEXT void tables_init_cpu(struct cpu_tables *t, u64 rsp0, const u64 ist[IST_COUNT])
{
	u64 base = (u64)&t->tss;
	u64 limit = sizeof(t->tss) - 1;
	t->gdt[KERNEL_CS / 8] = DESCRIPTOR_KERNEL_CODE;
	t->gdt[KERNEL_DS / 8] = DESCRIPTOR_KERNEL_DATA;
	t->gdt[USER_DS / 8] = DESCRIPTOR_USER_DATA;
	t->gdt[USER_CS / 8] = DESCRIPTOR_USER_CODE;
	t->gdt[TSS_SELECTOR / 8] =
		limit | (base & 0xffffff) << 16 | 0x89UL << 40 | (base >> 24 & 0xff) << 56;
	t->gdt[TSS_SELECTOR / 8 + 1] = base >> 32;
	t->tss.rsp[0] = rsp0;
	for (u32 i = 0; i < IST_COUNT; i++)
		t->tss.ist[i] = ist[i];
	/* Beyond the limit: every port is forbidden to ring 3 (hazard C9). */
	t->tss.io_map = sizeof(t->tss);
}

void tables_load(const struct cpu_tables *t)
{
	struct table_pointer gdt = {sizeof(t->gdt) - 1, (u64)t->gdt};
	struct table_pointer idt = {sizeof(cpu_idt) - 1, (u64)cpu_idt};
	__asm__ volatile("lgdt %0" ::"m"(gdt));
	__asm__ volatile("lidt %0" ::"m"(idt));
	__asm__ volatile("pushq %0; leaq 1f(%%rip), %%rax; pushq %%rax; lretq; 1:" ::"i"(KERNEL_CS)
			 : "rax", "memory");
	__asm__ volatile("movl %0, %%ss" ::"r"(KERNEL_DS));
	__asm__ volatile("movl %0, %%ds; movl %0, %%es; movl %0, %%fs; movl %0, %%gs" ::"r"(0));
	__asm__ volatile("lldt %w0" ::"r"(0));
	__asm__ volatile("ltr %w0" ::"r"(TSS_SELECTOR));
}

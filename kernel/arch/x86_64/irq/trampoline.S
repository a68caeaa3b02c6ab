/*
 * A CPU's first instructions after the start-up interrupt: from real mode to the kernel's
 * addresses.
 *
 * The part between trampoline_start and trampoline_end is copied to a page below 1 MiB and runs
 * there, so it uses nothing but offsets in its own page. CS is the page's segment, IP 0, everything
 * else unknown; IF=0, NMIs can't arrive (smp.c).
 */
#include "arch/layout.h"

#define OFFSET(label) ((label) - trampoline_start)

	.section .rodata.trampoline, "a"
	.globl trampoline_start, trampoline_end, trampoline_data
	.balign 16
	.code16
trampoline_start:
	cli
	cld
	movw %cs, %ax
	movw %ax, %ds
	lgdtl OFFSET(trampoline_gdt_pointer)
	/* PAE; the root; EFER.LME and NXE; then protection and paging in one step, which goes
	 * straight to long mode. */
	movl $0x20, %eax
	movl %eax, %cr4
	movl OFFSET(trampoline_root), %eax
	movl %eax, %cr3
	movl $0xc0000080, %ecx
	rdmsr
	orl $0x900, %eax
	wrmsr
	movl $0x80010033, %eax
	movl %eax, %cr0
	ljmpl *OFFSET(trampoline_far)
	.code64
trampoline_long:
	movabsq $smp_ap_entry, %rax
	jmp *%rax

	.balign 8
trampoline_gdt:
	.quad 0
	.quad 0x00af9b000000ffff
	.quad 0x00cf93000000ffff
trampoline_data:
trampoline_gdt_pointer:
	.short 23
	.long OFFSET(trampoline_gdt)
trampoline_far:
	.long OFFSET(trampoline_long)
	.short KERNEL_CS
trampoline_root:
	.long 0
trampoline_end:

	.text
/*
 * In long mode at the kernel's addresses, on the starting CPU's root.
 * In: IF=0, no stack, segments from real mode.   Out: smp_ap_main(CPU number).
 */
	.globl smp_ap_entry
smp_ap_entry:
	movl $KERNEL_DS, %eax
	movl %eax, %ds
	movl %eax, %es
	movl %eax, %ss
	xorl %eax, %eax
	movl %eax, %fs
	movl %eax, %gs
	/* The APIC id, as lapic_own_id() finds it. */
	cpuid
	cmpl $11, %eax
	jb 1f
	movl $11, %eax
	xorl %ecx, %ecx
	cpuid
	testw %bx, %bx
	jnz 2f
1:	movl $1, %eax
	cpuid
	movl %ebx, %edx
	shrl $24, %edx
	/* Whose is it? */
2:	xorl %edi, %edi
3:	cmpl smp_count(%rip), %edi
	jae 4f
	cmpl %edx, smp_apic_id(, %rdi, 4)
	je 5f
	incl %edi
	jmp 3b
	/* Nobody's: it stays asleep. */
4:	cli
	hlt
	jmp 4b
5:	movq smp_stack_top(, %rdi, 8), %rsp
	xorl %ebp, %ebp
	call smp_ap_main
	ud2

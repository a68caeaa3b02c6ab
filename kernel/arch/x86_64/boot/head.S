/*
 * The first instructions: 32-bit protected mode without paging, from a PVH or a Multiboot2 loader,
 * to C code in long mode at the kernel's own addresses.
 *
 * The loader's registers: EBX points to its information; EAX holds Multiboot2's magic number. It
 * guarantees flat segments but neither a stack nor a GDT of its own that lasts. Nothing else runs,
 * interrupts are off.
 *
 * The provisional tables map the first GiB, in 2 MiB pages with all permissions, at three places:
 * 0, DIRECT_MAP_BASE and KERNEL_BASE. mm/ replaces them.
 */
#include "arch/layout.h"
#include "boot/protocol.h"

/* Physical address of a symbol. */
#define PA(symbol) ((symbol) - KERNEL_BASE)


	.section .multiboot, "a"
	.balign 8
multiboot2_header:
	.long 0xe85250d6
	.long 0
	.long multiboot2_header_end - multiboot2_header
	.long -(0xe85250d6 + (multiboot2_header_end - multiboot2_header))
	/* Information that is needed: command line, modules, memory map. */
	.short 1, 0
	.long 20
	.long 1, 3, 6
	.balign 8
	/* Entry point. */
	.short 3, 0
	.long 12
	.long PA(boot_multiboot2_entry)
	.balign 8
	/* Modules on page boundaries. */
	.short 6, 0
	.long 8
	.balign 8
	.short 0, 0
	.long 8
multiboot2_header_end:

	.section .note.pvh, "a", @note
	.balign 4
	.long 4, 8, 18
	.asciz "Xen"
	.quad PA(boot_pvh_entry)

	.section .init.text, "ax"
	.code32
/*
 * In:   EBX=loader's information; EAX=Multiboot2's magic at the second label; IF=0, paging off
 * Out:  boot_start(protocol, pointer, TSC), or boot_refuse;   Clobbers: everything
 */
	.globl boot_pvh_entry, boot_multiboot2_entry
boot_pvh_entry:
	movl $BOOT_PROTOCOL_PVH, %eax
boot_multiboot2_entry:
	movl %eax, PA(boot_protocol)
	rdtsc
	movl %eax, PA(boot_entry_tsc)
	movl %edx, PA(boot_entry_tsc) + 4
	movl %ebx, PA(boot_pointer)
	cld
	movl $PA(boot_stack_top), %esp

	/* CPUID can be used if the ID flag can be changed. */
	pushfl
	popl %eax
	xorl $0x200000, %eax
	movl %eax, %ecx
	pushl %eax
	popfl
	pushfl
	popl %eax
	xorl %ecx, %eax
	testl $0x200000, %eax
	jnz boot_refuse
	movl $0x80000000, %eax
	cpuid
	cmpl $0x80000001, %eax
	jb boot_refuse
	movl $0x80000001, %eax
	cpuid
	/* Long mode and no-execute. */
	andl $0x20100000, %edx
	cmpl $0x20100000, %edx
	jne boot_refuse

	/* 512 pages of 2 MiB: present, writable, large. */
	movl $PA(boot_pd), %edi
	movl $0x83, %eax
	movl $512, %ecx
1:	movl %eax, (%edi)
	addl $0x200000, %eax
	addl $8, %edi
	decl %ecx
	jnz 1b
	movl $PA(boot_pd) + 3, PA(boot_pdpt)
	movl $PA(boot_pd) + 3, PA(boot_pdpt_image) + 8 * 510
	movl $PA(boot_pdpt) + 3, PA(boot_pml4)
	movl $PA(boot_pdpt) + 3, PA(boot_pml4) + 8 * 256
	movl $PA(boot_pdpt_image) + 3, PA(boot_pml4) + 8 * 511

	/* CR4.PAE; EFER.LME and NXE; CR0: PG, WP, NE, ET, MP, PE. */
	movl $0x20, %eax
	movl %eax, %cr4
	movl $PA(boot_pml4), %eax
	movl %eax, %cr3
	movl $0xc0000080, %ecx
	rdmsr
	orl $0x900, %eax
	wrmsr
	movl $0x80010033, %eax
	movl %eax, %cr0
	lgdt PA(boot_gdt_pointer)
	ljmpl $KERNEL_CS, $PA(boot_long_mode)

	.code64
boot_long_mode:
	movabsq $1f, %rax
	jmp *%rax
	/* At the kernel's addresses. The GDT too, for the identity mapping will go. */
1:	lgdt boot_gdt_pointer_high(%rip)
	movl $KERNEL_DS, %eax
	movl %eax, %ds
	movl %eax, %es
	movl %eax, %ss
	xorl %eax, %eax
	movl %eax, %fs
	movl %eax, %gs
	leaq boot_stack_top(%rip), %rsp
	leaq boot_cpu(%rip), %rax
	movq %rax, (%rax)
	movq %rax, %rdx
	shrq $32, %rdx
	movl $0xc0000101, %ecx
	wrmsr
	movl boot_protocol(%rip), %edi
	movl boot_pointer(%rip), %esi
	movq boot_entry_tsc(%rip), %rdx
	xorl %ebp, %ebp
	call boot_start
	ud2

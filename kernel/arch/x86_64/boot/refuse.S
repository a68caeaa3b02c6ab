/*
 * What a CPU that can't run the kernel's 64-bit code is still able to do: say so on the serial port
 * and end the machine. Also the static memory of head.S.
 */
#include "arch/layout.h"

#define PA(symbol) ((symbol) - KERNEL_BASE)
#define COM1 0x3f8
#define DEBUG_EXIT 0xf4
#define KEYBOARD 0x64
#define REFUSED 18

	.section .init.text, "ax"
	.code32
/*
 * In: protected mode, no paging. Never returns.
 */
	.globl boot_refuse
boot_refuse:
	movl $PA(boot_refuse_line), %esi
	/* 115200 baud, 8 bits, no parity, one stop bit, FIFO on. */
	movw $COM1 + 3, %dx
	movb $0x83, %al
	outb %al, %dx
	movw $COM1, %dx
	movb $1, %al
	outb %al, %dx
	movw $COM1 + 1, %dx
	xorl %eax, %eax
	outb %al, %dx
	movw $COM1 + 3, %dx
	movb $3, %al
	outb %al, %dx
	movw $COM1 + 2, %dx
	movb $1, %al
	outb %al, %dx
1:	lodsb
	testb %al, %al
	jz 3f
	movb %al, %bl
	/* Waits for room, but not for ever: there may be no port. */
	movl $100000, %ecx
	movw $COM1 + 5, %dx
2:	inb %dx, %al
	testb $0x20, %al
	loopz 2b
	movb %bl, %al
	movw $COM1, %dx
	outb %al, %dx
	jmp 1b
	/* As power_off() does. */
3:	movb $REFUSED, %al
	outb %al, $DEBUG_EXIT
	movb $0xfe, %al
	outb %al, $KEYBOARD
	lidt PA(boot_refuse_idt)
	int3
4:	hlt
	jmp 4b

	.section .init.data, "aw"
boot_refuse_line:
	.asciz "airlock-fatal: this CPU lacks 64-bit mode or no-execute pages; Airlock needs an x86-64 CPU with both\r\n"
	.balign 8
	.globl boot_protocol, boot_pointer, boot_entry_tsc, boot_gdt_pointer, boot_gdt_pointer_high
boot_entry_tsc:
	.quad 0
boot_protocol:
	.long 0
boot_pointer:
	.long 0
	/* The final selectors, so that loading the CPU's own GDT later changes nothing. */
boot_gdt:
	.quad 0
	.quad 0x00af9b000000ffff
	.quad 0x00cf93000000ffff
boot_gdt_pointer:
	.short 23
	.long PA(boot_gdt)
	.balign 8
boot_gdt_pointer_high:
	.short 23
	.quad boot_gdt
	.balign 8
boot_refuse_idt:
	.short 0
	.long 0

	.section .bss..init.tables, "aw", @nobits
	.balign 4096
	.globl boot_pml4, boot_pdpt, boot_pdpt_image, boot_pd, boot_pd_more
boot_pml4:
	.skip 4096
boot_pdpt:
	.skip 4096
boot_pdpt_image:
	.skip 4096
boot_pd:
	.skip 4096
	/* For the second to fourth GiB, if the loader put something there: boot/start.c. */
boot_pd_more:
	.skip 3 * 4096

	.section .bss..page_aligned, "aw", @nobits
	.balign 4096
	.globl boot_stack_guard, boot_stack, boot_stack_top
boot_stack_guard:
	.skip 4096
boot_stack:
	.skip KERNEL_STACK_SIZE
boot_stack_top:

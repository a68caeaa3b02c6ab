/*
 * The smallest kernel there is: it ends the VM as soon as it is entered.  What a VM with it takes is
 * what QEMU takes, the floor for `airlock bench boot`.
 */
	.section .note.Xen, "a", @note
	.balign 4
	/* XEN_ELFNOTE_PHYS32_ENTRY: where PVH starts, in 32-bit mode. */
	.long 4, 4, 18
	.asciz "Xen"
	.long _start

	.text
	.code32
	.globl _start
/* In: nothing used.  Out: does not return.  Clobbers: AL, DX. */
_start:
	/* "The run is complete", on the debug-exit port. */
	movw $0xf4, %dx
	movb $16, %al
	outb %al, %dx
1:	hlt
	jmp 1b

	.section .note.GNU-stack, "", @progbits

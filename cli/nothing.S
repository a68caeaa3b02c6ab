/*
 * The smallest static program there is, for Airlock's own tests and as what `airlock bench boot`
 * starts: exit(0).
 */
	.text
	.globl _start
/* In: nothing used.  Out: does not return.  Clobbers: RAX, RDI. */
_start:
	movl $231, %eax
	xorl %edi, %edi
	syscall
	hlt

	.section .note.GNU-stack, "", @progbits

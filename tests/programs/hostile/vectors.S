/*
 * vector_code + 8 * n: `int n`, then back.  Each is padded to eight bytes.
 */
	.text
	.balign 8
	.globl vector_code
vector_code:
	.set n, 0
	.rept 256
	.byte 0xcd, n
	ret
	.balign 8
	.set n, n + 1
	.endr

	.section .note.GNU-stack, "", @progbits

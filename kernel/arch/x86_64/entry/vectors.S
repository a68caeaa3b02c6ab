/*
 * One stub for each of the 256 vectors, 16 bytes apart: it completes the hardware's frame to one shape (error code,
 * vector) and goes to its body.
 *
 *                     +---------+
 *                     | ss      |  pushed by the CPU: on the entry stack from ring 3, on an IST stack for the
 *                     | rsp     |  four paranoid vectors, otherwise on the stack that was interrupted
 *                     | rflags  |
 *                     | cs      |
 *                     | rip     |
 *                     | error   |  by the CPU for the vectors that have one, otherwise 0 from here
 *              RSP -> | vector  |
 *                     +---------+
 *
 * All gates are interrupt gates: IF=0 from the first instruction.
 */
#include "entry/macros.inc"

	.section .entry.text, "ax"
	.balign 16
ENTRY entry_vectors
	.set vector, 0
	.rept 256
	.balign 16, 0xcc
	/* 8, 10-14, 17, 21, 29, 30 push an error code (hazard C3). */
	.if !(vector == 8 || (vector >= 10 && vector <= 14) || vector == 17 || vector == 21 || \
		vector == 29 || vector == 30)
	pushq $0
	.endif
	pushq $vector
	.if vector == 1 || vector == 2 || vector == 8 || vector == 18
	jmp paranoid_entry
	.else
	jmp trap_entry
	.endif
	.set vector, vector + 1
	.endr
	/* The last stub fills its 16 bytes, too. */
	.balign 16, 0xcc
ENDFN entry_vectors

/*
 * Loads every register from crossing_in, crosses into the kernel and back, and stores every register to crossing_out.
 * Everything is addressed by RIP or absolutely, so no register is needed for it. RSP is the program's own choice, too,
 * but has to be a stack: the flags go through it.
 * Layout: struct registers in registers.h.
 */
#define IN crossing_in
#define OUT crossing_out
#define FLAGS_AT 128
#define FS_AT 136
#define GS_AT 144
#define SELECTOR_AT 152
#define YMM_AT 160
#define MXCSR_AT 672
#define CONTROL_AT 676
#define TOUCHED 0x20000000
#include "../registers.inc"

.macro LOAD
	REGISTERS_KEEP_OWN
	/* The selector first: it sets the base. */
	movq IN + SELECTOR_AT(%rip), %rax
	movw %ax, %gs
	REGISTERS_LOAD
	pushq IN + FLAGS_AT(%rip)
	popfq
.endm

.macro STORE
	pushfq
	popq OUT + FLAGS_AT(%rip)
	/* The compiler's code needs DF=0 and AC=0; none of these touches the flags that were stored. */
	pushq $0x202
	popfq
	REGISTERS_STORE
	xorl %eax, %eax
	movw %gs, %ax
	movq %rax, OUT + SELECTOR_AT(%rip)
	REGISTERS_RETURN
.endm

	.text
	.globl crossing_spin
crossing_spin:
	LOAD
	/* MOV, LEA and JRCXZ would need a register: the loop changes the flags, so they are loaded once more after it. */
1:	decq crossing_count(%rip)
	jnz 1b
	pushq IN + FLAGS_AT(%rip)
	popfq
	.rept 16
	nop
	.endr
	STORE

	.globl crossing_call, crossing_call_return
crossing_call:
	LOAD
	syscall
crossing_call_return:
	STORE

	.globl crossing_touch
crossing_touch:
	LOAD
	movq %rbx, TOUCHED
	STORE

	.bss
	.balign 64
	.globl crossing_in, crossing_out, crossing_count
crossing_in:
	.skip 704
crossing_out:
	.skip 704
crossing_count:
	.skip 8
real_rsp:
	.skip 8
real_fs:
	.skip 8
real_gs:
	.skip 8

	.section .note.GNU-stack, "", @progbits

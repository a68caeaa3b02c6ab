/*
 * storm_spin, storm_call: load all registers from storm_in, loop or call, store them to
 * storm_out.  Everything is addressed by RIP, so no register is needed for it, RSP included.
 * Layout: struct registers in storm.inc.
 */
#define IN storm_in
#define OUT storm_out
#define R(area, i) area + 8 * i(%rip)
#define FS_AT 128
#define GS_AT 136
#define YMM_AT 144
#define MXCSR_AT 656
#define CONTROL_AT 660

.macro STORM_LOAD
	pushq %rbx
	pushq %rbp
	pushq %r12
	pushq %r13
	pushq %r14
	pushq %r15
	movq %rsp, storm_real_rsp(%rip)
	rdfsbase %rax
	movq %rax, storm_real_fs(%rip)
	rdgsbase %rax
	movq %rax, storm_real_gs(%rip)
	movq IN + FS_AT(%rip), %rax
	wrfsbase %rax
	movq IN + GS_AT(%rip), %rax
	wrgsbase %rax
	ldmxcsr IN + MXCSR_AT(%rip)
	fldcw IN + CONTROL_AT(%rip)
	.irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
	vmovdqu IN + YMM_AT + 32 * \n(%rip), %ymm\n
	.endr
	movq R(IN, 0), %rax
	movq R(IN, 1), %rbx
	movq R(IN, 2), %rcx
	movq R(IN, 3), %rdx
	movq R(IN, 4), %rsi
	movq R(IN, 5), %rdi
	movq R(IN, 6), %rbp
	movq R(IN, 7), %rsp
	movq R(IN, 8), %r8
	movq R(IN, 9), %r9
	movq R(IN, 10), %r10
	movq R(IN, 11), %r11
	movq R(IN, 12), %r12
	movq R(IN, 13), %r13
	movq R(IN, 14), %r14
	movq R(IN, 15), %r15
.endm

.macro STORM_STORE
	movq %rax, R(OUT, 0)
	movq %rbx, R(OUT, 1)
	movq %rcx, R(OUT, 2)
	movq %rdx, R(OUT, 3)
	movq %rsi, R(OUT, 4)
	movq %rdi, R(OUT, 5)
	movq %rbp, R(OUT, 6)
	movq %rsp, R(OUT, 7)
	movq %r8, R(OUT, 8)
	movq %r9, R(OUT, 9)
	movq %r10, R(OUT, 10)
	movq %r11, R(OUT, 11)
	movq %r12, R(OUT, 12)
	movq %r13, R(OUT, 13)
	movq %r14, R(OUT, 14)
	movq %r15, R(OUT, 15)
	.irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
	vmovdqu %ymm\n, OUT + YMM_AT + 32 * \n(%rip)
	.endr
	stmxcsr OUT + MXCSR_AT(%rip)
	fnstcw OUT + CONTROL_AT(%rip)
	rdfsbase %rax
	movq %rax, OUT + FS_AT(%rip)
	rdgsbase %rax
	movq %rax, OUT + GS_AT(%rip)
	movq storm_real_fs(%rip), %rax
	wrfsbase %rax
	movq storm_real_gs(%rip), %rax
	wrgsbase %rax
	movq storm_real_rsp(%rip), %rsp
	vzeroupper
	ldmxcsr plain_mxcsr(%rip)
	fninit
	popq %r15
	popq %r14
	popq %r13
	popq %r12
	popq %rbp
	popq %rbx
	ret
.endm

	.text
	.globl storm_spin
storm_spin:
	STORM_LOAD
1:	decq storm_count(%rip)
	jnz 1b
	STORM_STORE

	.globl storm_call
storm_call:
	STORM_LOAD
	syscall
	STORM_STORE

	.section .rodata
plain_mxcsr:
	.long 0x1f80

	.section .note.GNU-stack, "", @progbits

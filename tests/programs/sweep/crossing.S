/*
 * Loads every register from crossing_in, crosses into the kernel and back, and stores every register to crossing_out.
 * Everything is addressed by RIP or absolutely, so no register is needed for it. RSP is the program's own choice, too,
 * but has to be a stack: the flags go through it.
 * Layout: struct registers in registers.h.
 */
#define IN crossing_in
#define OUT crossing_out
#define R(area, i) area + 8 * i(%rip)
#define FLAGS_AT 128
#define FS_AT 136
#define GS_AT 144
#define SELECTOR_AT 152
#define YMM_AT 160
#define MXCSR_AT 672
#define CONTROL_AT 676
#define TOUCHED 0x20000000

.macro LOAD
	pushq %rbx
	pushq %rbp
	pushq %r12
	pushq %r13
	pushq %r14
	pushq %r15
	movq %rsp, real_rsp(%rip)
	rdfsbase %rax
	movq %rax, real_fs(%rip)
	rdgsbase %rax
	movq %rax, real_gs(%rip)
	movq IN + FS_AT(%rip), %rax
	wrfsbase %rax
	/* The selector first: it sets the base. */
	movq IN + SELECTOR_AT(%rip), %rax
	movw %ax, %gs
	movq IN + GS_AT(%rip), %rax
	wrgsbase %rax
	ldmxcsr IN + MXCSR_AT(%rip)
	fldcw IN + CONTROL_AT(%rip)
	.irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
	vmovdqu IN + YMM_AT + 32 * \n(%rip), %ymm\n
	.endr
	movq R(IN, 7), %rsp
	movq R(IN, 0), %rax
	movq R(IN, 1), %rbx
	movq R(IN, 2), %rcx
	movq R(IN, 3), %rdx
	movq R(IN, 4), %rsi
	movq R(IN, 5), %rdi
	movq R(IN, 6), %rbp
	movq R(IN, 8), %r8
	movq R(IN, 9), %r9
	movq R(IN, 10), %r10
	movq R(IN, 11), %r11
	movq R(IN, 12), %r12
	movq R(IN, 13), %r13
	movq R(IN, 14), %r14
	movq R(IN, 15), %r15
	pushq IN + FLAGS_AT(%rip)
	popfq
.endm

.macro STORE
	pushfq
	popq OUT + FLAGS_AT(%rip)
	/* The compiler's code needs DF=0 and AC=0; none of these touches the flags that were stored. */
	pushq $0x202
	popfq
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
	xorl %eax, %eax
	movw %gs, %ax
	movq %rax, OUT + SELECTOR_AT(%rip)
	movq real_fs(%rip), %rax
	wrfsbase %rax
	movq real_gs(%rip), %rax
	wrgsbase %rax
	movq real_rsp(%rip), %rsp
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

	.section .rodata
	.balign 4
plain_mxcsr:
	.long 0x1f80

	.section .note.GNU-stack, "", @progbits

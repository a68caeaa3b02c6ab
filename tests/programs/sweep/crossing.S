/*
 * Loads every register from crossing_in, crosses into the kernel and back, and stores every register to crossing_out.
 * Everything is addressed by RIP or absolutely, so no register is needed for it. RSP is the program's own choice, too,
 * but has to be a stack: the flags go through it.
 * Layout: struct registers in registers.h.
 */
#include <asm/unistd_64.h>

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
/* struct ucontext */
#define UCONTEXT_RIP 168
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

.macro STORE_TO out
	pushfq
	popq \out + FLAGS_AT(%rip)
	/* The compiler's code needs DF=0 and AC=0; none of these touches the flags that were stored. */
	pushq $0x202
	popfq
	REGISTERS_STORE \out
	xorl %eax, %eax
	movw %gs, %ax
	movq %rax, \out + SELECTOR_AT(%rip)
.endm

.macro STORE
	STORE_TO OUT
	REGISTERS_RETURN
.endm

	.text
	.globl crossing_spin, crossing_spin_end
crossing_spin:
	LOAD
	/* MOV, LEA and JRCXZ would need a register: the loop changes the flags, so they are loaded once more after it. */
1:	decq crossing_count(%rip)
	jnz 1b
crossing_spin_end:
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

	.globl crossing_trap
crossing_trap:
	LOAD
	ud2
	STORE

/* A call that returns twice. The child has RAX=0; XCHG and JRCXZ tell, which change no flags. It stores what it finds to
 * crossing_child, which may be the parent's memory, too, and ends. */
	.globl crossing_spawn, crossing_spawn_return
crossing_spawn:
	LOAD
	syscall
crossing_spawn_return:
	xchgq %rax, %rcx
	jrcxz 1f
	xchgq %rax, %rcx
	jmp 2f
1:	xchgq %rax, %rcx
	STORE_TO crossing_child
	movl $__NR_exit, %eax
	xorl %edi, %edi
	syscall
	ud2
2:	STORE

/* A signal's handler: stores what it finds to crossing_handled, changes where its frame returns to, spoils every register that
 * the frame holds, and returns. */
	.globl crossing_handler
crossing_handler:
	STORE_TO crossing_handled
	movq UCONTEXT_RIP(%rdx), %rax
	movq %rax, crossing_handled_rip(%rip)
	addq crossing_skip(%rip), %rax
	cmpq $0, crossing_resume(%rip)
	cmovneq crossing_resume(%rip), %rax
	movq %rax, UCONTEXT_RIP(%rdx)
	incq crossing_handlers(%rip)
	movq $1, crossing_count(%rip)
	.irp r, rbx, rcx, rdx, rsi, rdi, rbp, r8, r9, r10, r11, r12, r13, r14, r15
	movq $0x5a5a5a5a, %\r
	.endr
	vzeroall
	fninit
	ldmxcsr plain_mxcsr(%rip)
	std
	ret

	.globl crossing_restorer, crossing_ret
crossing_restorer:
	movl $__NR_rt_sigreturn, %eax
	syscall
	ud2

/* What a handler ends with. */
crossing_ret:
	ret

/* The program's first instruction: what execve() left goes to crossing_born. RSP and RDX are for _start. */
	.globl crossing_start
crossing_start:
	STORE_TO crossing_born
	jmp _start

	.bss
	.balign 64
	.globl crossing_in, crossing_out, crossing_handled, crossing_born, crossing_child
	.globl crossing_count, crossing_skip, crossing_resume, crossing_handlers, crossing_handled_rip
crossing_in:
	.skip 704
crossing_out:
	.skip 704
crossing_handled:
	.skip 704
crossing_born:
	.skip 704
crossing_count:
	.skip 8
crossing_skip:
	.skip 8
crossing_resume:
	.skip 8
crossing_handlers:
	.skip 8
crossing_handled_rip:
	.skip 8
real_rsp:
	.skip 8
real_fs:
	.skip 8
real_gs:
	.skip 8
	/* A page of its own, which children share. */
	.balign 4096
crossing_child:
	.skip 4096

	.section .note.GNU-stack, "", @progbits

/*
 * state_run_EVENT(struct machine_state *s): makes RSP, RFLAGS and the FS and GS bases what *s
 * says, does one thing that enters the kernel, and stores what the four are afterwards.
 * Between the two nothing touches the stack.
 *
 * In: RDI = s.  Registers hold the state meanwhile: RBX = s, RBP = the real stack, R12 and R13
 * = the real bases. That they come back unharmed is part of the test.
 */
#define S_RSP 0
#define S_FLAGS 8
#define S_FS 16
#define S_GS 24
#define S_PAGE 32
#define S_COUNT 40
#define S_TIME 48
#define S_RESULT 64

	.text

.macro STATE_EVENT name
	.globl state_run_\name
	.type state_run_\name, @function
state_run_\name:
	pushq %rbx
	pushq %rbp
	pushq %r12
	pushq %r13
	movq %rdi, %rbx
	movq %rsp, %rbp
	rdfsbase %r12
	rdgsbase %r13
	movq S_PAGE(%rbx), %r8
	movq S_COUNT(%rbx), %r9
	leaq S_TIME(%rbx), %rdi
	movq S_FS(%rbx), %rax
	wrfsbase %rax
	movq S_GS(%rbx), %rax
	wrgsbase %rax
	xorl %esi, %esi
	xorl %edx, %edx
	pushq S_FLAGS(%rbx)
	popfq
	movq S_RSP(%rbx), %rsp
.endm

.macro STATE_END
	movq %rsp, S_RSP(%rbx)
	movq %rax, S_RESULT(%rbx)
	movq %rbp, %rsp
	pushfq
	popq S_FLAGS(%rbx)
	cld
	pushq $0x202
	popfq
	rdfsbase %rax
	movq %rax, S_FS(%rbx)
	rdgsbase %rax
	movq %rax, S_GS(%rbx)
	wrfsbase %r12
	wrgsbase %r13
	popq %r13
	popq %r12
	popq %rbp
	popq %rbx
	ret
.endm

STATE_EVENT syscall
	movl $39, %eax
	syscall
STATE_END

/* An unknown number: the shortest way through the kernel. */
STATE_EVENT enosys
	movl $1000, %eax
	syscall
STATE_END

STATE_EVENT yield
	movl $24, %eax
	syscall
STATE_END

/* Another thread (idle, at least) runs meanwhile. */
STATE_EVENT sleep
	movl $35, %eax
	syscall
STATE_END

/* Long enough for timer ticks; the loop changes no flag. */
STATE_EVENT spin
	movq %r9, %rcx
1:	leaq -1(%rcx), %rcx
	jrcxz 2f
	jmp 1b
2:	movl $0, %eax
STATE_END

STATE_EVENT demand
	movb $1, (%r8)
	movl $0, %eax
STATE_END

STATE_EVENT int3
	int3
STATE_END

STATE_EVENT int1
	.byte 0xf1
STATE_END

STATE_EVENT ud2
	ud2
STATE_END

/* XOR would change the flags on trial; DIV leaves them undefined, but the process ends here. */
STATE_EVENT div
	movl $0, %ecx
	movl $0, %edx
	divl %ecx
STATE_END

STATE_EVENT read0
	movq 0, %rax
STATE_END

STATE_EVENT gp
	hlt
STATE_END

STATE_EVENT push
	pushq %rax
STATE_END

	.section .note.GNU-stack, "", @progbits

/* Going through rt_sigreturn with a frame of the program's own making: sigreturn.c. */
	.text

/*
 * void sigreturn_enter(void *stack, uint64_t *rsp)
 * In: RDI: what RSP is to be at the call; RSI: where the frame has its RSP, which becomes this function's, or 0
 * The frame's RIP is to be sigreturn_landed. Returns from there, with the flags as they were in sigreturn_flags.
 */
	.globl sigreturn_enter
	.type sigreturn_enter, @function
sigreturn_enter:
	pushq %rbp
	pushq %rbx
	pushq %r12
	pushq %r13
	pushq %r14
	pushq %r15
	movq %rsp, kept_stack(%rip)
	testq %rsi, %rsi
	jz 1f
	movq %rsp, (%rsi)
1:	movq %rdi, %rsp
	movl $15, %eax
	syscall
	ud2
	.globl sigreturn_landed
sigreturn_landed:
	pushfq
	popq sigreturn_flags(%rip)
	pushq $2
	popfq
	movq kept_stack(%rip), %rsp
	popq %r15
	popq %r14
	popq %r13
	popq %r12
	popq %rbx
	popq %rbp
	ret
	.size sigreturn_enter, . - sigreturn_enter

	.bss
	.balign 8
kept_stack:
	.quad 0
	.globl sigreturn_flags
sigreturn_flags:
	.quad 0

	.section .note.GNU-stack, "", @progbits

/*
 * The context switch proper: the C calling convention lets it save just what a callee must.
 */
#include "arch/layout.h"

	.text

/*
 * struct arch_thread *context_switch(struct arch_thread *prev, struct arch_thread *next)
 * In:       RDI, RSI: threads; kernel_rsp is their first word. IF=0
 * Out:      on next's stack; RAX: prev
 * Clobbers: caller-saved registers
 */
	.globl context_switch
	.type context_switch, @function
	.balign 16
context_switch:
	pushq %rbx
	pushq %rbp
	pushq %r12
	pushq %r13
	pushq %r14
	pushq %r15
	movq %rsp, (%rdi)
	movq (%rsi), %rsp
	popq %r15
	popq %r14
	popq %r13
	popq %r12
	popq %rbp
	popq %rbx
	movq %rdi, %rax
	ret
	int3
	.size context_switch, . - context_switch

/*
 * In:       R12: the function, RBX: its argument; IF=0; RAX: the thread that ran before
 * Out:      never returns
 */
	.globl kernel_thread_start
	.type kernel_thread_start, @function
	.balign 16
kernel_thread_start:
	movq %rax, %rdi
	call upcall_thread_started
	sti
	movq %rbx, %rdi
	call *%r12
	call upcall_thread_finished
	ud2
	.size kernel_thread_start, . - kernel_thread_start

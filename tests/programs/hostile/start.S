/*
 * hostile_start: the program's entry point.  Keeps what the kernel handed over in start_state,
 * then goes on to libc. registers_call: one system call with every register at a known value,
 * and what they are afterwards.
 */
	.text
	.globl hostile_start
hostile_start:
	movq %rax, start_state+0(%rip)
	movq %rbx, start_state+8(%rip)
	movq %rcx, start_state+16(%rip)
	movq %rdx, start_state+24(%rip)
	movq %rsi, start_state+32(%rip)
	movq %rdi, start_state+40(%rip)
	movq %rbp, start_state+48(%rip)
	movq %r8, start_state+56(%rip)
	movq %r9, start_state+64(%rip)
	movq %r10, start_state+72(%rip)
	movq %r11, start_state+80(%rip)
	movq %r12, start_state+88(%rip)
	movq %r13, start_state+96(%rip)
	movq %r14, start_state+104(%rip)
	movq %r15, start_state+112(%rip)
	movq %rsp, start_state+120(%rip)
	pushfq
	popq start_state+128(%rip)
	movw %cs, start_state+136(%rip)
	movw %ss, start_state+144(%rip)
	movw %ds, start_state+152(%rip)
	movw %es, start_state+160(%rip)
	movw %fs, start_state+168(%rip)
	movw %gs, start_state+176(%rip)
	rdfsbase %rax
	movq %rax, start_state+184(%rip)
	rdgsbase %rax
	movq %rax, start_state+192(%rip)
	movq %rdx, start_rdx(%rip)
	movl $7, %eax
	xorl %edx, %edx
	xsave start_xsave(%rip)
	movq start_rdx(%rip), %rdx
	movq start_state(%rip), %rax
	jmp _start

	.bss
	.balign 64
	.globl start_xsave
start_xsave:
	.skip 4096
	.globl start_state
start_state:
	.skip 256
start_rdx:
	.skip 8

/*
 * registers_call(long in[16], long out[18]): loads rax rbx rcx rdx rsi rdi rbp r8..r15 from in
 * (rsp stays), makes the call, stores the registers, then RFLAGS and the address after the
 * SYSCALL.
 */
	.text
	.globl registers_call
registers_call:
	pushq %rbx
	pushq %rbp
	pushq %r12
	pushq %r13
	pushq %r14
	pushq %r15
	movq %rsi, registers_out(%rip)
	movq %rsp, registers_rsp(%rip)
	movq 0(%rdi), %rax
	movq 8(%rdi), %rbx
	movq 16(%rdi), %rcx
	movq 24(%rdi), %rdx
	movq 32(%rdi), %rsi
	movq 48(%rdi), %rbp
	movq 56(%rdi), %r8
	movq 64(%rdi), %r9
	movq 72(%rdi), %r10
	movq 80(%rdi), %r11
	movq 88(%rdi), %r12
	movq 96(%rdi), %r13
	movq 104(%rdi), %r14
	movq 112(%rdi), %r15
	movq 40(%rdi), %rdi
	syscall
registers_after:
	movq %rsp, registers_scratch(%rip)
	movq registers_out(%rip), %rsp
	movq %rax, 0(%rsp)
	movq %rbx, 8(%rsp)
	movq %rcx, 16(%rsp)
	movq %rdx, 24(%rsp)
	movq %rsi, 32(%rsp)
	movq %rdi, 40(%rsp)
	movq %rbp, 48(%rsp)
	movq %r8, 56(%rsp)
	movq %r9, 64(%rsp)
	movq %r10, 72(%rsp)
	movq %r11, 80(%rsp)
	movq %r12, 88(%rsp)
	movq %r13, 96(%rsp)
	movq %r14, 104(%rsp)
	movq %r15, 112(%rsp)
	movq %rsp, %rbx
	movq registers_scratch(%rip), %rax
	subq registers_rsp(%rip), %rax
	movq %rax, 120(%rbx)
	movq registers_rsp(%rip), %rsp
	pushfq
	popq 128(%rbx)
	leaq registers_after(%rip), %rax
	movq %rax, 136(%rbx)
	popq %r15
	popq %r14
	popq %r13
	popq %r12
	popq %rbp
	popq %rbx
	ret

	.bss
registers_out:
	.skip 8
registers_rsp:
	.skip 8
registers_scratch:
	.skip 8

	.section .note.GNU-stack, "", @progbits

/*
 * A system call in the style that several kernels had until 2012: SYSRET with whatever RIP is in the frame. On Intel's CPUs a
 * RIP that is not canonical then faults in ring 0, on the program's stack, with the program's GS (hazard X2).
 */
	.section .entry.text, "ax"
	.globl syscall_entry
	.type syscall_entry, @function
syscall_entry:
	swapgs
	movq %rsp, %gs:8
	movq %gs:16, %rsp
	pushq %gs:8
	pushq %r11
	pushq %rcx
	pushq %rax
	pushq %rdx
	pushq %rsi
	pushq %rdi
	pushq %r8
	pushq %r9
	pushq %r10
	sti
	call syscall_handler
	cli
	popq %r10
	popq %r9
	popq %r8
	popq %rdi
	popq %rsi
	popq %rdx
	popq %rax
	popq %rcx
	popq %r11
	popq %rsp
	swapgs
	sysretq
	.size syscall_entry, . - syscall_entry

	.text
	.globl syscall_handler
	.type syscall_handler, @function
syscall_handler:
	ret
	.size syscall_handler, . - syscall_handler

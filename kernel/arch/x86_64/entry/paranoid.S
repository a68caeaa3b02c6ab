/*
 * NMI, #DB, #MC and #DF may arrive at any instruction: before SWAPGS, between a root's load and IRETQ, with the
 * program's RSP still in place. So they run on IST stacks, believe nothing about GS and CR3, save both as they are, set
 * their own, and put back exactly what they found. CS is not looked at to decide anything of that.
 *
 *   top of the IST stack -> +------------------+
 *                           | (padding)        |
 *                           | struct cpu *     |  176(frame): how the kernel's GS base is found (IST_CPU_SLOT)
 *     IST pointer in TSS -> +------------------+
 *                           | ss ... rip       |
 *                           | error, vector    |
 *                           | rdi ... r15      |  a struct trap_frame
 *                    RSP -> +------------------+
 *
 * RBX keeps the interrupted GS base, R14 the interrupted CR3, across the C code (both are callee-saved).
 */
#include "entry/macros.inc"

	.section .entry.text, "ax"

/*
 * In:       RSP at vector, error and the hardware's frame, on the vector's IST stack; IF=0; GS, CR3: any
 * Out:      back with everything as found; or, from ring 3 only, on to the ordinary path
 */
	.balign 64
ENTRY paranoid_entry
	STATE("RSP=ist IF=0")
	clac
	cld
	pushq %rdi
	PUSH_REGS_BELOW_RDI
	ZERO_REGS
	rdgsbase %rbx
	movq %cr3, %r14
	movq FRAME_SIZE(%rsp), %rax
	wrgsbase %rax
	lfence
	STATE("GS=kernel RSP=ist IF=0")
	movq %gs:CPU_PARANOID_CR3, %rax
	movq %rax, %cr3
	STATE("GS=kernel CR3=kernel RSP=ist IF=0")
	movq %rsp, %rdi
	/* For reports: which table the interrupted code ran on. */
	movq %r14, %rsi
	call entry_paranoid
	testl %eax, %eax
	jnz paranoid_to_thread

	movq %r14, %cr3
	wrgsbase %rbx
	/* Nothing below may use GS or touch more than this stack. */
	POP_REGS_BELOW_RDI
	popq %rdi
	addq $16, %rsp
	iretq
	int3

/*
 * A #DB from ring 3, which has to become a signal: the IST stack must be left before anything can sleep (hazard
 * P16). From ring 3 the inactive base was the kernel's, and is; the active one, saved in RBX, the program's. So after the
 * SWAPGS all is as after an ordinary entry.
 */
paranoid_to_thread:
	wrgsbase %rbx
	swapgs
	STATE("GS=kernel CR3=kernel RSP=ist IF=0")
	movq %gs:CPU_KERNEL_CR3, %rax
	movq %rax, %cr3
	movq %rsp, %rsi
	movq %gs:CPU_THREAD_RSP, %rdi
	subq $FRAME_SIZE, %rdi
	movq %rdi, %rsp
	STATE("GS=kernel CR3=kernel RSP=thread IF=0")
	movl $(FRAME_SIZE / 8), %ecx
	rep movsq
	movq %rsp, %rdi
	call entry_trap_user
	jmp exit_to_user
	int3
ENDFN paranoid_entry

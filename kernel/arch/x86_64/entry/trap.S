/*
 * The body of all ordinary vectors. Whether GS and the root are the program's is told by the saved CS alone, with one
 * exception: the IRETQ that returns to ring 3 may itself fault, in ring 0 but with everything already the program's;
 * its address is the sign (hazards I3, I8, X6).
 */
#include "entry/macros.inc"

/*
 * From the entry stack to the thread's. The entry stack is one for the CPU, so this happens before anything can interrupt;
 * iret is where on it the hardware's frame lies that the thread gets: above vector and error, or further up.
 * In:       RSP at rdi, vector, error on the entry stack; IF=0, the kernel's GS and root
 * Out:      RSP at the same with the frame above, on the thread's stack
 * Clobbers: RDI, which is the first word there
 */
	.macro COPY_FRAME_TO_THREAD iret
	movq %rsp, %rdi
	movq %gs:CPU_THREAD_RSP, %rsp
	pushq \iret+32(%rdi)
	pushq \iret+24(%rdi)
	pushq \iret+16(%rdi)
	pushq \iret+8(%rdi)
	pushq \iret(%rdi)
	pushq 16(%rdi)
	pushq 8(%rdi)
	pushq (%rdi)
	.endm

	.section .entry.text, "ax"

/*
 * In:       RSP at vector, error and the hardware's frame (vectors.S); IF=0
 * Out:      to exit_to_user, or back to the interrupted kernel code with every register as it was
 */
	.balign 64
ENTRY trap_entry
	STATE("IF=0")
	/* The program's AC and DF survive delivery (hazards I1, I2). */
	clac
	cld
	testb $3, 24(%rsp)
	jz trap_from_kernel

	STATE("GS=user CR3=user RSP=entry IF=0")
	swapgs
	/* A mispredicted branch above must not reach the accesses through GS below (hazard I4). */
	lfence
	STATE("GS=kernel CR3=user RSP=entry IF=0")
	pushq %rdi
	LOAD_KERNEL_ROOT %rdi
	STATE("GS=kernel CR3=kernel RSP=entry IF=0")

	COPY_FRAME_TO_THREAD 24
trap_user_frame:
	STATE("GS=kernel CR3=kernel RSP=thread IF=0")
	PUSH_REGS_BELOW_RDI
	ZERO_REGS
	movq %rsp, %rdi
	call entry_trap_user
	jmp exit_to_user
	int3

/* Interrupted kernel code, or the return to ring 3 faulted. */
trap_from_kernel:
	cmpq $exit_iretq, 16(%rsp)
	je exit_fault
	/* The other arm of the speculation barrier above. */
	lfence
	STATE("GS=kernel CR3=kernel IF=0")
	pushq %rdi
	PUSH_REGS_BELOW_RDI
	ZERO_REGS
	movq %rsp, %rdi
	call entry_trap_kernel
	POP_REGS_BELOW_RDI
	popq %rdi
	addq $16, %rsp
	iretq
	int3

/*
 * IRETQ to ring 3 faulted: GS and root are the program's, RSP is below the frame that was refused, on the entry
 * stack. Becomes a trap from ring 3 whose frame is the refused one.
 *
 *   entry_rsp ->  +----------------+
 *                 | ss ... rip     |  5 words: the refused frame       104(%rdi) .. 72(%rdi)
 *                 | (alignment)    |                                    64(%rdi)
 *                 | ss ... rip     |  5 words: where the fault was      56(%rdi) .. 24(%rdi)
 *                 | error, vector  |                                    16(%rdi), 8(%rdi)
 *                 | rdi            |                                    0(%rdi)
 *                 +----------------+
 */
exit_fault:
	STATE("GS=user CR3=user RSP=entry IF=0")
	swapgs
	lfence
	STATE("GS=kernel CR3=user RSP=entry IF=0")
	pushq %rdi
	LOAD_KERNEL_ROOT %rdi
	STATE("GS=kernel CR3=kernel RSP=entry IF=0")
	COPY_FRAME_TO_THREAD 72
	jmp trap_user_frame
	int3
ENDFN trap_entry

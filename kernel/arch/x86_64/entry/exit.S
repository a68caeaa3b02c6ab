/*
 * The one way out to ring 3. The order is the point (hazard X10):
 *   registers, the entry stack, the program's root, SWAPGS, VERW, the return instruction.
 * The C code before has looked at the work flags for the last time with IF=0, and IF stays 0 from there.
 *
 *            thread's stack                         entry stack
 *            +----------+                           +----------+ <- entry_rsp
 *            | ss       |                           | ss       |   (IRETQ; for SYSRET only rsp)
 *            | rsp      |                           | rsp      |
 *            | rflags   |         copied            | rflags   |
 *            | cs       |  ---------------------->  | cs       |
 *            | rip      |                           | rip      |
 *            | error    |                           | rdi      |
 *            | vector   |                           +----------+
 *            | rdi ...  |
 *     RSP -> | ... r15  |
 *            +----------+
 */
#include "entry/macros.inc"

	.section .entry.text, "ax"

/*
 * In:       RSP at the frame, at the top of the thread's stack; EAX: 1 if sysret_ok() said so; GS=kernel,
 *           CR3=kernel, IF=0
 * Out:      ring 3
 */
	.balign 64
ENTRY exit_to_user
	STATE("GS=kernel CR3=kernel RSP=thread IF=0")
	testl %eax, %eax
	jz exit_by_iret

	POP_REGS_BELOW_RDI
	movq %rsp, %rdi
	movq %gs:CPU_ENTRY_RSP, %rsp
	STATE("GS=kernel CR3=kernel RSP=entry IF=0")
	pushq 48(%rdi)
	pushq (%rdi)
	LOAD_USER_ROOT %rdi
	STATE("GS=kernel CR3=user RSP=entry IF=0")
	popq %rdi
	popq %rsp
	.globl exit_sysret_stack_gone
exit_sysret_stack_gone:
	/* The program's stack pointer in ring 0: whatever can still arrive has a stack of its own (hazard X5). */
	STATE("GS=kernel CR3=user RSP=user IF=0")
	swapgs
	STATE("GS=user CR3=user RSP=user IF=0")
	.globl exit_verw_sysret
exit_verw_sysret:
	verw exit_verw_operand(%rip)
	sysretq
	.globl exit_sysret_end
exit_sysret_end:
	int3

exit_by_iret:
	POP_REGS_BELOW_RDI
	movq %rsp, %rdi
	movq %gs:CPU_ENTRY_RSP, %rsp
	STATE("GS=kernel CR3=kernel RSP=entry IF=0")
	pushq 56(%rdi)
	pushq 48(%rdi)
	pushq 40(%rdi)
	pushq 32(%rdi)
	pushq 24(%rdi)
	pushq (%rdi)
	LOAD_USER_ROOT %rdi
	STATE("GS=kernel CR3=user RSP=entry IF=0")
	popq %rdi
	swapgs
	STATE("GS=user CR3=user RSP=entry IF=0")
	.globl exit_verw_iret
exit_verw_iret:
	verw exit_verw_operand(%rip)
	/* If this faults, trap_entry knows it by its address. */
	.globl exit_iretq
exit_iretq:
	iretq
	int3
ENDFN exit_to_user

/*
 * VERW with a memory operand overwrites the CPU's buffers (hazard M3). The operand lies here because this page is
 * mapped in user-side tables and needs no GS. On CPUs that don't need it, start-up replaces both instructions by no-ops
 * of the same length (cpu/mitigations.c); the proof is made with them in place.
 */
	.balign 2
	.globl exit_verw_operand
exit_verw_operand:
	.word KERNEL_DS

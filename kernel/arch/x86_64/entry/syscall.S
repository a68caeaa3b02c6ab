/*
 * SYSCALL: RCX holds the program's RIP, R11 its RFLAGS; RSP is still the program's. FMASK has cleared IF, TF, DF, AC, NT
 * and the rest (cpu/cpu.c), so nothing interrupts before the stack is the kernel's except NMI, #MC and a #DB held
 * back by MOV SS, which run on stacks of their own.
 */
#include "entry/macros.inc"

	.section .entry.text, "ax"

/*
 * In:       ring 3's registers; GS=user, CR3=user, RSP=user, IF=0
 * Out:      to exit_to_user with a complete frame
 * Clobbers: -
 */
	.balign 64
ENTRY syscall_entry
	STATE("GS=user CR3=user RSP=user IF=0")
	swapgs
	STATE("GS=kernel CR3=user RSP=user IF=0")
	/* The slot is safe until it is copied to the frame below: IF=0, and the paranoid doors don't use it. */
	movq %rsp, %gs:CPU_SCRATCH_RSP
	LOAD_KERNEL_ROOT %rsp
	STATE("GS=kernel CR3=kernel IF=0")
	movq %gs:CPU_THREAD_RSP, %rsp
	.globl syscall_entry_stack_set
syscall_entry_stack_set:
	STATE("GS=kernel CR3=kernel RSP=thread IF=0")

	pushq $USER_DS
	pushq %gs:CPU_SCRATCH_RSP
	pushq %r11
	pushq $USER_CS
	pushq %rcx
	/* The call's number; the result's slot says -ENOSYS until the call says otherwise. */
	pushq %rax
	pushq $0x100
	pushq %rdi
	PUSH_REGS_BELOW_RDI
	ZERO_REGS
	movq %rsp, %rdi
	call entry_syscall
	jmp exit_to_user
	int3
ENDFN syscall_entry

/*
 * Where a thread that has never been in ring 3 begins, by the return of the context switch.
 * In:       RSP at the frame it is to enter ring 3 with; RAX: the thread that ran before; GS=kernel, CR3=kernel, IF=0
 * Out:      to exit_to_user
 */
ENTRY thread_first_return
	STATE("GS=kernel CR3=kernel RSP=thread IF=0")
	movq %rax, %rsi
	movq %rsp, %rdi
	call entry_first_return
	jmp exit_to_user
	int3
ENDFN thread_first_return

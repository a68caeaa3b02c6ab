/*
 * What the assembly of the crossing and its C half know of each other, and the macros of the assembly.
 *
 * The doors into the kernel:
 *   syscall.S   SYSCALL
 *   vectors.S   one stub for each of the 256 vectors; all but four go to
 *   trap.S      faults, traps and interrupts, from ring 3 or from the kernel
 *   paranoid.S  NMI, #DB, #MC, #DF: may arrive at any instruction, even between a SWAPGS and a CR3 load
 * The one way out to ring 3 is exit.S.
 */
#ifndef ENTRY_ENTRY_H
#define ENTRY_ENTRY_H

#include "arch/layout.h"
#include "entry/offsets.h"

#ifdef __ASSEMBLY__

/*
 * States, for the reader and for `airlock check`, which reads them from the ELF and proves each one true:
 * what holds at the instruction that follows. Only what is named is claimed.
 *   GS=user|kernel        the active GS base
 *   CR3=user|kernel|any   a root of the user side, of the kernel side (with isolation off they are one: "user"
 *                         then means that nothing has been switched yet)
 *   RSP=user|entry|thread|ist   the stack
 *   IF=0|1
 */
/* clang-format off */
#define STATE(text) 771: .pushsection .note.airlock.state, ""; .quad 771b; .asciz text; .popsection

/*
 * A door, or a function called from C, and what holds at its first instruction.
 * Out / Clobbers are said in the comment above each.
 */
.macro ENTRY name
	.globl \name
	.type \name, @function
\name:
.endm

.macro ENDFN name
	.size \name, . - \name
.endm

/*
 * Pushes the general registers below vector and error, completing a struct trap_frame.
 * In:  everything but RDI (which the caller has pushed) still as interrupted.   Clobbers: nothing.
 */
.macro PUSH_REGS_BELOW_RDI
	pushq %rsi
	pushq %rdx
	pushq %rcx
	pushq %rax
	pushq %r8
	pushq %r9
	pushq %r10
	pushq %r11
	pushq %rbx
	pushq %rbp
	pushq %r12
	pushq %r13
	pushq %r14
	pushq %r15
.endm

/*
 * Zeroes every general register but RSP, so that no value of the program's is left where the kernel could
 * mispredict into using it (hazard S7).   Clobbers: flags.
 */
.macro ZERO_REGS
	xorl %eax, %eax
	xorl %ebx, %ebx
	xorl %ecx, %ecx
	xorl %edx, %edx
	xorl %esi, %esi
	xorl %edi, %edi
	xorl %ebp, %ebp
	xorl %r8d, %r8d
	xorl %r9d, %r9d
	xorl %r10d, %r10d
	xorl %r11d, %r11d
	xorl %r12d, %r12d
	xorl %r13d, %r13d
	xorl %r14d, %r14d
	xorl %r15d, %r15d
.endm

/*
 * Restores the general registers from the frame at RSP, all but RDI; RSP is left at the frame's rdi.
 * Clobbers: everything it restores.
 */
.macro POP_REGS_BELOW_RDI
	popq %r15
	popq %r14
	popq %r13
	popq %r12
	popq %rbp
	popq %rbx
	popq %r11
	popq %r10
	popq %r9
	popq %r8
	popq %rax
	popq %rcx
	popq %rdx
	popq %rsi
.endm

/*
 * From the program's root to the kernel's, where isolation is on.
 * In: GS=kernel, IF=0.   Clobbers: the scratch register, flags.
 */
.macro LOAD_KERNEL_ROOT scratch
	cmpb $0, %gs:CPU_PTI
	je .Lkernel_root\@
	movq %gs:CPU_KERNEL_CR3, \scratch
	movq \scratch, %cr3
.Lkernel_root\@:
.endm

/*
 * From the kernel's root to the program's, where isolation is on. The only reader of user_cr3. From here to the
 * return instruction only entry-mapped memory may be touched.
 * In: GS=kernel, IF=0, RSP=entry.   Clobbers: the scratch register, flags.
 */
.macro LOAD_USER_ROOT scratch
	cmpb $0, %gs:CPU_PTI
	je .Luser_root\@
	movq %gs:CPU_USER_CR3, \scratch
	movq \scratch, %cr3
.Luser_root\@:
.endm

/* clang-format on */

#else

#include "arch/frame.h"
#include "entry/contract.h"
#include "lib/compiler.h"

/*
 * A system call has been saved. Runs it and everything that must happen before the return.
 * IF=0 at the call and at return. True: this frame may go back by SYSRET.
 */
u32 entry_syscall(struct trap_frame *frame);
CONTRACT(entry_syscall,
	"in GS=kernel CR3=kernel RSP=thread IF=0 DF=0 AC=0; out IF=0; irq; switch; frame;"
	" writes kernel_cr3 user_cr3 thread_rsp; touches kernel user; result sysret");

/* The same for a fault, trap or interrupt from ring 3. */
u32 entry_trap_user(struct trap_frame *frame);
CONTRACT(entry_trap_user,
	"in GS=kernel CR3=kernel RSP=thread IF=0 DF=0 AC=0; out IF=0; irq; switch; frame;"
	" writes kernel_cr3 user_cr3 thread_rsp; touches kernel user; result sysret");

/* The first return of a new thread: finishes the context switch from prev, then as above. */
struct arch_thread;
u32 entry_first_return(struct trap_frame *frame, struct arch_thread *prev);
CONTRACT(entry_first_return,
	"in GS=kernel CR3=kernel RSP=thread IF=0 DF=0 AC=0; out IF=0; irq; switch; frame;"
	" writes kernel_cr3 user_cr3 thread_rsp; touches kernel user; result sysret");

/*
 * A fault, trap or interrupt from the kernel's own code, at any place where IF was 1 or that touches user
 * memory. May sleep in a fault of a user copy. The frame's rip may be changed to a fixup.
 */
void entry_trap_kernel(struct trap_frame *frame);
CONTRACT(entry_trap_kernel,
	"in GS=kernel CR3=kernel RSP=kernel IF=0 DF=0 AC=0; out IF=0; irq; switch; fixup;"
	" writes kernel_cr3 user_cr3 thread_rsp; touches kernel user");

/*
 * NMI, #DB, #MC, #DF, on its IST stack, with the kernel's own root. Never sleeps, faults, or turns interrupts on. True:
 * came from ring 3 and has to go on as an ordinary trap on the thread's stack. found_cr3: the root that was interrupted.
 */
u32 entry_paranoid(struct trap_frame *frame, u64 found_cr3);
CONTRACT(entry_paranoid,
	"in GS=kernel CR3=kernel RSP=ist IF=0 DF=0 AC=0; out IF=0; touches kernel; error;"
	" dies nmi; never df; result to_thread 1");

/* Labels of the assembly that the C half compares RIP with. */
extern const char syscall_entry[], syscall_entry_stack_set[], exit_sysret_stack_gone[],
	exit_sysret_end[];
extern const char exit_iretq[], thread_first_return[];
extern const char exit_verw_iret[], exit_verw_sysret[];
/* One 16-byte stub for each vector. */
extern const char entry_vectors[256][16];

#endif
#endif

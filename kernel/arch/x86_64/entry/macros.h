/*
 * The macros of the crossing's assembly, and the words in which it says what holds where.
 */
#ifndef ENTRY_MACROS_H
#define ENTRY_MACROS_H

#include "arch/layout.h"
#include "entry/offsets.h"

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

#endif

/*
 * Signal frames, written and read in the program's memory itself: see signal/frame.c. The caller has checked that the range lies in
 * the program's half. With fixups as in ucopy.S.
 */
#include "entry/offsets.h"
#include "mm/fixup.h"
#include "signal/offsets.h"

	.text

/*
 * int ucopy_signal_frame(uaddr_t to, const struct trap_frame *f, const struct signal_setup *s, uaddr_t xstate)
 * Writes a signal frame, the whole of it but for the reserved words of its context.
 * Out:      EAX: 0, or 1 after a fault
 * Clobbers: R8, R9
 */
	.macro WORDS from, to, offsets:vararg
	.irp offset, \offsets
	movq \offset(\from), %r8
	movq %r8, \to + \offset(%rdi)
	.endr
	.endm
	.macro WORD from, to
	movq \from, %r8
	movq %r8, \to(%rdi)
	.endm

	.globl ucopy_signal_frame
	.type ucopy_signal_frame, @function
	.balign 16
ucopy_signal_frame:
	movq SETUP_ACTION(%rdx), %r9
	stac
1:	WORD ACTION_RESTORER(%r9), SIGFRAME_RESTORER
	movq $SIGFRAME_FLAGS_VALUE, SIGFRAME_FLAGS(%rdi)
	movq $0, SIGFRAME_LINK(%rdi)
	WORD SETUP_STACK(%rdx), SIGFRAME_STACK
	/* Not what may lie in the structure behind them. */
	movl SETUP_STACK + 8(%rdx), %r8d
	movq %r8, SIGFRAME_STACK + 8(%rdi)
	WORD SETUP_STACK + 16(%rdx), SIGFRAME_STACK + 16
	WORD FRAME_R8(%rsi), CONTEXT_R8
	WORD FRAME_R9(%rsi), CONTEXT_R9
	WORD FRAME_R10(%rsi), CONTEXT_R10
	WORD FRAME_R11(%rsi), CONTEXT_R11
	WORD FRAME_R12(%rsi), CONTEXT_R12
	WORD FRAME_R13(%rsi), CONTEXT_R13
	WORD FRAME_R14(%rsi), CONTEXT_R14
	WORD FRAME_R15(%rsi), CONTEXT_R15
	WORD FRAME_RDI(%rsi), CONTEXT_RDI
	WORD FRAME_RSI(%rsi), CONTEXT_RSI
	WORD FRAME_RBP(%rsi), CONTEXT_RBP
	WORD FRAME_RBX(%rsi), CONTEXT_RBX
	WORD FRAME_RDX(%rsi), CONTEXT_RDX
	WORD FRAME_RAX(%rsi), CONTEXT_RAX
	WORD FRAME_RCX(%rsi), CONTEXT_RCX
	WORD FRAME_RSP(%rsi), CONTEXT_RSP
	WORD FRAME_RIP(%rsi), CONTEXT_RIP
	WORD FRAME_RFLAGS(%rsi), CONTEXT_RFLAGS
	movabsq $CONTEXT_SELECTORS_VALUE, %r8
	movq %r8, CONTEXT_SELECTORS(%rdi)
	WORD SETUP_ERROR(%rdx), CONTEXT_ERROR
	WORD SETUP_TRAP(%rdx), CONTEXT_TRAP
	WORD SETUP_CR2(%rdx), CONTEXT_CR2
	movq %rcx, CONTEXT_XSTATE(%rdi)
	WORD SETUP_BLOCKED(%rdx), CONTEXT_OLDMASK
	movq %r8, SIGFRAME_MASK(%rdi)
	movq SETUP_INFO(%rdx), %r9
	WORDS %r9, SIGFRAME_INFO, 0, 8, 16, 24, 32, 40
	xorl %r8d, %r8d
	.irp offset, 48, 56, 64, 72, 80, 88, 96, 104, 112, 120
	movq %r8, SIGFRAME_INFO + \offset(%rdi)
	.endr
2:	clac
	xorl %eax, %eax
	ret
	int3
3:	movl $1, %eax
	clac
	ret
	int3
	EX_TABLE_RANGE(1b, 2b, 3b)
	.size ucopy_signal_frame, . - ucopy_signal_frame

/*
 * int ucopy_signal_context(struct signal_context *to, uaddr_t from)
 * Reads what a signal frame brings back, each word once. The registers are stored in the order of struct trap_frame.
 * Out:      EAX: 0, or 1 after a fault
 * Clobbers: R8
 */
	.macro FETCH from, to
	movq \from(%rsi), %r8
	movq %r8, \to(%rdi)
	.endm

	.globl ucopy_signal_context
	.type ucopy_signal_context, @function
	.balign 16
ucopy_signal_context:
	stac
1:	FETCH CONTEXT_R15, FRAME_R15
	FETCH CONTEXT_R14, FRAME_R14
	FETCH CONTEXT_R13, FRAME_R13
	FETCH CONTEXT_R12, FRAME_R12
	FETCH CONTEXT_RBP, FRAME_RBP
	FETCH CONTEXT_RBX, FRAME_RBX
	FETCH CONTEXT_R11, FRAME_R11
	FETCH CONTEXT_R10, FRAME_R10
	FETCH CONTEXT_R9, FRAME_R9
	FETCH CONTEXT_R8, FRAME_R8
	FETCH CONTEXT_RAX, FRAME_RAX
	FETCH CONTEXT_RCX, FRAME_RCX
	FETCH CONTEXT_RDX, FRAME_RDX
	FETCH CONTEXT_RSI, FRAME_RSI
	FETCH CONTEXT_RDI, FRAME_RDI
	FETCH CONTEXT_RIP, RETURN_RIP
	FETCH CONTEXT_RFLAGS, RETURN_RFLAGS
	FETCH CONTEXT_RSP, RETURN_RSP
	FETCH CONTEXT_SELECTORS, RETURN_SELECTORS
	FETCH CONTEXT_XSTATE, RETURN_XSTATE
	FETCH SIGFRAME_FLAGS, RETURN_FLAGS
	FETCH SIGFRAME_STACK, RETURN_STACK
	FETCH SIGFRAME_STACK + 8, RETURN_STACK + 8
	FETCH SIGFRAME_STACK + 16, RETURN_STACK + 16
	FETCH SIGFRAME_MASK, RETURN_MASK
2:	clac
	xorl %eax, %eax
	ret
	int3
3:	movl $1, %eax
	clac
	ret
	int3
	EX_TABLE_RANGE(1b, 2b, 3b)
	.size ucopy_signal_context, . - ucopy_signal_context

	.section .note.GNU-stack, "", @progbits

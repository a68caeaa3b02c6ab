/*
 * XSAVE and XRSTOR on the program's memory, for signal frames (signal/xstate.c). The caller has checked that the range lies in
 * the program's half. With fixups as in ucopy.S.
 */
#include "mm/fixup.h"

	.text

/*
 * int ucopy_xsave(uaddr_t to, u64 mask), ucopy_xrstor(uaddr_t from, u64 mask), ucopy_fxrstor(uaddr_t from)
 * In:       RDI: the area; RSI: the components
 * Out:      EAX: 0, or 1 after a fault
 * Clobbers: RDX
 */
	.macro STATE_ACCESS name, access, after=
	.globl \name
	.type \name, @function
	.balign 16
\name:
	movl %esi, %eax
	movq %rsi, %rdx
	shrq $32, %rdx
	stac
1:	\access
3:	\after
	clac
	xorl %eax, %eax
	ret
	int3
2:	movl $1, %eax
	clac
	ret
	int3
	EX_TABLE(1b, 2b)
	EX_TABLE(3b, 2b)
	.size \name, . - \name
	.endm

	/* Programs that know only FXSAVE change the first two components without saying so in the header: they count always. */
	STATE_ACCESS ucopy_xsave, "xsave64 (%rdi)", "orq $3, 512(%rdi)"
	STATE_ACCESS ucopy_xrstor, "xrstor64 (%rdi)"
	STATE_ACCESS ucopy_fxrstor, "fxrstor64 (%rdi)"

	.section .note.GNU-stack, "", @progbits

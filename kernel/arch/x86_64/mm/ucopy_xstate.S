/*
 * XSAVE and XRSTOR on the program's memory, for signal frames (signal/xstate.c). The caller has checked that the range lies in
 * the program's half. With fixups as in ucopy.S.
 */
#include "mm/fixup.h"
#include "signal/offsets.h"

	.text

/*
 * int ucopy_xsave(uaddr_t to, u64 mask, const struct _fpx_sw_bytes *sw, u64 magic2)
 * In:       RDI: the area; RSI: the components; RDX: what Linux says about the area in it; RCX: what follows the area,
 *           whose size is in *sw
 * Out:      EAX: 0, or 1 after a fault
 * Clobbers: RDX, R8, R9
 */
	.globl ucopy_xsave
	.type ucopy_xsave, @function
	.balign 16
ucopy_xsave:
	movl SW_XSTATE_SIZE(%rdx), %r9d
	stac
1:
	.irp offset, 0, 8, 16, 24, 32, 40
	movq \offset(%rdx), %r8
	movq %r8, XSTATE_SW + \offset(%rdi)
	.endr
	/* Of the header XSAVE writes the first word only. */
	xorl %r8d, %r8d
	.irp offset, 0, 8, 16, 24, 32, 40, 48, 56
	movq %r8, XSTATE_HEADER + \offset(%rdi)
	.endr
	movl %esi, %eax
	movq %rsi, %rdx
	shrq $32, %rdx
	xsave64 (%rdi)
	/* Programs that know only FXSAVE change the first two components without saying so in the header: they count always. */
	orq $3, XSTATE_HEADER(%rdi)
	movl %ecx, (%rdi, %r9)
2:	clac
	xorl %eax, %eax
	ret
	int3
3:	movl $1, %eax
	clac
	ret
	int3
	EX_TABLE_RANGE(1b, 2b, 3b)
	.size ucopy_xsave, . - ucopy_xsave

/*
 * int ucopy_xstate_look(struct xstate_look *to, uaddr_t from): reads what an area says about itself, each word once.
 * Out:      EAX: 0, or 1 after a fault
 * Clobbers: RCX
 */
	.globl ucopy_xstate_look
	.type ucopy_xstate_look, @function
	.balign 16
ucopy_xstate_look:
	stac
1:
	.irp offset, 0, 8, 16
	movq XSTATE_SW + \offset(%rsi), %rcx
	movq %rcx, \offset(%rdi)
	.endr
	.irp offset, 0, 8, 16
	movq XSTATE_HEADER + \offset(%rsi), %rcx
	movq %rcx, LOOK_HEADER + \offset(%rdi)
	.endr
	movl XSTATE_MXCSR(%rsi), %ecx
	movl %ecx, LOOK_MXCSR(%rdi)
2:	clac
	xorl %eax, %eax
	ret
	int3
3:	movl $1, %eax
	clac
	ret
	int3
	EX_TABLE_RANGE(1b, 2b, 3b)
	.size ucopy_xstate_look, . - ucopy_xstate_look

/*
 * int ucopy_xrstor(uaddr_t from, u64 mask), ucopy_fxrstor(uaddr_t from)
 * In:       RDI: the area; RSI: the components
 * Out:      EAX: 0, or 1 after a fault
 * Clobbers: RDX
 */
	.macro STATE_ACCESS name, access
	.globl \name
	.type \name, @function
	.balign 16
\name:
	movl %esi, %eax
	movq %rsi, %rdx
	shrq $32, %rdx
	stac
1:	\access
	clac
	xorl %eax, %eax
	ret
	int3
2:	movl $1, %eax
	clac
	ret
	int3
	EX_TABLE(1b, 2b)
	.size \name, . - \name
	.endm

	STATE_ACCESS ucopy_xrstor, "xrstor64 (%rdi)"
	STATE_ACCESS ucopy_fxrstor, "fxrstor64 (%rdi)"

	.section .note.GNU-stack, "", @progbits

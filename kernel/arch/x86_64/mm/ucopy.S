/*
 * Copies to and from the program's memory: the only code that runs with AC=1. The caller has checked and masked the
 * range (ucopy.c). A fault that can't be mended continues at the fixup given by EX_TABLE.
 */
#include <asm/errno.h>

#include "mm/fixup.h"

	.text

/*
 * u64 ucopy_bytes(void *to, const void *from, u64 n)
 * Out:      RAX: bytes not copied; exact, as every byte before the first fault is copied
 * Clobbers: RCX, RDX, RSI, RDI
 */
	.globl ucopy_bytes
	.type ucopy_bytes, @function
	.balign 16
ucopy_bytes:
	stac
	movq %rdx, %rcx
	shrq $3, %rcx
1:	rep movsq
	movl %edx, %ecx
	andl $7, %ecx
	jz 3f
2:	rep movsb
3:	movq %rcx, %rax
	clac
	ret
	int3
	/* In the middle of the words: the rest byte by byte, up to the very fault. */
4:	andl $7, %edx
	leaq (%rdx, %rcx, 8), %rcx
	jmp 2b
	int3
	EX_TABLE(1b, 4b)
	EX_TABLE(2b, 3b)
	.size ucopy_bytes, . - ucopy_bytes

/*
 * s64 ucopy_string(char *to, const char *from, u64 n)
 * Out:      RAX: the string's length; n if there is no NUL among the first n bytes; -1 on a fault
 * Clobbers: RCX, RDX, RSI, RDI
 */
	.globl ucopy_string
	.type ucopy_string, @function
	.balign 16
ucopy_string:
	stac
	xorl %eax, %eax
1:	cmpq %rdx, %rax
	je 3f
2:	movb (%rsi, %rax), %cl
	movb %cl, (%rdi, %rax)
	testb %cl, %cl
	jz 3f
	incq %rax
	jmp 1b
4:	movq $-1, %rax
3:	clac
	ret
	int3
	EX_TABLE(2b, 4b)
	.size ucopy_string, . - ucopy_string

/*
 * int ucopy_load32(u32 *to, const u32 *from), ucopy_load64, ucopy_store32(u32 *to, u32 value), ucopy_store64: one access.
 * int ucopy_load32_now(u32 *to, const u32 *from): the same, but a page that is not there is not waited for.
 * Out:      EAX: 0, or -EFAULT after a fault
 * Clobbers: RCX
 */
	.macro ONE_ACCESS name, access, after=, may_sleep=1
	.globl \name
	.type \name, @function
	.balign 16
\name:
	xorl %eax, %eax
	stac
1:	\access
	clac
	\after
	ret
	int3
2:	movl $-EFAULT, %eax
	clac
	ret
	int3
	.if \may_sleep
	EX_TABLE(1b, 2b)
	.else
	EX_TABLE_NOFAULT(1b, 2b)
	.endif
	.size \name, . - \name
	.endm

	ONE_ACCESS ucopy_load32, "movl (%rsi), %ecx", "movl %ecx, (%rdi)"
	ONE_ACCESS ucopy_load64, "movq (%rsi), %rcx", "movq %rcx, (%rdi)"
	ONE_ACCESS ucopy_store32, "movl %esi, (%rdi)"
	ONE_ACCESS ucopy_store64, "movq %rsi, (%rdi)"
	ONE_ACCESS ucopy_load32_now, "movl (%rsi), %ecx", "movl %ecx, (%rdi)", may_sleep=0

/*
 * int ucopy_exchange32_now(u32 *word, u32 *old, u32 new)
 * In:       *old: what the word must be
 * Out:      EAX: 0, or 1 after a fault; *old: what the word was
 * Clobbers: RCX
 */
	.globl ucopy_exchange32_now
	.type ucopy_exchange32_now, @function
	.balign 16
ucopy_exchange32_now:
	movl (%rsi), %eax
	stac
1:	lock cmpxchgl %edx, (%rdi)
	clac
	movl %eax, (%rsi)
	xorl %eax, %eax
	ret
	int3
2:	movl $1, %eax
	clac
	ret
	int3
	EX_TABLE_NOFAULT(1b, 2b)
	.size ucopy_exchange32_now, . - ucopy_exchange32_now

	.section .note.GNU-stack, "", @progbits

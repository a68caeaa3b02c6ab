/*
 * memcpy and its kin by 8-byte strings. A CPU counts REP MOVSQ as one instruction, an instruction-counting machine as
 * one each 8 bytes; REP MOVSB would be as fast only on CPUs with fast byte strings.
 */
#ifdef AIRLOCK_KASAN
/* The names proper are those of functions that check first: sanitize/kasan/compiler.c. */
#define memcpy unchecked_memcpy
#define memmove unchecked_memmove
#define memset unchecked_memset
#define memcmp unchecked_memcmp
#endif

	.text

/* Out: RAX: the first argument.  Clobbers: RCX, RSI, RDI, R8. */
	.globl memcpy
	.type memcpy, @function
	.balign 16
memcpy:
	movq %rdi, %rax
	movq %rdx, %rcx
	shrq $3, %rcx
	rep movsq
	movl %edx, %ecx
	andl $7, %ecx
	jz 1f
	rep movsb
1:	ret
	int3
	.size memcpy, . - memcpy

/* Copies backwards when the target begins inside the source. */
	.globl memmove
	.type memmove, @function
	.balign 16
memmove:
	movq %rdi, %rcx
	subq %rsi, %rcx
	cmpq %rdx, %rcx
	jae memcpy
	movq %rdi, %rax
	leaq -1(%rdi, %rdx), %rdi
	leaq -1(%rsi, %rdx), %rsi
	movq %rdx, %rcx
	std
	andl $7, %ecx
	rep movsb
	subq $7, %rdi
	subq $7, %rsi
	movq %rdx, %rcx
	shrq $3, %rcx
	rep movsq
	cld
	ret
	int3
	.size memmove, . - memmove

	.globl memset
	.type memset, @function
	.balign 16
memset:
	movq %rdi, %r9
	movzbl %sil, %esi
	movabsq $0x0101010101010101, %rax
	imulq %rsi, %rax
	movq %rdx, %rcx
	shrq $3, %rcx
	rep stosq
	movl %edx, %ecx
	andl $7, %ecx
	jz 1f
	rep stosb
1:	movq %r9, %rax
	ret
	int3
	.size memset, . - memset

	.globl memcmp
	.type memcmp, @function
	.balign 16
memcmp:
	xorl %eax, %eax
	movq %rdx, %rcx
	/* RCX = 0 leaves the flags alone: equal. */
	cmpq %rcx, %rcx
	repe cmpsb
	je 1f
	movzbl -1(%rdi), %ecx
	movzbl -1(%rsi), %edx
	/* a is in RDI, b in RSI. */
	movl %ecx, %eax
	subl %edx, %eax
1:	ret
	int3
	.size memcmp, . - memcmp

	.section .note.GNU-stack, "", @progbits

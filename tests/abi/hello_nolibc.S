// summary: a program without a library
#include <asm/unistd.h>

	.globl _start
_start:
	movl $__NR_write, %eax
	movl $1, %edi
	leaq text(%rip), %rsi
	movl $(end - text), %edx
	syscall
	subl $(end - text), %eax
	movl %eax, %edi
	movl $__NR_exit, %eax
	syscall
	ud2

	.section .rodata
text:
	.ascii "no library\n"
end:
	.section .note.GNU-stack, "", @progbits

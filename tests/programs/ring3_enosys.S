// flags: -Wl,-Ttext=0x50000000 -Wl,-e,_start
/*
 * The program of the report that this project began with: at 0x50000000, one system call that
 * no kernel knows, the answer -38 (ENOSYS), and "ENOSYS OK".  Exit status 0, or 1 and what
 * came instead.
 *
 * With an argument it makes the call that many times first (a decimal number).
 */
#define UNKNOWN_CALL 0x7777
#define SYS_write 1
#define SYS_exit_group 231
#define ENOSYS 38

	.text
	.globl _start
_start:
	movl $1, %ebx
	cmpq $2, (%rsp)
	jb 3f
	movq 16(%rsp), %rsi
	xorl %ebx, %ebx
1:	movzbl (%rsi), %eax
	subl $'0', %eax
	js 2f
	imulq $10, %rbx
	addq %rax, %rbx
	incq %rsi
	jmp 1b
2:	testq %rbx, %rbx
	jz done
3:	movl $UNKNOWN_CALL, %eax
	syscall
	cmpq $-ENOSYS, %rax
	jne wrong
	decq %rbx
	jnz 3b
done:
	movl $SYS_write, %eax
	movl $1, %edi
	leaq right_text(%rip), %rsi
	movl $(right_end - right_text), %edx
	syscall
	xorl %edi, %edi
	jmp leave
wrong:
	movl $SYS_write, %eax
	movl $1, %edi
	leaq wrong_text(%rip), %rsi
	movl $(wrong_end - wrong_text), %edx
	syscall
	movl $1, %edi
leave:
	movl $SYS_exit_group, %eax
	syscall
	ud2

	.section .rodata
right_text:
	.ascii "ENOSYS OK\n"
right_end:
wrong_text:
	.ascii "the unknown call did not give -38\n"
wrong_end:

	.section .note.GNU-stack, "", @progbits

// flags: -no-pie -mcmodel=large -Wl,-Ttext-segment=0x200000000000 -nostdlib -fno-stack-protector
// summary: a program linked far up in the user half
#include <asm/unistd.h>

static long call(long n, long a, long b, long c)
{
	long result;
	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "a"(n), "D"(a), "S"(b), "d"(c)
			 : "rcx", "r11", "memory");
	return result;
}

static char text[] = "high up\n";

void _start(void)
{
	call(__NR_write, 1, (long)text, sizeof(text) - 1);
	call(__NR_exit_group, (long)&text >> 44 == 2 ? 0 : 1, 0, 0);
}

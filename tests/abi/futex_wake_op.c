// summary: FUTEX_WAKE_OP: every operation and comparison, with signs, shifts and unknown codes
//
// Seen to fail: with the arguments' signs not extended; with the shift not masked.
#include "abi.h"
#include <linux/futex.h>

static uint32_t one, two;

static void op(uint32_t before, uint32_t code)
{
	two = before;
	errno = 0;
	long r = syscall(SYS_futex, &one, FUTEX_WAKE_OP | FUTEX_PRIVATE_FLAG, 1, 1, &two, code);
	printf(" %s%x", r == -1 ? error_name(errno) : r ? "1 " : "", two);
}

int main(void)
{
	static const uint32_t values[] = {
		0, 1, 5, 0x7fffffff, 0x80000000, 0xffffffff, 0xfffff800, 0x7ff};
	static const uint32_t args[] = {0, 1, 5, 31, 0x7ff, 0x800, 0xfff};

	for (uint32_t operation = 0; operation < 16; operation++) {
		printf("operation %u:", operation);
		for (unsigned v = 0; v < sizeof(values) / sizeof(values[0]); v++)
			for (unsigned a = 0; a < sizeof(args) / sizeof(args[0]); a++) {
				/* Linux warns of a shift that is too far. */
				if ((operation & 8) && args[a] > 31)
					continue;
				op(values[v], operation << 28 | args[a] << 12);
			}
		putchar('\n');
	}
	for (uint32_t compare = 0; compare < 16; compare++) {
		printf("comparison %u:", compare);
		for (unsigned v = 0; v < sizeof(values) / sizeof(values[0]); v++)
			for (unsigned a = 0; a < sizeof(args) / sizeof(args[0]); a++)
				op(values[v], compare << 24 | args[a]);
		putchar('\n');
	}
	return 0;
}

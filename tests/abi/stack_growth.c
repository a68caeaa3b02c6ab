// summary: the stack grows to nearly its limit of 8 MiB, in small and in large steps
#include "abi.h"
#include <sys/resource.h>

static size_t use(size_t depth)
{
	volatile char frame[4000];
	frame[0] = (char)depth;
	frame[sizeof(frame) - 1] = (char)depth;
	return depth == 0 ? (size_t)frame[0] : use(depth - 1) + (size_t)(frame[0] != (char)depth);
}

static void __attribute__((noinline)) large_frame(size_t size)
{
	volatile char block[size];
	block[0] = 1;
	block[size - 1] = 2;
	for (size_t i = 0; i < size; i += 4096)
		block[i] = (char)(i / 4096);
	int right = 1;
	for (size_t i = 0; i < size; i += 4096)
		right &= block[i] == (char)(i / 4096);
	HOLDS(right);
}

int main(void)
{
	struct rlimit limit;
	getrlimit(RLIMIT_STACK, &limit);
	HOLDS(limit.rlim_cur == 8 << 20);
	HOLDS(use(1800) == 0);
	large_frame(7 << 20);
	HOLDS(use(1800) == 0);
	return 0;
}

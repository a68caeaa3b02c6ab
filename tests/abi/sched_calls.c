// summary: sched_* and getcpu: yielding, affinity and their errors
#include "abi.h"
#include <sched.h>

int main(void)
{
	SHOW(sched_yield());

	unsigned long mask[16];
	memset(mask, 0, sizeof(mask));
	HOLDS(syscall(SYS_sched_getaffinity, 0, sizeof(mask), mask) >= 8);
	HOLDS((mask[0] & 1) != 0);
	SHOW(syscall(SYS_sched_getaffinity, 0, 4, mask));
	SHOW(syscall(SYS_sched_getaffinity, 0, 12, mask));
	SHOW(syscall(SYS_sched_getaffinity, 0x7ffffff0, sizeof(mask), mask));
	mask[0] = 1;
	SHOW(syscall(SYS_sched_setaffinity, 0, 8, mask));
	unsigned int cpu = 99, node = 99;
	SHOW(syscall(SYS_getcpu, &cpu, &node, NULL));
	printf("%u %u\n", cpu, node);
	memset(mask, 0, sizeof(mask));
	SHOW(syscall(SYS_sched_setaffinity, 0, 8, mask));
	HOLDS(syscall(SYS_sched_getaffinity, 0, sizeof(mask), mask) >= 8);
	printf("%lx\n", mask[0]);
	SHOW(syscall(SYS_getcpu, NULL, NULL, NULL));
	return 0;
}

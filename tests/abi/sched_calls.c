// summary: sched_* and getcpu: policies, priorities, affinity and their errors
#include "abi.h"
#include <sched.h>
#include <sys/resource.h>
#include <time.h>

int main(void)
{
	struct sched_param param = {7};
	SHOW(sched_yield());
	SHOW(sched_getscheduler(0));
	SHOW(sched_getparam(0, &param));
	printf("%d\n", param.sched_priority);
	SHOW(sched_get_priority_max(SCHED_OTHER));
	SHOW(sched_get_priority_min(SCHED_OTHER));
	SHOW(sched_get_priority_max(SCHED_FIFO));
	SHOW(sched_get_priority_min(SCHED_RR));
	SHOW(sched_get_priority_max(99));
	SHOW(sched_getscheduler(0x7ffffff0));
	SHOW(sched_getscheduler(-1));
	param.sched_priority = 5;
	SHOW(sched_setscheduler(0, SCHED_OTHER, &param));
	SHOW(sched_setscheduler(0, 99, &param));

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

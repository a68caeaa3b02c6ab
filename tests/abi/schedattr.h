/* What sched_setattr(2) takes: the kernel's own structure, as the C library's header for it does not go together with others. */
#ifndef ABI_SCHEDATTR_H
#define ABI_SCHEDATTR_H

#include "abi.h"

struct attr {
	uint32_t size, policy;
	uint64_t flags;
	int32_t nice;
	uint32_t priority;
	uint64_t runtime, deadline, period;
};

#endif

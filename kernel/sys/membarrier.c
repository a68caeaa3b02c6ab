/* membarrier(2) and rseq(2): decoding. */
#include <linux/membarrier.h>
#include <linux/rseq.h>

#include "lib/errno.h"
#include "proc/membarrier.h"
#include "proc/rseq.h"
#include "sys/sys.h"

s64 sys_membarrier(s32 command, u32 flags, s32 cpu)
{
	bool one = flags & MEMBARRIER_CMD_FLAG_CPU;

	if (command == MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ) {
		if (flags & ~(u32)MEMBARRIER_CMD_FLAG_CPU)
			return -EINVAL;
	} else if (flags) {
		return -EINVAL;
	}
	if (command == MEMBARRIER_CMD_QUERY)
		return membarrier_commands();
	return membarrier_call((u32)command, one ? (u32)cpu : UINT32_MAX);
}

s64 sys_rseq(uaddr_t area, u32 length, s32 flags, u32 signature)
{
	if (flags & RSEQ_FLAG_UNREGISTER)
		return flags & ~RSEQ_FLAG_UNREGISTER ? -EINVAL
						     : rseq_unregister(area, length, signature);
	return flags ? -EINVAL : rseq_register(area, length, signature);
}

/* The limits that the first process starts with: Linux's own defaults, so that programs size things
 * as they do there. */
#include "proc/limits.h"

#include "mm/frame.h"
#include "proc/file.h"

#define STACK_LIMIT (8 * MIB)
#define MEMLOCK_LIMIT (8 * MIB)
#define MQUEUE_LIMIT 819200

static void limits_set(struct rlimit64 *l, u64 soft, u64 hard)
{
	l->rlim_cur = soft;
	l->rlim_max = hard;
}

void limits_init(struct rlimit64 limits[RLIM_NLIMITS])
{
	/* Linux lets as many threads be made as would fill an eighth of memory with their stacks,
	 * and half that is a user's. */
	u64 threads = frame_total_count() * PAGE_SIZE / (KERNEL_STACK_SIZE * 8) / 2;

	for (u32 i = 0; i < RLIM_NLIMITS; i++)
		limits_set(&limits[i], RLIM64_INFINITY, RLIM64_INFINITY);
	limits_set(&limits[RLIMIT_STACK], STACK_LIMIT, RLIM64_INFINITY);
	limits_set(&limits[RLIMIT_CORE], 0, RLIM64_INFINITY);
	limits_set(&limits[RLIMIT_NPROC], threads, threads);
	limits_set(&limits[RLIMIT_NOFILE], FILES_DEFAULT_LIMIT, FILES_DEFAULT_HARD_LIMIT);
	limits_set(&limits[RLIMIT_MEMLOCK], MEMLOCK_LIMIT, MEMLOCK_LIMIT);
	limits_set(&limits[RLIMIT_SIGPENDING], threads, threads);
	limits_set(&limits[RLIMIT_MSGQUEUE], MQUEUE_LIMIT, MQUEUE_LIMIT);
	limits_set(&limits[RLIMIT_NICE], 0, 0);
	limits_set(&limits[RLIMIT_RTPRIO], 0, 0);
}

/* The limits that the first process starts with: Linux's own defaults, so that programs size things
 * as they do there. */
#include "proc/limits.h"

#include "mm/frame.h"
#include "mm/mm.h"
#include "proc/file.h"
#include "proc/process.h"

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

/* Whoever is root may lock as much memory as he likes. */
static void limits_for_mm(struct mm_limits *out)
{
	struct process *p = current_process();

	if (!p)
		return;
	spin_lock(&p->lock);
	out->address_space = p->limits[RLIMIT_AS].rlim_cur;
	out->data = p->limits[RLIMIT_DATA].rlim_cur;
	if (!capable(CAP_IPC_LOCK))
		out->locked = p->limits[RLIMIT_MEMLOCK].rlim_cur;
	out->administrates = capable(CAP_SYS_ADMIN);
	spin_unlock(&p->lock);
}

INIT_TEXT void limits_set_up(void)
{
	mm_set_limits_op(limits_for_mm);
}

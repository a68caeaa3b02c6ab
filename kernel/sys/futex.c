/* futex(2): decoding. Waiting and waking are in proc/futex.c. */
#include <linux/futex.h>

#include "arch/clock.h"
#include "arch/ucopy.h"
#include "lib/errno.h"
#include "proc/futex.h"
#include "sched/wait.h"
#include "sys/args.h"
#include "sys/sys.h"

static int word_check(uaddr_t word)
{
	if (!IS_ALIGNED(word, sizeof(u32)))
		return -EINVAL;
	return user_range_ok(word, sizeof(u32)) ? 0 : -EFAULT;
}

/* When to give up: FUTEX_WAIT counts from now, FUTEX_WAIT_BITSET names a time. */
static int deadline_get(uaddr_t time, u32 command, bool realtime, u64 *deadline)
{
	u64 ns;

	*deadline = WAIT_FOREVER;
	if (!time)
		return 0;
	int err = timespec_get(time, &ns);
	if (err)
		return err;
	if (command == FUTEX_WAIT) {
		*deadline = deadline_after(ns);
	} else if (realtime && ns != UINT64_MAX) {
		u64 boot = clock_boot_realtime_ns();
		*deadline = ns > boot ? ns - boot : 0;
	} else {
		*deadline = ns;
	}
	return 0;
}

static s64 do_wait(uaddr_t word, u32 command, bool realtime, u32 value, uaddr_t time, u32 bits)
{
	u64 deadline;

	int err = deadline_get(time, command, realtime, &deadline);
	if (!err && bits == 0)
		err = -EINVAL;
	if (!err)
		err = word_check(word);
	return err ? err : futex_wait(word, value, bits, deadline);
}

static s64 do_wake(uaddr_t word, s32 n, u32 bits)
{
	if (bits == 0)
		return -EINVAL;
	int err = word_check(word);
	/* Linux counts before it compares, so it always wakes one. */
	return err ? err : (s64)futex_wake(word, MAX(n, 1), bits);
}

s64 sys_futex(uaddr_t word, s32 op, u32 value, u64 time, uaddr_t word2, u32 bits)
{
	u32 command = op & FUTEX_CMD_MASK;
	bool realtime = op & FUTEX_CLOCK_REALTIME;

	if (realtime && command != FUTEX_WAIT_BITSET)
		return -ENOSYS;
	switch (command) {
	case FUTEX_WAIT:
		return do_wait(word, command, false, value, time, FUTEX_ANY);
	case FUTEX_WAIT_BITSET:
		return do_wait(word, command, realtime, value, time, bits);
	case FUTEX_WAKE:
		return do_wake(word, value, FUTEX_ANY);
	case FUTEX_WAKE_BITSET:
		return do_wake(word, value, bits);
	default:
		return -ENOSYS;
	}
}

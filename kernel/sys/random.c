/* getrandom(2). The generator is seeded before the first program starts, so no form of the call
 * ever waits. */
#include <linux/random.h>

#include "arch/ucopy.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "proc/process.h"
#include "proc/random.h"
#include "proc/signal.h"
#include "sched/break.h"
#include "sys/args.h"
#include "sys/sys.h"

s64 sys_getrandom(uaddr_t to, size_t n, u32 flags)
{
	u8 bytes[256];
	size_t done = 0;

	if (flags & ~(GRND_NONBLOCK | GRND_RANDOM | GRND_INSECURE))
		return -EINVAL;
	if ((flags & (GRND_RANDOM | GRND_INSECURE)) == (GRND_RANDOM | GRND_INSECURE))
		return -EINVAL;
	n = MIN(n, RW_MAX);
	if (!user_range_ok(to, n))
		return -EFAULT;
	while (done < n) {
		size_t step = MIN(n - done, sizeof(bytes));
		random_bytes(bytes, step);
		size_t copied = copy_to_user_partial(to + done, bytes, step);
		done += copied;
		sched_break();
		/* A large request can be ended, but only after its first page: small ones are whole
		 * or nothing. */
		if (copied < step || (done % PAGE_SIZE == 0 && signal_pending(current_thread())))
			break;
	}
	memset(bytes, 0, sizeof(bytes));
	return done || n == 0 ? (s64)done : -EFAULT;
}

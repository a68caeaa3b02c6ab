/* getrandom(2). The generator is seeded before the first program starts, so no form of the call
 * ever waits. */
#include <linux/random.h>

#include "arch/ucopy.h"
#include "lib/errno.h"
#include "proc/file.h"
#include "proc/random.h"
#include "sys/args.h"
#include "sys/sys.h"

s64 sys_getrandom(uaddr_t to, size_t n, u32 flags)
{
	struct iobuf b;

	if (flags & ~(GRND_NONBLOCK | GRND_RANDOM | GRND_INSECURE))
		return -EINVAL;
	if ((flags & (GRND_RANDOM | GRND_INSECURE)) == (GRND_RANDOM | GRND_INSECURE))
		return -EINVAL;
	n = MIN(n, RW_MAX);
	if (!user_range_ok(to, n))
		return -EFAULT;
	iobuf_init_user(&b, to, n);
	return random_read_into(&b);
}

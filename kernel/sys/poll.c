/*
 * poll, ppoll, select, pselect6: decoding. The waiting is pollset.c's.
 *
 * The masks of ppoll and pselect6 hold for the time of the wait, and what they let in acts while
 * they do.
 */
#include <linux/poll.h>

#include "arch/ucopy.h"
#include "lib/errno.h"
#include "mm/slab.h"
#include "proc/process.h"
#include "proc/restart.h"
#include "sys/args.h"
#include "sys/pollset.h"
#include "sys/sys.h"
#include "sys/timeout.h"

static void entries_from_pollfds(struct poll_entry *e, const struct pollfd *fds, u32 n)
{
	for (u32 i = 0; i < n; i++) {
		if (fds[i].fd < 0)
			continue;
		e[i].events = (u16)fds[i].events;
		e[i].file = arg_file(fds[i].fd);
		if (!e[i].file)
			e[i].revents = POLLNVAL;
	}
}

/* Writes revents alone: the rest of the array is the program's. */
static int revents_put(uaddr_t to, const struct poll_entry *e, u32 n)
{
	for (u32 i = 0; i < n; i++) {
		s16 revents = e[i].revents;
		uaddr_t at = to + i * sizeof(struct pollfd) + offsetof(struct pollfd, revents);
		if (copy_to_user(at, &revents, sizeof(revents)))
			return -EFAULT;
	}
	return 0;
}

static s64 do_poll(uaddr_t array, u32 n, u64 deadline)
{
	struct process *p = current_process();

	if (n > READ_ONCE(p->limits[RLIMIT_NOFILE].rlim_cur))
		return -EINVAL;
	struct pollfd *fds = kmalloc(MAX(n, 1U) * sizeof(*fds));
	struct poll_entry *e = pollset_create(n);
	s64 result = fds && e ? 0 : -ENOMEM;
	if (!result)
		result = copy_from_user(fds, array, n * sizeof(*fds));
	if (!result) {
		entries_from_pollfds(e, fds, n);
		result = pollset_wait(e, n, deadline);
	}
	if (result >= 0 && revents_put(array, e, n))
		result = -EFAULT;
	pollset_destroy(e, n);
	kfree(fds);
	return result;
}

static s64 poll_again(struct restart *r);

static s64 poll_until(uaddr_t array, u32 n, u64 deadline)
{
	s64 result = do_poll(array, n, deadline);

	if (result != -EINTR)
		return result;
	struct restart *r = call_restart_begin(poll_again);
	r->arg[0] = array;
	r->arg[1] = n;
	r->arg[2] = deadline;
	return -ERESTART_BLOCK;
}

static s64 poll_again(struct restart *r)
{
	return poll_until(r->arg[0], r->arg[1], r->arg[2]);
}

s64 sys_poll(uaddr_t array, u32 n, s32 milliseconds)
{
	if (milliseconds < 0)
		return poll_until(array, n, WAIT_FOREVER);
	return poll_until(array, n, deadline_after(milliseconds * NS_PER_MS));
}

s64 sys_ppoll(uaddr_t array, u32 n, uaddr_t time, uaddr_t set, size_t set_size)
{
	u64 deadline;

	int err = wait_deadline_get(time, &deadline);
	if (!err)
		err = wait_mask_apply(set, set_size);
	if (err)
		return err;
	return wait_finish_call(do_poll(array, n, deadline), deadline, timespec_put, time);
}

/* epoll(7): decoding. What it does is in ipc/epoll.c. */
#include <asm/fcntl.h>

#include "arch/ucopy.h"
#include "ipc/epoll.h"
#include "lib/errno.h"
#include "proc/restart.h"
#include "sched/wait.h"
#include "sys/args.h"
#include "sys/sys.h"
#include "sys/timeout.h"

#define EVENTS_MAX (INT32_MAX / sizeof(struct epoll_event))

s64 sys_epoll_create1(u32 flags)
{
	struct file *f;

	if (flags & ~(u32)EPOLL_CLOEXEC)
		return -EINVAL;
	int err = epoll_open(&f);
	return err ? err : install_file(f, flags & EPOLL_CLOEXEC);
}

s64 sys_epoll_create(s32 size)
{
	return size <= 0 ? -EINVAL : sys_epoll_create1(0);
}

/* Nothing ever suspends this machine, so who may not ask to keep it awake is not told so, as on Linux. */
static int change(struct file *outer, s32 op, struct file *f, u32 fd, struct epoll_event *event)
{
	struct epoll *set = epoll_of(outer);

	if (!f->ops->poll)
		return -EPERM;
	if (!set || f == outer)
		return -EINVAL;
	switch (op) {
	case EPOLL_CTL_ADD:
		return epoll_add(set, f, fd, event);
	case EPOLL_CTL_MOD:
		return epoll_modify(set, f, fd, event);
	case EPOLL_CTL_DEL:
		return epoll_remove(set, f, fd);
	default:
		return -EINVAL;
	}
}

s64 sys_epoll_ctl(s32 set, s32 op, s32 fd, uaddr_t from)
{
	struct epoll_event event = {0};

	if (op != EPOLL_CTL_DEL && copy_from_user(&event, from, sizeof(event)))
		return -EFAULT;
	struct file *outer = arg_file(set);
	struct file *f = outer ? arg_file(fd) : NULL;
	int err = f ? change(outer, op, f, fd, &event) : -EBADF;
	if (f)
		file_put(f);
	if (outer)
		file_put(outer);
	return err;
}

/* An event, a signal and the deadline end the wait, in this order of rank; a signal ends it for good. */
static s64 await(s32 fd, uaddr_t to, s32 max, u64 deadline)
{
	struct file *f = arg_file(fd);

	if (!f)
		return -EBADF;
	struct epoll *set = epoll_of(f);
	s64 result = -EINVAL;
	if (max > 0 && (u64)max <= EVENTS_MAX) {
		if (!user_range_ok(to, (u64)max * sizeof(struct epoll_event)))
			result = -EFAULT;
		else if (set)
			result = epoll_await(set, to, (u32)max, deadline);
	}
	file_put(f);
	return result;
}

static u64 deadline_of(s32 milliseconds)
{
	return milliseconds < 0 ? WAIT_FOREVER : deadline_after(milliseconds * NS_PER_MS);
}

s64 sys_epoll_wait(s32 fd, uaddr_t to, s32 max, s32 milliseconds)
{
	s64 result = await(fd, to, max, deadline_of(milliseconds));

	return result == -EINTR ? -EINTR_FINAL : result;
}

static s64 await_with_mask(
	s32 fd, uaddr_t to, s32 max, u64 deadline, uaddr_t mask, size_t mask_size)
{
	int err = wait_mask_apply(mask, mask_size);

	return err ? err : wait_finish_mask(await(fd, to, max, deadline));
}

s64 sys_epoll_pwait(s32 fd, uaddr_t to, s32 max, s32 milliseconds, uaddr_t mask, size_t mask_size)
{
	return await_with_mask(fd, to, max, deadline_of(milliseconds), mask, mask_size);
}

s64 sys_epoll_pwait2(s32 fd, uaddr_t to, s32 max, uaddr_t time, uaddr_t mask, size_t mask_size)
{
	u64 deadline;

	int err = wait_deadline_get(time, &deadline);
	return err ? err : await_with_mask(fd, to, max, deadline, mask, mask_size);
}

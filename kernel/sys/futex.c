/*
 * futex(2) and the calls about a thread's robust list: decoding. What they do is in proc/futex*.c.
 *
 * As on Linux the timeout is read and checked before the rest, but only by the commands that have one.
 */
#include <linux/futex.h>

#include "arch/clock.h"
#include "arch/cpu.h"
#include "arch/ucopy.h"
#include "lib/errno.h"
#include "proc/futex.h"
#include "proc/process.h"
#include "proc/restart.h"
#include "sys/args.h"
#include "sys/sys.h"

static bool has_timeout(u32 command)
{
	switch (command) {
	case FUTEX_WAIT:
	case FUTEX_WAIT_BITSET:
	case FUTEX_LOCK_PI:
	case FUTEX_LOCK_PI2:
	case FUTEX_WAIT_REQUEUE_PI:
		return true;
	default:
		return false;
	}
}

static bool may_name_clock(u32 command)
{
	return command == FUTEX_WAIT_BITSET || command == FUTEX_WAIT_REQUEUE_PI ||
	       command == FUTEX_LOCK_PI2;
}

/* FUTEX_WAIT counts from now, the others name a time; FUTEX_LOCK_PI always one of day. */
static int deadline_get(uaddr_t time, u32 command, bool realtime, struct deadline *d)
{
	*d = (struct deadline){.ns = WAIT_FOREVER};
	if (!time || !has_timeout(command))
		return 0;
	int err = timespec_get(time, &d->ns);
	if (err)
		return err;
	if (command == FUTEX_WAIT)
		d->ns = deadline_after(d->ns);
	d->realtime = realtime || command == FUTEX_LOCK_PI;
	return 0;
}

static s64 wait_again(struct restart *r);

/* A wait with a deadline that a signal ends goes on with the same one. */
static s64 wait_until(struct futex_word word, u32 value, u32 bits, const struct deadline *d)
{
	s64 result = futex_wait(word, value, bits, d);

	if (result != -EINTR || d->ns == WAIT_FOREVER)
		return result;
	struct restart *r = call_restart_begin(wait_again);
	r->arg[0] = word.address;
	r->arg[1] = word.shared;
	r->arg[2] = value;
	r->arg[3] = bits;
	r->arg[4] = d->ns;
	r->arg[5] = d->realtime;
	return -ERESTART_BLOCK;
}

static s64 wait_again(struct restart *r)
{
	struct futex_word word = {r->arg[0], r->arg[1]};
	struct deadline d = {.ns = r->arg[4], .realtime = r->arg[5]};

	return wait_until(word, r->arg[2], r->arg[3], &d);
}

/* As on Linux, who waits for a lock is no wiser after a signal. */
static s64 wait_on(s64 result)
{
	return result == -EINTR ? -ERESTART_ALWAYS : result;
}

/* NOLINTNEXTLINE(readability-function-size): one line or two for each command. */
static NOINLINE s64 futex_any(
	uaddr_t address, s32 op, u32 value, u64 time, uaddr_t address2, u32 value3)
{
	u32 command = op & FUTEX_CMD_MASK;
	bool realtime = op & FUTEX_CLOCK_REALTIME, shared = !(op & FUTEX_PRIVATE_FLAG);
	struct futex_word word = {address, shared}, word2 = {address2, shared};
	struct futex_counts counts = {.wake = (s32)value, .requeue = (s32)time};
	struct deadline deadline;

	int err = deadline_get(time, command, realtime, &deadline);
	if (err)
		return err;
	if (realtime && !may_name_clock(command))
		return -ENOSYS;
	switch (command) {
	case FUTEX_WAIT:
		return wait_until(word, value, FUTEX_ANY, &deadline);
	case FUTEX_WAIT_BITSET:
		return value3 ? wait_until(word, value, value3, &deadline) : -EINVAL;
	case FUTEX_WAKE:
		return futex_wake(word, (s32)value, FUTEX_ANY);
	case FUTEX_WAKE_BITSET:
		return value3 ? futex_wake(word, (s32)value, value3) : -EINVAL;
	case FUTEX_REQUEUE:
		return futex_requeue(word, word2, counts, NULL);
	case FUTEX_CMP_REQUEUE:
		return futex_requeue(word, word2, counts, &value3);
	case FUTEX_WAKE_OP:
		return futex_wake_op(word, word2, counts.wake, counts.requeue, value3);
	case FUTEX_LOCK_PI:
	case FUTEX_LOCK_PI2:
		return wait_on(futex_lock_pi(word, &deadline));
	case FUTEX_TRYLOCK_PI:
		return futex_try_lock_pi(word);
	case FUTEX_UNLOCK_PI:
		return futex_unlock_pi(word);
	case FUTEX_WAIT_REQUEUE_PI:
		return wait_on(futex_wait_requeue_pi(word, value, &deadline, word2));
	case FUTEX_CMP_REQUEUE_PI:
		return futex_requeue_pi(word, word2, counts, value3);
	default:
		return -ENOSYS;
	}
}

/* The two that nearly all calls are, before anything is decoded that they don't need. */
s64 sys_futex(uaddr_t address, s32 op, u32 value, u64 time, uaddr_t address2, u32 value3)
{
	static const struct deadline never = {.ns = WAIT_FOREVER};
	struct futex_word word = {address, !(op & FUTEX_PRIVATE_FLAG)};
	u32 plain = op & ~FUTEX_PRIVATE_FLAG;

	if (plain == FUTEX_WAKE)
		return futex_wake(word, (s32)value, FUTEX_ANY);
	if (plain == FUTEX_WAIT && !time)
		return futex_wait(word, value, FUTEX_ANY, &never);
	return futex_any(address, op, value, time, address2, value3);
}

s64 sys_set_robust_list(uaddr_t head, size_t length)
{
	if (length != sizeof(struct robust_list_head))
		return -EINVAL;
	current_thread()->robust_list = head;
	return 0;
}

/* Another's list is shown to whom may look into its memory. */
static bool may_look(const struct thread *t)
{
	const struct credentials *mine = &current_process()->cred, *its = &t->process->cred;

	return t->process == current_process() || capable(CAP_SYS_PTRACE) ||
	       (mine->uid == its->euid && mine->uid == its->suid && mine->uid == its->uid &&
		       mine->gid == its->egid && mine->gid == its->sgid && mine->gid == its->gid);
}

s64 sys_get_robust_list(s32 tid, uaddr_t head, uaddr_t length)
{
	struct thread *t = current_thread();

	if (tid == 0)
		thread_get(t);
	else
		t = tid > 0 ? process_find_thread((u32)tid) : NULL;
	if (!t)
		return -ESRCH;
	bool allowed = may_look(t);
	/* Its own thread may be changing it: one word, the old or the new. */
	uaddr_t list = READ_ONCE(t->robust_list);
	thread_put(t);
	if (!allowed)
		return -EPERM;
	if (put_user_u64(length, sizeof(struct robust_list_head)) || put_user_u64(head, list))
		return -EFAULT;
	return 0;
}

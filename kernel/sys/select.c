/*
 * select, pselect6: three sets of bits in, three sets out. The waiting is pollset.c's.
 *
 * What readable, writable and exceptional mean in poll's terms is Linux's definition.
 */
#include <asm/fcntl.h>
#include <linux/posix_types.h>
#include <linux/time.h>

#include "arch/clock.h"
#include "arch/ucopy.h"
#include "lib/errno.h"
#include "mm/slab.h"
#include "proc/process.h"
#include "sys/args.h"
#include "sys/pollset.h"
#include "sys/sys.h"
#include "sys/timeout.h"

#define SETS 3

static const u32 set_events[SETS] = {
	POLLRDNORM | POLLRDBAND | POLLIN | POLLHUP | POLLERR,
	POLLWRBAND | POLLWRNORM | POLLOUT | POLLERR,
	POLLPRI,
};

/* One call. The words of all three sets lie one after the other in memory. */
struct selection {
	u32 n;	   /* descriptors 0 to n-1 */
	u32 words; /* of one set */
	uaddr_t user[SETS];
	u64 *set;
	struct poll_entry *entries;
};

static u64 *selection_word(struct selection *s, u32 which, u32 fd)
{
	return &s->set[which * s->words + fd / 64];
}

static bool selection_has(struct selection *s, u32 which, u32 fd)
{
	return *selection_word(s, which, fd) & BIT(fd % 64);
}

static int selection_read(struct selection *s)
{
	size_t bytes = s->words * sizeof(u64);

	for (u32 i = 0; i < SETS; i++)
		if (s->user[i] && copy_from_user(s->set + i * s->words, s->user[i], bytes))
			return -EFAULT;
	return 0;
}

static int selection_write(struct selection *s)
{
	size_t bytes = s->words * sizeof(u64);

	for (u32 i = 0; i < SETS; i++)
		if (s->user[i] && copy_to_user(s->user[i], s->set + i * s->words, bytes))
			return -EFAULT;
	return 0;
}

/* Looks up every descriptor that is in a set. */
static int selection_open(struct selection *s)
{
	for (u32 fd = 0; fd < s->n; fd++) {
		struct poll_entry *e = &s->entries[fd];
		for (u32 i = 0; i < SETS; i++)
			if (selection_has(s, i, fd))
				e->events |= set_events[i];
		if (!e->events)
			continue;
		e->file = arg_file_or_place(fd);
		if (!e->file)
			return -EBADF;
		if (!(atomic32_load_relaxed(&e->file->flags) & O_PATH))
			continue;
		/* Only a name: POLLNVAL, which Linux takes for ready in each set. */
		file_put(e->file);
		e->file = NULL;
		e->revents = e->events;
	}
	return 0;
}

/* Leaves in the sets what holds: how many bits that are. */
static s64 selection_count(struct selection *s)
{
	s64 count = 0;

	for (u32 fd = 0; fd < s->n; fd++)
		for (u32 i = 0; i < SETS; i++) {
			if (!selection_has(s, i, fd))
				continue;
			if (s->entries[fd].revents & set_events[i])
				count++;
			else
				*selection_word(s, i, fd) &= ~BIT(fd % 64);
		}
	return count;
}

static s64 selection_wait(struct selection *s, u64 deadline)
{
	int err = selection_read(s);

	if (!err)
		err = selection_open(s);
	if (err)
		return err;
	s64 result = pollset_wait(s->entries, s->n, deadline);
	if (result < 0)
		return result;
	result = selection_count(s);
	err = selection_write(s);
	return err ? err : result;
}

static s64 do_select(s32 n, uaddr_t in, uaddr_t out, uaddr_t except, u64 deadline)
{
	if (n < 0)
		return -EINVAL;
	/* Beyond the largest descriptor there is nothing to look at; Linux cuts there, too. */
	struct selection s = {
		.n = MIN((u32)n, files_capacity(current_process()->files)),
		.user = {in, out, except},
	};
	s.words = (s.n + 63) / 64;
	s.set = kzalloc(MAX(SETS * s.words, 1U) * sizeof(u64));
	s.entries = pollset_create(s.n);
	s64 result = s.set && s.entries ? selection_wait(&s, deadline) : -ENOMEM;
	pollset_destroy(s.entries, s.n);
	kfree(s.set);
	return result;
}

static int timeval_put(uaddr_t to, u64 ns)
{
	struct timeval t = {.tv_sec = ns / NS_PER_SEC, .tv_usec = ns % NS_PER_SEC / NS_PER_US};

	return copy_to_user(to, &t, sizeof(t));
}

s64 sys_select(s32 n, uaddr_t in, uaddr_t out, uaddr_t except, uaddr_t time)
{
	struct timeval t;
	u64 deadline = WAIT_FOREVER, ns;

	if (time) {
		if (copy_from_user(&t, time, sizeof(t)))
			return -EFAULT;
		if (t.tv_sec < 0 || t.tv_usec < 0)
			return -EINVAL;
		/* More than a second's worth of microseconds is carried over. */
		if (__builtin_mul_overflow((u64)t.tv_usec, NS_PER_US, &ns))
			ns = UINT64_MAX;
		deadline = deadline_after(seconds_plus(t.tv_sec, ns));
	}
	return wait_finish_call(
		do_select(n, in, out, except, deadline), deadline, timeval_put, time);
}

s64 sys_pselect6(s32 n, uaddr_t in, uaddr_t out, uaddr_t except, uaddr_t time, uaddr_t mask)
{
	/* The sixth argument has a pointer and a size in it, because there is no seventh
	 * register. */
	struct {
		uaddr_t set;
		size_t size;
	} m = {0};
	u64 deadline;

	if (mask && copy_from_user(&m, mask, sizeof(m)))
		return -EFAULT;
	int err = wait_deadline_get(time, &deadline);
	if (!err)
		err = wait_mask_apply(m.set, m.size);
	if (err)
		return err;
	return wait_finish_call(
		do_select(n, in, out, except, deadline), deadline, timespec_put, time);
}

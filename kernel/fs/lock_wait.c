/*
 * Who waits for a lock of a file, and who would wait for ever.
 *
 * Whoever gives locks back or makes them smaller hands them, still under lock_mutex, to those who wait and have nothing in their way any
 * more, in the order in which they came. So nobody is woken in vain, and no wakeup is lost: the look at the locks and the joining
 * are one critical section, as are the giving back and the handing over, and what is then waited for is the answer, a word of the waiter's own.
 * A waiter brings the memory that his lock will need.
 *
 * A waiter lies on its stack. The sleeper takes lock_mutex before it leaves, so whoever answers is done with it by then.
 *
 * Deadlocks are looked for among record locks of processes, as on Linux: owner by owner, each with the first thing it waits for, and no more
 * than ten steps, so that a long chain costs no time. Open files have no process that could wait.
 */
#include "fs/lock_private.h"
#include "lib/errno.h"
#include "mm/slab.h"

#define STEPS_MAX 10
#define BUCKETS 64U

/* lock_mutex: the record locks that processes wait for, by owner. */
static struct list by_owner[BUCKETS];

static struct list *bucket_of(const void *owner)
{
	return &by_owner[(u64)owner / 64 % BUCKETS];
}

INIT_TEXT void lock_wait_init(void)
{
	for (u32 i = 0; i < BUCKETS; i++)
		list_init(&by_owner[i]);
}

/* The owner that this one waits for, or NULL. */
static const void *blocker_of(const void *owner) REQUIRES(&lock_mutex)
{
	struct lock_request *r;

	list_for_each_entry (r, bucket_of(owner), owner_link)
		if (r->claim.owner == owner)
			return r->blocker;
	return NULL;
}

/* True if who would be waited for waits, over others perhaps, for the one who asks. */
static bool is_deadlock(const struct lock_request *r) REQUIRES(&lock_mutex)
{
	const void *owner = r->blocker;

	if (r->claim.kind != LOCK_OF_PROCESS)
		return false;
	for (u32 i = 0; i < STEPS_MAX && owner; i++) {
		owner = blocker_of(owner);
		if (owner == r->claim.owner)
			return true;
	}
	return false;
}

int lock_wait_join(struct lock_set *s, struct lock_request *r, const struct file_lock *blocker)
{
	r->set = s;
	r->blocker = blocker->claim.owner;
	if (is_deadlock(r))
		return -EDEADLK;
	r->result = LOCK_WAITS;
	list_push_back(&s->waiting, &r->link);
	if (r->claim.kind == LOCK_OF_PROCESS)
		list_push_back(bucket_of(r->claim.owner), &r->owner_link);
	return LOCK_WAITS;
}

static void leave(struct lock_request *r) REQUIRES(&lock_mutex)
{
	list_remove(&r->link);
	list_remove(&r->owner_link);
}

static void answer(struct lock_request *r, int result) REQUIRES(&lock_mutex)
{
	leave(r);
	/* The sleeper looks at it without the lock, but touches nothing before it has had the lock. */
	WRITE_ONCE(r->result, result);
	waitq_wake_all(&r->answered);
}

/* Looks at one request again: true if it got its lock, which may have made the owner's others smaller. */
static bool serve(struct lock_request *r) REQUIRES(&lock_mutex)
{
	struct list *held = lock_set_list(r->set, r->claim.kind);
	const struct file_lock *blocker = lock_list_conflict(held, &r->claim);

	if (!blocker) {
		int err = lock_list_apply(held, &r->claim, &r->spares);
		answer(r, err);
		return !err;
	}
	r->blocker = blocker->claim.owner;
	if (is_deadlock(r))
		answer(r, -EDEADLK);
	return false;
}

static bool serve_all(struct lock_set *s) REQUIRES(&lock_mutex)
{
	struct lock_request *r, *next;
	bool any = false;

	list_for_each_entry_safe (r, next, &s->waiting, link)
		any |= serve(r);
	return any;
}

/* Each round but the last answers somebody. */
void lock_wait_serve(struct lock_set *s)
{
	while (!list_empty(&s->waiting) && serve_all(s))
		continue;
}

int lock_wait_sleep(struct lock_request *r)
{
	struct lock_set *empty = NULL;

	int err = wait_event(&r->answered, READ_ONCE(r->result) != LOCK_WAITS,
		THREAD_SLEEPING_INTERRUPTIBLE, WAIT_FOREVER);
	mutex_lock(&lock_mutex);
	int result = r->result;
	if (result == LOCK_WAITS) {
		leave(r);
		empty = lock_set_retire(r->set);
		result = err;
	}
	mutex_unlock(&lock_mutex);
	kfree(empty);
	return result;
}

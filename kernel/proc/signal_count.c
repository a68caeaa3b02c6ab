/*
 * The counters of RLIMIT_SIGPENDING, one for each user that has a signal in some queue, found by a
 * small hash. A counter is there while it is not 0. What was counted is given back to the counter
 * that it was counted in, so a change of user in between does no harm.
 *
 * The lock is innermost: it is taken under the lock of a process's signals, also in interrupts.
 */
#include "proc/signal_count.h"

#include "lib/list.h"
#include "mm/slab.h"
#include "sync/spinlock.h"

#define BUCKETS 16U

struct signal_counter {
	struct list link; /* lock */
	u32 uid;	  /* (c) */
	u64 count;	  /* lock */
};

static struct spinlock lock = SPINLOCK_INIT("signal counters", RANK_SIGNAL_COUNT);
static struct list buckets[BUCKETS];
static struct slab_cache *cache RO_AFTER_INIT;

static struct signal_counter *find_locked(u32 uid) REQUIRES(&lock)
{
	struct signal_counter *c;

	list_for_each_entry (c, &buckets[uid % BUCKETS], link)
		if (c->uid == uid)
			return c;
	return NULL;
}

static struct signal_counter *create_locked(u32 uid) REQUIRES(&lock)
{
	struct signal_counter *c = slab_alloc(cache);

	if (!c)
		return NULL;
	*c = (struct signal_counter){.uid = uid};
	list_push_front(&buckets[uid % BUCKETS], &c->link);
	return c;
}

struct signal_counter *signal_count_up(u32 uid, u64 limit)
{
	u64 flags = spin_lock_irqsave(&lock);
	struct signal_counter *c = find_locked(uid);

	if (!c && limit)
		c = create_locked(uid);
	if (c && c->count < limit)
		c->count++;
	else
		c = NULL;
	spin_unlock_irqrestore(&lock, flags);
	return c;
}

void signal_count_down(struct signal_counter *c)
{
	u64 flags = spin_lock_irqsave(&lock);
	bool last = --c->count == 0;

	if (last)
		list_remove(&c->link);
	spin_unlock_irqrestore(&lock, flags);
	if (last)
		slab_free(cache, c);
}

u64 signal_count(u32 uid)
{
	u64 flags = spin_lock_irqsave(&lock);
	const struct signal_counter *c = find_locked(uid);
	u64 count = c ? c->count : 0;

	spin_unlock_irqrestore(&lock, flags);
	return count;
}

INIT_TEXT void signal_count_init(void)
{
	cache = slab_cache_create("signal counter", sizeof(struct signal_counter), 0);
	for (u32 i = 0; i < BUCKETS; i++)
		list_init(&buckets[i]);
}

/*
 * Epoll sets that watch epoll sets.
 *
 * Wakes run up this graph and questions run down it, by recursion, holding a lock of every set on the way. So it must have no
 * cycle, at no time; be at most NESTS_MAX deep, for the stack; and one file's wake must not fan out without limit, for it
 * runs with interrupts off. The limits are Linux's, as programs can see them.
 *
 * epoll_graph_lock is held from the check to the addition, by every addition that makes a set depend on a set: so of two that
 * close a cycle together the second one finds it. Removing edges needs no care. Order: epoll_graph_lock, then sets' mutexes
 * from the outer set to the inner, then epoll_watches_lock.
 */
#include "ipc/epoll_private.h"
#include "lib/errno.h"

#define NESTS_MAX 4

/* How many ways of so many sets above the first may begin at one file; there is no limit to the first. */
static const u32 ways_limit[NESTS_MAX + 1] = {UINT32_MAX, 500, 100, 50, 10};

struct mutex epoll_graph_lock;

bool epoll_graph_concerns(const struct epoll *set, const struct file *f)
{
	/* Without a lock: that the set is watched for the first time just now makes no cycle, and one way more. */
	return epoll_of(f) || READ_ONCE(set->file->watched);
}

/* How many sets are below this one; more than NESTS_MAX, or one of them is `from`: NESTS_MAX + 1. */
/* NOLINTNEXTLINE(misc-no-recursion): as deep as sets may be nested, NESTS_MAX. */
static u32 depth_below(struct epoll *set, const struct epoll *from, u32 level)
{
	u32 depth = 0;

	if (set == from || level > NESTS_MAX)
		return NESTS_MAX + 1;
	mutex_lock_further(&set->mutex);
	for (struct rb_node *n = rb_first(&set->items); n && depth <= NESTS_MAX; n = rb_next(n)) {
		struct epoll *inner = epoll_of(rb_entry(n, struct epoll_item, node)->file);
		if (inner)
			depth = MAX(depth, depth_below(inner, from, level + 1) + 1);
	}
	mutex_unlock_further(&set->mutex);
	return depth;
}

/* How many sets are above it. */
/* NOLINTNEXTLINE(misc-no-recursion): as deep as sets are nested, NESTS_MAX at most. */
static u32 height_above_locked(const struct epoll *set) REQUIRES(&epoll_watches_lock)
{
	const struct epoll_item *item;
	u32 height = 0;

	list_for_each_entry (item, &set->file->watches, watch)
		height = MAX(height, height_above_locked(item->set) + 1);
	return height;
}

int epoll_graph_check(struct epoll *set, struct epoll *inner)
{
	u32 below = depth_below(inner, set, 0);

	if (below > NESTS_MAX)
		return -ELOOP;
	spin_lock(&epoll_watches_lock);
	u32 above = height_above_locked(set);
	spin_unlock(&epoll_watches_lock);
	return above + 1 + below > NESTS_MAX ? -ELOOP : 0;
}

/* Counts the ways that begin at the file and end at a set that nobody watches: false if there are too many of some length. */
/* NOLINTNEXTLINE(misc-no-recursion): NESTS_MAX deep. */
static bool count_ways_locked(const struct file *f, u32 level, u32 ways[NESTS_MAX + 1])
	REQUIRES(&epoll_watches_lock)
{
	const struct epoll_item *item;

	list_for_each_entry (item, &f->watches, watch) {
		const struct file *outer = item->set->file;
		if (list_empty(&outer->watches)) {
			if (++ways[level] > ways_limit[level])
				return false;
		} else if (level == NESTS_MAX || !count_ways_locked(outer, level + 1, ways)) {
			return false;
		}
	}
	return true;
}

static bool file_is_crowded(const struct file *f)
{
	u32 ways[NESTS_MAX + 1] = {0};

	spin_lock(&epoll_watches_lock);
	bool ok = count_ways_locked(f, 0, ways);
	spin_unlock(&epoll_watches_lock);
	return !ok;
}

/* NOLINTNEXTLINE(misc-no-recursion): count_ways_locked() alone. */
bool epoll_graph_is_crowded(struct file *f)
{
	struct epoll *set = epoll_of(f);
	bool crowded = false;

	if (!set)
		return file_is_crowded(f);
	mutex_lock_further(&set->mutex);
	for (struct rb_node *n = rb_first(&set->items); n && !crowded; n = rb_next(n))
		crowded = epoll_graph_is_crowded(rb_entry(n, struct epoll_item, node)->file);
	mutex_unlock_further(&set->mutex);
	return crowded;
}

/* See proc/groups.h. */
#include "proc/groups.h"

#include "arch/ucopy.h"
#include "lib/errno.h"
#include "lib/refcount.h"
#include "mm/slab.h"

struct group_list {
	struct refcount refs;
	u32 count;
	u32 ids[]; /* ascending */
};

void groups_init(struct groups *g) NO_THREAD_SAFETY
{
	spin_init(&g->lock, "groups", RANK_GROUPS);
	g->list = NULL;
}

static void list_put(struct group_list *l)
{
	if (l && refcount_put(&l->refs))
		kfree(l);
}

/* With a reference, or NULL. */
static struct group_list *list_of(struct groups *g)
{
	spin_lock(&g->lock);
	struct group_list *l = g->list;

	if (l)
		refcount_get(&l->refs);
	spin_unlock(&g->lock);
	return l;
}

static void replace(struct groups *g, struct group_list *l)
{
	spin_lock(&g->lock);
	struct group_list *old = g->list;

	g->list = l;
	spin_unlock(&g->lock);
	list_put(old);
}

void groups_free(struct groups *g)
{
	replace(g, NULL);
}

void groups_share(struct groups *child, struct groups *parent)
{
	replace(child, list_of(parent));
}

static bool list_contains(const struct group_list *l, u32 gid)
{
	u32 low = 0, high = l->count;

	while (low < high) {
		u32 middle = (low + high) / 2;

		if (l->ids[middle] == gid)
			return true;
		if (l->ids[middle] < gid)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}

bool groups_contain(struct groups *g, u32 gid)
{
	spin_lock(&g->lock);
	bool found = g->list && list_contains(g->list, gid);

	spin_unlock(&g->lock);
	return found;
}

s64 groups_get(struct groups *g, s32 room, uaddr_t to)
{
	struct group_list *l = list_of(g);
	s64 count = l ? l->count : 0;

	if (room < 0 || (room && room < count))
		count = -EINVAL;
	else if (room && l && copy_to_user(to, l->ids, (size_t)count * sizeof(u32)))
		count = -EFAULT;
	list_put(l);
	return count;
}

static void sift_down(u32 *ids, u32 at, u32 count)
{
	for (u32 child; (child = 2 * at + 1) < count; at = child) {
		if (child + 1 < count && ids[child] < ids[child + 1])
			child++;
		if (ids[at] >= ids[child])
			return;
		u32 swap = ids[at];
		ids[at] = ids[child];
		ids[child] = swap;
	}
}

/* Heapsort: no memory, and no bad case that a program could bring about. */
static void sort(u32 *ids, u32 count)
{
	for (u32 i = count / 2; i-- > 0;)
		sift_down(ids, i, count);
	for (u32 end = count; end-- > 1;) {
		u32 largest = ids[0];

		ids[0] = ids[end];
		ids[end] = largest;
		sift_down(ids, 0, end);
	}
}

static int list_read(struct group_list *l, u32 count, uaddr_t from)
{
	if (copy_from_user(l->ids, from, count * sizeof(u32)))
		return -EFAULT;
	for (u32 i = 0; i < count; i++)
		if (l->ids[i] == UINT32_MAX)
			return -EINVAL;
	sort(l->ids, count);
	return 0;
}

s64 groups_set(struct groups *g, u32 count, uaddr_t from)
{
	if (count > NGROUPS_MAX)
		return -EINVAL;
	if (!count) {
		groups_free(g);
		return 0;
	}
	struct group_list *l = kmalloc(sizeof(*l) + count * sizeof(u32));
	if (!l)
		return -ENOMEM;
	refcount_init(&l->refs);
	l->count = count;
	int err = list_read(l, count, from);
	if (err)
		kfree(l);
	else
		replace(g, l);
	return err;
}

void groups_for_each(struct groups *g, void (*f)(void *context, u32 gid), void *context)
{
	struct group_list *l = list_of(g);

	for (u32 i = 0; l && i < l->count; i++)
		f(context, l->ids[i]);
	list_put(l);
}

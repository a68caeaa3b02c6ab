/*
 * One file in one epoll set.
 *
 * An item is known to its set (the tree, the ready list), to the queues of its file, and to the file (file->watches). It is made
 * and destroyed under the set's mutex, so whoever holds that may use it; a waker uses it under the file's queue's lock, and the item
 * leaves that queue before it is freed.
 *
 * Items hold no reference to their files: a file that nobody else has any more is closed, and leaves its sets first
 * (unwatch()). Meanwhile it may still be asked: its release comes after that. unwatch() finds an item by the file's list, but
 * must not hold watches_lock when it takes the set's mutex; so it takes a reference of the set, and looks in
 * the set's tree again. The set may have let go of the item in between: then the file's list is shorter, and it goes on.
 *
 * How many items the sets of one user may have is a share of memory unless fs.epoll.max_user_watches says otherwise: -ENOSPC beyond
 * it, as on Linux. What is there already stays when the limit falls.
 */
#include "ipc/epoll_private.h"
#include "lib/errno.h"
#include "mm/frame.h"
#include "mm/slab.h"
#include "proc/user.h"

#define EXCLUSIVE_OK_BITS \
	(EPOLLIN | EPOLLOUT | EPOLLERR | EPOLLHUP | EPOLLWAKEUP | EPOLLET | EPOLLEXCLUSIVE)
/* One part in so many of memory. */
#define ITEMS_SHARE 25

struct spinlock epoll_watches_lock = SPINLOCK_INIT("epoll watches", RANK_WATCHES);

/* One word: each add takes what it finds. */
static u64 watch_limit;

u64 epoll_watch_limit(void)
{
	return READ_ONCE(watch_limit);
}

void epoll_set_watch_limit(u64 limit)
{
	WRITE_ONCE(watch_limit, limit);
}

struct item_key {
	const struct file *file;
	u32 fd;
};

static int key_compare(const void *a, const struct rb_node *n)
{
	const struct item_key *key = a;
	const struct epoll_item *item = rb_entry(n, struct epoll_item, node);

	if (key->file != item->file)
		return key->file < item->file ? -1 : 1;
	return key->fd < item->fd ? -1 : key->fd > item->fd;
}

static int item_compare(const struct rb_node *a, const struct rb_node *b)
{
	const struct epoll_item *item = rb_entry(a, struct epoll_item, node);
	struct item_key key = {item->file, item->fd};

	return key_compare(&key, b);
}

static struct epoll_item *item_find(struct epoll *set, const struct file *f, u32 fd)
{
	struct item_key key = {f, fd};
	struct rb_node *n = rb_find(&set->items, &key, key_compare);

	return n ? rb_entry(n, struct epoll_item, node) : NULL;
}

/* One of the file's, under whatever number, or NULL. */
static struct epoll_item *item_find_any(struct epoll *set, const struct file *f)
{
	struct item_key key = {f, 0};
	struct rb_node *n = rb_lower_bound(&set->items, &key, key_compare);
	struct epoll_item *item = n ? rb_entry(n, struct epoll_item, node) : NULL;

	return item && item->file == f ? item : NULL;
}

u32 epoll_item_ask(const struct epoll_item *item)
{
	return item->file->ops->poll(item->file) & item->event.events & ~EPOLL_PRIVATE_BITS;
}

/* Under the lock of one of the file's queues. For an exclusive item the answer says whether its set was the one to wake. */
static bool item_notify(struct waiter *w, u32 events)
{
	struct epoll_item *item = CONTAINER_OF(w, struct epoll_link, waiter)->item;
	struct epoll *set = item->set;

	spin_lock_further(&set->queue.lock);
	u32 wanted = item->event.events & ~EPOLL_PRIVATE_BITS;
	bool woken = wanted && (!events || (events & wanted)) && epoll_item_ready_locked(item);
	spin_unlock(&set->queue.lock);
	return woken;
}

/* -- making and removing -- */

static void item_join(struct epoll_item *item)
{
	const struct file_ops *ops = item->file->ops;

	for (u32 i = 0; ops->poll_queue && i < POLL_QUEUES; i++) {
		struct epoll_link *l = &item->link[i];

		l->queue = ops->poll_queue(item->file, i);
		if (!l->queue)
			return;
		l->item = item;
		l->waiter = (struct waiter){
			.notify = item_notify, .exclusive = item->event.events & EPOLLEXCLUSIVE};
		list_init(&l->waiter.link);
		waitq_join(l->queue, &l->waiter);
	}
}

/* After this no waker knows it. */
static void item_leave(struct epoll_item *item)
{
	for (u32 i = 0; i < POLL_QUEUES; i++)
		if (item->link[i].queue)
			waitq_leave(item->link[i].queue, &item->link[i].waiter);
	if (item->pin)
		item->file->ops->poll_unpin(item->pin);
}

void epoll_item_destroy(struct epoll_item *item)
{
	struct epoll *set = item->set;

	item_leave(item);
	spin_lock(&epoll_watches_lock);
	list_remove(&item->watch);
	spin_unlock(&epoll_watches_lock);
	rb_remove(&set->items, &item->node);
	u64 flags = spin_lock_irqsave(&set->queue.lock);
	list_remove(&item->ready);
	spin_unlock_irqrestore(&set->queue.lock, flags);
	kfree(item);
	user_remove_watch(set->user);
}

static struct epoll_item *item_create(
	struct epoll *set, struct file *f, u32 fd, const struct epoll_event *event)
{
	struct epoll_item *item = kzalloc(sizeof(*item));

	if (!item)
		return NULL;
	item->set = set;
	item->file = f;
	item->fd = fd;
	item->event = *event;
	item->event.events |= EPOLLERR | EPOLLHUP;
	list_init(&item->ready);
	list_init(&item->watch);
	return item;
}

/* Known to the set and the file; from item_join() on, to wakers. */
static void item_publish(struct epoll_item *item)
{
	struct file *f = item->file;

	rb_insert(&item->set->items, &item->node, item_compare);
	spin_lock(&epoll_watches_lock);
	WRITE_ONCE(f->watched, true);
	list_push_back(&f->watches, &item->watch);
	spin_unlock(&epoll_watches_lock);
	if (f->ops->poll_pin)
		item->pin = f->ops->poll_pin(f);
	item_join(item);
}

/* It is in the queues, so a change from now on is seen; one before is now. */
static void item_look(struct epoll_item *item)
{
	struct epoll *set = item->set;

	if (!epoll_item_ask(item))
		return;
	u64 flags = spin_lock_irqsave(&set->queue.lock);
	(void)epoll_item_ready_locked(item);
	spin_unlock_irqrestore(&set->queue.lock, flags);
}

/* set->mutex is held; graph: so is the graph's lock. */
static int add_locked(struct epoll *set, struct file *f, u32 fd, const struct epoll_event *event,
	bool graph) REQUIRES(&set->mutex)
{
	if (item_find(set, f, fd))
		return -EEXIST;
	if (!user_add_watch(set->user, epoll_watch_limit()))
		return -ENOSPC;
	struct epoll_item *item = item_create(set, f, fd, event);
	if (!item) {
		user_remove_watch(set->user);
		return -ENOMEM;
	}
	item_publish(item);
	if (graph && epoll_graph_is_crowded(f)) {
		epoll_item_destroy(item);
		return -EINVAL;
	}
	item_look(item);
	return 0;
}

static int add_to_graph(struct epoll *set, struct file *f, u32 fd, const struct epoll_event *event)
{
	struct epoll *inner = epoll_of(f);

	mutex_lock(&epoll_graph_lock);
	int err = inner ? epoll_graph_check(set, inner) : 0;
	if (!err) {
		mutex_lock(&set->mutex);
		err = add_locked(set, f, fd, event, true);
		mutex_unlock(&set->mutex);
	}
	mutex_unlock(&epoll_graph_lock);
	return err;
}

int epoll_add(struct epoll *set, struct file *f, u32 fd, const struct epoll_event *event)
{
	if (event->events & EPOLLEXCLUSIVE && (epoll_of(f) || (event->events & ~EXCLUSIVE_OK_BITS)))
		return -EINVAL;
	if (epoll_graph_concerns(set, f))
		return add_to_graph(set, f, fd, event);
	mutex_lock(&set->mutex);
	int err = add_locked(set, f, fd, event, false);
	mutex_unlock(&set->mutex);
	return err;
}

int epoll_modify(struct epoll *set, struct file *f, u32 fd, const struct epoll_event *event)
{
	if (event->events & EPOLLEXCLUSIVE)
		return -EINVAL;
	mutex_lock(&set->mutex);
	struct epoll_item *item = item_find(set, f, fd);
	int err = item ? 0 : -ENOENT;
	if (item && (item->event.events & EPOLLEXCLUSIVE))
		err = -EINVAL;
	if (!err) {
		u64 flags = spin_lock_irqsave(&set->queue.lock);
		item->event = *event;
		item->event.events |= EPOLLERR | EPOLLHUP;
		spin_unlock_irqrestore(&set->queue.lock, flags);
		item_look(item);
	}
	mutex_unlock(&set->mutex);
	return err;
}

int epoll_remove(struct epoll *set, struct file *f, u32 fd)
{
	mutex_lock(&set->mutex);
	struct epoll_item *item = item_find(set, f, fd);
	if (item)
		epoll_item_destroy(item);
	mutex_unlock(&set->mutex);
	return item ? 0 : -ENOENT;
}

/* -- a file that is closed -- */

/* A set that watches the file, with a reference; NULL if none does any more. */
static struct epoll *watching_set(struct file *f)
{
	struct epoll *set = NULL;

	spin_lock(&epoll_watches_lock);
	if (!list_empty(&f->watches)) {
		set = list_first(&f->watches, struct epoll_item, watch)->set;
		refcount_get(&set->refs);
	}
	spin_unlock(&epoll_watches_lock);
	return set;
}

static void unwatch(struct file *f)
{
	struct epoll *set;

	while ((set = watching_set(f)) != NULL) {
		mutex_lock(&set->mutex);
		struct epoll_item *item = item_find_any(set, f);
		if (item)
			epoll_item_destroy(item);
		mutex_unlock(&set->mutex);
		epoll_put(set);
	}
}

INIT_TEXT void epoll_init(void)
{
	watch_limit = frame_total_count() * PAGE_SIZE / ITEMS_SHARE / sizeof(struct epoll_item);
	mutex_init(&epoll_graph_lock, RANK_EPOLL_GRAPH);
	file_set_unwatch(unwatch);
}

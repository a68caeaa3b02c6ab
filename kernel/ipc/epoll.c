/*
 * Epoll sets: which files may be ready, and who waits for one that is.
 *
 * A file's waker calls item_notify() (epoll_item.c) under the lock of the file's queue. It puts the item into set->ready and wakes one
 * thread that waits for the set, all under set->queue.lock. The list is only a hint: a file is asked when events are handed
 * out, and the items of files that are not ready any more are dropped then.
 *
 * Why no event is lost. Handing out takes items off the list one by one, each under queue.lock, and asks the file after that: a
 * change before the question is seen, and one after it finds the item off the list and puts it there again. An item that is added or
 * changed joins the file's queues before it asks. A level-triggered item goes back to the list after it was
 * reported, and the next call asks it again.
 *
 * Why no sleeper is lost. A thread that waits joins set->queue before it looks whether the list is empty, and items join the list
 * before the wake. Each wake wakes one: whoever was woken and leaves without an event looks at the list first, and who leaves the
 * list not empty wakes another (return_ready()).
 *
 * Nested sets: a set's file is ready when one of its items is. Its wait queue is what outer sets join, so a wake runs
 * up through the sets, holding the queue locks on the way (spin_lock_further()), and a question runs down, holding the mutexes
 * (mutex_lock_further()). Both follow one graph, which has no cycle at any time (epoll_graph.c), so neither can close one of locks.
 */
#include <asm/fcntl.h>
#include <asm/poll.h>

#include "arch/clock.h"
#include "arch/ucopy.h"
#include "ipc/anon.h"
#include "ipc/epoll_private.h"
#include "lib/errno.h"
#include "mm/slab.h"
#include "proc/text.h"
#include "proc/user.h"
#include "sched/sched.h"

bool epoll_item_ready_locked(struct epoll_item *item)
{
	struct epoll *set = item->set;

	if (list_empty(&item->ready))
		list_push_back(&set->ready, &item->ready);
	return waitq_wake_locked(&set->queue, 1, POLLIN | POLLRDNORM) > 0;
}

/* The next item of a list, out of it, or NULL. */
static struct epoll_item *pop(struct epoll *set, struct list *l)
{
	u64 flags = spin_lock_irqsave(&set->queue.lock);
	struct list *n = list_pop_front(l);
	spin_unlock_irqrestore(&set->queue.lock, flags);
	return n ? CONTAINER_OF(n, struct epoll_item, ready) : NULL;
}

/* Moves all that may be ready into *to. */
static void take_ready(struct epoll *set, struct list *to)
{
	list_init(to);
	u64 flags = spin_lock_irqsave(&set->queue.lock);
	list_splice_back(to, &set->ready);
	spin_unlock_irqrestore(&set->queue.lock, flags);
}

/*
 * What is left of it goes back, to the front. A thread that looked at the list meanwhile sleeps, so one is woken if there is something
 * for it. Outer sets and pollers are not told: they were when the items became ready, and they ask under the mutex.
 */
static void return_ready(struct epoll *set, struct list *left)
{
	u64 flags = spin_lock_irqsave(&set->queue.lock);

	list_splice_back(left, &set->ready);
	list_splice_back(&set->ready, left);
	if (!list_empty(&set->ready))
		waitq_wake_exclusive_locked(&set->queue);
	spin_unlock_irqrestore(&set->queue.lock, flags);
}

static int event_put(uaddr_t to, const struct epoll_item *item, u32 events)
{
	struct epoll_event e = {.events = events, .data = item->event.data};

	return copy_to_user(to, &e, sizeof(e));
}

/* The item was reported: it comes again at once, at the next change, or not until it is modified. */
static void item_reported(struct epoll_item *item)
{
	struct epoll *set = item->set;
	u64 flags = spin_lock_irqsave(&set->queue.lock);

	if (item->event.events & EPOLLONESHOT)
		item->event.events &= EPOLL_PRIVATE_BITS;
	else if (!(item->event.events & EPOLLET) && list_empty(&item->ready))
		list_push_back(&set->ready, &item->ready);
	spin_unlock_irqrestore(&set->queue.lock, flags);
}

/* It could not be: it is the first of the next call. */
static void item_unreported(struct epoll_item *item, struct list *left)
{
	u64 flags = spin_lock_irqsave(&item->set->queue.lock);

	if (list_empty(&item->ready))
		list_push_front(left, &item->ready);
	spin_unlock_irqrestore(&item->set->queue.lock, flags);
}

static s64 hand_out(struct epoll *set, uaddr_t to, u32 max)
{
	struct epoll_item *item;
	struct list left;
	s64 done = 0;

	mutex_lock(&set->mutex);
	take_ready(set, &left);
	while (done < max && (item = pop(set, &left)) != NULL) {
		u32 events = epoll_item_ask(item);
		if (!events)
			continue;
		if (event_put(to + (u64)done * sizeof(struct epoll_event), item, events)) {
			item_unreported(item, &left);
			done = done ? done : -EFAULT;
			break;
		}
		item_reported(item);
		done++;
	}
	return_ready(set, &left);
	mutex_unlock(&set->mutex);
	return done;
}

/* -- waiting -- */

/* One word of a list that others change: only a hint, and who waits is in the queue when it looks. */
static bool may_be_ready(const struct epoll *set)
{
	return READ_ONCE(set->ready.next) != &set->ready;
}

/* Sleeps until something may be ready: 0, -ETIME, -EINTR. */
static int sleep_until_ready(struct epoll *set, u64 deadline_ns)
{
	struct waiter w = {.exclusive = true};
	int err = 0;

	list_init(&w.link);
	wait_prepare(&set->queue, &w, THREAD_SLEEPING_INTERRUPTIBLE);
	if (!may_be_ready(set))
		err = wait_sleep(deadline_ns);
	wait_finish(&set->queue, &w);
	return err;
}

s64 epoll_await(struct epoll *set, uaddr_t to, u32 max, u64 deadline_ns)
{
	int err = 0;

	for (;;) {
		s64 done = may_be_ready(set) ? hand_out(set, to, max) : 0;
		if (done)
			return done;
		/* Its wakeup may have been this thread's: it has looked once more. */
		if (err)
			return err == -ETIME ? 0 : err;
		/* Who doesn't want to wait is not told of signals. */
		if (clock_now_ns() >= deadline_ns)
			return 0;
		err = sleep_until_ready(set, deadline_ns);
	}
}

/* -- the file -- */

static u32 set_poll(struct file *f)
{
	struct epoll *set = f->private;
	struct epoll_item *item;
	struct list left;
	u32 events = 0;

	mutex_lock_further(&set->mutex);
	take_ready(set, &left);
	while (!events && (item = pop(set, &left)) != NULL) {
		if (!epoll_item_ask(item))
			continue;
		events = POLLIN | POLLRDNORM;
		item_unreported(item, &left);
	}
	return_ready(set, &left);
	mutex_unlock_further(&set->mutex);
	return events;
}

static struct waitq *set_poll_queue(struct file *f, u32 n)
{
	return n == 0 ? &((struct epoll *)f->private)->queue : NULL;
}

/* Nothing of what Linux offers is there; its answer to what it doesn't know is this one. */
static int set_ioctl(struct file *f, u32 command, u64 argument)
{
	return -EINVAL;
}

static void set_show_info(struct file *f, struct proc_text *to)
{
	struct epoll *set = f->private;

	mutex_lock(&set->mutex);
	for (struct rb_node *n = rb_first(&set->items); n; n = rb_next(n)) {
		const struct epoll_item *item = rb_entry(n, struct epoll_item, node);
		proc_print(to, "tfd: %8u events: %8x data: %16lx \n", item->fd, item->event.events,
			(u64)item->event.data);
	}
	mutex_unlock(&set->mutex);
}

static void set_release(struct file *f)
{
	struct epoll *set = f->private;

	mutex_lock(&set->mutex);
	while (set->items.top)
		epoll_item_destroy(rb_entry(set->items.top, struct epoll_item, node));
	mutex_unlock(&set->mutex);
	epoll_put(set);
}

static const struct file_ops epoll_ops = {
	.seek = anon_seek,
	.stat = anon_stat,
	.ioctl = set_ioctl,
	.poll = set_poll,
	.poll_queue = set_poll_queue,
	.show_info = set_show_info,
	.name = "[eventpoll]",
	.stream = true,
	.release = set_release,
};

struct epoll *epoll_of(const struct file *f)
{
	return f->ops == &epoll_ops ? f->private : NULL;
}

void epoll_put(struct epoll *set)
{
	if (!refcount_put(&set->refs))
		return;
	user_put(set->user);
	kfree(set);
}

int epoll_open(struct file **out)
{
	struct epoll *set = kzalloc(sizeof(*set));

	if (!set)
		return -ENOMEM;
	refcount_init(&set->refs);
	mutex_init(&set->mutex, RANK_EPOLL);
	waitq_init(&set->queue);
	spin_init(&set->queue.lock, "epoll", RANK_WAITQ_INNER);
	list_init(&set->ready);
	*out = file_create(&epoll_ops, O_RDWR, set);
	if (!*out) {
		kfree(set);
		return -ENOMEM;
	}
	set->file = *out;
	set->user = user_get_current();
	return 0;
}

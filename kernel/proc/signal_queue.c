/*
 * Queues of signals that have been sent and not yet acted on, one for each thread and one for each
 * process. Everything here is under the process's signals.lock.
 *
 * A signal is pending if its bit is set. What is known about it is an entry in the list. A standard
 * signal has at most one; of a real-time signal there is one for each time that it was sent, in that
 * order. The kernel's own and kill(2)'s signals are never refused: when an entry can't be had, the
 * signal goes without, and a handler then sees a siginfo that says nothing but the number, as on
 * Linux. Only a program's real-time signals are refused (-EAGAIN), because their siginfo is the
 * message.
 *
 * A POSIX timer brings an entry of its own (signal_queue_add_fixed()), so it always has one.
 */
#include "lib/errno.h"
#include "mm/slab.h"
#include "proc/signal_count.h"
#include "proc/signal_private.h"

static struct slab_cache *cache RO_AFTER_INIT;

void signal_queue_init(struct signal_queue *q)
{
	q->pending = 0;
	q->spare = NULL;
	list_init(&q->entries);
}

/* True if the signal must not be refused: the kernel's own, and kill(2)'s and tkill(2)'s of the standard ones. These
 * don't count, for there is one of each at most. */
static bool is_privileged(const struct signal_info *info)
{
	return (u32)info->si_signo < SIGNAL_FIRST_QUEUED &&
	       (info->si_code >= 0 || info->si_code == SI_TKILL);
}

/* Privileged signals are uncounted. */
static struct signal_entry *entry_create(const struct signal_info *info, u32 uid, u64 limit)
{
	bool counted = !is_privileged(info);
	struct signal_counter *counter = counted ? signal_count_up(uid, limit) : NULL;
	struct signal_entry *e = counted && !counter ? NULL : slab_alloc(cache);

	if (e)
		e->counter = counter;
	else if (counter)
		signal_count_down(counter);
	return e;
}

/* To whoever it belongs to. */
static NOINLINE void entry_give_back(struct signal_entry *e, struct signal_info *info)
{
	if (e->gone) {
		e->gone(e, info);
		return;
	}
	if (e->counter)
		signal_count_down(e->counter);
	slab_free(cache, e);
}

/* Out of its queue, into *info or dropped; an entry that belongs to a timer stays the timer's. */
static ALWAYS_INLINE void entry_leave(
	struct signal_queue *q, struct signal_entry *e, struct signal_info *info)
{
	list_remove(&e->link);
	if (info)
		*info = e->info;
	if (LIKELY(!e->gone && !e->counter && !q->spare))
		q->spare = e;
	else
		entry_give_back(e, info);
}

/* Read without the lock by signal_pending(): see signal.c. */
static void set_pending(struct signal_queue *q, u64 pending)
{
	WRITE_ONCE(q->pending, pending);
}

static void entry_push(
	struct signal_queue *q, struct signal_entry *e, const struct signal_info *info)
{
	e->info = *info;
	e->gone = NULL;
	list_push_back(&q->entries, &e->link);
	set_pending(q, q->pending | SIGNAL_BIT(info->si_signo));
}

static NOINLINE int add_with_new_entry(
	struct signal_queue *q, const struct signal_info *info, u32 uid, u64 limit)
{
	u32 signal = info->si_signo;
	/* Nobody sees what is known about SIGKILL. */
	struct signal_entry *e = signal == SIGKILL ? NULL : entry_create(info, uid, limit);

	if (e) {
		entry_push(q, e, info);
		return 0;
	}
	if (signal >= SIGNAL_FIRST_QUEUED && info->si_code != SI_USER && info->si_code != SI_KERNEL)
		return -EAGAIN;
	set_pending(q, q->pending | SIGNAL_BIT(signal));
	return 0;
}

int signal_queue_add(struct signal_queue *q, const struct signal_info *info, u32 uid, u64 limit)
{
	u32 signal = info->si_signo;
	struct signal_entry *e = q->spare;

	if (signal < SIGNAL_FIRST_QUEUED && (q->pending & SIGNAL_BIT(signal)))
		return 0;
	/* Mostly without asking the allocator, because each queue keeps an entry. */
	if (UNLIKELY(!e || !is_privileged(info) || signal == SIGKILL))
		return add_with_new_entry(q, info, uid, limit);
	q->spare = NULL;
	e->counter = NULL;
	entry_push(q, e, info);
	return 0;
}

void signal_queue_add_fixed(struct signal_queue *q, struct signal_entry *e)
{
	u32 signal = e->info.si_signo;

	list_push_back(&q->entries, &e->link);
	set_pending(q, q->pending | SIGNAL_BIT(signal));
}

/* The first entry of a signal; *more: there is another one. */
static struct signal_entry *find_entry(struct signal_queue *q, u32 signal, bool *more)
{
	struct signal_entry *e, *first = NULL;

	*more = false;
	/* Mostly there is one, and it is the one. */
	e = list_first(&q->entries, struct signal_entry, link);
	if (LIKELY(!list_empty(&q->entries) && (u32)e->info.si_signo == signal &&
		    e->link.next == &q->entries))
		return e;
	list_for_each_entry (e, &q->entries, link) {
		if ((u32)e->info.si_signo != signal)
			continue;
		if (first) {
			*more = true;
			break;
		}
		first = e;
	}
	return first;
}

void signal_queue_take(struct signal_queue *q, u32 signal, struct signal_info *info)
{
	bool more;
	struct signal_entry *e = find_entry(q, signal, &more);

	if (!more)
		set_pending(q, q->pending & ~SIGNAL_BIT(signal));
	if (!e) {
		*info = (struct signal_info){.si_signo = signal, .si_code = SI_USER};
		return;
	}
	entry_leave(q, e, info);
}

bool signal_queue_peek(const struct signal_queue *q, u64 n, struct signal_info *info)
{
	const struct signal_entry *e;

	list_for_each_entry (e, &q->entries, link) {
		if (n-- > 0)
			continue;
		*info = e->info;
		return true;
	}
	return false;
}

void signal_queue_forget(struct signal_queue *q, u64 set)
{
	struct signal_entry *e, *next;

	set_pending(q, q->pending & ~set);
	list_for_each_entry_safe (e, next, &q->entries, link)
		if (SIGNAL_BIT(e->info.si_signo) & set)
			entry_leave(q, e, NULL);
}

void signal_queue_remove_fixed(struct signal_queue *q, struct signal_entry *e)
{
	bool more;

	if (list_empty(&e->link))
		return;
	list_remove(&e->link);
	if (!find_entry(q, e->info.si_signo, &more))
		set_pending(q, q->pending & ~SIGNAL_BIT(e->info.si_signo));
}

void signal_queue_destroy(struct signal_queue *q)
{
	signal_queue_forget(q, ~0UL);
	if (q->spare)
		slab_free(cache, q->spare);
	q->spare = NULL;
}

INIT_TEXT void signal_queue_init_cache(void)
{
	cache = slab_cache_create("signal", sizeof(struct signal_entry), 0);
	signal_count_init();
}

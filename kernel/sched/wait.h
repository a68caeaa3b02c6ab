/*
 * The one waiting primitive. Everything that sleeps stands on it.
 *
 * The order that makes a lost wakeup impossible:
 *   sleeper: (1) joins the queue and sets its state to sleeping, under the queue's lock;
 *            (2) looks at the condition; (3) sleeps only if it is false.
 *   waker:   (1) makes the condition true; (2) takes the queue's lock and wakes who is in it, if it sees anybody there.
 * If the waker's (2) comes before the sleeper's (1), the sleeper's (2) sees the condition: both orders pass through
 * the queue's lock. If it comes after, the sleeper is in the queue and its state is set back to runnable, so that
 * schedule() in (3) does not let it sleep.
 */
#ifndef SCHED_WAIT_H
#define SCHED_WAIT_H

#include "lib/errno.h"
#include "lib/list.h"
#include "sched/sched.h"
#include "sync/spinlock.h"

struct waitq {
	struct spinlock lock;
	struct list waiters; /* lock */
};

struct waiter {
	struct list link; /* the queue's lock */
	struct thread *thread;
	/* Called under the queue's lock instead of waking the thread, if set (poll, epoll); the waiter stays in the queue.
	 * events: what waitq_wake_events() was told, or 0. True: counts as woken. */
	bool (*notify)(struct waiter *w, u32 events);
	bool exclusive;
#ifdef AIRLOCK_DEBUG
	bool met; /* the queue's lock: a waker came, so none has forgotten the thread */
#endif
};

void waitq_init(struct waitq *q);
#define WAITQ_INIT(name)                                                                         \
	{                                                                                        \
		.lock = SPINLOCK_INIT("waitq", RANK_WAITQ), .waiters = LIST_INIT((name).waiters) \
	}

/* Wakes everybody / everybody who is not exclusive and at most n who are. How many exclusive ones were woken. A waiter whose
 * thread is already awake (woken by something else, or not yet asleep for another reason) does not count. Any context except
 * NMI. */
void waitq_wake_all(struct waitq *q);
u32 waitq_wake(struct waitq *q, u32 n);
/* Wakes everybody who is not exclusive, and one who is: the POLL* given may hold now. Who waits for others alone is spared. */
void waitq_wake_events(struct waitq *q, u32 events);
/* The same for those who hold the lock. */
u32 waitq_wake_locked(struct waitq *q, u32 n, u32 events) REQUIRES(&q->lock);
/* Only one exclusive waiter, if there is one. */
void waitq_wake_exclusive_locked(struct waitq *q) REQUIRES(&q->lock);

/* A waiter with notify joins and leaves: without effect on the thread, which goes on. The last to join is told first, as
 * on Linux, where programs see the order; exclusive ones come after all others. */
void waitq_join(struct waitq *q, struct waiter *w);
void waitq_leave(struct waitq *q, struct waiter *w);

/*
 * The three steps, for conditions that the macro below doesn't fit. A thread may wait in several queues at once: prepare all,
 * look at all conditions, sleep, finish all. An exclusive waiter that gives up (signal, deadline) must look at the condition
 * once more after wait_sleep(), because it may have been chosen for a wakeup that nobody else got.
 */
/* state is one of the two sleeping ones. w is zero but for link (list_init()), notify and exclusive. */
void wait_prepare(struct waitq *q, struct waiter *w, enum thread_state state);
/* Sleeps unless woken since wait_prepare(). timeout_ns: absolute clock_now_ns() time, or WAIT_FOREVER. 0, -ETIME, or -EINTR
 * if the state is interruptible and a signal is pending. */
MUST_CHECK int wait_sleep(u64 deadline_ns);
void wait_finish(struct waitq *q, struct waiter *w);

#define WAIT_FOREVER UINT64_MAX

/*
 * Debug kernels doubt each sleep of wait_event(): every few seconds the condition is looked at although nobody woke the thread. If it
 * is true, and nobody wakes the thread for as long again, a wakeup was forgotten, which the report says with the line of the wait.
 */
struct wait_watch {
	bool doubtful; /* awake, but still in the queue */
};
#if defined(AIRLOCK_DEBUG) && !defined(AIRLOCK_HOST_TEST)
MUST_CHECK int wait_watch_sleep(struct wait_watch *d, struct waiter *w, u64 deadline_ns);
/* The condition is true. */
void wait_watch_true(
	const struct wait_watch *d, const struct waiter *w, const char *file, int line);
#else
MUST_CHECK static inline int wait_watch_sleep(
	struct wait_watch *d, struct waiter *w, u64 deadline_ns)
{
	return wait_sleep(deadline_ns);
}

static inline void wait_watch_true(
	const struct wait_watch *d, const struct waiter *w, const char *file, int line)
{
}
#endif

/* Sleeps until condition is true, a signal arrives (interruptible) or the deadline passes: 0, -EINTR, -ETIME. The condition
 * may be looked at any number of times; it wins over both others. */
#define wait_event(q, condition, sleep_state, deadline_ns)                               \
	({                                                                               \
		struct waiter wait_w_ = {.link = LIST_INIT(wait_w_.link)};               \
		struct wait_watch wait_d_ = {false};                                     \
		int wait_err_ = 0;                                                       \
		for (;;) {                                                               \
			wait_prepare((q), &wait_w_, (sleep_state));                      \
			if (condition) {                                                 \
				wait_watch_true(&wait_d_, &wait_w_, __FILE__, __LINE__); \
				wait_err_ = 0;                                           \
				break;                                                   \
			}                                                                \
			if (wait_err_)                                                   \
				break;                                                   \
			wait_err_ = wait_watch_sleep(&wait_d_, &wait_w_, (deadline_ns)); \
		}                                                                        \
		wait_finish((q), &wait_w_);                                              \
		wait_err_;                                                               \
	})

/* True if the thread has a signal to handle, so that interruptible sleeps end. Registered by proc; called for user threads. */
void wait_set_signal_pending(bool (*fn)(struct thread *t));

/* Sleeps until the absolute time: 0 or -EINTR. */
MUST_CHECK int sleep_until(u64 deadline_ns);

#endif

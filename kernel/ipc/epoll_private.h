/* Between the files of ipc/epoll*.c: not for others. */
#ifndef IPC_EPOLL_PRIVATE_H
#define IPC_EPOLL_PRIVATE_H

#include "ipc/epoll.h"
#include "lib/list.h"
#include "lib/rbtree.h"
#include "lib/refcount.h"
#include "proc/file.h"
#include "sched/mutex.h"
#include "sched/wait.h"

/* What is said to the set rather than about the file. */
#define EPOLL_PRIVATE_BITS (EPOLLWAKEUP | EPOLLONESHOT | EPOLLET | EPOLLEXCLUSIVE)

/*
 * Locking key: (m) mutex; (q) queue.lock; (w) watches_lock; (c) constant. The mutex is held while files are asked and events
 * are copied out. queue.lock is taken by those who wake files, so in any context.
 */
struct epoll {
	struct refcount refs; /* the open file, and who is just removing a file that is closed */
	struct mutex mutex;   /* RANK_EPOLL */
	struct rb_root items; /* (m) by file and number */
	struct waitq queue;   /* its lock is RANK_WAITQ_INNER */
	struct list
		ready; /* (q) items whose files may be ready; for a moment in a list of epoll_await()'s */
	struct file *file; /* (c) no reference */
	struct user *user; /* (c) who made it, and pays for its items */
};

struct epoll_item;

/* Its place in one of its file's queues. */
struct epoll_link {
	struct waiter waiter;
	struct waitq *queue; /* (c) NULL: in none */
	struct epoll_item *item;
};

struct epoll_item {
	struct rb_node node; /* (m) */
	struct epoll *set;   /* (c) */
	struct file *file;   /* (c) no reference: a file that is closed leaves its sets first */
	u32 fd;		     /* (c) */
	struct epoll_event event; /* (m) and (q), read under either */
	struct list ready;	  /* (q) in set->ready, or empty */
	struct list watch;	  /* (w) in file->watches */
	void *pin;		  /* (c) what keeps the queues */
	struct epoll_link link[POLL_QUEUES];
};

/* Guards every file's list of watches. A set with an item in such a list is there as long as the lock is held. */
extern struct spinlock epoll_watches_lock;

void epoll_put(struct epoll *set);
/* What of it is wanted and holds. set->mutex is held. */
u32 epoll_item_ask(const struct epoll_item *item);
/* The item may be ready. True if a thread that waits for the set was woken. */
bool epoll_item_ready_locked(struct epoll_item *item) REQUIRES(&item->set->queue.lock);
/* Out of the set; the item is freed. set->mutex is held. */
void epoll_item_destroy(struct epoll_item *item);

/* -- epoll_graph.c: for an add that can make sets depend on sets; all three under epoll_graph_lock -- */

extern struct mutex epoll_graph_lock;
/* True if adding f to the set needs the lock. */
bool epoll_graph_concerns(const struct epoll *set, const struct file *f);
/* -ELOOP if the set can be reached from the inner one, or they would be too deep. */
MUST_CHECK int epoll_graph_check(struct epoll *set, struct epoll *inner);
/* True if too many ways lead from f, or from a file below it, through sets to sets. set->mutex is held. */
bool epoll_graph_is_crowded(struct file *f);

#endif

/* Waiting for one of several files: what poll, select and their kin stand on. Thread context. */
#ifndef SYS_POLLSET_H
#define SYS_POLLSET_H

#include <linux/poll.h>

#include "lib/compiler.h"
#include "lib/types.h"
#include "proc/file.h"
#include "sched/wait.h"

struct poll_entry;

struct poll_waiter {
	struct waiter waiter;
	struct waitq *queue; /* NULL: in none */
	struct poll_entry *entry;
};

struct poll_entry {
	struct file *file; /* with a reference; NULL: not asked */
	u32 events;	   /* what is wanted; POLLERR, POLLHUP and POLLNVAL always are */
	u32 revents;	   /* what holds; may be set beforehand for entries without a file */
	atomic32_t *woken; /* the call's */
	struct poll_waiter waiter[POLL_QUEUES];
};

/* n empty entries, or NULL if memory ran out. */
MUST_CHECK struct poll_entry *pollset_create(u32 n);
/* Puts the files, too. */
void pollset_destroy(struct poll_entry *e, u32 n);
/* Sleeps until something wanted holds for at least one entry: how many; 0 at the deadline;
 * -EINTR. */
MUST_CHECK s64 pollset_wait(struct poll_entry *e, u32 n, u64 deadline_ns);

#endif

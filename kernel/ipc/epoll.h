/*
 * epoll(7): sets of files, and waiting for those that are ready. Thread context.
 *
 *   epoll.c        the set: what is ready, waiting, the file that stands for it
 *   epoll_item.c   one file in one set: adding, changing, removing; a file that is closed
 *   epoll_graph.c  sets in sets: no cycles, not too deep, not too many ways
 */
#ifndef IPC_EPOLL_H
#define IPC_EPOLL_H

#include <linux/eventpoll.h>

#include "lib/compiler.h"
#include "lib/types.h"

struct epoll;
struct file;

/* A new, empty set. 0 or -ENOMEM. */
MUST_CHECK int epoll_open(struct file **out);
/* The set behind a file; NULL if it is something else. */
struct epoll *epoll_of(const struct file *f);

/* epoll_ctl(2), of the file that the caller knows as fd. Both are held by the caller. 0, -EEXIST, -ENOENT, -EINVAL,
 * -ELOOP, -ENOMEM, -ENOSPC. */
MUST_CHECK int epoll_add(
	struct epoll *set, struct file *f, u32 fd, const struct epoll_event *event);
MUST_CHECK int epoll_modify(
	struct epoll *set, struct file *f, u32 fd, const struct epoll_event *event);
MUST_CHECK int epoll_remove(struct epoll *set, struct file *f, u32 fd);

/* epoll_wait(2): writes at most max events to the program's array at `to`: how many; 0 at the deadline; -EINTR; -EFAULT. */
MUST_CHECK s64 epoll_await(struct epoll *set, uaddr_t to, u32 max, u64 deadline_ns);

/* How many files the sets of one user may have: fs.epoll.max_user_watches. */
u64 epoll_watch_limit(void);
void epoll_set_watch_limit(u64 limit);

/* Start-up. */
void epoll_init(void);

#endif

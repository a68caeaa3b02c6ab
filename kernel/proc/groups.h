/*
 * The supplementary groups of a process: up to Linux's 65,536, shared with its children until one of them changes its own.
 *
 * A list is constant, so sharing it costs a reference. groups->lock protects which list it is; it is a leaf, so that permissions
 * can be checked with any lock held that is not one of handlers.
 */
#ifndef PROC_GROUPS_H
#define PROC_GROUPS_H

#include <linux/limits.h>

#include "lib/types.h"
#include "sync/spinlock.h"

struct group_list;
struct process;

struct groups {
	struct spinlock lock;			   /* RANK_GROUPS */
	struct group_list *list GUARDED_BY(&lock); /* NULL: none */
};

void groups_init(struct groups *g);
/* Gives the list back. The process has nobody left who could ask. */
void groups_free(struct groups *g);
/* The child's, which is not visible yet, become the parent's. */
void groups_share(struct groups *child, struct groups *parent);

bool groups_contain(struct groups *g, u32 gid);

/* getgroups(2) and setgroups(2): the count or 0, or -EINVAL, -EFAULT, -ENOMEM. Thread context, no locks. */
s64 groups_get(struct groups *g, s32 room, uaddr_t to);
s64 groups_set(struct groups *g, u32 count, uaddr_t from);
/* Calls f with each, in ascending order; f may sleep. */
void groups_for_each(struct groups *g, void (*f)(void *context, u32 gid), void *context);

#endif

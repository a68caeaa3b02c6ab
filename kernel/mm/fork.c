/*
 * fork: a second address space with the same contents, sharing frames until one side writes.
 *
 * Private pages become read-only on both sides, each frame with one reference more; the fault on
 * the first write copies the frame, or takes it if the other side has gone (fault.c). The parent's
 * translations are flushed once, at the end, before its lock is released: until then no fault of
 * its other threads can give a write permission back, and the child does not run yet, so a write
 * through an old translation is one that came before the fork.
 *
 * Pages of shared areas are not copied: the child gets them from the source when it touches them.
 *
 * All or nothing: if memory runs out, what the child has got so far is given back. The parent then
 * keeps read-only entries for frames that are only its own, which cost it a fault each.
 *
 * Lock: the parent's. The child can't be reached by anybody else before mm_fork() returns.
 */
#include "lib/errno.h"
#include "mm/commit.h"
#include "mm/mm_private.h"
#include "sched/break.h"

/* References for the child's entries. The zero frame's are not counted. */
static void count_frames(void *arg, const paddr_t *frames, u32 n)
{
	struct mm *child = arg;

	sched_break();
	for (u32 i = 0; i < n; i++) {
		if (frames[i].v == zero_frame.v)
			continue;
		frame_get(page_of(frames[i]));
		mm_count_page(child, page_of(frames[i]), 1);
	}
}

static int fork_area(
	struct mm *child, struct mm *parent, const struct area *a, struct pagetable_share *share)
{
	if (a->flags & AREA_DONTFORK)
		return 0;
	u64 promised = a->flags & AREA_ACCOUNT ? (a->end - a->start) / PAGE_SIZE : 0;
	if (commit_reserve(parent, promised))
		return -ENOSPC;
	struct area *new = area_alloc();
	if (!new) {
		commit_release(promised);
		return -ENOMEM;
	}
	area_copy(new, a);
	/* Locks are not inherited. */
	new->flags &= ~(AREA_LOCKED | AREA_LOCK_ON_FAULT);
	area_link(child, new);
	commit_release(promised);
	if (a->flags & (AREA_SHARED | AREA_WIPEONFORK))
		return 0;
	return pagetable_share_range(&child->tables, &parent->tables, a->start, a->end, share);
}

static int fork_areas(struct mm *child, struct mm *parent)
{
	struct pagetable_share share = {
		.copy_on_write = true, .frames = count_frames, .arg = child};
	int err = 0;

	for (struct area *a = area_at_or_after(parent, 0); a && !err; a = area_next(a)) {
		err = fork_area(child, parent, a, &share);
		sched_break();
	}
	/* Also on failure: a frame that loses its second reference again would be written to
	 * through a translation that the tables do not have, which is legal but hard to follow. */
	if (share.tightened)
		tlb_flush_all(&parent->tlb);
	return err;
}

static void fork_constants(struct mm *child, const struct mm *parent)
{
	child->mmap_base = parent->mmap_base;
	child->stack_top = parent->stack_top;
	child->stack_limit = parent->stack_limit;
	atomic32_store_relaxed(&child->membarrier, atomic32_load(&parent->membarrier));
	child->brk_start = parent->brk_start;
	child->brk = parent->brk;
	child->no_huge = READ_ONCE(parent->no_huge);
	child->stack_start = parent->stack_start;
	child->code_start = parent->code_start;
	child->code_end = parent->code_end;
	child->data_start = parent->data_start;
	child->data_end = parent->data_end;
	child->auxv_start = parent->auxv_start;
	child->auxv_end = parent->auxv_end;
	child->arg_start = parent->arg_start;
	child->arg_end = parent->arg_end;
	child->env_start = parent->env_start;
	child->env_end = parent->env_end;
}

/* From here on it is found through its sources. The parent's lock is still held: a source that
 * takes pages away has either been at the parent before we copied, or comes to the child. */
static void fork_show(struct mm *child)
{
	child->hidden = false;
	for (struct area *a = area_at_or_after(child, 0); a; a = area_next(a))
		if (a->source)
			reverse_attach(child, a);
}

static int fork_once(struct mm *parent, struct mm **out)
{
	struct mm *child;
	int err = mm_create(&child);

	if (err)
		return err;
	child->hidden = true;
	mutex_lock(&parent->lock);
	fork_constants(child, parent);
	err = fork_areas(child, parent);
	if (!err)
		fork_show(child);
	mutex_unlock(&parent->lock);
	if (err)
		mm_put_user(child);
	else
		*out = child;
	return err;
}

int mm_fork(struct mm *parent, struct mm **out)
{
	int err;

	do
		err = fork_once(parent, out);
	while (err == -ENOMEM && oom_try_again());
	/* A promise that may not be made is no shortage: nobody is ended for it. */
	return err == -ENOSPC ? -ENOMEM : err;
}

/*
 * The pid table.
 *
 * Numbers are given out in rising order and wrap around at PID_MAX, as Linux does, so that a number
 * is not reused soon after its owner has gone. Processes, threads, groups and sessions share them: a
 * number is free when nobody uses it in any of these ways, so a group's number is not given to a
 * process that has nothing to do with the group.
 *
 * What has a number stands in a leaf of 64 that is made with the first of them and freed with the
 * last, so a lookup is two loads, and a few processes cost a page. `taken` has a bit for each number in
 * use: the next free one, and the next one in use, are found by words.
 *
 * Everything is under pid_table_lock (RANK_PID_TABLE).
 */
#include "proc/pid.h"

#include "lib/bitmap.h"
#include "lib/errno.h"
#include "mm/slab.h"
#include "proc/process.h"

#define LEAF_SIZE 64

struct pid_leaf {
	u32 used;
	struct pid pid[LEAF_SIZE];
};

struct spinlock pid_table_lock = SPINLOCK_INIT("pid table", RANK_PID_TABLE);
static u64 taken[BITMAP_WORDS(PID_MAX)] GUARDED_BY(pid_table_lock);
static struct pid_leaf *leaves[PID_MAX / LEAF_SIZE] GUARDED_BY(pid_table_lock);
static u32 last_pid GUARDED_BY(pid_table_lock);
static u32 process_total GUARDED_BY(pid_table_lock);

struct pid *pid_lookup_locked(u32 number)
{
	if (number >= PID_MAX || !bitmap_test(taken, number))
		return NULL;
	return &leaves[number / LEAF_SIZE]->pid[number % LEAF_SIZE];
}

u32 pid_next_taken_locked(u32 from)
{
	size_t n = bitmap_next_set(taken, PID_MAX, from);

	return n < PID_MAX ? (u32)n : 0;
}

static struct pid_leaf *leaf_get(u32 number) REQUIRES(&pid_table_lock)
{
	struct pid_leaf **leaf = &leaves[number / LEAF_SIZE];

	if (!*leaf)
		*leaf = kzalloc(sizeof(**leaf));
	return *leaf;
}

/* The next free number after the last one given out, 0 is nobody's. */
static u32 next_free(void) REQUIRES(&pid_table_lock)
{
	size_t n = bitmap_next_clear(taken, PID_MAX, last_pid + 1);

	if (n >= PID_MAX)
		n = bitmap_next_clear(taken, PID_MAX, 1);
	return n < PID_MAX ? (u32)n : 0;
}

int pid_alloc(u32 *out)
{
	*out = 0;
	spin_lock(&pid_table_lock);
	u32 number = next_free();
	struct pid_leaf *leaf = number ? leaf_get(number) : NULL;
	if (leaf) {
		struct pid *n = &leaf->pid[number % LEAF_SIZE];
		leaf->used++;
		*n = (struct pid){.number = number, .users = 1};
		list_init(&n->group);
		list_init(&n->session);
		bitmap_set(taken, number);
		last_pid = number;
		*out = number;
	}
	spin_unlock(&pid_table_lock);
	if (leaf)
		return 0;
	return number ? -ENOMEM : -EAGAIN;
}

void pid_hold_locked(struct pid *n)
{
	n->users++;
}

void pid_drop_locked(struct pid *n)
{
	struct pid_leaf **leaf = &leaves[n->number / LEAF_SIZE];

	CHECK(n->users > 0);
	if (--n->users > 0)
		return;
	bitmap_clear(taken, n->number);
	if (--(*leaf)->used > 0)
		return;
	kfree(*leaf);
	*leaf = NULL;
}

void pid_free(u32 number)
{
	spin_lock(&pid_table_lock);
	struct pid *n = pid_lookup_locked(number);
	if (n)
		pid_drop_locked(n);
	spin_unlock(&pid_table_lock);
	CHECK(n);
}

void pid_table_add_locked(struct process *p)
{
	struct pid *n = pid_lookup_locked(p->pid);

	process_get(p);
	CHECK(n && !n->process);
	n->process = p;
	process_total++;
}

void pid_table_remove_locked(struct process *p)
{
	struct pid *n = pid_lookup_locked(p->pid);

	CHECK(n && n->process == p);
	n->process = NULL;
	process_total--;
	pid_drop_locked(n);
}

void pid_set_thread_locked(u32 tid, struct thread *t)
{
	struct pid *n = pid_lookup_locked(tid);

	CHECK(n);
	n->thread = t;
}

struct thread *pid_thread_locked(u32 tid)
{
	struct pid *n = pid_lookup_locked(tid);

	return n ? n->thread : NULL;
}

struct process *process_find(u32 pid)
{
	spin_lock(&pid_table_lock);
	struct pid *n = pid_lookup_locked(pid);
	struct process *p = n ? n->process : NULL;
	if (p)
		process_get(p);
	spin_unlock(&pid_table_lock);
	return p;
}

u32 pid_last(void)
{
	spin_lock(&pid_table_lock);
	u32 number = last_pid;
	spin_unlock(&pid_table_lock);
	return number;
}

u32 process_count(void)
{
	spin_lock(&pid_table_lock);
	u32 n = process_total;
	spin_unlock(&pid_table_lock);
	return n;
}

/* The next number in use, from `from` on, that is a process's; NULL past the last. */
static struct process *next_process(size_t from) REQUIRES(&pid_table_lock)
{
	for (size_t i = bitmap_next_set(taken, PID_MAX, from); i < PID_MAX;
		i = bitmap_next_set(taken, PID_MAX, i + 1)) {
		struct pid *n = pid_lookup_locked((u32)i);
		if (n->process)
			return n->process;
	}
	return NULL;
}

struct process *pid_table_search(bool (*fn)(struct process *p, void *arg), void *arg)
{
	spin_lock(&pid_table_lock);
	struct process *p = next_process(0);
	while (p && !fn(p, arg))
		p = next_process(p->pid + 1);
	if (p)
		process_get(p);
	spin_unlock(&pid_table_lock);
	return p;
}

struct process *process_next(u32 pid)
{
	spin_lock(&pid_table_lock);
	struct process *p = next_process(pid);
	if (p)
		process_get(p);
	spin_unlock(&pid_table_lock);
	return p;
}

u32 process_parent_pid(struct process *p)
{
	spin_lock(&pid_table_lock);
	u32 pid = p->family.parent ? p->family.parent->pid : 0;
	spin_unlock(&pid_table_lock);
	return pid;
}

struct thread *process_find_thread(u32 tid)
{
	spin_lock(&pid_table_lock);
	struct thread *t = pid_thread_locked(tid);
	if (t)
		thread_get(t);
	spin_unlock(&pid_table_lock);
	return t;
}

bool pid_in_use(u32 number)
{
	spin_lock(&pid_table_lock);
	bool in_use = pid_lookup_locked(number) != NULL;
	spin_unlock(&pid_table_lock);
	return in_use;
}

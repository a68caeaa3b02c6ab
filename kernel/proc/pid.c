/*
 * The pid table: which numbers are taken, and the processes in order of pid.
 *
 * Numbers are given out in rising order and wrap around at PID_MAX, as Linux does, so that a number
 * is not reused soon after its owner has gone. Processes and threads share them. Everything here is
 * under table_lock (RANK_PID_TABLE), which is taken before process locks and never from an
 * interrupt.
 */
#include "proc/pid.h"

#include "lib/rbtree.h"
#include "proc/process.h"

static struct spinlock table_lock = SPINLOCK_INIT("pid table", RANK_PID_TABLE);
static u64 taken[PID_MAX / 64] GUARDED_BY(table_lock) = {1}; /* 0 is nobody's */
static u32 last_pid GUARDED_BY(table_lock);
static struct rb_root processes GUARDED_BY(table_lock);
static u32 live_count GUARDED_BY(table_lock);

static struct process *pid_entry(struct rb_node *n)
{
	return rb_entry(n, struct process, pid_node);
}

static int pid_compare(const struct rb_node *a, const struct rb_node *b)
{
	u32 x = rb_entry(a, const struct process, pid_node)->pid;
	u32 y = rb_entry(b, const struct process, pid_node)->pid;

	return x < y ? -1 : x > y;
}

static int pid_key_compare(const void *key, const struct rb_node *n)
{
	u32 x = *(const u32 *)key;
	u32 y = rb_entry(n, const struct process, pid_node)->pid;

	return x < y ? -1 : x > y;
}

u32 pid_alloc(void)
{
	u32 found = 0;

	spin_lock(&table_lock);
	for (u32 i = 1; i <= PID_MAX && !found; i++) {
		u32 pid = (last_pid + i) % PID_MAX;
		if (taken[pid / 64] & BIT(pid % 64))
			continue;
		taken[pid / 64] |= BIT(pid % 64);
		last_pid = pid;
		found = pid;
	}
	spin_unlock(&table_lock);
	return found;
}

void pid_free(u32 pid)
{
	spin_lock(&table_lock);
	bool was_taken = pid != 0 && (taken[pid / 64] & BIT(pid % 64));
	if (was_taken)
		taken[pid / 64] &= ~BIT(pid % 64);
	spin_unlock(&table_lock);
	CHECK(was_taken);
}

void pid_table_add(struct process *p)
{
	process_get(p);
	spin_lock(&table_lock);
	rb_insert(&processes, &p->pid_node, pid_compare);
	live_count++;
	spin_unlock(&table_lock);
}

void pid_table_remove(struct process *p)
{
	spin_lock(&table_lock);
	rb_remove(&processes, &p->pid_node);
	live_count--;
	spin_unlock(&table_lock);
	process_put(p);
}

struct process *process_find(u32 pid)
{
	spin_lock(&table_lock);
	struct rb_node *n = rb_find(&processes, &pid, pid_key_compare);
	struct process *p = n ? pid_entry(n) : NULL;
	if (p)
		process_get(p);
	spin_unlock(&table_lock);
	return p;
}

u32 process_count(void)
{
	spin_lock(&table_lock);
	u32 n = live_count;
	spin_unlock(&table_lock);
	return n;
}

struct process *pid_table_search(bool (*fn)(struct process *p, void *arg), void *arg)
{
	struct process *found = NULL;

	spin_lock(&table_lock);
	for (struct rb_node *n = rb_first(&processes); n && !found; n = rb_next(n))
		if (fn(pid_entry(n), arg))
			found = pid_entry(n);
	if (found)
		process_get(found);
	spin_unlock(&table_lock);
	return found;
}

u32 process_parent_pid(struct process *p)
{
	spin_lock(&table_lock);
	u32 pid = p->parent ? p->parent->pid : 0;
	spin_unlock(&table_lock);
	return pid;
}

struct thread_search {
	u32 tid;
	struct thread *found;
};

static bool thread_search_in(struct process *p, void *arg)
{
	struct thread_search *s = arg;
	struct thread *t;

	spin_lock(&p->lock);
	list_for_each_entry (t, &p->threads, process_link) {
		if (t->tid != s->tid)
			continue;
		thread_get(t);
		s->found = t;
	}
	spin_unlock(&p->lock);
	return false;
}

struct thread *process_find_thread(u32 tid)
{
	struct thread_search s = {.tid = tid};

	/* Never returns a process: the search is for its own sake. */
	CHECK(!pid_table_search(thread_search_in, &s));
	return s.found;
}

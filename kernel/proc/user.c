/*
 * Users and their threads.
 *
 * A struct user exists while somebody refers to it: each thread does, and a call that is about to
 * make one. users_lock (RANK_USERS) guards the tree, the references and the counts, so a user that
 * is found in the tree is never on its way out. It is taken inside process->lock (setuid moves all
 * threads of a process) and nothing is taken inside but the allocator's locks.
 */
#include "proc/user.h"

#include "lib/errno.h"
#include "lib/rbtree.h"
#include "mm/frame.h"
#include "mm/slab.h"
#include "proc/process.h"

struct user {
	struct rb_node node; /* users_lock */
	u32 uid;	     /* constant */
	u32 refs;	     /* users_lock */
	u32 threads;	     /* users_lock; read without it where a moment ago will do */
	atomic64_t watches;  /* in the epoll sets that it has made */
	atomic64_t locked;   /* pages of System V segments that it has locked */
};

static struct spinlock users_lock = SPINLOCK_INIT("users", RANK_USERS);
static struct rb_root users GUARDED_BY(users_lock);
static u32 threads_total GUARDED_BY(users_lock);

static int compare_key(const void *key, const struct rb_node *n)
{
	u32 x = *(const u32 *)key, y = rb_entry(n, const struct user, node)->uid;

	return x < y ? -1 : x > y;
}

static int compare(const struct rb_node *a, const struct rb_node *b)
{
	return compare_key(&rb_entry(a, const struct user, node)->uid, b);
}

struct user *user_get(u32 uid)
{
	spin_lock(&users_lock);
	struct rb_node *n = rb_find(&users, &uid, compare_key);
	struct user *u = n ? rb_entry(n, struct user, node) : kzalloc(sizeof(*u));
	if (u && !n) {
		u->uid = uid;
		rb_insert(&users, &u->node, compare);
	}
	if (u)
		u->refs++;
	spin_unlock(&users_lock);
	return u;
}

static void put_locked(struct user *u) REQUIRES(&users_lock)
{
	CHECK(u->refs > 0);
	if (--u->refs > 0)
		return;
	CHECK(u->threads == 0 && atomic64_load_relaxed(&u->watches) == 0);
	CHECK(atomic64_load_relaxed(&u->locked) == 0);
	rb_remove(&users, &u->node);
	kfree(u);
}

void user_get_more(struct user *u)
{
	spin_lock(&users_lock);
	u->refs++;
	spin_unlock(&users_lock);
}

struct user *user_get_current(void)
{
	/* setuid in another thread may be changing it. */
	spin_lock(&users_lock);
	struct user *u = current_thread()->user;
	u->refs++;
	spin_unlock(&users_lock);
	return u;
}

void user_put(struct user *u)
{
	spin_lock(&users_lock);
	put_locked(u);
	spin_unlock(&users_lock);
}

u32 user_threads(const struct user *u)
{
	return READ_ONCE(u->threads);
}

bool user_add_watch(struct user *u, u64 limit)
{
	if (atomic64_fetch_add(&u->watches, 1) < limit)
		return true;
	user_remove_watch(u);
	return false;
}

void user_remove_watch(struct user *u)
{
	atomic64_fetch_sub(&u->watches, 1);
}

bool user_lock_pages(struct user *u, u64 pages, u64 limit)
{
	if (atomic64_fetch_add(&u->locked, pages) + pages <= limit)
		return true;
	user_unlock_pages(u, pages);
	return false;
}

void user_unlock_pages(struct user *u, u64 pages)
{
	atomic64_fetch_sub(&u->locked, pages);
}

u32 user_threads_max(void)
{
	/* As Linux: so many that their stacks would fill an eighth of memory. */
	u64 n = frame_total_count() * PAGE_SIZE / (KERNEL_STACK_SIZE * 8);

	return (u32)MIN(MAX(n, 20UL), UINT32_MAX);
}

u32 user_threads_total(void)
{
	spin_lock(&users_lock);
	u32 n = threads_total;
	spin_unlock(&users_lock);
	return n;
}

int user_join(struct user *u, struct thread *t)
{
	spin_lock(&users_lock);
	bool room = threads_total < user_threads_max();
	if (room) {
		threads_total++;
		u->threads++;
		t->user = u;
	}
	spin_unlock(&users_lock);
	return room ? 0 : -EAGAIN;
}

void user_leave(struct thread *t)
{
	spin_lock(&users_lock);
	if (t->user) {
		threads_total--;
		t->user->threads--;
		put_locked(t->user);
		t->user = NULL;
	}
	spin_unlock(&users_lock);
}

void user_change_locked(struct process *p, struct user *u)
{
	struct thread *t;

	spin_lock(&users_lock);
	list_for_each_entry (t, &p->threads, process_link) {
		if (!t->user)
			continue;
		t->user->threads--;
		put_locked(t->user);
		t->user = u;
		u->refs++;
		u->threads++;
	}
	put_locked(u);
	spin_unlock(&users_lock);
}

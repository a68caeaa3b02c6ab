/*
 * flock(2), and fcntl(2)'s locks: what a program asks for becomes a claim, and a claim a lock.
 *
 * Memory is found before anything is looked at: a request brings what its lock may need, and a set for a file that has none.
 */
#include <asm/stat.h>
#include <linux/fcntl.h>
#include <linux/fs.h>

#include "fs/lock_private.h"
#include "lib/errno.h"
#include "mm/slab.h"
#include "proc/file.h"
#include "proc/process.h"

static bool may_read(const struct file *f)
{
	u32 access = atomic32_load_relaxed(&f->flags) & O_ACCMODE;

	return access == O_RDONLY || access == O_RDWR;
}

static bool may_write(const struct file *f)
{
	u32 access = atomic32_load_relaxed(&f->flags) & O_ACCMODE;

	return access == O_WRONLY || access == O_RDWR;
}

static void request_init(struct lock_request *r, const struct lock_claim *c)
{
	*r = (struct lock_request){.claim = *c};
	list_init(&r->link);
	list_init(&r->owner_link);
	list_init(&r->spares);
	waitq_init(&r->answered);
}

/* False if there is not memory for so many; some are there then. */
static bool request_find_spares(struct lock_request *r, u32 n)
{
	while (n--) {
		struct file_lock *l = kzalloc(sizeof(*l));
		if (!l)
			return false;
		list_push_back(&r->spares, &l->link);
	}
	return true;
}

/* The lock, if nothing is in the way: 0, LOCK_WAITS, -EAGAIN, -EDEADLK, -ENOLCK. */
static int take_locked(struct lock_set *s, struct lock_request *r, bool wait) REQUIRES(&lock_mutex)
{
	struct list *held = lock_set_list(s, r->claim.kind);
	const struct file_lock *blocker = lock_list_conflict(held, &r->claim);

	if (blocker)
		return wait ? lock_wait_join(s, r, blocker) : -EAGAIN;
	int err = lock_list_apply(held, &r->claim, &r->spares);
	lock_wait_serve(s);
	return err;
}

/* What the same open file has already. */
static struct file_lock *flock_of(struct lock_set *s, const void *owner) REQUIRES(&lock_mutex)
{
	struct file_lock *l;

	list_for_each_entry (l, &s->flocks, link)
		if (l->claim.owner == owner)
			return l;
	return NULL;
}

/* flock(2): a change of type is not atomic: the old lock goes first, whether the new one comes or not. */
static int flock_locked(struct lock_set *s, struct lock_request *r, bool wait) REQUIRES(&lock_mutex)
{
	const struct file_lock *has = flock_of(s, r->claim.owner);

	if (has && has->claim.type == r->claim.type)
		return 0;
	if (has) {
		(void)!lock_list_drop(&s->flocks, r->claim.owner, &r->spares);
		lock_wait_serve(s);
	}
	return take_locked(s, r, wait);
}

/* As the calls' results; who gives back what he does not have is right. */
static int request_run(struct lock_request *r, const struct stat *st, bool wait)
{
	struct lock_set *spare = NULL, *empty = NULL;
	int result = 0;

	if (r->claim.type != F_UNLCK && !(spare = kzalloc(sizeof(*spare))))
		return -ENOMEM;
	mutex_lock(&lock_mutex);
	struct lock_set *s = lock_set_find(st->st_dev, st->st_ino);
	if (!s && spare)
		s = lock_set_make(st->st_dev, st->st_ino, &spare);
	if (s) {
		result = r->claim.kind == LOCK_OF_FLOCK ? flock_locked(s, r, wait)
							: take_locked(s, r, wait);
		empty = lock_set_retire(s);
	}
	mutex_unlock(&lock_mutex);
	kfree(spare);
	kfree(empty);
	return result == LOCK_WAITS ? lock_wait_sleep(r) : result;
}

/* -- flock(2) -- */

static int flock_type(u32 operation, s16 *type)
{
	switch (operation) {
	case LOCK_SH:
		*type = F_RDLCK;
		return 0;
	case LOCK_EX:
		*type = F_WRLCK;
		return 0;
	case LOCK_UN:
		*type = F_UNLCK;
		return 0;
	default:
		return -EINVAL;
	}
}

int lock_flock_check(u32 operation)
{
	s16 type;

	return flock_type(operation & ~(u32)LOCK_NB, &type);
}

int lock_flock(struct file *f, u32 operation)
{
	struct lock_claim c = {.kind = LOCK_OF_FLOCK,
		.owner = f,
		.pid = (s32)current_process()->pid,
		.last = LOCK_END};
	struct lock_request r;
	struct stat st;

	int err = flock_type(operation & ~(u32)LOCK_NB, &c.type);
	if (err)
		return err;
	if (c.type != F_UNLCK && !may_read(f) && !may_write(f))
		return -EBADF;
	err = f->ops->stat(f, &st);
	if (err)
		return err;
	request_init(&r, &c);
	if (c.type != F_UNLCK) {
		WRITE_ONCE(f->locked, true);
		err = request_find_spares(&r, 1) ? 0 : -ENOMEM;
	}
	if (!err)
		err = request_run(&r, &st, !(operation & LOCK_NB));
	lock_spares_free(&r.spares);
	return err;
}

/* -- fcntl(2) -- */

/* Where the range's offsets count from, or -errno. */
static s64 range_base(struct file *f, const struct stat *st, s16 whence)
{
	switch (whence) {
	case SEEK_SET:
		return 0;
	case SEEK_CUR:
		/* One word, without the position's lock, as on Linux. */
		return (s64)READ_ONCE(f->pos);
	case SEEK_END:
		return st->st_size;
	default:
		return -EINVAL;
	}
}

/* The bytes of the range: 0, -EINVAL, -EOVERFLOW. */
static int range_decode(s64 base, const struct flock *what, struct lock_claim *c)
{
	s64 start = what->l_start, length = what->l_len;

	if (start > LOCK_END - base)
		return -EOVERFLOW;
	start += base;
	if (start < 0)
		return -EINVAL;
	c->first = start;
	c->last = LOCK_END;
	if (length > 0) {
		if (length - 1 > LOCK_END - start)
			return -EOVERFLOW;
		c->last = start + length - 1;
	} else if (length < 0) {
		if (start + length < 0)
			return -EINVAL;
		c->first = start + length;
		c->last = start - 1;
	}
	return 0;
}

static int claim_decode(
	struct file *f, const struct stat *st, const struct flock *what, struct lock_claim *c)
{
	s64 base = range_base(f, st, what->l_whence);

	if (base < 0)
		return (int)base;
	int err = range_decode(base, what, c);
	if (err)
		return err;
	c->type = what->l_type;
	return c->type == F_RDLCK || c->type == F_WRLCK || c->type == F_UNLCK ? 0 : -EINVAL;
}

static void claim_init(struct lock_claim *c, struct files *t, struct file *f, bool of_file)
{
	*c = (struct lock_claim){
		.kind = of_file ? LOCK_OF_FILE : LOCK_OF_PROCESS,
		.owner = of_file ? (const void *)f : (const void *)t,
		.pid = of_file ? -1 : (s32)current_process()->pid,
	};
}

static int check_access(const struct file *f, s16 type)
{
	if (type == F_RDLCK && !may_read(f))
		return -EBADF;
	return type == F_WRLCK && !may_write(f) ? -EBADF : 0;
}

/* Who closes the file while this gets a lock on it has not seen that lock: then nobody would give it back (fs/lock_table.c). */
static int undo_if_closed(
	struct lock_request *r, const struct stat *st, struct files *t, u32 fd, struct file *f)
{
	if (files_has(t, (int)fd, f))
		return 0;
	r->claim.type = F_UNLCK;
	int err = request_run(r, st, false);
	return err ? err : -EBADF;
}

/* A process's lock or that of an open file. One spare more than a lock needs is for undoing it. */
static int record_run(struct lock_request *r, const struct stat *st, struct files *t, u32 fd,
	struct file *f, bool wait)
{
	bool enough = request_find_spares(r, r->claim.type == F_UNLCK ? 1 : LOCK_SPARES + 1);

	/* Giving back may need none: lock_list_apply() finds out. */
	if (!enough && r->claim.type != F_UNLCK)
		return -ENOLCK;
	if (r->claim.type != F_UNLCK && r->claim.kind == LOCK_OF_PROCESS)
		WRITE_ONCE(t->record_locks, true);
	else if (r->claim.type != F_UNLCK)
		WRITE_ONCE(f->locked, true);
	int err = request_run(r, st, wait);
	if (err == -ENOMEM)
		return -ENOLCK;
	if (!err && r->claim.kind == LOCK_OF_PROCESS && r->claim.type != F_UNLCK)
		err = undo_if_closed(r, st, t, fd, f);
	return err;
}

int lock_set(
	struct files *t, u32 fd, struct file *f, const struct flock *what, struct lock_command c)
{
	struct lock_request r;
	struct lock_claim claim;
	struct stat st;

	int err = f->ops->stat(f, &st);
	if (err)
		return err;
	claim_init(&claim, t, f, c.of_file);
	err = claim_decode(f, &st, what, &claim);
	if (!err)
		err = check_access(f, claim.type);
	if (err)
		return err;
	if (c.of_file && what->l_pid)
		return -EINVAL;
	request_init(&r, &claim);
	err = record_run(&r, &st, t, fd, f, c.wait);
	lock_spares_free(&r.spares);
	return err;
}

static void tell(const struct lock_claim *c, struct flock *out)
{
	out->l_type = c->type;
	out->l_whence = SEEK_SET;
	out->l_start = c->first;
	out->l_len = c->last == LOCK_END ? 0 : c->last - c->first + 1;
	out->l_pid = c->pid;
}

int lock_get(struct files *t, struct file *f, struct flock *what, struct lock_command c)
{
	struct lock_claim claim;
	struct stat st;

	if (what->l_type != F_RDLCK && what->l_type != F_WRLCK)
		return -EINVAL;
	int err = f->ops->stat(f, &st);
	if (err)
		return err;
	claim_init(&claim, t, f, c.of_file);
	err = claim_decode(f, &st, what, &claim);
	if (err)
		return err;
	if (c.of_file && what->l_pid)
		return -EINVAL;
	mutex_lock(&lock_mutex);
	struct lock_set *s = lock_set_find(st.st_dev, st.st_ino);
	const struct file_lock *blocker = s ? lock_list_conflict(&s->ranges, &claim) : NULL;
	if (blocker)
		tell(&blocker->claim, what);
	else
		what->l_type = F_UNLCK;
	mutex_unlock(&lock_mutex);
	return 0;
}

/*
 * Descriptor tables: which open file each small number of a process names.
 *
 * The table's spinlock guards slots, capacity and flags. Nothing sleeps under it: a bigger table is
 * allocated before the lock is taken again and thrown away if somebody else was faster; a file that
 * leaves the table is put after unlocking, because its release may sleep. A lookup takes its
 * reference under the lock, so a close on another CPU can't free the file in between.
 *
 * A number is free, reserved or open. Reserved means that a call has chosen it and may still fail
 * (pipe2(2) copies its numbers out before anything can be found under them): nobody else gets it,
 * lookups and close(2) don't see it, and dup2(2) onto it is EBUSY, as on Linux. `taken` has a bit
 * for reserved and open ones, so the lowest free number, which POSIX demands, is found by words.
 */
#include "lib/assert.h"
#include "lib/errno.h"
#include "lib/nospec.h"
#include "lib/string.h"
#include "mm/slab.h"
#include "proc/file.h"
#include "sched/break.h"

#define FILES_FIRST_CAPACITY 64U

static u32 files_words(u32 capacity)
{
	return (capacity + 63) / 64;
}

struct files *files_create(void)
{
	struct files *t = kzalloc(sizeof(*t));
	if (!t)
		return NULL;
	t->slot = kzalloc(FILES_FIRST_CAPACITY * sizeof(t->slot[0]));
	t->cloexec = kzalloc(2 * files_words(FILES_FIRST_CAPACITY) * sizeof(u64));
	if (!t->slot || !t->cloexec) {
		kfree(t->slot);
		kfree(t->cloexec);
		kfree(t);
		return NULL;
	}
	t->taken = t->cloexec + files_words(FILES_FIRST_CAPACITY);
	refcount_init(&t->refs);
	spin_init(&t->lock, "files", RANK_FILES);
	t->capacity = FILES_FIRST_CAPACITY;
	t->limit = FILES_DEFAULT_LIMIT;
	return t;
}

void files_get(struct files *t)
{
	refcount_get(&t->refs);
}

/* Puts the reference that a descriptor had, which is no longer in the table. */
static void files_drop(struct files *t, struct file *f)
{
	/* Not under the lock, which came after whatever this may see: fs/lock_table.c. */
	if (READ_ONCE(t->record_locks))
		file_descriptor_closed(t, f);
	file_put(f);
}

void files_put(struct files *t)
{
	if (!refcount_put(&t->refs))
		return;
	/* Nobody else can reach the table any more: no lock. */
	for (u32 i = 0; i < t->capacity; i++) {
		sched_break();
		if (t->slot[i])
			files_drop(t, t->slot[i]);
	}
	kfree(t->slot);
	kfree(t->cloexec);
	kfree(t);
}

/* The slot of an open descriptor, or NULL. */
static struct file **files_slot_locked(struct files *t, int fd) REQUIRES(&t->lock)
{
	if ((u32)fd >= t->capacity)
		return NULL;
	struct file **slot = &t->slot[index_nospec((u32)fd, t->capacity)];
	return *slot ? slot : NULL;
}

static void files_mark_cloexec_locked(struct files *t, u32 fd, bool cloexec) REQUIRES(&t->lock)
{
	if (cloexec)
		t->cloexec[fd / 64] |= BIT(fd % 64);
	else
		t->cloexec[fd / 64] &= ~BIT(fd % 64);
}

struct file *files_lookup(struct files *t, int fd)
{
	spin_lock(&t->lock);
	struct file **slot = files_slot_locked(t, fd);
	struct file *f = slot ? *slot : NULL;
	if (f)
		file_get(f);
	spin_unlock(&t->lock);
	return f;
}

bool files_has(struct files *t, int fd, const struct file *f)
{
	spin_lock(&t->lock);
	struct file **slot = files_slot_locked(t, fd);
	bool has = slot && *slot == f;
	spin_unlock(&t->lock);
	return has;
}

/* Swaps in arrays of the given capacity unless the table is that large already; what is to be freed
 * comes back. */
static void files_adopt(struct files *t, u32 capacity, struct file ***slot, u64 **cloexec)
{
	spin_lock(&t->lock);
	if (capacity > t->capacity) {
		struct file **old_slot = t->slot;
		u64 *old_cloexec = t->cloexec;
		memcpy(*slot, old_slot, t->capacity * sizeof(old_slot[0]));
		u64 *taken = *cloexec + files_words(capacity);
		memcpy(*cloexec, old_cloexec, files_words(t->capacity) * sizeof(u64));
		memcpy(taken, t->taken, files_words(t->capacity) * sizeof(u64));
		t->slot = *slot;
		t->cloexec = *cloexec;
		t->taken = taken;
		t->capacity = capacity;
		*slot = old_slot;
		*cloexec = old_cloexec;
	}
	spin_unlock(&t->lock);
}

/* Makes room for descriptor fd: 0 or -ENOMEM. The lock is not held. */
static int files_grow(struct files *t, u32 fd)
{
	u32 capacity = FILES_FIRST_CAPACITY;

	while (capacity <= fd)
		capacity *= 2;
	struct file **slot = kzalloc(capacity * sizeof(slot[0]));
	u64 *cloexec = kzalloc(2 * files_words(capacity) * sizeof(u64));
	bool ok = slot && cloexec;
	if (ok)
		files_adopt(t, capacity, &slot, &cloexec);
	kfree(slot);
	kfree(cloexec);
	return ok ? 0 : -ENOMEM;
}

static u32 files_lowest_free_locked(struct files *t, u32 from) REQUIRES(&t->lock)
{
	u64 skip = BIT(from % 64) - 1;

	for (u32 word = from / 64; word < t->capacity / 64; word++, skip = 0) {
		u64 full = t->taken[word] | skip;
		if (full != UINT64_MAX)
			return word * 64 + (u32)__builtin_ctzl(~full);
	}
	return MAX(from, t->capacity);
}

static void files_take_locked(struct files *t, u32 fd, struct file *f, bool cloexec)
	REQUIRES(&t->lock)
{
	t->slot[fd] = f;
	t->taken[fd / 64] |= BIT(fd % 64);
	files_mark_cloexec_locked(t, fd, cloexec);
}

static void files_free_locked(struct files *t, u32 fd) REQUIRES(&t->lock)
{
	t->slot[fd] = NULL;
	t->taken[fd / 64] &= ~BIT(fd % 64);
	files_mark_cloexec_locked(t, fd, false);
}

int files_install(struct files *t, struct file *f, int from, bool cloexec)
{
	for (;;) {
		spin_lock(&t->lock);
		u32 fd = files_lowest_free_locked(t, from);
		bool over = fd >= t->limit;
		bool fits = fd < t->capacity;
		if (!over && fits)
			files_take_locked(t, fd, f, cloexec);
		spin_unlock(&t->lock);
		if (over)
			return -EMFILE;
		if (fits)
			return fd;
		int err = files_grow(t, fd);
		if (err)
			return err;
	}
}

int files_reserve(struct files *t, bool cloexec)
{
	return files_install(t, NULL, 0, cloexec);
}

void files_fill(struct files *t, int fd, struct file *f)
{
	spin_lock(&t->lock);
	ASSERT(t->slot[fd] == NULL && (t->taken[fd / 64] & BIT(fd % 64)));
	t->slot[fd] = f;
	spin_unlock(&t->lock);
}

void files_unreserve(struct files *t, int fd)
{
	spin_lock(&t->lock);
	ASSERT(t->slot[fd] == NULL && (t->taken[fd / 64] & BIT(fd % 64)));
	files_free_locked(t, fd);
	spin_unlock(&t->lock);
}

/* Puts f at a number within the capacity: 0 with what was there in *old, -EBADF, -EBUSY, or 1 if
 * the table must grow first. */
static int files_try_install_at(
	struct files *t, struct file *f, u32 fd, bool cloexec, struct file **old)
{
	int result = 0;

	spin_lock(&t->lock);
	if (fd >= t->limit) {
		result = -EBADF;
	} else if (fd >= t->capacity) {
		result = 1;
	} else {
		u64 i = index_nospec(fd, t->capacity);
		*old = t->slot[i];
		if (!*old && (t->taken[i / 64] & BIT(i % 64)))
			result = -EBUSY;
		else
			files_take_locked(t, i, f, cloexec);
	}
	spin_unlock(&t->lock);
	return result;
}

int files_install_at(struct files *t, struct file *f, int fd, bool cloexec)
{
	struct file *old = NULL;
	int result;

	while ((result = files_try_install_at(t, f, fd, cloexec, &old)) > 0) {
		result = files_grow(t, fd);
		if (result)
			return result;
	}
	if (result)
		return result;
	if (old)
		files_drop(t, old);
	return fd;
}

static struct file *files_remove(struct files *t, int fd)
{
	spin_lock(&t->lock);
	struct file **slot = files_slot_locked(t, fd);
	struct file *f = slot ? *slot : NULL;
	if (f)
		files_free_locked(t, (u32)(slot - t->slot));
	spin_unlock(&t->lock);
	return f;
}

int files_close(struct files *t, int fd)
{
	struct file *f = files_remove(t, fd);

	if (!f)
		return -EBADF;
	files_drop(t, f);
	return 0;
}

void files_close_range(struct files *t, u32 first, u32 last, bool cloexec_only)
{
	/* A descriptor opened meanwhile beyond the capacity seen here was opened after the call:
	 * not in its range. */
	spin_lock(&t->lock);
	u32 end = MIN((u64)last + 1, t->capacity);
	spin_unlock(&t->lock);

	for (u32 fd = first; fd < end; fd++) {
		sched_break();
		if (cloexec_only) {
			if (files_set_cloexec(t, fd, true))
				continue;
		} else {
			struct file *f = files_remove(t, fd);
			if (f)
				files_drop(t, f);
		}
	}
}

int files_get_cloexec(struct files *t, int fd)
{
	spin_lock(&t->lock);
	int result = -EBADF;
	if (files_slot_locked(t, fd))
		result = (t->cloexec[fd / 64] >> (fd % 64)) & 1;
	spin_unlock(&t->lock);
	return result;
}

int files_set_cloexec(struct files *t, int fd, bool cloexec)
{
	spin_lock(&t->lock);
	bool open = files_slot_locked(t, fd) != NULL;
	if (open)
		files_mark_cloexec_locked(t, fd, cloexec);
	spin_unlock(&t->lock);
	return open ? 0 : -EBADF;
}

void files_set_limit(struct files *t, u64 limit)
{
	spin_lock(&t->lock);
	t->limit = MIN(limit, FILES_MAX);
	spin_unlock(&t->lock);
}

u32 files_capacity(struct files *t)
{
	spin_lock(&t->lock);
	u32 n = t->capacity;
	spin_unlock(&t->lock);
	return n;
}

u32 files_count(struct files *t)
{
	u32 n = 0;

	spin_lock(&t->lock);
	for (u32 i = 0; i < t->capacity; i++)
		n += t->slot[i] != NULL;
	spin_unlock(&t->lock);
	return n;
}

/* Makes room for all that is open in the other table now: 0 or -ENOMEM. */
static int files_match_capacity(struct files *t, struct files *from)
{
	u32 capacity = files_capacity(from);

	return capacity > t->capacity ? files_grow(t, capacity - 1) : 0;
}

/* A number that is only reserved is free in the copy. False if the table has grown meanwhile beyond the copy. Nobody else knows the copy. */
static bool files_copy_slots(struct files *t, struct files *from)
{
	spin_lock(&from->lock);
	bool fits = from->capacity <= t->capacity;
	t->limit = from->limit;
	for (u32 i = 0; fits && i < from->capacity; i++) {
		if (!from->slot[i])
			continue;
		file_get(from->slot[i]);
		t->slot[i] = from->slot[i];
		t->taken[i / 64] |= BIT(i % 64);
	}
	if (fits)
		memcpy(t->cloexec, from->cloexec, files_words(from->capacity) * sizeof(u64));
	spin_unlock(&from->lock);
	return fits;
}

int files_copy(struct files *from, struct files **out)
{
	struct files *t = files_create();
	int err = t ? 0 : -ENOMEM;

	do {
		if (!err)
			err = files_match_capacity(t, from);
	} while (!err && !files_copy_slots(t, from));
	if (err && t)
		files_put(t);
	else
		*out = t;
	return err;
}

/* The marked ones among the 64 from the given word on; nothing beyond the table. */
static u64 files_marked(struct files *t, u32 word)
{
	spin_lock(&t->lock);
	u64 marked = word < files_words(t->capacity) ? t->cloexec[word] & t->taken[word] : 0;
	spin_unlock(&t->lock);
	return marked;
}

void files_close_on_exec(struct files *t)
{
	u32 words = files_words(files_capacity(t));

	for (u32 word = 0; word < words; word++) {
		u64 marked = files_marked(t, word);
		for (; marked; marked &= marked - 1)
			(void)!files_close(t, (int)(word * 64 + (u32)__builtin_ctzl(marked)));
	}
}

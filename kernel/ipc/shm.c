/*
 * System V shared memory.
 *
 * A segment is a page store, so attaching is mapping it shared, and fork, mremap and exit need
 * nothing of their own: every area has a reference, and their number is shm_nattch. The table has
 * one more. Removing a segment takes its key away; it stays in the table, by number, until the
 * table's reference is the last.
 *
 * Lock: segments_lock guards the tree, and in each segment all but the store's contents. References
 * are counted under it, so that the last area's put and a lookup can't miss each other. It is a leaf
 * but for what the frame allocator takes.
 */
#include "ipc/shm.h"

#include <asm/shmbuf.h>

#include "arch/clock.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/frame.h"
#include "mm/slab.h"
#include "mm/store.h"
#include "proc/process.h"
#include "sync/spinlock.h"

#define MODE_BITS 0777U
/* Linux's SHMLBA on this machine. */
#define PLACE_ALIGN PAGE_SIZE

struct segment {
	struct page_store store;
	struct rb_node node;	 /* by number */
	u32 refs;		 /* the table's, and each area's */
	struct shmid64_ds about; /* all but shm_nattch; shm_perm.seq unused */
	s32 id;
};

static struct spinlock segments_lock = SPINLOCK_INIT("shm", RANK_SHM);
static struct rb_root segments GUARDED_BY(segments_lock);
static u32 segment_count GUARDED_BY(segments_lock);
static u64 segment_pages GUARDED_BY(segments_lock);
static s32 last_id GUARDED_BY(segments_lock) = -1;

static struct segment *segment_of(struct rb_node *n)
{
	return n ? rb_entry(n, struct segment, node) : NULL;
}

static struct segment *of_store(struct page_store *s)
{
	return CONTAINER_OF(s, struct segment, store);
}

static s64 now_seconds(void)
{
	return (s64)((clock_boot_realtime_ns() + clock_now_ns()) / NS_PER_SEC);
}

static u64 pages_of(const struct segment *s)
{
	return (s->about.shm_segsz + PAGE_SIZE - 1) / PAGE_SIZE;
}

/* -- who is asking -- */

static struct credentials own_credentials(void)
{
	struct process *p = current_process();

	spin_lock(&p->lock);
	struct credentials c = p->cred;
	spin_unlock(&p->lock);
	return c;
}

static bool in_group(const struct credentials *c, u32 gid)
{
	if (c->egid == gid)
		return true;
	for (u32 i = 0; i < c->group_count; i++)
		if (c->groups[i] == gid)
			return true;
	return false;
}

/* flags has the wanted permissions in any of the three places. */
static int check_access(const struct segment *s, const struct credentials *c, u32 flags)
{
	const struct ipc64_perm *p = &s->about.shm_perm;
	u32 wanted = (flags >> 6 | flags >> 3 | flags) & 7, granted = p->mode;

	if (c->euid == p->cuid || c->euid == p->uid)
		granted >>= 6;
	else if (in_group(c, p->cgid) || in_group(c, p->gid))
		granted >>= 3;
	return (wanted & ~granted & 7) && c->euid != 0 ? -EACCES : 0;
}

static int check_owner(const struct segment *s, const struct credentials *c)
{
	const struct ipc64_perm *p = &s->about.shm_perm;

	return c->euid == p->cuid || c->euid == p->uid || c->euid == 0 ? 0 : -EPERM;
}

/* -- the table -- */

static int compare(const struct rb_node *a, const struct rb_node *b)
{
	return rb_entry(a, struct segment, node)->id < rb_entry(b, struct segment, node)->id ? -1
											     : 1;
}

static int compare_id(const void *key, const struct rb_node *n)
{
	s32 id = *(const s32 *)key, other = rb_entry(n, struct segment, node)->id;

	return (id > other) - (id < other);
}

static struct segment *find_id(s32 id) REQUIRES(segments_lock)
{
	return segment_of(rb_find(&segments, &id, compare_id));
}

static struct segment *find_key(s32 key) REQUIRES(segments_lock)
{
	for (struct rb_node *n = rb_first(&segments); n; n = rb_next(n))
		if (segment_of(n)->about.shm_perm.key == key)
			return segment_of(n);
	return NULL;
}

/* Takes a reference away. True if it was the last: the segment is in no table, and the caller frees
 * it without the lock. */
static bool drop(struct segment *s) REQUIRES(segments_lock)
{
	s->refs--;
	if (s->refs > 1 || !(s->about.shm_perm.mode & SHM_MODE_DEST))
		return false;
	rb_remove(&segments, &s->node);
	segment_count--;
	segment_pages -= pages_of(s);
	return true;
}

static void destroy(struct segment *s)
{
	page_store_destroy(&s->store);
	kfree(s);
}

/* -- as a source of pages -- */

static void store_get(struct page_store *store)
{
	spin_lock(&segments_lock);
	of_store(store)->refs++;
	spin_unlock(&segments_lock);
}

static u32 own_pid(void)
{
	struct process *p = current_process();

	return p ? p->pid : 0;
}

static void store_put(struct page_store *store)
{
	struct segment *s = of_store(store);

	spin_lock(&segments_lock);
	s->about.shm_dtime = now_seconds();
	s->about.shm_lpid = (s32)own_pid();
	bool last = drop(s);
	spin_unlock(&segments_lock);
	if (last)
		destroy(s);
}

static const char *store_name(struct page_store *store)
{
	return "/SYSV (deleted)";
}

static const struct page_store_ops store_ops = {
	.get = store_get,
	.put = store_put,
	.name = store_name,
};

static bool is_segment(const struct page_source *source)
{
	return CONTAINER_OF(source, struct page_store, source)->ops == &store_ops;
}

/* -- shmget -- */

static void fill_in(struct segment *s, s32 key, u64 size, u32 flags, const struct credentials *c)
{
	*s = (struct segment){.refs = 1};
	page_store_init(&s->store, &store_ops, ALIGN_UP(size, PAGE_SIZE));
	s->about.shm_perm = (struct ipc64_perm){
		.key = key,
		.uid = c->euid,
		.gid = c->egid,
		.cuid = c->euid,
		.cgid = c->egid,
		.mode = flags & MODE_BITS,
	};
	s->about.shm_segsz = size;
	s->about.shm_ctime = now_seconds();
	s->about.shm_cpid = (s32)own_pid();
}

static s32 insert(struct segment *s) REQUIRES(segments_lock)
{
	if (segment_count >= SHM_NUMBERS || segment_pages + pages_of(s) > SHM_ALL)
		return -ENOSPC;
	do
		last_id = last_id == INT32_MAX ? 0 : last_id + 1;
	while (find_id(last_id));
	s->id = last_id;
	rb_insert(&segments, &s->node, compare);
	segment_count++;
	segment_pages += pages_of(s);
	return s->id;
}

static s32 use_existing(const struct segment *s, u64 size, u32 flags, const struct credentials *c)
{
	if ((flags & (IPC_CREAT | IPC_EXCL)) == (IPC_CREAT | IPC_EXCL))
		return -EEXIST;
	if (size > s->about.shm_segsz)
		return -EINVAL;
	int err = check_access(s, c, flags);
	return err ? err : s->id;
}

/* new, if not NULL, is used if the key is free. -ENOENT: it is, and a segment must be made. */
static s32 get_locked(s32 key, u64 size, u32 flags, const struct credentials *c,
	struct segment *new, bool *used) REQUIRES(segments_lock)
{
	const struct segment *s = key == IPC_PRIVATE ? NULL : find_key(key);

	if (s)
		return use_existing(s, size, flags, c);
	if (!new)
		return -ENOENT;
	s32 id = insert(new);
	*used = id >= 0;
	return id;
}

static int check_new(u64 size, u32 flags)
{
	if (size == 0 || size > SHM_MAX)
		return -EINVAL;
	/* There are no reserved large pages. */
	if (flags & SHM_HUGETLB)
		return -ENOMEM;
	if (!(flags & SHM_NORESERVE) && size / PAGE_SIZE > frame_total_count())
		return -ENOMEM;
	return 0;
}

s32 shm_get(s32 key, u64 size, u32 flags)
{
	struct credentials c = own_credentials();
	bool used = false;

	spin_lock(&segments_lock);
	s32 id = get_locked(key, size, flags, &c, NULL, &used);
	spin_unlock(&segments_lock);
	if (id != -ENOENT || (key != IPC_PRIVATE && !(flags & IPC_CREAT)))
		return id;
	int err = check_new(size, flags);
	if (err)
		return err;
	struct segment *s = kmalloc(sizeof(*s));
	if (!s)
		return -ENOMEM;
	fill_in(s, key, size, flags, &c);
	/* Somebody else may have made it meanwhile. */
	spin_lock(&segments_lock);
	id = get_locked(key, size, flags, &c, s, &used);
	spin_unlock(&segments_lock);
	if (!used)
		kfree(s);
	return id;
}

/* -- shmat, shmdt -- */

/* The segment with a reference. */
static int grab(s32 id, u32 wanted, struct segment **out)
{
	struct credentials c = own_credentials();

	spin_lock(&segments_lock);
	*out = find_id(id);
	int err = *out ? check_access(*out, &c, wanted) : -EINVAL;
	if (!err)
		(*out)->refs++;
	spin_unlock(&segments_lock);
	return err;
}

static int check_place(uaddr_t *address, u32 flags)
{
	if (*address % PLACE_ALIGN) {
		if (!(flags & SHM_RND))
			return -EINVAL;
		*address -= *address % PLACE_ALIGN;
		if (!*address && (flags & SHM_REMAP))
			return -EINVAL;
	} else if (!*address && (flags & SHM_REMAP)) {
		return -EINVAL;
	}
	return 0;
}

static int map(struct segment *s, uaddr_t *address, u32 flags)
{
	bool read_only = flags & SHM_RDONLY;
	u32 prot = PT_READ | (read_only ? 0 : PT_WRITE) | (flags & SHM_EXEC ? PT_EXEC : 0);
	u32 area = AREA_SHARED | (read_only ? 0 : AREA_MAY_WRITE);
	u32 how = !*address	      ? MAP_AT_HINT
		  : flags & SHM_REMAP ? MAP_AT_FIXED
				      : MAP_AT_FIXED_NOREPLACE;
	if (how == MAP_AT_FIXED_NOREPLACE && *address + page_store_size(&s->store) < *address)
		return -EINVAL;
	int err = mm_map(current_thread()->mm, address, page_store_size(&s->store), prot, area, how,
		&s->store.source, 0, ~0UL);

	return err == -EEXIST ? -EINVAL : err;
}

int shm_attach(s32 id, uaddr_t *address, u32 flags)
{
	u32 wanted = (flags & SHM_RDONLY ? 0444 : 0666) | (flags & SHM_EXEC ? 0111 : 0);
	struct segment *s;
	int err = id < 0 ? -EINVAL : check_place(address, flags);

	if (!err)
		err = grab(id, wanted, &s);
	if (err)
		return err;
	err = map(s, address, flags);
	spin_lock(&segments_lock);
	if (!err) {
		s->about.shm_atime = now_seconds();
		s->about.shm_lpid = (s32)own_pid();
	}
	bool last = drop(s);
	spin_unlock(&segments_lock);
	if (last)
		destroy(s);
	return err;
}

int shm_detach(uaddr_t address)
{
	if (address % PLACE_ALIGN)
		return -EINVAL;
	return mm_unmap_whole(current_thread()->mm, address, is_segment);
}

/* -- shmctl -- */

static struct segment *find_index(s32 index) REQUIRES(segments_lock)
{
	struct rb_node *n = rb_first(&segments);

	while (n && index-- > 0)
		n = rb_next(n);
	return segment_of(n);
}

s32 shm_stat(s32 id, bool index, bool any, struct shmid64_ds *out)
{
	struct credentials c = own_credentials();

	spin_lock(&segments_lock);
	const struct segment *s = index ? find_index(id) : find_id(id);
	int err = !s ? -EINVAL : any ? 0 : check_access(s, &c, 0444);
	if (!err) {
		*out = s->about;
		out->shm_nattch = s->refs - 1;
		id = s->id;
	}
	spin_unlock(&segments_lock);
	return err ? err : id;
}

int shm_set(s32 id, const struct ipc64_perm *perm)
{
	struct credentials c = own_credentials();

	spin_lock(&segments_lock);
	struct segment *s = find_id(id);
	int err = s ? check_owner(s, &c) : -EINVAL;
	if (!err) {
		struct ipc64_perm *p = &s->about.shm_perm;

		p->uid = perm->uid;
		p->gid = perm->gid;
		p->mode = (p->mode & ~MODE_BITS) | (perm->mode & MODE_BITS);
		s->about.shm_ctime = now_seconds();
	}
	spin_unlock(&segments_lock);
	return err;
}

int shm_remove(s32 id)
{
	struct credentials c = own_credentials();
	bool last = false;

	spin_lock(&segments_lock);
	struct segment *s = find_id(id);
	int err = s ? check_owner(s, &c) : -EINVAL;
	if (!err) {
		s->about.shm_perm.key = IPC_PRIVATE;
		s->about.shm_perm.mode |= SHM_MODE_DEST;
		/* A reference for a moment: dropping it looks whether the table's is the last. */
		s->refs++;
		last = drop(s);
	}
	spin_unlock(&segments_lock);
	if (last)
		destroy(s);
	return err;
}

int shm_lock_pages(s32 id, bool lock)
{
	struct credentials c = own_credentials();

	spin_lock(&segments_lock);
	struct segment *s = find_id(id);
	int err = s ? check_owner(s, &c) : -EINVAL;
	if (!err && lock)
		s->about.shm_perm.mode |= SHM_MODE_LOCKED;
	else if (!err)
		s->about.shm_perm.mode &= ~SHM_MODE_LOCKED;
	spin_unlock(&segments_lock);
	return err;
}

s32 shm_info(struct shm_info *out)
{
	*out = (struct shm_info){0};
	spin_lock(&segments_lock);
	out->used_ids = (int)segment_count;
	out->shm_tot = segment_pages;
	for (struct rb_node *n = rb_first(&segments); n; n = rb_next(n))
		out->shm_rss += segment_of(n)->store.page_count;
	spin_unlock(&segments_lock);
	return out->used_ids ? out->used_ids - 1 : 0;
}

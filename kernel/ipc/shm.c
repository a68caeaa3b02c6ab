/*
 * System V shared memory: the calls, and who may make them. The segments themselves, their references
 * and their lock: shm_table.c.
 *
 * A segment that is made is not in the table until it is complete. Between looking for its key and
 * putting it in the lock is let go, to allocate; so the key is looked for again.
 */
#include "ipc/shm.h"

#include "ipc/shm_private.h"
#include "lib/errno.h"
#include "mm/frame.h"
#include "proc/process.h"
#include "proc/user.h"

#define MODE_BITS 0777U
/* Linux's SHMLBA on this machine. */
#define PLACE_ALIGN PAGE_SIZE

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
	return c->egid == gid || groups_contain(&current_process()->groups, gid);
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
	return (wanted & ~granted & 7) && !cred_has(c, CAP_IPC_OWNER) ? -EACCES : 0;
}

static int check_owner(const struct segment *s, const struct credentials *c)
{
	const struct ipc64_perm *p = &s->about.shm_perm;

	return c->euid == p->cuid || c->euid == p->uid || cred_has(c, CAP_SYS_ADMIN) ? 0 : -EPERM;
}

/* -- shmget -- */

static struct segment *make(s32 key, u64 size, u32 flags, const struct credentials *c)
{
	struct segment *s = segment_create(size);

	if (s)
		s->about.shm_perm = (struct ipc64_perm){
			.key = key,
			.uid = c->euid,
			.gid = c->egid,
			.cuid = c->euid,
			.cgid = c->egid,
			.mode = flags & MODE_BITS,
		};
	return s;
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
	const struct segment *s = key == IPC_PRIVATE ? NULL : segment_find_key_locked(key);

	if (s)
		return use_existing(s, size, flags, c);
	if (!new)
		return -ENOENT;
	s32 id = segment_insert_locked(new);
	*used = id >= 0;
	return id;
}

static int check_new(u64 size, u32 flags, const struct credentials *c)
{
	if (size == 0 || size > SHM_MAX)
		return -EINVAL;
	/* There are no reserved large pages. Those who might have them are the ones of group 0, too (vm.hugetlb_shm_group). */
	if (flags & SHM_HUGETLB)
		return cred_has(c, CAP_IPC_LOCK) || in_group(c, 0) ? -ENOMEM : -EPERM;
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
	int err = check_new(size, flags, &c);
	if (err)
		return err;
	struct segment *s = make(key, size, flags, &c);
	if (!s)
		return -ENOMEM;
	/* Somebody else may have made it meanwhile. */
	spin_lock(&segments_lock);
	id = get_locked(key, size, flags, &c, s, &used);
	spin_unlock(&segments_lock);
	if (!used)
		segment_destroy(s);
	return id;
}

/* -- shmat, shmdt -- */

/* The segment with a reference. */
static int grab(s32 id, u32 wanted, struct segment **out)
{
	struct credentials c = own_credentials();

	spin_lock(&segments_lock);
	*out = segment_find_locked(id);
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
		s->about.shm_atime = segment_time_now();
		s->about.shm_lpid = segment_own_pid();
	}
	bool last = segment_drop_locked(s);
	spin_unlock(&segments_lock);
	if (last)
		segment_destroy(s);
	return err;
}

int shm_detach(uaddr_t address)
{
	if (address % PLACE_ALIGN)
		return -EINVAL;
	return mm_unmap_whole(current_thread()->mm, address, segment_is_source);
}

/* -- shmctl -- */

s32 shm_stat(s32 id, bool index, bool any, struct shmid64_ds *out)
{
	struct credentials c = own_credentials();

	spin_lock(&segments_lock);
	const struct segment *s = index ? segment_find_index_locked(id) : segment_find_locked(id);
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
	struct segment *s = segment_find_locked(id);
	int err = s ? check_owner(s, &c) : -EINVAL;
	if (!err) {
		struct ipc64_perm *p = &s->about.shm_perm;

		p->uid = perm->uid;
		p->gid = perm->gid;
		p->mode = (p->mode & ~MODE_BITS) | (perm->mode & MODE_BITS);
		s->about.shm_ctime = segment_time_now();
	}
	spin_unlock(&segments_lock);
	return err;
}

int shm_remove(s32 id)
{
	struct credentials c = own_credentials();
	bool last = false;

	spin_lock(&segments_lock);
	struct segment *s = segment_find_locked(id);
	int err = s ? check_owner(s, &c) : -EINVAL;
	if (!err) {
		s->about.shm_perm.key = IPC_PRIVATE;
		s->about.shm_perm.mode |= SHM_MODE_DEST;
		/* A reference for a moment: dropping it looks whether the table's is the last. */
		s->refs++;
		last = segment_drop_locked(s);
	}
	spin_unlock(&segments_lock);
	if (last)
		segment_destroy(s);
	return err;
}

/* Linux asks for less than the owner's rights, or for more. */
static int check_lock(const struct segment *s, const struct credentials *c, bool lock, u64 limit)
{
	const struct ipc64_perm *p = &s->about.shm_perm;

	if (cred_has(c, CAP_IPC_LOCK))
		return 0;
	return (c->euid != p->cuid && c->euid != p->uid) || (lock && limit == 0) ? -EPERM : 0;
}

/* Pages are never paged out, so they are only counted. *user: in, whom to count them for; out, a reference to give back. */
static int lock_locked(struct segment *s, bool lock, u64 limit, struct user **user)
	REQUIRES(segments_lock)
{
	struct user *locker = s->locker;

	if (lock == (locker != NULL))
		return 0;
	if (lock && !user_lock_pages(*user, segment_pages(s), limit / PAGE_SIZE))
		return -ENOMEM;
	if (!lock)
		user_unlock_pages(locker, segment_pages(s));
	s->locker = lock ? *user : NULL;
	*user = lock ? NULL : locker;
	s->about.shm_perm.mode &= ~SHM_MODE_LOCKED;
	s->about.shm_perm.mode |= lock ? SHM_MODE_LOCKED : 0;
	return 0;
}

int shm_lock_pages(s32 id, bool lock)
{
	struct credentials c = own_credentials();
	struct user *user = lock ? user_get_current() : NULL;
	struct mm_limits l;

	mm_get_limits(&l);
	spin_lock(&segments_lock);
	struct segment *s = segment_find_locked(id);
	int err = s ? check_lock(s, &c, lock, l.locked) : -EINVAL;
	if (!err)
		err = lock_locked(s, lock, l.locked, &user);
	spin_unlock(&segments_lock);
	if (user)
		user_put(user);
	return err;
}

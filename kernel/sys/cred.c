/* Users and groups. What a change of the user does to the capabilities is in proc/cred.c. */
#include "arch/ucopy.h"
#include "lib/errno.h"
#include "proc/process.h"
#include "proc/user.h"
#include "sys/sys.h"

/* Leave this one as it is. */
#define KEEP UINT32_MAX

/* A copy of the caller's identity. */
static struct credentials own_cred(void)
{
	struct process *p = current_process();

	spin_lock(&p->lock);
	struct credentials c = p->cred;
	spin_unlock(&p->lock);
	return c;
}

/* Makes the copy the caller's identity. Two threads that change it at the same time: one of them
 * wins, whole. */
static s64 set_own_cred(const struct credentials *c)
{
	struct process *p = current_process();
	/* Its threads count as the new user's from now on. */
	struct user *u = user_get(c->uid);

	if (!u)
		return -EAGAIN;
	spin_lock(&p->lock);
	bool other_user = c->uid != p->cred.uid;
	if (c->euid != p->cred.euid || c->egid != p->cred.egid || c->fsuid != p->cred.fsuid ||
		c->fsgid != p->cred.fsgid || (c->permitted & ~p->cred.permitted)) {
		p->dumpable = false;
		p->family.death_signal = 0;
	}
	p->cred = *c;
	if (other_user) {
		/* execve(2) fails then, not this call: programs don't expect it of setuid(2). */
		p->over_limit = c->uid != 0 && user_threads(u) > p->limits[RLIMIT_NPROC].rlim_cur;
		user_get_more(u);
		user_change_locked(p, u);
	}
	spin_unlock(&p->lock);
	user_put(u);
	return 0;
}

s64 sys_getuid(void)
{
	return own_cred().uid;
}

s64 sys_geteuid(void)
{
	return own_cred().euid;
}

s64 sys_getgid(void)
{
	return own_cred().gid;
}

s64 sys_getegid(void)
{
	return own_cred().egid;
}

static s64 put_three(uaddr_t a, uaddr_t b, uaddr_t c, u32 x, u32 y, u32 z)
{
	if (put_user_u32(a, x) || put_user_u32(b, y) || put_user_u32(c, z))
		return -EFAULT;
	return 0;
}

s64 sys_getresuid(uaddr_t real, uaddr_t effective, uaddr_t saved)
{
	struct credentials c = own_cred();

	return put_three(real, effective, saved, c.uid, c.euid, c.suid);
}

s64 sys_getresgid(uaddr_t real, uaddr_t effective, uaddr_t saved)
{
	struct credentials c = own_cred();

	return put_three(real, effective, saved, c.gid, c.egid, c.sgid);
}

/* The four numbers of a user or of a group, so that both kinds of call have one implementation. */
struct identity {
	u32 real, effective, saved, fs;
};

static struct identity identity_get(const struct credentials *c, bool group)
{
	return group ? (struct identity){c->gid, c->egid, c->sgid, c->fsgid}
		     : (struct identity){c->uid, c->euid, c->suid, c->fsuid};
}

static void identity_set(struct credentials *c, bool group, const struct identity *i)
{
	if (group) {
		c->gid = i->real;
		c->egid = i->effective;
		c->sgid = i->saved;
		c->fsgid = i->fs;
	} else {
		c->uid = i->real;
		c->euid = i->effective;
		c->suid = i->saved;
		c->fsuid = i->fs;
	}
}

static bool identity_may_be(const struct identity *i, u32 id)
{
	return id == KEEP || id == i->real || id == i->effective || id == i->saved;
}

static bool may_be_any(const struct credentials *c, bool group)
{
	return cred_has(c, group ? CAP_SETGID : CAP_SETUID);
}

static s64 change(struct credentials *c, bool group, const struct identity *i)
{
	struct credentials old = *c;

	identity_set(c, group, i);
	if (!group)
		cred_fix_users(c, &old);
	return set_own_cred(c);
}

static s64 set_id(u32 id, bool group)
{
	struct credentials c = own_cred();
	struct identity i = identity_get(&c, group);

	if (id == KEEP)
		return -EINVAL;
	if (may_be_any(&c, group))
		i.real = i.saved = id;
	else if (id != i.real && id != i.saved)
		return -EPERM;
	i.effective = i.fs = id;
	return change(&c, group, &i);
}

static s64 set_re_id(u32 real, u32 effective, bool group)
{
	struct credentials c = own_cred();
	struct identity old = identity_get(&c, group), i = old;

	if (!may_be_any(&c, group)) {
		if (real != KEEP && real != old.real && real != old.effective)
			return -EPERM;
		if (!identity_may_be(&old, effective))
			return -EPERM;
	}
	if (real != KEEP)
		i.real = real;
	if (effective != KEEP)
		i.effective = effective;
	if (real != KEEP || (effective != KEEP && effective != old.real))
		i.saved = i.effective;
	i.fs = i.effective;
	return change(&c, group, &i);
}

static s64 set_res_id(u32 real, u32 effective, u32 saved, bool group)
{
	struct credentials c = own_cred();
	struct identity old = identity_get(&c, group), i = old;

	if (!may_be_any(&c, group) &&
		!(identity_may_be(&old, real) && identity_may_be(&old, effective) &&
			identity_may_be(&old, saved)))
		return -EPERM;
	if (real != KEEP)
		i.real = real;
	if (effective != KEEP)
		i.effective = effective;
	if (saved != KEEP)
		i.saved = saved;
	i.fs = i.effective;
	return change(&c, group, &i);
}

/* Never fails: the result is the old number, whether or not it changed. */
static s64 set_fs_id(u32 id, bool group)
{
	struct credentials c = own_cred(), old = c;
	struct identity i = identity_get(&c, group);
	u32 before = i.fs;

	if (id == KEEP || (!may_be_any(&c, group) && id != i.fs && !identity_may_be(&i, id)))
		return before;
	i.fs = id;
	identity_set(&c, group, &i);
	cred_fix_fs_user(&c, &old);
	(void)!set_own_cred(&c);
	return before;
}

s64 sys_setuid(u32 id)
{
	return set_id(id, false);
}

s64 sys_setgid(u32 id)
{
	return set_id(id, true);
}

s64 sys_setreuid(u32 real, u32 effective)
{
	return set_re_id(real, effective, false);
}

s64 sys_setregid(u32 real, u32 effective)
{
	return set_re_id(real, effective, true);
}

s64 sys_setresuid(u32 real, u32 effective, u32 saved)
{
	return set_res_id(real, effective, saved, false);
}

s64 sys_setresgid(u32 real, u32 effective, u32 saved)
{
	return set_res_id(real, effective, saved, true);
}

s64 sys_setfsuid(u32 id)
{
	return set_fs_id(id, false);
}

s64 sys_setfsgid(u32 id)
{
	return set_fs_id(id, true);
}

s64 sys_getgroups(s32 size, uaddr_t to)
{
	return groups_get(&current_process()->groups, size, to);
}

s64 sys_setgroups(s32 count, uaddr_t from)
{
	if (!capable(CAP_SETGID))
		return -EPERM;
	return groups_set(&current_process()->groups, (u32)count, from);
}

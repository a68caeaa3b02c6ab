/* Resource limits. What they mean: proc/limits.h. */
#include "arch/ucopy.h"
#include "lib/errno.h"
#include "lib/nospec.h"
#include "proc/cpulimit.h"
#include "proc/process.h"
#include "sys/sys.h"

/* Reads the old limit, sets the new one; either may be NULL. */
static int limit_change(
	struct process *p, u32 resource, const struct rlimit64 *new, struct rlimit64 *old)
{
	int err = 0;

	if (resource >= RLIM_NLIMITS)
		return -EINVAL;
	resource = index_nospec(resource, RLIM_NLIMITS);
	if (new &&new->rlim_cur > new->rlim_max)
		return -EINVAL;
	if (new &&resource == RLIMIT_NOFILE &&new->rlim_max > FILES_MAX)
		return -EPERM;
	spin_lock(&p->lock);
	struct rlimit64 *l = &p->limits[resource];
	if (old)
		*old = *l;
	if (new &&new->rlim_max > l->rlim_max && !capable(CAP_SYS_RESOURCE))
		err = -EPERM;
	else if (new)
		*l = *new;
	if (!err && new &&resource == RLIMIT_CPU)
		cpu_limit_changed_locked(p);
	struct files *files = p->files;
	if (!err && new &&resource == RLIMIT_NOFILE && files)
		files_set_limit(files, new->rlim_cur);
	/* Looked at when the stack next grows; mm->lock, a sleeping one, can't be taken here and
	 * needn't. */
	if (!err && new &&resource == RLIMIT_STACK && p->mm)
		WRITE_ONCE(p->mm->stack_limit, new->rlim_cur);
	spin_unlock(&p->lock);
	return err;
}

/* The process with a reference: one's own, or one that the caller may change; NULL: none, and *err
 * says why. */
static struct process *limit_target(s32 pid, int *err)
{
	struct process *own = current_process();

	if (pid == 0 || (u32)pid == own->pid) {
		process_get(own);
		return own;
	}
	struct process *p = process_find(pid);
	*err = p ? 0 : -ESRCH;
	if (p && own->cred.uid != 0 && own->cred.uid != p->cred.uid) {
		process_put(p);
		*err = -EPERM;
		return NULL;
	}
	return p;
}

s64 sys_prlimit64(s32 pid, u32 resource, uaddr_t new, uaddr_t old)
{
	struct rlimit64 n, o;
	int err = 0;

	if (new &&copy_from_user(&n, new, sizeof(n)))
		return -EFAULT;
	struct process *p = limit_target(pid, &err);
	if (!p)
		return err;
	err = limit_change(p, resource, new ? &n : NULL, &o);
	process_put(p);
	if (!err && old && copy_to_user(old, &o, sizeof(o)))
		err = -EFAULT;
	return err;
}

s64 sys_getrlimit(u32 resource, uaddr_t to)
{
	struct rlimit64 old;

	int err = limit_change(current_process(), resource, NULL, &old);
	return err ? err : copy_to_user(to, &old, sizeof(old));
}

s64 sys_setrlimit(u32 resource, uaddr_t from)
{
	struct rlimit64 new;

	if (copy_from_user(&new, from, sizeof(new)))
		return -EFAULT;
	return limit_change(current_process(), resource, &new, NULL);
}

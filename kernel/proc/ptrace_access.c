/*
 * Who may look into a process: itself; whoever has the same ids in every respect, unless the process
 * is not dumpable (it has changed ids, or asked for it); who has the capability. PR_SET_PTRACER has nothing to add,
 * because nothing is taken away from children in the first place (there is no Yama).
 */
#include <linux/capability.h>

#include "lib/errno.h"
#include "proc/cred.h"
#include "proc/process.h"
#include "proc/ptrace.h"

static bool same_ids(const struct credentials *c, u32 uid, u32 gid)
{
	return c->uid == uid && c->euid == uid && c->suid == uid && c->gid == gid &&
	       c->egid == gid && c->sgid == gid;
}

int ptrace_may_access(struct process *p, bool real_ids)
{
	struct process *own = current_process();

	if (p == own)
		return 0;
	spin_lock(&own->lock);
	u32 uid = real_ids ? own->cred.uid : own->cred.fsuid;
	u32 gid = real_ids ? own->cred.gid : own->cred.fsgid;
	spin_unlock(&own->lock);
	spin_lock(&p->lock);
	bool same = same_ids(&p->cred, uid, gid) && p->dumpable;
	spin_unlock(&p->lock);
	return same || capable(CAP_SYS_PTRACE) ? 0 : -EPERM;
}

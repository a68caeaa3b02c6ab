/* Numbers of processes, process groups and sessions. */
#include "lib/errno.h"
#include "proc/process.h"
#include "sys/sys.h"

s64 sys_getpid(void)
{
	return current_process()->pid;
}

s64 sys_gettid(void)
{
	return current_thread()->tid;
}

s64 sys_getppid(void)
{
	return process_parent_pid(current_process());
}

/* One word of a process: its own, or that of the process with the number. */
static s64 word_of(s32 pid, size_t offset)
{
	struct process *p = pid == 0 ? NULL : process_find(pid);

	if (pid != 0 && !p)
		return -ESRCH;
	s64 word = READ_ONCE(*(u32 *)((char *)(p ? p : current_process()) + offset));
	if (p)
		process_put(p);
	return word;
}

s64 sys_getpgid(s32 pid)
{
	return word_of(pid, offsetof(struct process, group));
}

s64 sys_getpgrp(void)
{
	return sys_getpgid(0);
}

s64 sys_getsid(s32 pid)
{
	return word_of(pid, offsetof(struct process, session));
}

s64 sys_setsid(void)
{
	struct process *p = current_process();
	s64 result = -EPERM;

	spin_lock(&p->lock);
	if (p->group != p->pid)
		result = p->group = p->session = p->pid;
	spin_unlock(&p->lock);
	return result;
}

/* Whether the process may move to the group: only a member of the session can be followed. */
static bool group_is_in_session(u32 group, u32 session)
{
	struct process *leader = process_find(group);

	if (!leader)
		return false;
	bool ok = READ_ONCE(leader->group) == group && READ_ONCE(leader->session) == session;
	process_put(leader);
	return ok;
}

s64 sys_setpgid(s32 pid, s32 group)
{
	struct process *p = current_process();

	if (group < 0)
		return -EINVAL;
	/* Without fork nobody has children, so nobody but oneself can be meant. */
	if (pid != 0 && (u32)pid != p->pid)
		return -ESRCH;
	u32 to = group ? (u32)group : p->pid;
	if (READ_ONCE(p->session) == p->pid)
		return -EPERM;
	if (to != p->pid && !group_is_in_session(to, READ_ONCE(p->session)))
		return -EPERM;
	WRITE_ONCE(p->group, to);
	return 0;
}

/* Numbers of processes, process groups and sessions. */
#include "lib/errno.h"
#include "proc/group.h"
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
	return group_new_session();
}

s64 sys_setpgid(s32 pid, s32 group)
{
	/* The group that is meant, if none is named, is the process's own number. */
	return (group ? group : pid) < 0 ? -EINVAL : group_set(pid, group);
}

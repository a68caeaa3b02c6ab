/* Threads: their end, their bases, what they tell the kernel about themselves. */
#include <asm/prctl.h>
#include <linux/capability.h>
#include <linux/prctl.h>
#include <linux/seccomp.h>

#include "arch/layout.h"
#include "arch/ucopy.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "proc/process.h"
#include "sys/sys.h"

s64 sys_exit(s32 status)
{
	process_exit_thread(status);
}

s64 sys_exit_group(s32 status)
{
	process_exit_group(status);
}

s64 sys_set_tid_address(uaddr_t word)
{
	struct thread *t = current_thread();

	t->clear_child_tid = word;
	return t->tid;
}

static s64 set_base(void (*set)(u64 base), u64 base)
{
	/* A base beyond the program's half would fault in the kernel when it is loaded (hazard
	 * X8). */
	if (base >= USER_END)
		return -EPERM;
	set(base);
	return 0;
}

s64 sys_arch_prctl(s32 option, u64 argument)
{
	switch (option) {
	case ARCH_SET_FS:
		return set_base(arch_set_fs_base, argument);
	case ARCH_SET_GS:
		return set_base(arch_set_gs_base, argument);
	case ARCH_GET_FS:
		return put_user_u64(argument, arch_get_fs_base());
	case ARCH_GET_GS:
		return put_user_u64(argument, arch_get_gs_base());
	case ARCH_GET_CPUID:
		return 1;
	case ARCH_SET_CPUID:
		/* CPUID can't be made to fault. */
		return -ENODEV;
	default:
		return -EINVAL;
	}
}

static s64 set_name(uaddr_t from)
{
	struct thread *t = current_thread();
	struct process *p = t->process;
	char name[sizeof(t->name)];

	ssize_t n = copy_string_from_user(name, from, sizeof(name));
	if (n == -EFAULT)
		return n;
	/* A longer name is cut. */
	name[sizeof(name) - 1] = '\0';
	string_copy(t->name, name, sizeof(t->name));
	if (t->tid != p->pid)
		return 0;
	spin_lock(&p->lock);
	string_copy(p->name, name, sizeof(p->name));
	spin_unlock(&p->lock);
	return 0;
}

static s64 get_name(uaddr_t to)
{
	struct thread *t = current_thread();
	char name[sizeof(t->name)] = {0};

	string_copy(name, t->name, sizeof(name));
	return copy_to_user(to, name, sizeof(name));
}

/* The process's dumpable flag has a third value that only root's own programs set. */
static s64 set_dumpable(u64 value)
{
	if (value > 1)
		return -EINVAL;
	WRITE_ONCE(current_process()->dumpable, value);
	return 0;
}

static s64 set_no_new_privs(u64 value, u64 b, u64 c, u64 d)
{
	if (value != 1 || b || c || d)
		return -EINVAL;
	WRITE_ONCE(current_process()->no_new_privs, true);
	return 0;
}

static s64 get_no_new_privs(u64 a, u64 b, u64 c, u64 d)
{
	return a || b || c || d ? -EINVAL : READ_ONCE(current_process()->no_new_privs);
}

s64 sys_prctl(s32 option, u64 a, u64 b, u64 c, u64 d)
{
	switch (option) {
	case PR_SET_NAME:
		return set_name(a);
	case PR_GET_NAME:
		return get_name(a);
	case PR_SET_DUMPABLE:
		return set_dumpable(a);
	case PR_GET_DUMPABLE:
		return READ_ONCE(current_process()->dumpable);
	case PR_SET_NO_NEW_PRIVS:
		return set_no_new_privs(a, b, c, d);
	case PR_GET_NO_NEW_PRIVS:
		return get_no_new_privs(a, b, c, d);
	case PR_CAPBSET_READ:
		/* Nothing has been dropped. */
		return a <= CAP_LAST_CAP ? 1 : -EINVAL;
	case PR_GET_SECCOMP:
		return SECCOMP_MODE_DISABLED;
	case PR_GET_TID_ADDRESS:
		return put_user_u64(a, current_thread()->clear_child_tid);
	default:
		return -EINVAL;
	}
}

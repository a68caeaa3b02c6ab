/*
 * prctl(2), personality(2): what a thread or process says about itself.
 *
 * What is only kept and told back is said to be so in the docs; what takes effect is the name, the
 * signal at the parent's death, who inherits orphans, no_new_privs, and capabilities (capability.c).
 */
#include <linux/prctl.h>
#include <linux/seccomp.h>
#include <linux/securebits.h>

#include "arch/ucopy.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "proc/family.h"
#include "proc/process.h"
#include "proc/signal.h"
#include "sys/capability.h"
#include "sys/sys.h"

static s64 set_name(uaddr_t from)
{
	struct thread *t = current_thread();
	char name[PROCESS_NAME_SIZE];

	ssize_t n = copy_string_from_user(name, from, sizeof(name));
	if (n == -EFAULT)
		return n;
	/* A longer name is cut. */
	name[sizeof(name) - 1] = '\0';
	return process_rename(t->process, t->tid, name) ? 0 : -ESRCH;
}

static s64 get_name(uaddr_t to)
{
	struct thread *t = current_thread();
	char name[PROCESS_NAME_SIZE] = {0};

	(void)process_get_name(t->process, t->tid, name);
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

static s64 set_death_signal(u64 signal)
{
	if (signal > SIGNAL_COUNT)
		return -EINVAL;
	family_set_death_signal(signal);
	return 0;
}

static s64 get_death_signal(uaddr_t to)
{
	return put_user_u32(to, READ_ONCE(current_process()->family.death_signal));
}

static s64 get_subreaper(uaddr_t to)
{
	return put_user_u32(to, READ_ONCE(current_process()->family.subreaper));
}

static s64 set_timer_slack(u64 ns)
{
	/* 0 means the default. Timers are exact whatever it is. */
	WRITE_ONCE(current_process()->timer_slack, ns ? ns : TIMER_SLACK_DEFAULT);
	return 0;
}

static s64 get_tsc(uaddr_t to)
{
	return put_user_u32(to, PR_TSC_ENABLE);
}

/* What has more arguments than it knows of is refused, so that they can mean something one day. */
static s64 prctl_strict(s32 option, u64 a, u64 b, u64 c, u64 d)
{
	switch (option) {
	case PR_SET_THP_DISABLE:
		if (b || c || d)
			return -EINVAL;
		/* Faults to come look; no more is promised. */
		WRITE_ONCE(current_thread()->mm->no_huge, a != 0);
		return 0;
	case PR_GET_THP_DISABLE:
		return a || b || c || d ? -EINVAL : READ_ONCE(current_thread()->mm->no_huge);
	case PR_MCE_KILL_GET:
		return a || b || c || d ? -EINVAL : PR_MCE_KILL_DEFAULT;
	case PR_CAP_AMBIENT:
		return capability_prctl_ambient(a, b, c, d);
	default:
		return -EINVAL;
	}
}

static s64 prctl_process(s32 option, u64 a, u64 b, u64 c, u64 d)
{
	switch (option) {
	case PR_SET_PDEATHSIG:
		return set_death_signal(a);
	case PR_GET_PDEATHSIG:
		return get_death_signal(a);
	case PR_SET_CHILD_SUBREAPER:
		family_set_subreaper(a != 0);
		return 0;
	case PR_GET_CHILD_SUBREAPER:
		return get_subreaper(a);
	case PR_SET_KEEPCAPS:
		return capability_prctl_keep(a);
	case PR_GET_KEEPCAPS:
		return !!(READ_ONCE(current_process()->cred.securebits) & SECBIT_KEEP_CAPS);
	case PR_SET_TIMERSLACK:
		return set_timer_slack(a);
	case PR_GET_TIMERSLACK:
		return READ_ONCE(current_process()->timer_slack);
	case PR_GET_TIMING:
		return PR_TIMING_STATISTICAL;
	case PR_SET_TIMING:
		return a == PR_TIMING_STATISTICAL ? 0 : -EINVAL;
	case PR_GET_TSC:
		return get_tsc(a);
	case PR_SET_TSC:
		/* Reading the counter can't be made to fault. */
		return a == PR_TSC_ENABLE ? 0 : -EINVAL;
	case PR_GET_SECUREBITS:
		return READ_ONCE(current_process()->cred.securebits);
	case PR_SET_SECUREBITS:
		return capability_prctl_securebits(a);
	default:
		return prctl_strict(option, a, b, c, d);
	}
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
	case PR_CAPBSET_DROP:
		return capability_prctl_bound(option == PR_CAPBSET_DROP, a);
	case PR_GET_SECCOMP:
		return SECCOMP_MODE_DISABLED;
	case PR_GET_TID_ADDRESS:
		return put_user_u64(a, current_thread()->clear_child_tid);
	default:
		return prctl_process(option, a, b, c, d);
	}
}

s64 sys_personality(u32 persona)
{
	struct process *p = current_process();

	spin_lock(&p->lock);
	u32 old = p->personality;
	/* All ones only ask. */
	if (persona != UINT32_MAX)
		p->personality = persona;
	spin_unlock(&p->lock);
	return old;
}

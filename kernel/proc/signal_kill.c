/*
 * kill(2), tkill(2), tgkill(2), rt_sigqueueinfo(2) and pidfd_send_signal(2): finding the targets, and
 * whether the caller may.
 *
 * A group, or everybody, gets its signal under pid_table_lock, under which forks put their children into it: a
 * child either is there already, or its parent has the signal pending (group_signals says that one came)
 * before the child is published, and then the fork is made again after the signal has acted (clone.c). So nobody
 * in the group is missed.
 */
#include "proc/signal_kill.h"

#include "lib/errno.h"
#include "proc/pid.h"
#include "proc/process.h"
#include "proc/signal.h"

/* Who is privileged, or the same user; SIGCONT within the session. */
static bool may_signal(const struct process *p, u32 signal)
{
	const struct process *self = current_process();

	if (p == self)
		return true;
	u32 uid = READ_ONCE(self->cred.uid), euid = READ_ONCE(self->cred.euid);
	u32 target_uid = READ_ONCE(p->cred.uid), target_suid = READ_ONCE(p->cred.suid);

	if (euid == target_suid || euid == target_uid || uid == target_suid || uid == target_uid ||
		capable(CAP_KILL))
		return true;
	return signal == SIGCONT && READ_ONCE(p->session) == READ_ONCE(self->session);
}

static int check(const struct process *p, const struct signal_info *info)
{
	if (info->si_signo < 0 || (u32)info->si_signo > SIGNAL_COUNT)
		return -EINVAL;
	return may_signal(p, info->si_signo) ? 0 : -EPERM;
}

static NOINLINE int check_and_send(struct process *p, u32 tid, const struct signal_info *info)
{
	int err = check(p, info);

	return err ? err : signal_send_info(p, tid, info);
}

static int send_checked(struct process *p, u32 tid, const struct signal_info *info)
{
	/* To itself a process may send anything. */
	if (p == current_process() && (u32)info->si_signo <= SIGNAL_COUNT)
		return signal_send_info(p, tid, info);
	return check_and_send(p, tid, info);
}

int kill_one(struct process *p, const struct signal_info *info)
{
	/* Whether it is there comes first: nothing can be wrong with a signal to nobody. A wait may be about to take it. */
	int err = READ_ONCE(p->reaped) ? -ESRCH : check(p, info);

	return err ? err : signal_send_info(p, 0, info);
}

/* The process that the thread belongs to, with a reference; or NULL. */
static struct process *process_of_thread(u32 pid, u32 tid)
{
	spin_lock(&pid_table_lock);
	struct thread *t = pid_thread_locked(tid);
	struct process *p = t ? t->process : NULL;
	if (p && pid && p->pid != pid)
		p = NULL;
	if (p)
		process_get(p);
	spin_unlock(&pid_table_lock);
	return p;
}

/* A process that sends to itself need not look itself up. */
static bool is_own(u32 pid, u32 tid)
{
	const struct thread *t = current_thread();

	return (!pid || pid == t->process->pid) && (!tid || tid == t->tid);
}

static NOINLINE int kill_other_process(u32 pid, const struct signal_info *info)
{
	struct process *p = process_find(pid);

	/* The number of any thread will do. */
	if (!p)
		p = process_of_thread(0, pid);
	if (!p)
		return -ESRCH;
	int err = send_checked(p, 0, info);
	process_put(p);
	return err;
}

int kill_process(u32 pid, const struct signal_info *info)
{
	return is_own(pid, 0) ? send_checked(current_process(), 0, info)
			      : kill_other_process(pid, info);
}

static NOINLINE int kill_other_thread(u32 pid, u32 tid, const struct signal_info *info)
{
	struct process *p = process_of_thread(pid, tid);

	/* A first thread that has gone while others are there still has the number. */
	if (!p && (!pid || pid == tid))
		p = process_find(tid);
	if (!p)
		return -ESRCH;
	int err = send_checked(p, tid, info);
	/* It ended meanwhile: as if just after it got the signal. */
	if (err == -ESRCH)
		err = 0;
	process_put(p);
	return err;
}

int kill_thread(u32 pid, u32 tid, const struct signal_info *info)
{
	return is_own(pid, tid) ? send_checked(current_process(), tid, info)
				: kill_other_thread(pid, tid, info);
}

int kill_group(u32 group, const struct signal_info *info)
{
	int result = -ESRCH;

	spin_lock(&pid_table_lock);
	struct pid *n = pid_lookup_locked(group);
	struct process *p;
	/* One success is success; otherwise the last failure counts. */
	if (n)
		list_for_each_entry (p, &n->group, family.in_group) {
			p->signals.group_signals++;
			int err = send_checked(p, 0, info);
			if (result)
				result = err;
		}
	spin_unlock(&pid_table_lock);
	return result;
}

struct everybody {
	const struct signal_info *info;
	bool any;
	int result;
};

static bool kill_each(struct process *p, void *arg) REQUIRES(&pid_table_lock)
{
	struct everybody *all = arg;

	if (p->pid < 2 || p == current_process())
		return false;
	all->any = true;
	p->signals.group_signals++;
	/* Those that the caller may not signal don't count, as on Linux. */
	int err = send_checked(p, 0, all->info);
	if (err != -EPERM)
		all->result = err;
	return false;
}

int kill_all(const struct signal_info *info)
{
	struct everybody all = {.info = info};

	CHECK(!pid_table_search(kill_each, &all));
	return all.any ? all.result : -ESRCH;
}

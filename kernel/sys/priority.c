/*
 * Nice levels: getpriority(2) and setpriority(2) for a thread, a process group or a user; and who may
 * change how a thread is scheduled.
 *
 * A group or a user is every thread of every process that belongs to it, looked through under the
 * table's lock. As on Linux a call that could change some but not all tells of an error, and the
 * changes that it made stay.
 */
#include <linux/resource.h>

#include "arch/cpu.h"
#include "lib/errno.h"
#include "proc/pid.h"
#include "proc/process.h"
#include "sched/sched.h"
#include "sys/schedule.h"
#include "sys/sys.h"

#define NICE_MIN (-20)
#define NICE_MAX 19

struct thread *sched_thread(s32 tid)
{
	if (tid < 0)
		return NULL;
	if (tid != 0)
		return process_find_thread((u32)tid);
	thread_get(current_thread());
	return current_thread();
}

bool sched_privileged(void)
{
	return capable(CAP_SYS_NICE);
}

bool sched_may_change(const struct thread *t)
{
	u32 euid = current_process()->cred.euid;
	const struct credentials *its = &t->process->cred;

	/* Two words that a thread of that process may be changing: each is the old or the new one. */
	return euid == READ_ONCE(its->euid) || euid == READ_ONCE(its->uid) || capable(CAP_SYS_NICE);
}

bool sched_nice_allowed(struct thread *t, s32 nice)
{
	u64 limit = READ_ONCE(t->process->limits[RLIMIT_NICE].rlim_cur);

	return nice >= READ_ONCE(t->nice) || (u64)(20 - nice) <= limit;
}

/* -- sets of threads -- */

struct priority_call {
	u32 which;
	u32 who; /* never 0 */
	bool set;
	s32 nice;   /* to set */
	s64 result; /* the best level found, as getpriority() gives it; or the error of setting */
};

static void get_one(struct priority_call *c, struct thread *t)
{
	c->result = MAX(c->result, 20 - READ_ONCE(t->nice));
}

static void set_one(struct priority_call *c, struct thread *t)
{
	if (!sched_may_change(t)) {
		c->result = -EPERM;
	} else if (!sched_privileged() && !sched_nice_allowed(t, c->nice)) {
		c->result = -EACCES;
	} else {
		if (c->result == -ESRCH)
			c->result = 0;
		sched_set_nice(t, c->nice);
	}
}

static void call_one(struct priority_call *c, struct thread *t)
{
	if (c->set)
		set_one(c, t);
	else
		get_one(c, t);
}

static bool belongs(const struct priority_call *c, const struct process *p) REQUIRES(&p->lock)
{
	return c->which == PRIO_PGRP ? p->group == c->who : p->cred.uid == c->who;
}

static bool call_process(struct process *p, void *arg)
{
	struct priority_call *c = arg;
	struct thread *t;

	spin_lock(&p->lock);
	if (belongs(c, p))
		list_for_each_entry (t, &p->threads, process_link)
			call_one(c, t);
	spin_unlock(&p->lock);
	return false;
}

static void call_thread(struct priority_call *c, s32 tid)
{
	struct thread *t = sched_thread(tid);

	if (!t)
		return;
	call_one(c, t);
	thread_put(t);
}

static s64 call_all(struct priority_call *c, s32 who)
{
	struct process *p = current_process();

	c->result = -ESRCH;
	if (c->which == PRIO_PROCESS) {
		call_thread(c, who);
		return c->result;
	}
	c->who = who ? (u32)who : c->which == PRIO_PGRP ? p->group : p->cred.uid;
	/* Never returns a process: the search is for its own sake. */
	CHECK(!pid_table_search(call_process, c));
	return c->result;
}

s64 sys_getpriority(s32 which, s32 who)
{
	struct priority_call c = {.which = (u32)which};

	if (which < PRIO_PROCESS || which > PRIO_USER)
		return -EINVAL;
	return call_all(&c, who);
}

s64 sys_setpriority(s32 which, s32 who, s32 nice)
{
	struct priority_call c = {.which = (u32)which, .set = true};

	if (which < PRIO_PROCESS || which > PRIO_USER)
		return -EINVAL;
	c.nice = MIN(MAX(nice, NICE_MIN), NICE_MAX);
	return call_all(&c, who);
}

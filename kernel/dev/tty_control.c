/*
 * Controlling terminals and job control.
 *
 * A terminal says whose it is: t->session, 0 if nobody's; a session has at most one. A process has its session's terminal unless it gave
 * it up (process->tty_left, TIOCNOTTY). t->session and t->group change under t->lock; a session that gets a terminal does so
 * under `offering`, so that it does not get two. Signals are sent after all locks are let go.
 */
#include <asm/fcntl.h>
#include <asm/signal.h>
#include <linux/capability.h>
#include <linux/major.h>

#include "arch/ucopy.h"
#include "dev/pty.h"
#include "dev/tty.h"
#include "fs/fs.h"
#include "lib/errno.h"
#include "proc/cred.h"
#include "proc/group.h"
#include "proc/process.h"
#include "proc/signal.h"

static struct mutex offering;

struct tty *tty_of_current(void)
{
	struct process *p = current_process();

	if (READ_ONCE(p->tty_left))
		return NULL;
	return tty_of_session(READ_ONCE(p->session));
}

/* It is the running process's terminal. */
static bool is_mine(const struct tty *t)
{
	struct process *p = current_process();

	return !READ_ONCE(p->tty_left) && READ_ONCE(t->session) == READ_ONCE(p->session);
}

static bool is_refused(u32 signal)
{
	struct sigaction a;

	signal_action_of(current_process(), signal, &a);
	return a.sa_handler == SIG_IGN || (current_thread()->signals.blocked & SIGNAL_BIT(signal));
}

int tty_check_foreground(struct tty *t, u32 signal)
{
	u32 own = READ_ONCE(current_process()->group), group = READ_ONCE(t->group);

	if (!is_mine(t) || !group || own == group)
		return 0;
	if (is_refused(signal))
		return signal == SIGTTIN ? -EIO : 0;
	if (group_is_orphaned(own))
		return -EIO;
	group_signal(own, signal);
	/* Stopped, continued, and made again; or handled. */
	return -EINTR;
}

static void adopt_locked(struct tty *t, u32 session, u32 group) REQUIRES(&t->lock)
{
	WRITE_ONCE(t->session, session);
	WRITE_ONCE(t->group, group);
}

/* 0, or -EPERM: the session has another, or the terminal another session, from which force takes it. */
static int try_adopt(struct tty *t, bool force)
{
	struct process *p = current_process();
	int err = -EPERM;

	mutex_lock(&offering);
	struct tty *has = tty_of_current();
	if (!has) {
		spin_lock(&t->lock);
		if (!t->session || force) {
			adopt_locked(t, p->session, p->group);
			err = 0;
		}
		spin_unlock(&t->lock);
	}
	mutex_unlock(&offering);
	if (has)
		tty_put(has);
	if (!err)
		WRITE_ONCE(p->tty_left, false);
	return err;
}

void tty_offer(struct tty *t)
{
	struct process *p = current_thread()->process;

	if (p && READ_ONCE(p->session) == p->pid)
		(void)!try_adopt(t, false);
}

void tty_adopt(struct tty *t, struct process *p)
{
	spin_lock(&t->lock);
	adopt_locked(t, p->pid, p->pid);
	spin_unlock(&t->lock);
}

/* -- hanging up and giving up -- */

static void signal_leader(u32 session)
{
	struct process *leader = process_find(session);

	if (!leader)
		return;
	(void)!signal_send(leader, 0, SIGHUP);
	(void)!signal_send(leader, 0, SIGCONT);
	process_put(leader);
}

static void wake_all(struct tty *t)
{
	waitq_wake_all(&t->readable);
	waitq_wake_all(&t->writable);
	waitq_wake_all(&t->shown);
	waitq_wake_all(&t->typable);
}

void tty_hang_up(struct tty *t)
{
	spin_lock(&t->lock);
	u32 session = t->session;
	adopt_locked(t, 0, 0);
	WRITE_ONCE(t->generation, t->generation + 1);
	tty_flush_input_locked(t);
	spin_unlock(&t->lock);
	wake_all(t);
	if (session)
		signal_leader(session);
}

/* Nobody's any more: its foreground group, or 0. */
static u32 set_free(struct tty *t)
{
	spin_lock(&t->lock);
	u32 group = t->group;
	adopt_locked(t, 0, 0);
	spin_unlock(&t->lock);
	return group;
}

/* The line stays, for it is a pseudo terminal's; who was in the foreground is told. */
static void leader_exited(struct process *p)
{
	struct tty *t = tty_of_session(p->session);

	if (!t)
		return;
	u32 group = set_free(t);
	if (group)
		group_signal(group, SIGHUP);
	tty_put(t);
}

/* TIOCNOTTY: a leader gives it up for its session. */
static int give_up(struct tty *t)
{
	struct process *p = current_process();

	if (!is_mine(t))
		return -ENOTTY;
	if (READ_ONCE(p->session) != p->pid) {
		WRITE_ONCE(p->tty_left, true);
		return 0;
	}
	u32 group = set_free(t);
	if (group) {
		group_signal(group, SIGHUP);
		group_signal(group, SIGCONT);
	}
	return 0;
}

/* -- questions -- */

static int take_terminal(struct tty *t, bool force)
{
	struct process *p = current_process();
	bool leader = READ_ONCE(p->session) == p->pid;

	if (leader && is_mine(t))
		return 0;
	if (!leader)
		return -EPERM;
	return try_adopt(t, force && capable(CAP_SYS_ADMIN));
}

static int set_group(struct tty *t, uaddr_t from)
{
	u32 group;

	int err = tty_check_foreground(t, SIGTTOU);
	if (err)
		return err;
	if (get_user_u32(&group, from))
		return -EFAULT;
	if (!is_mine(t))
		return -ENOTTY;
	if ((s32)group < 0)
		return -EINVAL;
	u32 session = READ_ONCE(t->session);
	if (!group_in_session(group, session)) {
		struct process *p = process_find(group);
		if (p)
			process_put(p);
		return p ? -EPERM : -ESRCH;
	}
	spin_lock(&t->lock);
	if (t->session == session)
		WRITE_ONCE(t->group, group);
	spin_unlock(&t->lock);
	return 0;
}

/* TIOCSTI: as if it had been typed. For who could read it there himself, or may do all. */
static s64 type_for(struct tty *t, uaddr_t from)
{
	char c;

	if (!is_mine(t) && !capable(CAP_SYS_ADMIN))
		return -EPERM;
	if (copy_from_user(&c, from, 1))
		return -EFAULT;
	/* What finds no room is lost, as on Linux. */
	(void)!tty_type(t, &c, 1);
	return 0;
}

s64 tty_control_ioctl(struct tty *t, bool master, u32 command, u64 argument)
{
	switch (command) {
	case TIOCSCTTY:
		return take_terminal(t, argument == 1);
	case TIOCNOTTY:
		return give_up(t);
	case TIOCGPGRP:
		if (!master && !is_mine(t))
			return -ENOTTY;
		return put_user_u32(argument, READ_ONCE(t->group));
	case TIOCSPGRP:
		return set_group(t, argument);
	case TIOCGSID:
		if ((!master && !is_mine(t)) || !READ_ONCE(t->session))
			return -ENOTTY;
		return put_user_u32(argument, READ_ONCE(t->session));
	case TIOCSTI:
		return master ? -ENOTTY : type_for(t, argument);
	default:
		return -ENOTTY;
	}
}

static bool terminal_of(u32 session, struct session_terminal *out)
{
	struct tty *t = tty_of_session(session);

	if (!t)
		return false;
	*out = (struct session_terminal){.major = UNIX98_PTY_SLAVE_MAJOR,
		.minor = t->number,
		.group = (s32)READ_ONCE(t->group)};
	tty_put(t);
	return true;
}

static const struct session_ops session_ops = {
	.leader_exited = leader_exited,
	.terminal = terminal_of,
};

/* /dev/tty is the caller's own; /dev/console the first. */
static int open_special(u32 minor, u32 flags, struct file **out)
{
	struct tty *t = minor == 0 ? tty_of_current() : tty_find(0);

	if (!t)
		return -ENXIO;
	int err = tty_open(t, minor == 0 ? flags | O_NOCTTY : flags, out);
	tty_put(t);
	return err;
}

INIT_TEXT int tty_init(void)
{
	mutex_init(&offering, RANK_TTY_OFFER);
	session_set_ops(&session_ops);
	int err = fs_register_devices(5, 0, 1, open_special);
	return err ? err : pty_init();
}

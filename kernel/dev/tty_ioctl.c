/* What programs ask of a terminal and set about it: ioctl_tty(2). The master of a pseudo terminal is asked about the same terminal. */
#include <asm/ioctls.h>
#include <asm/poll.h>
#include <asm/signal.h>
#include <linux/tty.h>

#include "arch/ucopy.h"
#include "dev/tty.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "proc/group.h"

/* Sleeps until all that was written has gone to the host. What a pseudo terminal's program wrote is the master's at once, as on
 * Linux: whether the master reads it is not waited for. */
int tty_drain(struct tty *t)
{
	if (!t->is_console)
		return 0;
	return wait_event(&t->writable, READ_ONCE(t->written) == READ_ONCE(t->shown_count),
		THREAD_SLEEPING_INTERRUPTIBLE, WAIT_FOREVER);
}

static int get_size(struct tty *t, uaddr_t to)
{
	spin_lock(&t->lock);
	struct winsize copy = t->size;
	spin_unlock(&t->lock);
	return copy_to_user(to, &copy, sizeof(copy));
}

void tty_set_size(struct tty *t, const struct winsize *size)
{
	spin_lock(&t->lock);
	bool changed = memcmp(&t->size, size, sizeof(*size)) != 0;
	t->size = *size;
	u32 group = t->group;
	spin_unlock(&t->lock);
	if (changed && group)
		group_signal(group, SIGWINCH);
}

static int set_size(struct tty *t, uaddr_t from)
{
	struct winsize size;

	if (copy_from_user(&size, from, sizeof(size)))
		return -EFAULT;
	tty_set_size(t, &size);
	return 0;
}

/* Forgets what has not been read. What was written is the master's already, as on Linux, where it hears of the wish. */
static int flush(struct tty *t, bool master, u64 which)
{
	int err = master ? 0 : tty_check_foreground(t, SIGTTOU);
	if (err)
		return err;
	if (which > TCIOFLUSH)
		return -EINVAL;
	spin_lock(&t->lock);
	if (which != TCOFLUSH)
		tty_flush_input_locked(t);
	if (which != TCIFLUSH)
		tty_note_locked(t, TIOCPKT_FLUSHWRITE, 0);
	spin_unlock(&t->lock);
	waitq_wake_events(&t->typable, POLLOUT | POLLWRNORM);
	waitq_wake_events(&t->writable, POLLOUT | POLLWRNORM);
	return 0;
}

/* tcflow(3). TCIOFF and TCION would send characters, to whom there is nobody to answer. */
static int stop_or_go(struct tty *t, u64 what)
{
	int err = tty_check_foreground(t, SIGTTOU);
	if (err)
		return err;
	if (what > TCION)
		return -EINVAL;
	if (what == TCOOFF || what == TCOON) {
		spin_lock(&t->lock);
		tty_stop_locked(t, what == TCOOFF);
		spin_unlock(&t->lock);
	}
	waitq_wake_events(&t->writable, POLLOUT | POLLWRNORM);
	waitq_wake_events(&t->shown, POLLIN | POLLRDNORM);
	return 0;
}

static int tell_available(struct tty *t, uaddr_t to)
{
	spin_lock(&t->lock);
	u32 n = tty_available_locked(t);
	spin_unlock(&t->lock);
	return put_user_u32(to, n);
}

static int wait_shown(struct tty *t)
{
	int err = tty_check_foreground(t, SIGTTOU);

	return err ? err : tty_drain(t);
}

s64 tty_ioctl(struct tty *t, bool master, u32 command, u64 argument)
{
	switch (command) {
	case TIOCGWINSZ:
		return get_size(t, argument);
	case TIOCSWINSZ:
		return set_size(t, argument);
	case FIONREAD:
		return tell_available(t, argument);
	case TIOCOUTQ:
		return put_user_u32(argument, READ_ONCE(t->written) - READ_ONCE(t->shown_count));
	case TCFLSH:
		return flush(t, master, argument);
	case TCXONC:
		return stop_or_go(t, argument);
	case TCSBRK:
	case TCSBRKP:
		return wait_shown(t);
	case TIOCGETD:
		return put_user_u32(argument, N_TTY);
	default:
		break;
	}
	s64 result = tty_settings_ioctl(t, master, command, argument);
	return result == -ENOTTY ? tty_control_ioctl(t, master, command, argument) : result;
}

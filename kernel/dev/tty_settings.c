/*
 * A terminal's settings: termios(3) in its three forms, and what of them is locked.
 *
 * Of the old structure, termio, are the low halves of the flags and the first characters; the rest stays as it is. What is locked
 * (TIOCSLCKTRMIOS: bits that are set, characters that are not 0) keeps its value, whoever sets it; only a privileged process locks.
 *
 * The settings are under t->lock, one look and one change at a time, as on Linux: of two who set them at once, the later one wins
 * whole.
 */
#include <asm/ioctls.h>
#include <asm/signal.h>
#include <asm/termios.h>
#include <linux/capability.h>
#include <linux/tty.h>

#include "arch/ucopy.h"
#include "dev/tty.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "proc/cred.h"

_Static_assert(sizeof(struct termios) < sizeof(struct termios2) &&
		       offsetof(struct termios2, c_ispeed) >= sizeof(struct termios),
	"the old structure is the beginning of the new one");

static int get_settings(struct tty *t, uaddr_t to, size_t n)
{
	spin_lock(&t->lock);
	struct termios2 copy = t->settings;
	spin_unlock(&t->lock);
	return copy_to_user(to, &copy, n);
}

static int get_old(struct tty *t, uaddr_t to)
{
	struct termio old = {0};

	spin_lock(&t->lock);
	const struct termios2 *s = &t->settings;
	old.c_iflag = (u16)s->c_iflag;
	old.c_oflag = (u16)s->c_oflag;
	old.c_cflag = (u16)s->c_cflag;
	old.c_lflag = (u16)s->c_lflag;
	old.c_line = s->c_line;
	memcpy(old.c_cc, s->c_cc, sizeof(old.c_cc));
	spin_unlock(&t->lock);
	return copy_to_user(to, &old, sizeof(old));
}

static void set_low(u32 *flags, u16 low)
{
	*flags = (*flags & ~(u32)UINT16_MAX) | low;
}

static int fetch_old(struct termios2 *new, uaddr_t from)
{
	struct termio old;

	if (copy_from_user(&old, from, sizeof(old)))
		return -EFAULT;
	set_low(&new->c_iflag, old.c_iflag);
	set_low(&new->c_oflag, old.c_oflag);
	set_low(&new->c_cflag, old.c_cflag);
	set_low(&new->c_lflag, old.c_lflag);
	new->c_line = old.c_line;
	memcpy(new->c_cc, old.c_cc, sizeof(old.c_cc));
	return 0;
}

/* n: the size of the form they are in. */
static int fetch(struct termios2 *new, uaddr_t from, size_t n)
{
	return n == sizeof(struct termio) ? fetch_old(new, from) : copy_from_user(new, from, n);
}

static int get_fixed(struct tty *t, uaddr_t to)
{
	spin_lock(&t->lock);
	struct termios copy = t->fixed;
	spin_unlock(&t->lock);
	return copy_to_user(to, &copy, sizeof(copy));
}

static int set_fixed(struct tty *t, uaddr_t from)
{
	struct termios new;

	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	if (copy_from_user(&new, from, sizeof(new)))
		return -EFAULT;
	spin_lock(&t->lock);
	t->fixed = new;
	spin_unlock(&t->lock);
	return 0;
}

static void keep(u32 *flags, u32 was, u32 fixed)
{
	*flags = (*flags & ~fixed) | (was & fixed);
}

static void keep_fixed_locked(struct tty *t, struct termios2 *new) REQUIRES(&t->lock)
{
	const struct termios2 *was = &t->settings;
	const struct termios *fixed = &t->fixed;

	keep(&new->c_iflag, was->c_iflag, fixed->c_iflag);
	keep(&new->c_oflag, was->c_oflag, fixed->c_oflag);
	keep(&new->c_cflag, was->c_cflag, fixed->c_cflag);
	keep(&new->c_lflag, was->c_lflag, fixed->c_lflag);
	if (fixed->c_line)
		new->c_line = was->c_line;
	for (u32 i = 0; i < ARRAY_SIZE(fixed->c_cc); i++)
		if (fixed->c_cc[i])
			new->c_cc[i] = was->c_cc[i];
}

/* The program at the master may stop and start output itself, as the usual characters would. */
static bool has_usual_flow(const struct termios2 *s)
{
	return (s->c_iflag & IXON) && s->c_cc[VSTOP] == ('S' & 0x1f) &&
	       s->c_cc[VSTART] == ('Q' & 0x1f);
}

static void note_settings_locked(struct tty *t, const struct termios2 *new) REQUIRES(&t->lock)
{
	const u8 both = TIOCPKT_DOSTOP | TIOCPKT_NOSTOP;
	bool flow = has_usual_flow(new);

	if (flow != has_usual_flow(&t->settings))
		tty_note_locked(t, flow ? TIOCPKT_DOSTOP : TIOCPKT_NOSTOP, both);
	if ((t->settings.c_lflag | new->c_lflag) & EXTPROC)
		tty_note_locked(t, TIOCPKT_IOCTL, 0);
}

static void apply_locked(struct tty *t, const struct termios2 *new) REQUIRES(&t->lock)
{
	bool lines = new->c_lflag &ICANON;
	bool changed = lines != tty_is_canonical(t);

	note_settings_locked(t, new);
	t->settings = *new;
	/* A pseudo terminal has these, whatever is asked for. */
	t->settings.c_cflag = (new->c_cflag & ~(u32)(CSIZE | PARENB)) | CS8 | CREAD;
	if (!(new->c_iflag &IXON))
		tty_stop_locked(t, false);
	if (changed)
		tty_mode_changed_locked(t, lines);
}

static int set_settings(struct tty *t, bool master, u32 how, uaddr_t from, size_t n)
{
	struct termios2 new;

	int err = master ? 0 : tty_check_foreground(t, SIGTTOU);
	if (err)
		return err;
	spin_lock(&t->lock);
	new = t->settings;
	spin_unlock(&t->lock);
	if (fetch(&new, from, n))
		return -EFAULT;
	/* For the terminal itself, what it shows is somebody else's affair. */
	if (how != TCSETS && !master)
		err = tty_drain(t);
	if (err)
		return err;
	spin_lock(&t->lock);
	if (how == TCSETSF)
		tty_flush_input_locked(t);
	keep_fixed_locked(t, &new);
	apply_locked(t, &new);
	spin_unlock(&t->lock);
	waitq_wake_all(&t->readable);
	waitq_wake_all(&t->writable);
	waitq_wake_all(&t->typable);
	waitq_wake_all(&t->shown);
	return 0;
}

s64 tty_settings_ioctl(struct tty *t, bool master, u32 command, u64 argument)
{
	switch (command) {
	case TCGETS:
		return get_settings(t, argument, sizeof(struct termios));
	case TCGETS2:
		return get_settings(t, argument, sizeof(struct termios2));
	case TCSETS:
	case TCSETSW:
	case TCSETSF:
		return set_settings(t, master, command, argument, sizeof(struct termios));
	case TCSETS2:
	case TCSETSW2:
	case TCSETSF2:
		return set_settings(
			t, master, TCSETS + (command - TCSETS2), argument, sizeof(struct termios2));
	case TCGETA:
		return get_old(t, argument);
	case TCSETA:
	case TCSETAW:
	case TCSETAF:
		return set_settings(
			t, master, TCSETS + (command - TCSETA), argument, sizeof(struct termio));
	case TIOCGLCKTRMIOS:
		return get_fixed(t, argument);
	case TIOCSLCKTRMIOS:
		return set_fixed(t, argument);
	default:
		return -ENOTTY;
	}
}

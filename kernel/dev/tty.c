/*
 * The terminal's settings.
 *
 * Lines are edited and echoed by the host's terminal, which stays in its normal mode; here the
 * settings are kept, so that a program that changes and restores them sees what it expects. There
 * are no sessions or job control: the questions about process groups get ENOTTY, upon which shells
 * go on without.
 */
#include "dev/tty.h"

#include <asm/ioctls.h>
#include <asm/termios.h>

#include "arch/ucopy.h"
#include "lib/errno.h"
#include "sync/spinlock.h"

/* Guards the two. */
static struct spinlock tty_lock = SPINLOCK_INIT("tty", RANK_DEVICE);

/* As Linux gives a new terminal (the control characters are those of termios(3)). */
static struct termios tty_settings GUARDED_BY(tty_lock) = {
	.c_iflag = ICRNL | IXON,
	.c_oflag = OPOST | ONLCR,
	.c_cflag = B38400 | CS8 | CREAD,
	.c_lflag = ISIG | ICANON | ECHO | ECHOE | ECHOK | ECHOCTL | ECHOKE | IEXTEN,
	.c_cc = {[VINTR] = 'C' - '@',
		[VQUIT] = '\\' - '@',
		[VERASE] = 0x7f,
		[VKILL] = 'U' - '@',
		[VEOF] = 'D' - '@',
		[VMIN] = 1,
		[VSTART] = 'Q' - '@',
		[VSTOP] = 'S' - '@',
		[VSUSP] = 'Z' - '@',
		[VREPRINT] = 'R' - '@',
		[VDISCARD] = 'O' - '@',
		[VWERASE] = 'W' - '@',
		[VLNEXT] = 'V' - '@'},
};
static struct winsize tty_size GUARDED_BY(tty_lock) = {.ws_row = 24, .ws_col = 80};

static int tty_get_settings(uaddr_t to)
{
	spin_lock(&tty_lock);
	struct termios copy = tty_settings;
	spin_unlock(&tty_lock);
	return copy_to_user(to, &copy, sizeof(copy));
}

static int tty_set_settings(uaddr_t from)
{
	struct termios copy;

	int err = copy_from_user(&copy, from, sizeof(copy));
	if (err)
		return err;
	spin_lock(&tty_lock);
	tty_settings = copy;
	spin_unlock(&tty_lock);
	return 0;
}

static int tty_get_size(uaddr_t to)
{
	spin_lock(&tty_lock);
	struct winsize copy = tty_size;
	spin_unlock(&tty_lock);
	return copy_to_user(to, &copy, sizeof(copy));
}

static int tty_set_size(uaddr_t from)
{
	struct winsize copy;

	int err = copy_from_user(&copy, from, sizeof(copy));
	if (err)
		return err;
	spin_lock(&tty_lock);
	tty_size = copy;
	spin_unlock(&tty_lock);
	return 0;
}

int tty_ioctl(u32 command, u64 argument)
{
	switch (command) {
	case TCGETS:
		return tty_get_settings(argument);
	case TCSETS:
	case TCSETSW:
	case TCSETSF:
		return tty_set_settings(argument);
	case TIOCGWINSZ:
		return tty_get_size(argument);
	case TIOCSWINSZ:
		return tty_set_size(argument);
	default:
		return -ENOTTY;
	}
}

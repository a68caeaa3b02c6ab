/*
 * What a terminal shows: output processing (c_oflag of termios(3)) into a ring that the master, or the console's thread, takes from.
 * Everything is under t->lock; the two counts are also read without it, as hints.
 */
#include <asm/ioctls.h>
#include <asm/poll.h>

#include "dev/tty.h"

#define TAB 8U

static bool setting(const struct tty *t, u32 flag)
{
	return t->settings.c_oflag & flag;
}

static u32 room(const struct tty *t)
{
	return TTY_OUTPUT - (READ_ONCE(t->written) - READ_ONCE(t->shown_count));
}

bool tty_has_room(const struct tty *t)
{
	return !READ_ONCE(t->stopped) && room(t) >= TTY_OUTPUT_ROOM;
}

static void put(struct tty *t, char c) REQUIRES(&t->lock)
{
	t->output[t->written % TTY_OUTPUT] = c;
	WRITE_ONCE(t->written, t->written + 1);
}

static void new_line(struct tty *t) REQUIRES(&t->lock)
{
	if (setting(t, ONLRET))
		t->column = 0;
	if (setting(t, ONLCR)) {
		t->column = 0;
		put(t, '\r');
	}
	put(t, '\n');
	t->line_column = t->column;
}

static void carriage_return(struct tty *t) REQUIRES(&t->lock)
{
	if (setting(t, ONOCR) && t->column == 0)
		return;
	if (setting(t, OCRNL)) {
		if (setting(t, ONLRET))
			t->line_column = t->column = 0;
		put(t, '\n');
		return;
	}
	t->line_column = t->column = 0;
	put(t, '\r');
}

static void tab(struct tty *t) REQUIRES(&t->lock)
{
	u32 spaces = TAB - t->column % TAB;

	t->column += spaces;
	if ((t->settings.c_oflag & TABDLY) != TAB3) {
		put(t, '\t');
		return;
	}
	while (spaces--)
		put(t, ' ');
}

static bool is_control(char c)
{
	return (u8)c < ' ' || c == 0x7f;
}

/* Not the first byte of a character in UTF-8. */
static bool is_continuation(const struct tty *t, char c)
{
	return (t->settings.c_iflag & IUTF8) && ((u8)c & 0xc0) == 0x80;
}

static void process(struct tty *t, char c) REQUIRES(&t->lock)
{
	switch (c) {
	case '\n':
		new_line(t);
		return;
	case '\r':
		carriage_return(t);
		return;
	case '\t':
		tab(t);
		return;
	case '\b':
		t->column -= t->column > 0;
		break;
	default:
		if (setting(t, OLCUC) && c >= 'a' && c <= 'z')
			c = (char)(c - 'a' + 'A');
		t->column += !is_control(c) && !is_continuation(t, c);
	}
	put(t, c);
}

bool tty_show_locked(struct tty *t, char c)
{
	if (room(t) < TTY_OUTPUT_ROOM)
		return false;
	if (setting(t, OPOST))
		process(t, c);
	else
		put(t, c);
	return true;
}

void tty_echo_raw_locked(struct tty *t, char c)
{
	(void)tty_show_locked(t, c);
}

void tty_echo_locked(struct tty *t, char c)
{
	if (!(t->settings.c_lflag & ECHOCTL) || !is_control(c) || c == '\t') {
		tty_echo_raw_locked(t, c);
		return;
	}
	if (room(t) < TTY_OUTPUT_ROOM)
		return;
	put(t, '^');
	put(t, (char)(c ^ 0x40));
	t->column += 2;
}

u32 tty_take_output(struct tty *t, char *to, u32 n)
{
	u32 done = 0;

	spin_lock(&t->lock);
	while (done < n && t->shown_count != t->written && !t->stopped) {
		to[done++] = t->output[t->shown_count % TTY_OUTPUT];
		WRITE_ONCE(t->shown_count, t->shown_count + 1);
	}
	spin_unlock(&t->lock);
	if (done)
		waitq_wake_events(&t->writable, POLLOUT | POLLWRNORM);
	return done;
}

void tty_note_locked(struct tty *t, u8 what, u8 instead_of)
{
	if (!t->packet)
		return;
	WRITE_ONCE(t->packet_status, (t->packet_status & ~instead_of) | what);
	waitq_wake_events(&t->shown, POLLIN | POLLRDNORM | POLLPRI);
}

void tty_stop_locked(struct tty *t, bool stop)
{
	if (t->stopped == stop)
		return;
	WRITE_ONCE(t->stopped, stop);
	if (stop)
		tty_note_locked(t, TIOCPKT_STOP, TIOCPKT_START);
	else
		tty_note_locked(t, TIOCPKT_START, TIOCPKT_STOP);
}

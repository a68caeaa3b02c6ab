/*
 * What is typed: the line discipline's input side, as Linux's N_TTY does it.
 *
 * Bytes go into a ring. In canonical mode `complete` is where the last complete line ends, and only what is before it can be read; what
 * comes after it can still be edited. line_ends has a bit for each byte that ends a line; an end of file is such a byte, a 0, that is never
 * read. In raw mode everything can be read at once.
 *
 * A character that means a signal is handled between two looks at the lock: the signal is sent with no lock held, because a group's
 * members are under the pid table's.
 */
#include <asm/poll.h>
#include <asm/signal.h>

#include "dev/tty.h"
#include "proc/group.h"

/* The last place is for what ends a line. */
#define ROOM_TYPED (TTY_INPUT - 1)

static bool local(const struct tty *t, u32 flag)
{
	return READ_ONCE(t->settings.c_lflag) & flag;
}

static bool is_char(const struct tty *t, u32 which, char c)
{
	/* 0 is _POSIX_VDISABLE. */
	return t->settings.c_cc[which] && (char)t->settings.c_cc[which] == c;
}

bool tty_is_canonical(const struct tty *t)
{
	return local(t, ICANON);
}

static u32 in_ring(const struct tty *t)
{
	return READ_ONCE(t->typed) - READ_ONCE(t->read);
}

bool tty_can_type(const struct tty *t)
{
	/* A line that is too long loses its end rather than making somebody wait for ever. */
	return in_ring(t) < ROOM_TYPED ||
	       (tty_is_canonical(t) && READ_ONCE(t->complete) == READ_ONCE(t->read));
}

static void put(struct tty *t, char c) REQUIRES(&t->lock)
{
	t->input[t->typed % TTY_INPUT] = c;
	bitmap_clear(t->line_ends, t->typed % TTY_INPUT);
	WRITE_ONCE(t->typed, t->typed + 1);
}

static void put_end(struct tty *t, char c) REQUIRES(&t->lock)
{
	if (in_ring(t) == TTY_INPUT)
		return;
	put(t, c);
	bitmap_set(t->line_ends, (t->typed - 1) % TTY_INPUT);
	WRITE_ONCE(t->complete, t->typed);
}

void tty_flush_input_locked(struct tty *t)
{
	WRITE_ONCE(t->typed, t->read);
	WRITE_ONCE(t->complete, t->read);
	t->literal = false;
}

/* What was typed before counts as a line, or as bytes, in the other mode. */
void tty_mode_changed_locked(struct tty *t, bool canonical)
{
	if (canonical && t->typed != t->read)
		bitmap_set(t->line_ends, (t->typed - 1) % TTY_INPUT);
	WRITE_ONCE(t->complete, t->typed);
	t->literal = false;
}

/* -- editing -- */

static bool is_control(char c)
{
	return (u8)c < ' ' || c == 0x7f;
}

static bool is_continuation(const struct tty *t, char c)
{
	return (t->settings.c_iflag & IUTF8) && ((u8)c & 0xc0) == 0x80;
}

static bool in_word(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       c == '_';
}

static void echo_back(struct tty *t) REQUIRES(&t->lock)
{
	tty_echo_raw_locked(t, '\b');
	tty_echo_raw_locked(t, ' ');
	tty_echo_raw_locked(t, '\b');
}

/* The cursor goes back over a tab, whose width the rest of the line says. */
static void echo_back_tab(struct tty *t) REQUIRES(&t->lock)
{
	u32 column = t->line_column;

	for (u32 i = t->complete; i != t->typed; i++) {
		char c = t->input[i % TTY_INPUT];
		if (c == '\t')
			column = (column | 7) + 1;
		else if (is_control(c))
			column += local(t, ECHOCTL) ? 2 : 0;
		else
			column += !is_continuation(t, c);
	}
	while (t->column > column) {
		u32 before = t->column;
		tty_echo_raw_locked(t, '\b');
		if (t->column == before)
			return;
	}
}

static void echo_erased(struct tty *t, char c) REQUIRES(&t->lock)
{
	if (c == '\t') {
		echo_back_tab(t);
		return;
	}
	if (is_control(c) && local(t, ECHOCTL))
		echo_back(t);
	if (!is_control(c) || local(t, ECHOCTL))
		echo_back(t);
}

/* Takes the last character back: its first byte. */
static char unput(struct tty *t) REQUIRES(&t->lock)
{
	char c;

	do {
		WRITE_ONCE(t->typed, t->typed - 1);
		c = t->input[t->typed % TTY_INPUT];
	} while (is_continuation(t, c) && t->typed != t->complete);
	return c;
}

static void erase_one(struct tty *t) REQUIRES(&t->lock)
{
	if (t->typed == t->complete)
		return;
	char c = unput(t);
	if (!local(t, ECHO))
		return;
	if (local(t, ECHOE))
		echo_erased(t, c);
	else
		tty_echo_locked(t, (char)t->settings.c_cc[VERASE]);
}

static void erase_word(struct tty *t) REQUIRES(&t->lock)
{
	bool seen = false;

	while (t->typed != t->complete) {
		char c = t->input[(t->typed - 1) % TTY_INPUT];
		if (seen && !in_word(c) && !is_continuation(t, c))
			break;
		c = unput(t);
		seen |= in_word(c);
		if (local(t, ECHO))
			echo_erased(t, c);
	}
}

static void erase_line(struct tty *t) REQUIRES(&t->lock)
{
	if (t->typed == t->complete)
		return;
	if (local(t, ECHO) && local(t, ECHOK) && local(t, ECHOKE) && local(t, ECHOE)) {
		while (t->typed != t->complete)
			echo_erased(t, unput(t));
		return;
	}
	WRITE_ONCE(t->typed, t->complete);
	if (!local(t, ECHO))
		return;
	tty_echo_locked(t, (char)t->settings.c_cc[VKILL]);
	if (local(t, ECHOK))
		tty_echo_raw_locked(t, '\n');
}

static void reprint(struct tty *t, char c) REQUIRES(&t->lock)
{
	tty_echo_locked(t, c);
	tty_echo_raw_locked(t, '\n');
	for (u32 i = t->complete; i != t->typed; i++)
		tty_echo_locked(t, t->input[i % TTY_INPUT]);
}

/* -- one character -- */

static void ordinary(struct tty *t, char c) REQUIRES(&t->lock)
{
	if (in_ring(t) >= ROOM_TYPED) {
		if (t->settings.c_iflag & IMAXBEL)
			tty_echo_raw_locked(t, '\a');
		return;
	}
	if (local(t, ECHO)) {
		if (c == '\n') {
			tty_echo_raw_locked(t, c);
		} else {
			if (t->typed == t->complete)
				t->line_column = t->column;
			tty_echo_locked(t, c);
		}
	}
	put(t, c);
	if (!tty_is_canonical(t))
		WRITE_ONCE(t->complete, t->typed);
}

/* What ends a line, or edits it: true if it was one. */
static bool canonical(struct tty *t, char c) REQUIRES(&t->lock)
{
	bool extended = local(t, IEXTEN);

	if (is_char(t, VERASE, c)) {
		erase_one(t);
	} else if (is_char(t, VKILL, c)) {
		erase_line(t);
	} else if (extended && is_char(t, VWERASE, c)) {
		erase_word(t);
	} else if (extended && is_char(t, VLNEXT, c)) {
		t->literal = true;
		if (local(t, ECHO) && local(t, ECHOCTL)) {
			tty_echo_raw_locked(t, '^');
			tty_echo_raw_locked(t, '\b');
		}
	} else if (extended && local(t, ECHO) && is_char(t, VREPRINT, c)) {
		reprint(t, c);
	} else if (c == '\n') {
		if (local(t, ECHO) || local(t, ECHONL))
			tty_echo_raw_locked(t, c);
		put_end(t, c);
	} else if (is_char(t, VEOF, c)) {
		put_end(t, 0);
	} else if (is_char(t, VEOL, c) || (extended && is_char(t, VEOL2, c))) {
		if (local(t, ECHO))
			tty_echo_locked(t, c);
		put_end(t, c);
	} else {
		return false;
	}
	return true;
}

static u32 signal_of(const struct tty *t, char c)
{
	if (!local(t, ISIG))
		return 0;
	return is_char(t, VINTR, c)   ? SIGINT
	       : is_char(t, VQUIT, c) ? SIGQUIT
	       : is_char(t, VSUSP, c) ? SIGTSTP
				      : 0;
}

static void signal_typed(struct tty *t, char c) REQUIRES(&t->lock)
{
	/* What was shown already is the master's. */
	if (!local(t, NOFLSH))
		tty_flush_input_locked(t);
	if (t->settings.c_iflag & IXON)
		WRITE_ONCE(t->stopped, false);
	if (local(t, ECHO))
		tty_echo_locked(t, c);
}

/* Start and stop: true if it was one. */
static bool flow(struct tty *t, char c) REQUIRES(&t->lock)
{
	if (!(t->settings.c_iflag & IXON))
		return false;
	if (is_char(t, VSTART, c))
		WRITE_ONCE(t->stopped, false);
	else if (is_char(t, VSTOP, c))
		WRITE_ONCE(t->stopped, true);
	else
		return false;
	return true;
}

/* False: it is thrown away. */
static bool translate(const struct tty *t, char *c)
{
	u32 flags = t->settings.c_iflag;

	if (flags & ISTRIP)
		*c &= 0x7f;
	if ((flags & IUCLC) && local(t, IEXTEN) && *c >= 'A' && *c <= 'Z')
		*c = (char)(*c - 'A' + 'a');
	if (*c == '\r') {
		if (flags & IGNCR)
			return false;
		if (flags & ICRNL)
			*c = '\n';
	} else if (*c == '\n' && (flags & INLCR)) {
		*c = '\r';
	}
	return true;
}

/* The signal that is to be sent, or 0. */
static u32 type_one(struct tty *t, char c) REQUIRES(&t->lock)
{
	if (t->literal) {
		t->literal = false;
		ordinary(t, c);
		return 0;
	}
	if (flow(t, c))
		return 0;
	u32 signal = signal_of(t, c);
	if (signal) {
		signal_typed(t, c);
		return signal;
	}
	if (t->stopped && (t->settings.c_iflag & (IXON | IXANY)) == (IXON | IXANY))
		WRITE_ONCE(t->stopped, false);
	if (!translate(t, &c))
		return 0;
	if (!tty_is_canonical(t) || !canonical(t, c))
		ordinary(t, c);
	return 0;
}

/* Up to the first signal. */
static u32 type_some(struct tty *t, const char *bytes, u32 n, u32 *signal, u32 *group)
{
	u32 done = 0;

	*signal = 0;
	spin_lock(&t->lock);
	while (done < n && !*signal && (tty_can_type(t) || signal_of(t, bytes[done])))
		*signal = type_one(t, bytes[done++]);
	*group = t->group;
	spin_unlock(&t->lock);
	return done;
}

u32 tty_type(struct tty *t, const char *bytes, u32 n)
{
	u32 done = 0, step, signal, group;

	do {
		step = type_some(t, bytes + done, n - done, &signal, &group);
		done += step;
		if (signal && group)
			group_signal(group, signal);
	} while (step && done < n);
	if (done) {
		waitq_wake_events(&t->readable, POLLIN | POLLRDNORM);
		waitq_wake_events(&t->shown, POLLIN | POLLRDNORM);
		waitq_wake_events(&t->writable, POLLOUT | POLLWRNORM);
	}
	return done;
}

/* -- taking -- */

bool tty_input_ready(const struct tty *t)
{
	u32 need = 1;

	if (!tty_is_canonical(t) && !t->settings.c_cc[VTIME] && t->settings.c_cc[VMIN])
		need = t->settings.c_cc[VMIN];
	return READ_ONCE(t->complete) - READ_ONCE(t->read) >= need;
}

u32 tty_available_locked(struct tty *t)
{
	u32 n = t->complete - t->read;

	/* Ends of file can't be read. */
	for (u32 i = t->read; tty_is_canonical(t) && i != t->complete; i++)
		n -= bitmap_test(t->line_ends, i % TTY_INPUT) && !t->input[i % TTY_INPUT];
	return n;
}

u32 tty_take_locked(struct tty *t, char *to, u32 n, bool *end)
{
	bool lines = tty_is_canonical(t);
	u32 done = 0;

	*end = false;
	while (!*end && t->read != t->complete) {
		u32 at = t->read % TTY_INPUT;
		bool ends = lines && bitmap_test(t->line_ends, at);
		bool is_eof = ends && !t->input[at];

		if (done == n && !is_eof)
			break;
		if (!is_eof)
			to[done++] = t->input[at];
		WRITE_ONCE(t->read, t->read + 1);
		*end = ends;
	}
	return done;
}

/*
 * What is typed: the line discipline's input side, as Linux's N_TTY does it.
 *
 * Bytes go into a ring. In canonical mode `complete` is where the last complete line ends, and only what is before it can be read; what
 * comes after it can still be edited (tty_edit.c). line_ends has a bit for each byte that ends a line; an end of file is such a byte, a 0, that is never
 * read. In raw mode everything can be read at once.
 *
 * A character that means a signal is handled between two looks at the lock: the signal is sent with no lock held, because a group's
 * members are under the pid table's.
 */
#include <asm/ioctls.h>
#include <asm/poll.h>
#include <asm/signal.h>

#include "dev/tty.h"
#include "dev/tty_line.h"
#include "proc/group.h"

/* The last place is for what ends a line. */
#define ROOM_TYPED (TTY_INPUT - 1)

bool tty_is_canonical(const struct tty *t)
{
	return tty_local(t, ICANON);
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

void tty_put_end_locked(struct tty *t, char c)
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
	tty_note_locked(t, TIOCPKT_FLUSHREAD, 0);
}

/* What was typed before counts as a line, or as bytes, in the other mode. */
void tty_mode_changed_locked(struct tty *t, bool canonical)
{
	if (canonical && t->typed != t->read)
		bitmap_set(t->line_ends, (t->typed - 1) % TTY_INPUT);
	WRITE_ONCE(t->complete, t->typed);
	t->literal = false;
}

/* -- one character -- */

static void ordinary(struct tty *t, char c) REQUIRES(&t->lock)
{
	if (in_ring(t) >= ROOM_TYPED) {
		if (t->settings.c_iflag & IMAXBEL)
			tty_echo_raw_locked(t, '\a');
		return;
	}
	if (tty_local(t, ECHO)) {
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

static u32 signal_of(const struct tty *t, char c)
{
	if (!tty_local(t, ISIG))
		return 0;
	return tty_is_char(t, VINTR, c)	  ? SIGINT
	       : tty_is_char(t, VQUIT, c) ? SIGQUIT
	       : tty_is_char(t, VSUSP, c) ? SIGTSTP
					  : 0;
}

static void signal_typed(struct tty *t, char c) REQUIRES(&t->lock)
{
	/* What was shown already is the master's. */
	if (!tty_local(t, NOFLSH)) {
		tty_flush_input_locked(t);
		tty_note_locked(t, TIOCPKT_FLUSHWRITE, 0);
	}
	if (t->settings.c_iflag & IXON)
		tty_stop_locked(t, false);
	if (tty_local(t, ECHO))
		tty_echo_locked(t, c);
}

/* Start and stop: true if it was one. */
static bool flow(struct tty *t, char c) REQUIRES(&t->lock)
{
	if (!(t->settings.c_iflag & IXON))
		return false;
	if (tty_is_char(t, VSTART, c))
		tty_stop_locked(t, false);
	else if (tty_is_char(t, VSTOP, c))
		tty_stop_locked(t, true);
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
	if ((flags & IUCLC) && tty_local(t, IEXTEN) && *c >= 'A' && *c <= 'Z')
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
		tty_stop_locked(t, false);
	if (!translate(t, &c))
		return 0;
	if (!tty_is_canonical(t) || !tty_edit_locked(t, c))
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

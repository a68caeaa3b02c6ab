/*
 * The line that is being typed: characters that edit it or end it, and what the screen shows of that, as Linux's N_TTY does it.
 *
 * The line lies in the ring between `complete` and `typed` (tty_input.c). What is taken back is wiped out on the screen character by character;
 * a control character stands there as two, a tab as many as the line before it says, and a byte that goes on a character of UTF-8 as none.
 *
 * All of it is under t->lock.
 */
#include "dev/tty.h"
#include "dev/tty_line.h"

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
			column += tty_local(t, ECHOCTL) ? 2 : 0;
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
	if (is_control(c) && tty_local(t, ECHOCTL))
		echo_back(t);
	if (!is_control(c) || tty_local(t, ECHOCTL))
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
	if (!tty_local(t, ECHO))
		return;
	if (tty_local(t, ECHOE))
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
		if (tty_local(t, ECHO))
			echo_erased(t, c);
	}
}

static void erase_line(struct tty *t) REQUIRES(&t->lock)
{
	if (t->typed == t->complete)
		return;
	if (tty_local(t, ECHO) && tty_local(t, ECHOK) && tty_local(t, ECHOKE) &&
		tty_local(t, ECHOE)) {
		while (t->typed != t->complete)
			echo_erased(t, unput(t));
		return;
	}
	WRITE_ONCE(t->typed, t->complete);
	if (!tty_local(t, ECHO))
		return;
	tty_echo_locked(t, (char)t->settings.c_cc[VKILL]);
	if (tty_local(t, ECHOK))
		tty_echo_raw_locked(t, '\n');
}

static void reprint(struct tty *t, char c) REQUIRES(&t->lock)
{
	tty_echo_locked(t, c);
	tty_echo_raw_locked(t, '\n');
	for (u32 i = t->complete; i != t->typed; i++)
		tty_echo_locked(t, t->input[i % TTY_INPUT]);
}

bool tty_edit_locked(struct tty *t, char c)
{
	bool extended = tty_local(t, IEXTEN);

	if (tty_is_char(t, VERASE, c)) {
		erase_one(t);
	} else if (tty_is_char(t, VKILL, c)) {
		erase_line(t);
	} else if (extended && tty_is_char(t, VWERASE, c)) {
		erase_word(t);
	} else if (extended && tty_is_char(t, VLNEXT, c)) {
		t->literal = true;
		if (tty_local(t, ECHO) && tty_local(t, ECHOCTL)) {
			tty_echo_raw_locked(t, '^');
			tty_echo_raw_locked(t, '\b');
		}
	} else if (extended && tty_local(t, ECHO) && tty_is_char(t, VREPRINT, c)) {
		reprint(t, c);
	} else if (c == '\n') {
		if (tty_local(t, ECHO) || tty_local(t, ECHONL))
			tty_echo_raw_locked(t, c);
		tty_put_end_locked(t, c);
	} else if (tty_is_char(t, VEOF, c)) {
		tty_put_end_locked(t, 0);
	} else if (tty_is_char(t, VEOL, c) || (extended && tty_is_char(t, VEOL2, c))) {
		if (tty_local(t, ECHO))
			tty_echo_locked(t, c);
		tty_put_end_locked(t, c);
	} else {
		return false;
	}
	return true;
}

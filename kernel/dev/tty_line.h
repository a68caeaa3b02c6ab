/* The line discipline's input side, between tty_input.c and tty_edit.c. */
#ifndef DEV_TTY_LINE_H
#define DEV_TTY_LINE_H

#include "dev/tty.h"

static inline bool tty_local(const struct tty *t, u32 flag)
{
	return READ_ONCE(t->settings.c_lflag) & flag;
}

static inline bool tty_is_char(const struct tty *t, u32 which, char c)
{
	/* 0 is _POSIX_VDISABLE. */
	return t->settings.c_cc[which] && (char)t->settings.c_cc[which] == c;
}

/* What ends a line, or edits it, in canonical mode: true if it was one. */
bool tty_edit_locked(struct tty *t, char c) REQUIRES(&t->lock);
/* A character that ends the line. */
void tty_put_end_locked(struct tty *t, char c) REQUIRES(&t->lock);

#endif

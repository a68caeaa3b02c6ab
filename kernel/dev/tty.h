/*
 * Terminals: a line discipline between somebody who types and programs that read. What types is either a program with the master of a
 * pseudo terminal (pty.c) or two kernel threads that carry bytes to and from the host (tty_console.c).
 *
 *   tty_input.c    what was typed: signals, echo, what can be read
 *   tty_edit.c     the line that is being typed
 *   tty_output.c   what is shown
 *   tty_file.c     the terminal as a file: reading, writing, poll
 *   tty_settings.c settings
 *   tty_ioctl.c    questions, and what else is asked of it
 *   tty_control.c  controlling terminals, job control, hanging up
 *   tty_table.c    which terminals there are
 *   pty.c          masters, and opening
 *
 * Waits: a reader of the terminal stands in `readable`, a writer in `writable`; whoever reads or writes the master in `shown` and
 * `typable`. All conditions are changed under t->lock, and the queue is woken after that; the sleeper joins and then looks, without the lock
 * at single words. So no wakeup is lost (sched/wait.h).
 *
 * Lock order: pid table (signals are sent with no lock of this file held), tty table, t->lock, wait queues.
 */
#ifndef DEV_TTY_H
#define DEV_TTY_H

#include <asm/termbits.h>
#include <asm/termios.h>

#include "lib/bitmap.h"
#include "lib/compiler.h"
#include "lib/refcount.h"
#include "lib/types.h"
#include "proc/file.h"
#include "sched/wait.h"
#include "sync/spinlock.h"

struct process;

#define TTY_INPUT 4096U
#define TTY_OUTPUT 8192U
/* As many bytes of output as one character may become. */
#define TTY_OUTPUT_ROOM 8U
/* As many are moved at once while the lock is held. */
#define TTY_PIECE 256U

/* Locking key: (l) lock; (h) the same, and read without it as a hint; (c) constant; (a) atomic. */
struct tty {
	struct refcount refs;	  /* (a) open files, the console's threads */
	u32 number;		  /* (c) of its name in /dev/pts */
	struct spinlock lock;	  /* RANK_TTY */
	struct termios2 settings; /* (h) */
	struct termios fixed;	  /* (l) TIOCSLCKTRMIOS: what of them can't be changed */
	struct winsize size;	  /* (l) */
	char input[TTY_INPUT];	  /* (l) a ring */
	u64 line_ends[BITMAP_WORDS(
		TTY_INPUT)]; /* (l) the byte ends a line; a 0 there is an end of file */
	u32 typed, complete,
		read; /* (h) counts: all that was typed; up to the last line's end; read */
	bool literal; /* (l) the next character means nothing special */
	char output[TTY_OUTPUT];  /* (l) a ring */
	u32 written, shown_count; /* (h) counts */
	u32 column, line_column;  /* (l) of the cursor; where the line being typed began */
	bool stopped;		  /* (h) by VSTOP or TCOOFF */
	bool packet;		  /* (h) TIOCPKT: the master hears of changes */
	u8 packet_status;	  /* (h) TIOCPKT_*: of which it has not heard yet */
	u32 session, group; /* (h) whose controlling terminal; its foreground group. 0: none */
	u32 generation;	    /* (h) counts hangups: files opened before one are dead */
	u32 slaves;	    /* (h) open files of the terminal itself */
	bool had_slave;	    /* (h) */
	bool master;	    /* (h) there is one */
	bool locked;	    /* (h) TIOCSPTLCK: can't be opened yet */
	bool is_console;    /* (c) carried to and from the host */
	u32 uid;	    /* (c) */
	struct waitq readable, writable, shown, typable;
};

/* -- tty_table.c -- */

#define TTYS_MAX 256U

/* A new one with one reference and a number of its own: -ENOMEM, -ENOSPC. */
MUST_CHECK int tty_create(struct tty **out);
void tty_get(struct tty *t);
void tty_put(struct tty *t);
/* With a reference, or NULL. */
struct tty *tty_find(u32 number);
/* The controlling terminal of the session, with a reference, or NULL. */
struct tty *tty_of_session(u32 session);
/* The first number from this one on that is in use; TTYS_MAX: none. *uid is its owner. */
u32 tty_next(u32 number, u32 *uid);

/* -- tty_input.c -- */

/* Somebody typed: how many were taken, which is all unless there is no room. Thread context, no lock. */
u32 tty_type(struct tty *t, const char *bytes, u32 n);
bool tty_is_canonical(const struct tty *t);
/* True if a read would find something. A hint without the lock. */
bool tty_input_ready(const struct tty *t);
bool tty_can_type(const struct tty *t);
/* Up to n bytes of one line, or of what there is; *end: the line's end was among them, or met. */
u32 tty_take_locked(struct tty *t, char *to, u32 n, bool *end) REQUIRES(&t->lock);
u32 tty_available_locked(struct tty *t) REQUIRES(&t->lock);
void tty_flush_input_locked(struct tty *t) REQUIRES(&t->lock);
/* Canonical mode was switched on or off. */
void tty_mode_changed_locked(struct tty *t, bool canonical) REQUIRES(&t->lock);

/* -- tty_output.c -- */

/* One character as the settings say; false if there is no room. */
bool tty_show_locked(struct tty *t, char c) REQUIRES(&t->lock);
/* Echo: what finds no room is lost. As it is; or control characters as ^X. */
void tty_echo_raw_locked(struct tty *t, char c) REQUIRES(&t->lock);
void tty_echo_locked(struct tty *t, char c) REQUIRES(&t->lock);
bool tty_has_room(const struct tty *t);
/* What is to be shown: how many bytes. */
u32 tty_take_output(struct tty *t, char *to, u32 n);
/* Output stops or goes on. Who waits for that is the caller's to wake. */
void tty_stop_locked(struct tty *t, bool stop) REQUIRES(&t->lock);
/* In packet mode: a change of which the master reads, TIOCPKT_*, and what it makes untrue. */
void tty_note_locked(struct tty *t, u8 what, u8 instead_of) REQUIRES(&t->lock);

/* -- tty_control.c -- */

/* The caller's controlling terminal, with a reference, or NULL. */
struct tty *tty_of_current(void);
/* The running process wants to read (SIGTTIN) or change (SIGTTOU) the terminal: 0; -EIO; or it was sent the signal and begins anew. */
MUST_CHECK int tty_check_foreground(struct tty *t, u32 signal);
/* A session leader without a terminal gets this one, if it is nobody's. */
void tty_offer(struct tty *t);
/* The process that is being made gets it, as the leader of a session that it will be. */
void tty_adopt(struct tty *t, struct process *p);
/* All open files are dead; the session's leader is told. */
void tty_hang_up(struct tty *t);
bool tty_file_is_dead(const struct file *f);
s64 tty_control_ioctl(struct tty *t, bool master, u32 command, u64 argument);

/* -- tty_settings.c -- */

/* -ENOTTY: the command is about something else. */
MUST_CHECK s64 tty_settings_ioctl(struct tty *t, bool master, u32 command, u64 argument);

/* -- tty_ioctl.c -- */

/* Sleeps until all that was written has gone to the host: 0 or an error of wait_event(). */
MUST_CHECK int tty_drain(struct tty *t);

/* Who is in the foreground hears of a change. */
void tty_set_size(struct tty *t, const struct winsize *size);

/* -- files -- */

MUST_CHECK int tty_open(struct tty *t, u32 flags, struct file **out);
/* -ENOTTY if it is no question of this file. */
MUST_CHECK s64 tty_ioctl(struct tty *t, bool master, u32 command, u64 argument);

/* Start-up: devices and the hook for sessions. */
MUST_CHECK int tty_init(void);
/* The program's terminal is the host's: terminal 0, carried by two threads. */
MUST_CHECK int tty_start_console(u32 rows, u32 columns, struct tty **out);
/* Waits until all that was written has gone to the port. */
void tty_drain_console(void);

#endif

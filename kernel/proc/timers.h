/*
 * Timers that send signals: alarm(2), setitimer(2), timer_create(2).
 *
 *   itimer.c      the three of setitimer, of a process
 *   ptimer.c      POSIX timers: making, deleting, what a signal says when it is taken
 *   ptimer_set.c  POSIX timers: setting and looking
 *   cputime.c     the clock of CPU time that two of them and some of the others run on
 *
 * All state is under the process's signals.lock: a timer's callback, in interrupt context, sends its
 * signal under it, and who takes the signal sets the timer going again under it.
 */
#ifndef PROC_TIMERS_H
#define PROC_TIMERS_H

#include "lib/compiler.h"
#include "lib/list.h"
#include "lib/types.h"
#include "time/timer.h"

struct process;
struct sigevent;
struct thread;

/* One of setitimer's: which is ITIMER_REAL, ITIMER_VIRTUAL, ITIMER_PROF. */
#define ITIMERS 3
struct itimer {
	struct timer timer;
	struct process *process; /* constant */
	u32 which;		 /* constant */
	u64 expires;  /* when, on its clock; 0: off, or its signal has not been taken yet */
	u64 last;     /* when it last expired */
	u64 interval; /* 0: once */
};

struct process_timers {
	struct itimer interval[ITIMERS];
	struct list posix; /* struct ptimer */
	s32 next_id;
};

/* What a timer is set to, in ns: until it expires (0: off), and between expirations (0: once). */
struct timer_setting {
	u64 value, interval;
};

/* The beginning and end of a process; exec, which deletes POSIX timers. Thread context, no lock. */
void timers_init(struct process *p);
void timers_delete_posix(struct process *p);
void timers_stop(struct process *p);

/* The running process's. which is valid. */
void itimer_get(u32 which, struct timer_setting *out);
void itimer_set(u32 which, const struct timer_setting *new, struct timer_setting *old);
/* SIGALRM was taken from the queue. signals.lock is held. */
void itimer_signal_taken_locked(struct process *p);

/* timer_create(2): the number, or -EINVAL, -EAGAIN, -EOPNOTSUPP. event NULL: SIGALRM with the number. */
MUST_CHECK s32 ptimer_create(s32 clock, const struct sigevent *event);
MUST_CHECK int ptimer_delete(s32 id);
MUST_CHECK int ptimer_get(s32 id, struct timer_setting *out);
MUST_CHECK int ptimer_set(
	s32 id, bool absolute, const struct timer_setting *new, struct timer_setting *old);
MUST_CHECK s32 ptimer_overrun(s32 id);

/* CPU time used so far. Under the process's signals.lock, any context. */
u64 cputime_process_locked(struct process *p);
/* How much of it in ring 3. */
u64 cputime_user_locked(struct process *p);
/* When a clock of CPU time that shows `used` now may show `expires` at the earliest. */
u64 cputime_earliest(u64 now, u64 used, u64 expires);

#endif

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

/* Clocks of CPU time have negative numbers: ~ of a process's or thread's number, 0 for the caller's; one thread only; which kind of time.
 * Of Linux's kinds the first and the last are the same here. */
#define CPU_CLOCK_KIND 3
#define CPU_CLOCK_USER 1
#define CPU_CLOCK_SCHED 2
#define CPU_CLOCK_THREAD 4
#define CPU_CLOCK_OWN ~7

struct cpu_clock {
	u32 number; /* 0: the caller's */
	bool thread;
	bool user_only; /* what is spent in ring 3 */
};
/* False if there is no such kind. */
MUST_CHECK bool cpu_clock_decode(s32 id, struct cpu_clock *out);

/* CPU time used so far, of a thread that the caller has a reference of, or of all of a process; user_only: in ring 3. The latter under the
 * process's signals.lock. Any context. */
u64 cputime_thread(const struct thread *t, bool user_only);
u64 cputime_process_locked(struct process *p, bool user_only);
/* When a clock of CPU time that shows `used` now may show `expires` at the earliest. */
u64 cputime_earliest(u64 now, u64 used, u64 expires);

#endif

/* Between the files of proc/ptimer*.c. All of struct ptimer is under the process's signals.lock, unless
 * it is constant. */
#ifndef PROC_PTIMER_PRIVATE_H
#define PROC_PTIMER_PRIVATE_H

#include <asm/siginfo.h>

#include "proc/process.h"
#include "proc/signal_private.h"
#include "proc/timers.h"
#include "sched/clock_wait.h"

/* What a timer's clock is. TAI is the time of day, too, but also for a time from now. */
enum ptimer_clock {
	PTIMER_MONOTONIC,
	PTIMER_REALTIME,
	PTIMER_TAI,
	PTIMER_PROCESS,
	PTIMER_THREAD,
};

struct ptimer {
	struct list link;
	struct timer timer;
	struct process *process;	/* constant: whose timer it is */
	s32 id;				/* constant */
	enum ptimer_clock clock;	/* constant */
	enum ptimer_clock base;		/* the clock that it is set on; see ptimer_start_locked() */
	struct clock_watch watch;	/* of one for a time of day */
	struct thread *thread;		/* constant: whose CPU time; with a reference */
	bool user_only;			/* constant: of CPU time, what is spent in ring 3 */
	bool silent;			/* constant: SIGEV_NONE */
	u32 tid;			/* constant: who gets the signal; 0: the process */
	struct signal_counter *counter; /* constant: what RLIMIT_SIGPENDING counts */
	struct signal_entry entry;	/* the signal, ready for a queue */
	u64 expires;			/* on its base; 0: off */
	u64 interval;			/* 0: once */
	bool untaken;	  /* the signal waits to be taken; the timer goes on after that */
	s64 overrun;	  /* expirations since the signal was sent, without its own */
	s64 last_overrun; /* what the last signal that was taken said */
};

/* The running process's timer with the number, or NULL. */
struct ptimer *ptimer_find_locked(s32 id);
/* The timer's base now. */
u64 ptimer_now_locked(const struct ptimer *t);
/* Sets the kernel's timer going for `expires`. */
void ptimer_arm_locked(struct ptimer *t, u64 now);
/* Moves `expires` to the first time still to come, and counts. */
void ptimer_forward_locked(struct ptimer *t, u64 now);

#endif

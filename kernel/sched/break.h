/*
 * Breaks in long calls.
 *
 * The kernel is not preempted, so a call that works for long (on each page of a range, each area of an address space, each piece of a large
 * read) would keep its CPU from everybody else, and after some seconds the watchdog would take it for a hang. Each round of such a loop calls
 * sched_break(): if the thread's turn is over others have theirs, and the watchdog sees that this one is on its way.
 *
 * Mutexes may be held: whoever wants them sleeps, and the thread comes back in its turn like any other.
 */
#ifndef SCHED_BREAK_H
#define SCHED_BREAK_H

/* Thread context, IF=1, no spinlock held, and the thread is not about to sleep (not between wait_prepare() and schedule()). */
void sched_break(void);

#endif

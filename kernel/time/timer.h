/*
 * Timers: a tree for each CPU, ordered by time; the machine's timer is armed for the first, so an
 * idle CPU takes no tick.
 *
 * A callback runs in interrupt context with IF=0 and no timer lock held. It may arm its own timer
 * again, and others; it may cancel others but not its own.
 */
#ifndef TIME_TIMER_H
#define TIME_TIMER_H

#include "lib/rbtree.h"
#include "lib/types.h"

struct timer {
	struct rb_node node;  /* the queue's lock */
	u64 deadline_ns;      /* the queue's lock */
	struct timerq *queue; /* the queue it is or was last in: changed under that queue's lock */
	bool armed;	      /* the queue's lock */
	void (*fn)(struct timer *t); /* constant */
};

void timer_init(struct timer *t, void (*fn)(struct timer *t));
/* Arms it on this CPU (or where its callback is just running), replacing an earlier deadline.
 * clock_now_ns() time. Any context except NMI. */
void timer_arm(struct timer *t, u64 deadline_ns);
/* Disarms it and, if its callback is running on another CPU, waits for that: after return it does
 * not run and the memory may be reused. True if it was still armed. Any context except NMI and its
 * own callback; the caller holds no lock that the callback takes. */
bool timer_cancel(struct timer *t);

/* Gives the CPU its queue. By the CPU itself or before it starts. 0. */
int timer_init_cpu(u32 cpu);

#endif

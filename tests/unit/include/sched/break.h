/* A thread of the host is preempted as it is. */
#ifndef SCHED_BREAK_H
#define SCHED_BREAK_H

static inline void sched_break(void)
{
}

#endif

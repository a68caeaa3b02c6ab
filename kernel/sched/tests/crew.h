/* Several kernel threads that do one thing, and waiting for them: for the scheduler's tests. */
#ifndef SCHED_TESTS_CREW_H
#define SCHED_TESTS_CREW_H

#include "lib/types.h"
#include "sched/wait.h"

#define CREW_MAX 32

struct crew;
struct crew_member {
	struct crew *crew;
	struct thread *thread; /* with a reference until crew_join() has returned */
	u32 index;
	u64 state; /* crew_random() */
};

struct crew {
	void (*work)(struct crew_member *m);
	u32 size;
	atomic32_t left;
	struct waitq done;
	struct crew_member member[CREW_MAX];
};

/* Makes the threads, not started; false if memory ran out. The caller zeroes nothing. */
MUST_CHECK bool crew_make(struct crew *c, u32 size, void (*work)(struct crew_member *m));
void crew_start(struct crew *c);
/* Waits until all have finished. The members' threads can still be looked at. */
void crew_wait(struct crew *c);
/* Gives the references back. */
void crew_free(struct crew *c);

/* All of it. False if memory ran out. */
bool crew_run(struct crew *c, u32 size, void (*work)(struct crew_member *m));

/* A number below n, from the run's seed. */
u64 crew_random(struct crew_member *m, u64 n);

/* What the way back to ring 3 does for a program: makes way if asked to. True if it was. */
bool crew_make_way(void);

/* Keeps the CPU busy, or sleeps, for some time. */
void crew_spin(u64 ns);
void crew_sleep_ms(u64 ms);

/* CPU number i modulo those that schedule, as a mask. */
u64 crew_cpu(u32 i);
u32 crew_cpu_count(void);

#endif

/* Threads that wait for a futex, for the programs about them: counted by requeueing all of them to where they are. */
#ifndef ABI_FUTEX_WAITERS_H
#define ABI_FUTEX_WAITERS_H

#include "abi.h"
#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

#define FUTEX(...) syscall(SYS_futex, __VA_ARGS__)
#define THREADS 8

static _Atomic uint32_t one, two;
static int private_flag;

static long waiters(void *word)
{
	return FUTEX(word, FUTEX_REQUEUE | private_flag, 0, INT_MAX, word, 0);
}

static void until_waiting(void *word, long n)
{
	while (waiters(word) < n)
		sched_yield();
}

static atomic_int woken;

struct sleeper {
	pthread_t thread;
	void *word;
	uint32_t value, bits;
	long result;
	int error;
	atomic_int order; /* -1: not awake yet */
};

static void *sleep_on(void *argument)
{
	struct sleeper *s = argument;
	s->result = FUTEX(s->word, FUTEX_WAIT_BITSET | private_flag, s->value, NULL, NULL, s->bits);
	s->error = errno;
	atomic_store(&s->order, atomic_fetch_add(&woken, 1));
	return NULL;
}

static struct sleeper sleepers[THREADS];

static void start(int n, void *word)
{
	atomic_store(&woken, 0);
	for (int i = 0; i < n; i++) {
		sleepers[i] = (struct sleeper){.word = word, .bits = 1u << i, .order = -1};
		pthread_create(&sleepers[i].thread, NULL, sleep_on, &sleepers[i]);
		until_waiting(word, i + 1);
	}
}

static void finish(int n)
{
	for (int i = 0; i < n; i++) {
		pthread_join(sleepers[i].thread, NULL);
		if (sleepers[i].result)
			printf("\tsleeper %d: %ld %s\n", i, sleepers[i].result,
				error_name(sleepers[i].error));
	}
	printf("\tall awake, %ld and %ld wait\n", waiters(&one), waiters(&two));
}

/* Until somebody waits for it. The word says so a moment before: FUTEX_WAITERS is set first. */
static void until_pi_waiter(void *word, int private)
{
	while (FUTEX(word, FUTEX_WAKE | private, 1) != -1)
		sched_yield();
}

#endif

/* Condition variables: queues, crowds, time limits, between processes. */
#include "pthreads.h"

#define ROOM 8

static struct queue {
	pthread_mutex_t m;
	pthread_cond_t filled, emptied;
	int item[ROOM];
	int used, first;
	long sum;
	int takers;
} * q;

static void make(bool between, bool inherits, clockid_t clock)
{
	pthread_mutexattr_t ma;
	pthread_condattr_t ca;
	int pshared = between ? PTHREAD_PROCESS_SHARED : PTHREAD_PROCESS_PRIVATE;

	memset(q, 0, sizeof(*q));
	pthread_mutexattr_init(&ma);
	pthread_mutexattr_setpshared(&ma, pshared);
	pthread_mutexattr_setprotocol(&ma, inherits ? PTHREAD_PRIO_INHERIT : PTHREAD_PRIO_NONE);
	pthread_condattr_init(&ca);
	pthread_condattr_setpshared(&ca, pshared);
	check(pthread_condattr_setclock(&ca, clock) == 0);
	check(pthread_mutex_init(&q->m, &ma) == 0);
	check(pthread_cond_init(&q->filled, &ca) == 0);
	check(pthread_cond_init(&q->emptied, &ca) == 0);
}

static void drop(void)
{
	check(pthread_cond_destroy(&q->filled) == 0);
	check(pthread_cond_destroy(&q->emptied) == 0);
	check(pthread_mutex_destroy(&q->m) == 0);
}

static void give(int item)
{
	check(pthread_mutex_lock(&q->m) == 0);
	while (q->used == ROOM)
		check(pthread_cond_wait(&q->emptied, &q->m) == 0);
	q->item[(q->first + q->used++) % ROOM] = item;
	if (item % 5)
		pthread_cond_signal(&q->filled);
	else
		pthread_cond_broadcast(&q->filled);
	check(pthread_mutex_unlock(&q->m) == 0);
}

/* Waits with a limit now and then, which is far away or long over. */
static int take(unsigned *seed)
{
	check(pthread_mutex_lock(&q->m) == 0);
	while (q->used == 0) {
		struct timespec t = in_ms(CLOCK_MONOTONIC, draw(seed) % 2 ? 600000 : -1);
		int err = draw(seed) % 3
				  ? pthread_cond_wait(&q->filled, &q->m)
				  : pthread_cond_clockwait(&q->filled, &q->m, CLOCK_MONOTONIC, &t);
		check(err == 0 || err == ETIMEDOUT);
	}
	int item = q->item[q->first];
	q->first = (q->first + 1) % ROOM;
	q->used--;
	pthread_cond_signal(&q->emptied);
	check(pthread_mutex_unlock(&q->m) == 0);
	return item;
}

static void *giver(void *arg)
{
	for (int i = 1; i <= rounds(300); i++)
		give(i);
	return arg;
}

static void *taker(void *arg)
{
	unsigned seed = (unsigned)(long)arg;
	long sum = 0;
	int item;

	while ((item = take(&seed)) > 0)
		sum += item;
	pthread_mutex_lock(&q->m);
	q->sum += sum;
	pthread_mutex_unlock(&q->m);
	return NULL;
}

static void taking_process(void *arg)
{
	(void)arg;
	crowd(2, taker);
}

static void finish(int takers)
{
	long want = 4L * rounds(300) * (rounds(300) + 1) / 2;

	(void)takers;
	printf("  %s\n", q->sum == want ? "all came out" : "NO");
	drop();
}

PART(condition_queue)
{
	pthread_t g[4], t[4];

	q = shared(sizeof(*q));
	for (int inherits = 0; inherits < 2; inherits++) {
		make(false, inherits, CLOCK_MONOTONIC);
		for (long i = 0; i < 4; i++) {
			t[i] = start(taker, (void *)i);
			g[i] = start(giver, (void *)i);
		}
		for (int i = 0; i < 4; i++)
			join(g[i]);
		for (int i = 0; i < 4; i++)
			give(-5);
		for (int i = 0; i < 4; i++)
			join(t[i]);
		finish(4);
	}
	/* Takers in other processes. */
	make(true, false, CLOCK_REALTIME);
	pid_t a = child(taking_process, NULL), b = child(taking_process, NULL);
	crowd(4, giver);
	for (int i = 0; i < 4; i++)
		give(-5);
	check(reap(a) == 0);
	check(reap(b) == 0);
	finish(4);
	unshared(q, sizeof(*q));
}

static int generation, awake;

static void *sleeper(void *arg)
{
	pthread_mutex_lock(&q->m);
	for (int i = 0; i < rounds(30); i++) {
		int mine = generation;
		q->takers++;
		pthread_cond_signal(&q->emptied);
		while (generation == mine)
			pthread_cond_wait(&q->filled, &q->m);
		awake++;
	}
	pthread_mutex_unlock(&q->m);
	return arg;
}

/* All sleep, one wakes all. */
PART(condition_broadcast)
{
	pthread_t t[12];

	q = shared(sizeof(*q));
	for (int inherits = 0; inherits < 2; inherits++) {
		make(false, inherits, CLOCK_MONOTONIC);
		generation = awake = 0;
		for (int i = 0; i < 12; i++)
			t[i] = start(sleeper, NULL);
		for (int i = 0; i < rounds(30); i++) {
			pthread_mutex_lock(&q->m);
			while (q->takers < 12)
				pthread_cond_wait(&q->emptied, &q->m);
			q->takers = 0;
			generation++;
			pthread_cond_broadcast(&q->filled);
			pthread_mutex_unlock(&q->m);
		}
		for (int i = 0; i < 12; i++)
			join(t[i]);
		printf("  woken: %s\n", awake == 12 * rounds(30) ? "all, each time" : "NO");
		drop();
	}
	unshared(q, sizeof(*q));
}

PART(condition_limits)
{
	static const clockid_t clocks[] = {CLOCK_MONOTONIC, CLOCK_REALTIME};
	struct timespec t;

	q = shared(sizeof(*q));
	for (int i = 0; i < 2; i++) {
		make(false, false, clocks[i]);
		pthread_mutex_lock(&q->m);
		long before = now_ms();
		t = in_ms(clocks[i], 30);
		show(pthread_cond_timedwait(&q->filled, &q->m, &t));
		check(now_ms() - before >= 25);
		t = in_ms(clocks[i], -1000);
		show(pthread_cond_timedwait(&q->filled, &q->m, &t));
		t.tv_nsec = 1000000000;
		show(pthread_cond_timedwait(&q->filled, &q->m, &t));
		t = (struct timespec){-1, 0};
		show(pthread_cond_timedwait(&q->filled, &q->m, &t));
		show(pthread_mutex_unlock(&q->m));
		drop();
	}
	unshared(q, sizeof(*q));
}

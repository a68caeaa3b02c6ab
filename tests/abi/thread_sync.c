// summary: pthread mutexes of every kind, condition variables, rwlocks, barriers, semaphores, timed forms
// quick: most
//
// Seen to fail: with CMP_REQUEUE that loses the waiters it moves; with a timed wait that does not end.
#include "abi.h"
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <time.h>

#define THREADS 6
#define ROUNDS 200

static struct timespec in_ms(clockid_t clock, long ms)
{
	struct timespec t;
	clock_gettime(clock, &t);
	/* Never below zero, also for a time in the past. */
	t.tv_nsec += 1000000000 + ms * 1000000;
	t.tv_sec += t.tv_nsec / 1000000000 - 1;
	t.tv_nsec %= 1000000000;
	return t;
}

static pthread_mutex_t mutex;
static long total;
/* A PI mutex goes from thread to thread in order, so each round waits for another CPU; with a busy host that is long. */
static int rounds;

static void *add(void *argument)
{
	int depth = (int)(long)argument;
	for (int i = 0; i < rounds; i++) {
		for (int d = 0; d < depth; d++)
			if (pthread_mutex_lock(&mutex))
				puts("lock failed");
		total++;
		if (i % 64 == 0)
			sched_yield();
		for (int d = 0; d < depth; d++)
			if (pthread_mutex_unlock(&mutex))
				puts("unlock failed");
	}
	return NULL;
}

static void *try_it(void *argument)
{
	(void)argument;
	printf("  try by another: %s\n", error_name(pthread_mutex_trylock(&mutex)));
	struct timespec t = in_ms(CLOCK_REALTIME, 20);
	printf("  timed by another: %s\n", error_name(pthread_mutex_timedlock(&mutex, &t)));
	t = in_ms(CLOCK_MONOTONIC, 20);
	printf("  clock by another: %s\n",
		error_name(pthread_mutex_clocklock(&mutex, CLOCK_MONOTONIC, &t)));
	t = (struct timespec){0, 2000000000};
	printf("  bad time: %s\n", error_name(pthread_mutex_timedlock(&mutex, &t)));
	printf("  unlock by another: %s\n", error_name(pthread_mutex_unlock(&mutex)));
	return NULL;
}

static void mutexes(const char *name, int type, int protocol, int robust, int shared)
{
	pthread_mutexattr_t attr;
	pthread_t t[THREADS];

	pthread_mutexattr_init(&attr);
	pthread_mutexattr_settype(&attr, type);
	pthread_mutexattr_setprotocol(&attr, protocol);
	pthread_mutexattr_setrobust(&attr, robust);
	pthread_mutexattr_setpshared(&attr, shared);
	printf("%s: init %s\n", name, error_name(pthread_mutex_init(&mutex, &attr)));
	total = 0;
	rounds = protocol == PTHREAD_PRIO_INHERIT ? ROUNDS / 5 : ROUNDS;
	for (int i = 0; i < THREADS; i++)
		pthread_create(
			&t[i], NULL, add, (void *)(long)(type == PTHREAD_MUTEX_RECURSIVE ? 3 : 1));
	for (int i = 0; i < THREADS; i++)
		pthread_join(t[i], NULL);
	printf("  total %ld\n", total);
	pthread_mutex_lock(&mutex);
	if (type != PTHREAD_MUTEX_NORMAL)
		printf("  again: %s\n", error_name(pthread_mutex_lock(&mutex)));
	printf("  try: %s\n", error_name(pthread_mutex_trylock(&mutex)));
	/* Unlocking another's normal mutex is not defined. */
	if (type != PTHREAD_MUTEX_NORMAL || robust == PTHREAD_MUTEX_ROBUST) {
		pthread_create(&t[0], NULL, try_it, NULL);
		pthread_join(t[0], NULL);
	}
	printf("  unlock: %s\n", error_name(pthread_mutex_unlock(&mutex)));
	if (type == PTHREAD_MUTEX_RECURSIVE)
		for (int i = 0; i < 3; i++)
			printf("  unlock: %s\n", error_name(pthread_mutex_unlock(&mutex)));
	else if (type == PTHREAD_MUTEX_ERRORCHECK || robust == PTHREAD_MUTEX_ROBUST)
		printf("  unlock: %s\n", error_name(pthread_mutex_unlock(&mutex)));
	printf("  destroy: %s\n", error_name(pthread_mutex_destroy(&mutex)));
}

static void *die_with_it(void *argument)
{
	(void)argument;
	pthread_mutex_lock(&mutex);
	return NULL;
}

static void *wait_for_dead(void *argument)
{
	(void)argument;
	int r = pthread_mutex_lock(&mutex);
	printf("  lock: %s\n", error_name(r));
	if (r == EOWNERDEAD) {
		printf("  consistent: %s\n", error_name(pthread_mutex_consistent(&mutex)));
		printf("  unlock: %s\n", error_name(pthread_mutex_unlock(&mutex)));
	}
	return NULL;
}

static void robust(const char *name, int protocol, int shared)
{
	pthread_mutexattr_t attr;
	pthread_t t;

	pthread_mutexattr_init(&attr);
	pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
	pthread_mutexattr_setprotocol(&attr, protocol);
	pthread_mutexattr_setpshared(&attr, shared);
	printf("robust %s: %s\n", name, error_name(pthread_mutex_init(&mutex, &attr)));
	for (int i = 0; i < 10; i++) {
		pthread_create(&t, NULL, die_with_it, NULL);
		pthread_join(t, NULL);
		wait_for_dead(NULL);
	}
	/* Not made consistent: nobody gets it any more. */
	pthread_create(&t, NULL, die_with_it, NULL);
	pthread_join(t, NULL);
	printf("  lock: %s\n", error_name(pthread_mutex_lock(&mutex)));
	printf("  unlock: %s\n", error_name(pthread_mutex_unlock(&mutex)));
	printf("  lock: %s\n", error_name(pthread_mutex_lock(&mutex)));
	pthread_mutex_destroy(&mutex);
}

/* -- a bounded queue -- */

static pthread_cond_t not_empty, not_full;
static int queue[4], head, used;
static long consumed;

static void *produce(void *argument)
{
	(void)argument;
	for (int i = 1; i <= ROUNDS; i++) {
		pthread_mutex_lock(&mutex);
		while (used == 4)
			pthread_cond_wait(&not_full, &mutex);
		queue[(head + used++) % 4] = i;
		pthread_cond_signal(&not_empty);
		pthread_mutex_unlock(&mutex);
	}
	return NULL;
}

static void *consume(void *argument)
{
	(void)argument;
	for (int i = 1; i <= ROUNDS; i++) {
		pthread_mutex_lock(&mutex);
		while (used == 0) {
			struct timespec t = in_ms(CLOCK_REALTIME, 3600000);
			pthread_cond_timedwait(&not_empty, &mutex, &t);
		}
		consumed += queue[head];
		head = (head + 1) % 4;
		used--;
		pthread_cond_broadcast(&not_full);
		pthread_mutex_unlock(&mutex);
	}
	return NULL;
}

static void conditions(const char *name, int protocol, clockid_t clock)
{
	pthread_mutexattr_t attr;
	pthread_condattr_t cond;
	pthread_t t[THREADS];

	pthread_mutexattr_init(&attr);
	pthread_mutexattr_setprotocol(&attr, protocol);
	pthread_mutex_init(&mutex, &attr);
	pthread_condattr_init(&cond);
	pthread_condattr_setclock(&cond, clock);
	pthread_cond_init(&not_empty, &cond);
	pthread_cond_init(&not_full, &cond);
	consumed = 0;
	for (int i = 0; i < THREADS; i++)
		pthread_create(&t[i], NULL, i % 2 ? produce : consume, NULL);
	for (int i = 0; i < THREADS; i++)
		pthread_join(t[i], NULL);
	printf("%s: consumed %ld\n", name, consumed);
	pthread_mutex_lock(&mutex);
	struct timespec when = in_ms(clock, 20);
	printf("  timed wait: %s\n", error_name(pthread_cond_timedwait(&not_full, &mutex, &when)));
	when = in_ms(clock, -20);
	printf("  past: %s\n", error_name(pthread_cond_timedwait(&not_full, &mutex, &when)));
	when = in_ms(CLOCK_MONOTONIC, 20);
	printf("  clock: %s\n",
		error_name(pthread_cond_clockwait(&not_full, &mutex, CLOCK_MONOTONIC, &when)));
	pthread_mutex_unlock(&mutex);
}

/* -- the rest -- */

static pthread_rwlock_t rwlock;
static pthread_barrier_t barrier;
static sem_t semaphore;
static atomic_int serial;
static long shared_value;

static void *read_and_write(void *argument)
{
	int me = (int)(long)argument;
	for (int i = 0; i < 500; i++) {
		if (i % 5 == me % 5) {
			pthread_rwlock_wrlock(&rwlock);
			long before = shared_value++;
			sched_yield();
			if (shared_value != before + 1)
				puts("two writers");
		} else {
			pthread_rwlock_rdlock(&rwlock);
			long before = shared_value;
			if (i % 50 == 0)
				sched_yield();
			if (shared_value != before)
				puts("written while read");
		}
		pthread_rwlock_unlock(&rwlock);
	}
	return NULL;
}

static void *meet(void *argument)
{
	(void)argument;
	for (int i = 0; i < 300; i++)
		if (pthread_barrier_wait(&barrier) == PTHREAD_BARRIER_SERIAL_THREAD)
			atomic_fetch_add(&serial, 1);
	return NULL;
}

static void *pass_on(void *argument)
{
	(void)argument;
	for (int i = 0; i < 1000; i++) {
		sem_wait(&semaphore);
		sem_post(&semaphore);
	}
	return NULL;
}

static void all(void *(*fn)(void *))
{
	pthread_t t[THREADS];
	for (int i = 0; i < THREADS; i++)
		pthread_create(&t[i], NULL, fn, (void *)(long)i);
	for (int i = 0; i < THREADS; i++)
		pthread_join(t[i], NULL);
}

int main(void)
{
	static const int type[] = {
		PTHREAD_MUTEX_NORMAL, PTHREAD_MUTEX_RECURSIVE, PTHREAD_MUTEX_ERRORCHECK};
	static const char *const type_name[] = {"normal", "recursive", "errorcheck"};
	char name[80];

	for (int i = 0; i < 24; i++) {
		int p = i / 3 % 2, r = i / 6 % 2, s = i / 12;
		snprintf(name, sizeof(name), "%s%s%s%s", type_name[i % 3], p ? " inherit" : "",
			r ? " robust" : "", s ? " shared" : "");
		mutexes(name, type[i % 3], p ? PTHREAD_PRIO_INHERIT : PTHREAD_PRIO_NONE,
			r ? PTHREAD_MUTEX_ROBUST : PTHREAD_MUTEX_STALLED,
			s ? PTHREAD_PROCESS_SHARED : PTHREAD_PROCESS_PRIVATE);
	}
	robust("", PTHREAD_PRIO_NONE, PTHREAD_PROCESS_PRIVATE);
	robust("inherit", PTHREAD_PRIO_INHERIT, PTHREAD_PROCESS_PRIVATE);
	robust("shared", PTHREAD_PRIO_NONE, PTHREAD_PROCESS_SHARED);
	robust("inherit shared", PTHREAD_PRIO_INHERIT, PTHREAD_PROCESS_SHARED);
	conditions("conditions", PTHREAD_PRIO_NONE, CLOCK_REALTIME);
	conditions("conditions monotonic", PTHREAD_PRIO_NONE, CLOCK_REALTIME);
	conditions("conditions inherit", PTHREAD_PRIO_INHERIT, CLOCK_REALTIME);

	pthread_rwlock_init(&rwlock, NULL);
	all(read_and_write);
	printf("rwlock: %ld\n", shared_value);
	pthread_rwlock_rdlock(&rwlock);
	struct timespec when = in_ms(CLOCK_REALTIME, 20);
	printf("  timed write: %s\n", error_name(pthread_rwlock_timedwrlock(&rwlock, &when)));
	printf("  try read: %s\n", error_name(pthread_rwlock_tryrdlock(&rwlock)));
	pthread_rwlock_unlock(&rwlock);
	pthread_rwlock_unlock(&rwlock);
	pthread_barrier_init(&barrier, NULL, THREADS);
	all(meet);
	printf("barrier: %d\n", atomic_load(&serial));
	sem_init(&semaphore, 0, 2);
	all(pass_on);
	int value = 0;
	sem_getvalue(&semaphore, &value);
	printf("semaphore: %d\n", value);
	sem_wait(&semaphore);
	sem_wait(&semaphore);
	when = in_ms(CLOCK_REALTIME, 20);
	SHOW(sem_timedwait(&semaphore, &when));
	when = in_ms(CLOCK_MONOTONIC, 20);
	SHOW(sem_clockwait(&semaphore, CLOCK_MONOTONIC, &when));
	SHOW(sem_trywait(&semaphore));
	return 0;
}

/* Reader-writer locks, barriers, semaphores, and what is done once. */
#include "pthreads.h"

#include <fcntl.h>

static pthread_rwlock_t rw;
static long left, right;

static void *reads_or_writes(void *arg)
{
	unsigned seed = (unsigned)(long)arg;
	struct timespec t;

	for (int i = 0; i < rounds(300); i++) {
		bool writes = draw(&seed) % 5 == 0;
		switch (draw(&seed) % 3) {
		case 0:
			while ((writes ? pthread_rwlock_trywrlock(&rw)
				       : pthread_rwlock_tryrdlock(&rw)) != 0)
				sched_yield();
			break;
		case 1:
			t = in_ms(CLOCK_REALTIME, 600000);
			check((writes ? pthread_rwlock_timedwrlock(&rw, &t)
				      : pthread_rwlock_timedrdlock(&rw, &t)) == 0);
			break;
		default:
			check((writes ? pthread_rwlock_wrlock(&rw) : pthread_rwlock_rdlock(&rw)) ==
				0);
		}
		check(left == right);
		if (writes) {
			left++;
			if (draw(&seed) % 8 == 0)
				sched_yield();
			right++;
		}
		check(pthread_rwlock_unlock(&rw) == 0);
	}
	return NULL;
}

static void *tries_to_read(void *arg)
{
	(void)arg;
	int err = pthread_rwlock_tryrdlock(&rw);
	if (!err)
		pthread_rwlock_unlock(&rw);
	return (void *)(long)err;
}

static void *tries_to_write(void *arg)
{
	struct timespec t = in_ms(CLOCK_REALTIME, 10);

	(void)arg;
	return (void *)(long)pthread_rwlock_timedwrlock(&rw, &t);
}

PART(rwlocks)
{
	static const int kinds[] = {PTHREAD_RWLOCK_PREFER_READER_NP,
		PTHREAD_RWLOCK_PREFER_WRITER_NP, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP};
	pthread_rwlockattr_t a;

	for (int i = 0; i < 3; i++) {
		pthread_rwlockattr_init(&a);
		check(pthread_rwlockattr_setkind_np(&a, kinds[i]) == 0);
		check(pthread_rwlock_init(&rw, &a) == 0);
		left = right = 0;
		crowd(8, reads_or_writes);
		check(left == right);
		show(pthread_rwlock_wrlock(&rw));
		show(pthread_rwlock_wrlock(&rw));
		show(pthread_rwlock_rdlock(&rw));
		printf("  another reads: %s\n",
			result_name((int)(long)join(start(tries_to_read, NULL))));
		show(pthread_rwlock_unlock(&rw));
		show(pthread_rwlock_rdlock(&rw));
		printf("  another reads: %s\n",
			result_name((int)(long)join(start(tries_to_read, NULL))));
		printf("  another writes: %s\n",
			result_name((int)(long)join(start(tries_to_write, NULL))));
		show(pthread_rwlock_unlock(&rw));
		show(pthread_rwlock_destroy(&rw));
	}
}

static struct meeting {
	pthread_barrier_t b;
	atomic_int arrived[2], serial;
} * meeting;

static void *meets(void *arg)
{
	for (int i = 0; i < rounds(60); i++) {
		atomic_fetch_add(&meeting->arrived[i % 2], 1);
		int r = pthread_barrier_wait(&meeting->b);
		check(r == 0 || r == PTHREAD_BARRIER_SERIAL_THREAD);
		check(atomic_load(&meeting->arrived[i % 2]) == 8);
		if (r) {
			atomic_fetch_add(&meeting->serial, 1);
			atomic_store(&meeting->arrived[(i + 1) % 2], 0);
		}
		pthread_barrier_wait(&meeting->b);
	}
	return arg;
}

static void half_meets(void *arg)
{
	(void)arg;
	crowd(4, meets);
}

PART(barriers)
{
	pthread_barrierattr_t a;

	meeting = shared(sizeof(*meeting));
	for (int between = 0; between < 2; between++) {
		pthread_barrierattr_init(&a);
		pthread_barrierattr_setpshared(
			&a, between ? PTHREAD_PROCESS_SHARED : PTHREAD_PROCESS_PRIVATE);
		memset(meeting, 0, sizeof(*meeting));
		check(pthread_barrier_init(&meeting->b, &a, 8) == 0);
		if (between) {
			pid_t one = child(half_meets, NULL), two = child(half_meets, NULL);
			check(reap(one) == 0);
			check(reap(two) == 0);
		} else {
			crowd(8, meets);
		}
		printf("  one of them each time: %s\n",
			meeting->serial == rounds(60) ? "yes" : "NO");
		check(pthread_barrier_destroy(&meeting->b) == 0);
	}
	show(pthread_barrier_init(&meeting->b, NULL, 0));
	unshared(meeting, sizeof(*meeting));
}

static sem_t *ring;
static long ring_sum;

static void *passes_on(void *arg)
{
	long i = (long)arg;

	for (int r = 0; r < rounds(200); r++) {
		struct timespec t = in_ms(CLOCK_REALTIME, 600000);
		while ((r % 3 ? sem_wait(&ring[i]) : sem_timedwait(&ring[i], &t)) != 0)
			check(errno == EINTR);
		ring_sum += i;
		check(sem_post(&ring[(i + 1) % 8]) == 0);
	}
	return NULL;
}

static void passes_between(void *arg)
{
	struct {
		sem_t ping, pong;
	} *s = arg;

	for (int i = 0; i < rounds(300); i++) {
		sem_wait(&s->ping);
		sem_post(&s->pong);
	}
}

static void nothing_happens(int number)
{
	(void)number;
}

static sem_t never;
static atomic_int tid_of_waiter;

static void *waits_for_never(void *arg)
{
	(void)arg;
	atomic_store(&tid_of_waiter, gettid());
	return (void *)(long)(sem_wait(&never) == -1 ? errno : 0);
}

PART(semaphores)
{
	ring = calloc(8, sizeof(*ring));
	for (int i = 0; i < 8; i++)
		sem_init(&ring[i], 0, i == 0);
	ring_sum = 0;
	crowd(8, passes_on);
	printf("  round the ring: %s\n", ring_sum == 28L * rounds(200) ? "all" : "NO");
	int value = -1;
	sem_getvalue(&ring[0], &value);
	printf("  at the end: %d\n", value);
	free(ring);

	struct {
		sem_t ping, pong;
	} *s = shared(sizeof(*s));
	sem_init(&s->ping, 1, 0);
	sem_init(&s->pong, 1, 0);
	pid_t pid = child(passes_between, s);
	for (int i = 0; i < rounds(300); i++) {
		sem_post(&s->ping);
		sem_wait(&s->pong);
	}
	check(reap(pid) == 0);
	unshared(s, sizeof(*s));

	struct timespec t = in_ms(CLOCK_REALTIME, 20);
	sem_init(&never, 0, 0);
	show_errno(sem_trywait(&never));
	show_errno(sem_timedwait(&never, &t));
	t.tv_nsec = -1;
	show_errno(sem_timedwait(&never, &t));
	struct sigaction sa = {.sa_handler = nothing_happens};
	sigaction(SIGUSR1, &sa, NULL);
	atomic_store(&tid_of_waiter, 0);
	pthread_t w = start(waits_for_never, NULL);
	while (!atomic_load(&tid_of_waiter))
		sched_yield();
	until_asleep(atomic_load(&tid_of_waiter));
	pthread_kill(w, SIGUSR1);
	printf("  interrupted: %s\n", result_name((int)(long)join(w)));

	char name[40];
	snprintf(name, sizeof(name), "/airlock-pthreads-%d", (int)getpid());
	sem_t *named = sem_open(name, O_CREAT | O_EXCL, 0600, 2);
	check(named != SEM_FAILED);
	printf("  named again: %s\n",
		sem_open(name, O_CREAT | O_EXCL, 0600, 2) == SEM_FAILED ? result_name(errno) : "0");
	show_errno(sem_wait(named));
	show_errno(sem_trywait(named));
	show_errno(sem_trywait(named));
	show_errno(sem_close(named));
	show_errno(sem_unlink(name));
	printf("  gone: %s\n", sem_open(name, 0) == SEM_FAILED ? result_name(errno) : "0");
}

static pthread_once_t once;
static atomic_int done, started;

static void does_it(void)
{
	sched_yield();
	atomic_fetch_add(&done, 1);
}

static void *does_it_once(void *arg)
{
	pthread_once(&once, does_it);
	check(atomic_load(&done) == 1);
	return arg;
}

static void is_cancelled(void)
{
	if (atomic_fetch_add(&started, 1) == 0)
		for (;;)
			pause();
	atomic_fetch_add(&done, 1);
}

static void *does_it_after_the_cancelled(void *arg)
{
	pthread_once(&once, is_cancelled);
	return arg;
}

PART(once_only)
{
	for (int i = 0; i < rounds(20); i++) {
		once = (pthread_once_t)PTHREAD_ONCE_INIT;
		atomic_store(&done, 0);
		crowd(6, does_it_once);
	}
	/* Who was at it is cancelled: another does it. */
	once = (pthread_once_t)PTHREAD_ONCE_INIT;
	atomic_store(&done, 0);
	pthread_t first = start(does_it_after_the_cancelled, NULL);
	while (atomic_load(&started) == 0)
		sched_yield();
	pthread_t second = start(does_it_after_the_cancelled, NULL);
	pthread_cancel(first);
	check(join(first) == PTHREAD_CANCELED);
	join(second);
	printf("  begun %d, done %d\n", atomic_load(&started), atomic_load(&done));
}

/* Mutexes of every kind: who is inside is alone; what is refused; what becomes of one whose owner ends. */
#include "pthreads.h"

#define THREADS 6

struct guarded {
	pthread_mutex_t m;
	long count;
	int inside;
	int type, rounds;
};

static struct guarded *g;

static void make(struct guarded *to, int type, int protocol, int robust, int pshared)
{
	pthread_mutexattr_t a;

	check(pthread_mutexattr_init(&a) == 0);
	check(pthread_mutexattr_settype(&a, type) == 0);
	check(pthread_mutexattr_setprotocol(&a, protocol) == 0);
	check(pthread_mutexattr_setrobust(&a, robust) == 0);
	check(pthread_mutexattr_setpshared(&a, pshared) == 0);
	check(pthread_mutex_init(&to->m, &a) == 0);
	check(pthread_mutexattr_destroy(&a) == 0);
	to->count = 0;
	to->inside = 0;
	to->type = type;
}

static void take(unsigned *seed)
{
	struct timespec t;

	switch (draw(seed) % 4) {
	case 0:
		while (pthread_mutex_trylock(&g->m) != 0)
			sched_yield();
		break;
	case 1:
		t = in_ms(CLOCK_REALTIME, 600000);
		check(pthread_mutex_timedlock(&g->m, &t) == 0);
		break;
	default:
		check(pthread_mutex_lock(&g->m) == 0);
	}
}

static void *member(void *arg)
{
	unsigned seed = (unsigned)(long)arg;

	for (int i = 0; i < g->rounds; i++) {
		int depth = g->type == PTHREAD_MUTEX_RECURSIVE ? 3 : 1;
		for (int d = 0; d < depth; d++)
			take(&seed);
		check(g->inside == 0);
		g->inside = 1;
		g->count++;
		if (draw(&seed) % 16 == 0)
			sched_yield();
		g->inside = 0;
		for (int d = 0; d < depth; d++)
			check(pthread_mutex_unlock(&g->m) == 0);
	}
	return NULL;
}

static void in_processes(void)
{
	pid_t pids[3];

	for (int i = 0; i < 3; i++) {
		fflush(stdout);
		pids[i] = fork();
		if (pids[i] == 0) {
			crowd(2, member);
			_exit(0);
		}
	}
	for (int i = 0; i < 3; i++)
		check(reap(pids[i]) == 0);
}

PART(mutex_kinds)
{
	static const int types[] = {PTHREAD_MUTEX_NORMAL, PTHREAD_MUTEX_RECURSIVE,
		PTHREAD_MUTEX_ERRORCHECK, PTHREAD_MUTEX_ADAPTIVE_NP};
	static const char *const names[] = {"normal", "recursive", "errorcheck", "adaptive"};

	g = shared(sizeof(*g));
	for (int v = 0; v < 4 * 8; v++) {
		bool inherits = v & 1, robust = v & 2, between = v & 4;
		make(g, types[v / 8], inherits ? PTHREAD_PRIO_INHERIT : PTHREAD_PRIO_NONE,
			robust ? PTHREAD_MUTEX_ROBUST : PTHREAD_MUTEX_STALLED,
			between ? PTHREAD_PROCESS_SHARED : PTHREAD_PROCESS_PRIVATE);
		g->rounds = rounds(200);
		if (between)
			in_processes();
		else
			crowd(THREADS, member);
		printf("  %s%s%s%s: %ld\n", names[v / 8], inherits ? ", inherits" : "",
			robust ? ", robust" : "", between ? ", between processes" : "",
			g->count / rounds(200));
		check(pthread_mutex_destroy(&g->m) == 0);
	}
	unshared(g, sizeof(*g));
}

static void *other_unlocks(void *arg)
{
	(void)arg;
	return (void *)(long)pthread_mutex_unlock(&g->m);
}

static void *other_tries(void *arg)
{
	struct timespec t = in_ms(CLOCK_REALTIME, 20);
	long before = now_ms();

	(void)arg;
	check(pthread_mutex_trylock(&g->m) == EBUSY);
	check(pthread_mutex_timedlock(&g->m, &t) == ETIMEDOUT);
	check(now_ms() - before >= 15);
	t = in_ms(CLOCK_MONOTONIC, 20);
	return (void *)(long)pthread_mutex_clocklock(&g->m, CLOCK_MONOTONIC, &t);
}

PART(mutex_errors)
{
	static struct guarded own;

	g = &own;
	for (int inherits = 0; inherits < 2; inherits++) {
		int protocol = inherits ? PTHREAD_PRIO_INHERIT : PTHREAD_PRIO_NONE;
		make(g, PTHREAD_MUTEX_ERRORCHECK, protocol, PTHREAD_MUTEX_STALLED, 0);
		show(pthread_mutex_unlock(&g->m));
		show(pthread_mutex_lock(&g->m));
		show(pthread_mutex_lock(&g->m));
		show(pthread_mutex_trylock(&g->m));
		printf("  unlocked by another: %s\n",
			result_name((int)(long)join(start(other_unlocks, NULL))));
		/* With inheritance there is no clock but the real one. */
		if (!inherits)
			printf("  wanted by another: %s\n",
				result_name((int)(long)join(start(other_tries, NULL))));
		show(pthread_mutex_destroy(&g->m));
		show(pthread_mutex_unlock(&g->m));
		show(pthread_mutex_destroy(&g->m));
		make(g, PTHREAD_MUTEX_RECURSIVE, protocol, PTHREAD_MUTEX_STALLED, 0);
		show(pthread_mutex_lock(&g->m));
		show(pthread_mutex_trylock(&g->m));
		show(pthread_mutex_unlock(&g->m));
		printf("  unlocked by another: %s\n",
			result_name((int)(long)join(start(other_unlocks, NULL))));
		show(pthread_mutex_unlock(&g->m));
		show(pthread_mutex_unlock(&g->m));
		pthread_mutex_destroy(&g->m);
	}
}

static void *ends_with_it(void *arg)
{
	check(pthread_mutex_lock(&g->m) == 0);
	if (arg)
		pthread_exit(NULL);
	return NULL;
}

static void *gets_it_from_the_dead(void *arg)
{
	int err = pthread_mutex_lock(&g->m);

	(void)arg;
	if (err == EOWNERDEAD)
		check(pthread_mutex_consistent(&g->m) == 0);
	g->count++;
	check(pthread_mutex_unlock(&g->m) == 0);
	return (void *)(long)err;
}

static void process_ends_with_it(void *arg)
{
	check(pthread_mutex_lock(&g->m) == 0);
	g->inside = 1;
	for (;;)
		pause();
	(void)arg;
}

/* Whoever owned it is gone: the next one is told, and only that one. */
PART(mutex_robust)
{
	g = shared(sizeof(*g));
	for (int inherits = 0; inherits < 2; inherits++) {
		int protocol = inherits ? PTHREAD_PRIO_INHERIT : PTHREAD_PRIO_NONE;
		make(g, PTHREAD_MUTEX_NORMAL, protocol, PTHREAD_MUTEX_ROBUST,
			PTHREAD_PROCESS_SHARED);
		join(start(ends_with_it, NULL));
		show(pthread_mutex_lock(&g->m));
		show(pthread_mutex_consistent(&g->m));
		show(pthread_mutex_unlock(&g->m));
		join(start(ends_with_it, (void *)1));
		show(pthread_mutex_trylock(&g->m));
		/* Not made consistent: nobody can have it any more. */
		show(pthread_mutex_unlock(&g->m));
		show(pthread_mutex_lock(&g->m));
		show(pthread_mutex_trylock(&g->m));
		pthread_mutex_destroy(&g->m);
		int told = 0;
		for (int round = 0; round < rounds(10); round++) {
			make(g, PTHREAD_MUTEX_NORMAL, protocol, PTHREAD_MUTEX_ROBUST,
				PTHREAD_PROCESS_SHARED);
			pid_t pid = child(process_ends_with_it, NULL);
			while (!__atomic_load_n(&g->inside, __ATOMIC_ACQUIRE))
				sched_yield();
			pthread_t t[4];
			for (int i = 0; i < 4; i++)
				t[i] = start(gets_it_from_the_dead, NULL);
			kill(pid, SIGKILL);
			for (int i = 0; i < 4; i++)
				told += (long)join(t[i]) == EOWNERDEAD;
			check(g->count == 4);
			reap(pid);
			pthread_mutex_destroy(&g->m);
		}
		printf("  told by the dead: %s\n", told == rounds(10) ? "one each time" : "NO");
	}
	unshared(g, sizeof(*g));
}

/* How threads begin and end: storms of them, cancellation, what is cleaned up, their own variables, their stacks. */
#include "pthreads.h"

#include <limits.h>
#include <sched.h>
#include <setjmp.h>
#include <sys/syscall.h>

static atomic_int alive, begun;

static void *counts(void *arg)
{
	atomic_fetch_add(&begun, 1);
	atomic_fetch_sub(&alive, 1);
	return arg;
}

static void *begets(void *arg)
{
	long depth = (long)arg;

	if (depth) {
		pthread_t a = start(begets, (void *)(depth - 1)),
			  b = start(begets, (void *)(depth - 1));
		join(a);
		join(b);
	}
	atomic_fetch_add(&begun, 1);
	return NULL;
}

static void *creates_and_joins(void *arg)
{
	for (long i = 0; i < rounds(60); i++)
		check(join(start(counts, (void *)i)) == (void *)i);
	return arg;
}

static void *detaches(void *arg)
{
	pthread_attr_t a;
	pthread_t t;

	pthread_attr_init(&a);
	pthread_attr_setdetachstate(&a, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&a, PTHREAD_STACK_MIN + 16384);
	for (int i = 0; i < rounds(60); i++) {
		atomic_fetch_add(&alive, 1);
		int err = pthread_create(&t, i % 2 ? &a : NULL, counts, NULL);
		check(err == 0);
		if (i % 2 == 0)
			check(pthread_detach(t) == 0);
	}
	pthread_attr_destroy(&a);
	return arg;
}

PART(storms)
{
	atomic_store(&begun, 0);
	crowd(4, creates_and_joins);
	printf("  created and joined: %s\n", atomic_load(&begun) == 4 * rounds(60) ? "all" : "NO");
	atomic_store(&begun, 0);
	atomic_store(&alive, 0);
	crowd(4, detaches);
	while (atomic_load(&alive) > 0)
		usleep(1000);
	printf("  detached: %s\n", atomic_load(&begun) == 4 * rounds(60) ? "all" : "NO");
	atomic_store(&begun, 0);
	join(start(begets, (void *)5));
	printf("  in a tree: %d\n", atomic_load(&begun));
	pthread_t self = pthread_self();
	show(pthread_join(self, NULL));
	pthread_t t = start(counts, NULL);
	show(pthread_tryjoin_np(self, NULL));
	join(t);
}

/* -- cancellation -- */

static char order[64];
static atomic_int ready;
static int pipe_fds[2];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t never = PTHREAD_COND_INITIALIZER;
static sem_t empty;

static void notes(void *arg)
{
	size_t n = strlen(order);

	order[n] = *(const char *)arg;
	order[n + 1] = 0;
}

static void unlocks(void *arg)
{
	/* Cancelled in pthread_cond_wait(), it has the mutex again. */
	check(pthread_mutex_unlock(arg) == 0);
}

static void waits_somewhere(int where)
{
	struct timespec hour = {3600, 0};
	struct timespec then = in_ms(CLOCK_REALTIME, 3600000);
	sigset_t set;
	char c;
	int number;

	switch (where) {
	case 0:
		check(read(pipe_fds[0], &c, 1) == -2);
		break;
	case 1:
		nanosleep(&hour, NULL);
		break;
	case 2:
		pause();
		break;
	case 3:
		sem_wait(&empty);
		break;
	case 4:
		pthread_mutex_lock(&lock);
		pthread_cleanup_push(unlocks, &lock);
		pthread_cond_wait(&never, &lock);
		pthread_cleanup_pop(1);
		break;
	case 5:
		sigemptyset(&set);
		sigaddset(&set, SIGUSR2);
		sigwait(&set, &number);
		break;
	case 6:
		sem_timedwait(&empty, &then);
		break;
	case 7:
		waitpid(-1, &number, 0);
		break;
	default:
		for (;;)
			pthread_testcancel();
	}
}

static void *is_cancelled(void *arg)
{
	int old;

	pthread_cleanup_push(notes, "a");
	pthread_cleanup_push(notes, "b");
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &old);
	pthread_cleanup_push(notes, "c");
	pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, &old);
	atomic_store(&ready, gettid());
	waits_somewhere((int)(long)arg);
	pthread_cleanup_pop(0);
	pthread_cleanup_pop(0);
	pthread_cleanup_pop(0);
	return NULL;
}

static void *spins(void *arg)
{
	int old;

	pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, &old);
	atomic_store(&ready, 1);
	for (;;)
		__asm__ volatile("" ::: "memory");
	return arg;
}

static void *holds_out(void *arg)
{
	int old;

	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &old);
	atomic_store(&ready, 1);
	while (atomic_load(&ready) != 2)
		sched_yield();
	pthread_testcancel();
	pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, &old);
	atomic_store(&ready, 3);
	pthread_testcancel();
	atomic_store(&ready, 4);
	return arg;
}

static pid_t await_ready(void)
{
	int tid;

	while ((tid = atomic_load(&ready)) == 0)
		sched_yield();
	return tid;
}

PART(cancellation)
{
	check(pipe(pipe_fds) == 0);
	sem_init(&empty, 0, 0);
	/* waitpid() has somebody to wait for. */
	pid_t pid = fork();
	if (pid == 0) {
		for (;;)
			pause();
	}
	for (int where = 0; where < 9; where++)
		for (int round = 0; round < rounds(4); round++) {
			order[0] = 0;
			atomic_store(&ready, 0);
			pthread_t t = start(is_cancelled, (void *)(long)where);
			pid_t tid = await_ready();
			/* Also while it is on its way there. */
			if (round % 2 == 0 && where < 8)
				until_asleep(tid);
			check(pthread_cancel(t) == 0);
			check(join(t) == PTHREAD_CANCELED);
			check(strcmp(order, "cba") == 0);
		}
	kill(pid, SIGKILL);
	reap(pid);
	printf("  cleaned up: %s\n", order);
	for (int round = 0; round < rounds(10); round++) {
		atomic_store(&ready, 0);
		pthread_t t = start(spins, NULL);
		await_ready();
		check(pthread_cancel(t) == 0);
		check(join(t) == PTHREAD_CANCELED);
	}
	atomic_store(&ready, 0);
	pthread_t t = start(holds_out, NULL);
	await_ready();
	pthread_cancel(t);
	atomic_store(&ready, 2);
	check(join(t) == PTHREAD_CANCELED);
	printf("  held out until %d\n", atomic_load(&ready));
	/* Before it has begun. */
	int cancelled = 0;
	for (int i = 0; i < rounds(50); i++) {
		order[0] = 0;
		t = start(is_cancelled, (void *)2);
		pthread_cancel(t);
		cancelled += join(t) == PTHREAD_CANCELED;
	}
	printf("  at once: %s\n", cancelled == rounds(50) ? "all" : "NO");
	close(pipe_fds[0]);
	close(pipe_fds[1]);
	sem_destroy(&empty);
}

/* -- variables of one thread -- */

static __thread int plain = 5;
static __thread char large[20000];
static pthread_key_t key, again;
static atomic_int destroyed, rounds_of_again;

static void destroys(void *value)
{
	check(value != NULL);
	check(pthread_getspecific(key) == NULL);
	free(value);
	atomic_fetch_add(&destroyed, 1);
}

/* Sets it once more: it is called again, as often as there are rounds. */
static void comes_again(void *value)
{
	atomic_fetch_add(&rounds_of_again, 1);
	pthread_setspecific(again, value);
}

static void *has_its_own(void *arg)
{
	long i = (long)arg;

	check(plain == 5 && large[0] == 0 && large[19999] == 0);
	plain = (int)i;
	memset(large, (int)i, sizeof(large));
	check(pthread_getspecific(key) == NULL);
	check(pthread_setspecific(key, malloc(10)) == 0);
	for (int k = 0; k < rounds(20); k++) {
		sched_yield();
		check(plain == (int)i && large[k * 7 % 20000] == (char)i);
	}
	return NULL;
}

static void *sets_again(void *arg)
{
	pthread_setspecific(again, arg);
	return NULL;
}

PART(variables)
{
	check(pthread_key_create(&key, destroys) == 0);
	check(pthread_key_create(&again, comes_again) == 0);
	for (int i = 0; i < rounds(5); i++)
		crowd(8, has_its_own);
	printf("  destroyed: %s\n", atomic_load(&destroyed) == 8 * rounds(5) ? "all" : "NO");
	join(start(sets_again, "x"));
	printf("  again: %s\n",
		atomic_load(&rounds_of_again) == PTHREAD_DESTRUCTOR_ITERATIONS ? "yes" : "NO");
	show(pthread_key_delete(key));
	show(pthread_key_delete(again));
	show(pthread_key_delete(again));
	show(pthread_setspecific(key, &plain));
	static pthread_key_t all[PTHREAD_KEYS_MAX + 1];
	int n = 0, err = 0;
	while (n <= PTHREAD_KEYS_MAX && (err = pthread_key_create(&all[n], NULL)) == 0)
		n++;
	printf("  then: %s\n", result_name(err));
	while (n > 0)
		pthread_key_delete(all[--n]);
	check(plain == 5);
}

/* -- stacks -- */

static long deep(int depth)
{
	volatile char room[500];

	memset((void *)room, depth, sizeof(room));
	long below = depth ? deep(depth - 1) : 0;
	for (size_t i = 0; i < sizeof(room); i += 50)
		check(room[i] == (char)depth);
	return below + 1;
}

static void *uses_its_stack(void *arg)
{
	pthread_attr_t a;
	void *at;
	size_t size, guard;

	check(pthread_getattr_np(pthread_self(), &a) == 0);
	check(pthread_attr_getstack(&a, &at, &size) == 0);
	check(pthread_attr_getguardsize(&a, &guard) == 0);
	check((char *)&a > (char *)at && (char *)&a < (char *)at + size);
	pthread_attr_destroy(&a);
	return (void *)deep((int)(long)arg);
}

static sigjmp_buf *escape;
static volatile int faults;

static void on_fault(int number, siginfo_t *info, void *context)
{
	(void)number;
	(void)context;
	check(info->si_code == SEGV_ACCERR || info->si_code == SEGV_MAPERR);
	faults++;
	siglongjmp(*escape, 1);
}

static int bottomless(volatile char *above)
{
	volatile char room[1000];

	room[0] = *above;
	return *above ? bottomless(room) + room[0] : 0;
}

static void *runs_into_the_guard(void *arg)
{
	stack_t ss = {.ss_sp = malloc(65536), .ss_size = 65536};
	sigjmp_buf here;
	volatile char first = 1;

	check(sigaltstack(&ss, NULL) == 0);
	escape = &here;
	if (sigsetjmp(here, 1) == 0)
		bottomless(&first);
	ss.ss_flags = SS_DISABLE;
	check(sigaltstack(&ss, NULL) == 0);
	free(ss.ss_sp);
	return arg;
}

PART(stacks)
{
	pthread_attr_t a;
	pthread_t t;

	pthread_attr_init(&a);
	show(pthread_attr_setstacksize(&a, 100));
	show(pthread_attr_setstacksize(&a, 1 << 20));
	show(pthread_attr_setguardsize(&a, 65536));
	check(pthread_create(&t, &a, uses_its_stack, (void *)1000) == 0);
	printf("  deep: %ld\n", (long)join(t));
	size_t size = 256 << 10;
	void *own = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	for (int i = 0; i < rounds(20); i++) {
		check(pthread_attr_setstack(&a, own, size) == 0);
		check(pthread_create(&t, &a, uses_its_stack, (void *)100) == 0);
		check((long)join(t) == 101);
	}
	munmap(own, size);
	pthread_attr_destroy(&a);
	struct sigaction sa = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_ONSTACK}, old;
	sigaction(SIGSEGV, &sa, &old);
	pthread_attr_init(&a);
	pthread_attr_setstacksize(&a, 128 << 10);
	for (int i = 0; i < rounds(5); i++) {
		check(pthread_create(&t, &a, runs_into_the_guard, NULL) == 0);
		join(t);
	}
	sigaction(SIGSEGV, &old, NULL);
	printf("  into the guard: %s\n", faults == rounds(5) ? "each time" : "NO");
	pthread_attr_destroy(&a);
}

/* -- memory that threads get and give back to each other -- */

static _Atomic(char *) slots[64];

static void *allocates(void *arg)
{
	unsigned seed = (unsigned)(long)arg + 77;

	for (int i = 0; i < rounds(3000); i++) {
		size_t n = draw(&seed) % 50 ? draw(&seed) % 2000 + 2 : draw(&seed) % 300000 + 2;
		char *p = malloc(n);
		check(p != NULL);
		p[0] = (char)n;
		p[n - 1] = (char)n;
		*(unsigned short *)p = (unsigned short)n;
		char *q = atomic_exchange(&slots[draw(&seed) % 64], p);
		if (q)
			free(q);
	}
	return NULL;
}

PART(allocations)
{
	crowd(6, allocates);
	for (int i = 0; i < 64; i++)
		free(atomic_exchange(&slots[i], NULL));
	printf("  done\n");
}

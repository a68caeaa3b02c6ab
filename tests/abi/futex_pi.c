// summary: PI futexes between threads: hand-over, deadlines, deadlocks, death of owners, words that lie, requeueing to them
// quick: most
//
// Seen to fail: with unlocking that does not write the new owner.
#include "futex_waiters.h"
#include <time.h>

static _Atomic uint32_t pi, other_pi;
static atomic_int stage;

static void at(int n)
{
	while (atomic_load(&stage) < n)
		sched_yield();
}

static void *lock_pi(void *word)
{
	long r = FUTEX(word, FUTEX_LOCK_PI | private_flag, 0, NULL);
	int error = errno;
	_Atomic uint32_t *w = word;
	if (r == -1)
		return (void *)(long)error;
	if ((*w & FUTEX_TID_MASK) != (uint32_t)syscall(SYS_gettid))
		return (void *)-1L;
	atomic_fetch_add(&woken, 1);
	r = FUTEX(word, FUTEX_UNLOCK_PI | private_flag, 0);
	return (void *)(r == -1 ? 1000L + errno : 0);
}

static void pi_hand_over(void)
{
	pthread_t t[THREADS];
	uint32_t tid = (uint32_t)syscall(SYS_gettid);

	pi = tid;
	atomic_store(&woken, 0);
	for (int i = 0; i < THREADS; i++)
		pthread_create(&t[i], NULL, lock_pi, (void *)&pi);
	while (!(pi & FUTEX_WAITERS))
		sched_yield();
	SHOW(atomic_load(&woken));
	SHOW(FUTEX(&pi, FUTEX_LOCK_PI | private_flag, 0, NULL));
	SHOW(FUTEX(&pi, FUTEX_TRYLOCK_PI | private_flag, 0, NULL));
	/* Other calls keep their hands off. */
	SHOW(FUTEX(&pi, FUTEX_WAKE | private_flag, 1));
	SHOW(FUTEX(&pi, FUTEX_REQUEUE | private_flag, 1, 1, &two));
	SHOW(FUTEX(&two, FUTEX_WAKE_OP | private_flag, 1, 1, &one,
		FUTEX_OP(FUTEX_OP_ADD, 0, FUTEX_OP_CMP_EQ, 0)));
	SHOW(FUTEX(&pi, FUTEX_UNLOCK_PI | private_flag, 0));
	for (int i = 0; i < THREADS; i++) {
		void *r = NULL;
		pthread_join(t[i], &r);
		if (r)
			printf("thread %d: %s\n", i, error_name((int)(long)r));
	}
	SHOW(atomic_load(&woken));
	HOLDS(pi == 0);
}

static void *try_times(void *argument)
{
	struct timespec t = {0, 0};
	(void)argument;
	SHOW(FUTEX(&pi, FUTEX_TRYLOCK_PI | private_flag, 0, NULL));
	SHOW(FUTEX(&pi, FUTEX_LOCK_PI | private_flag, 0, &t));
	clock_gettime(CLOCK_REALTIME, &t);
	t.tv_nsec += 20000000;
	t.tv_sec += t.tv_nsec / 1000000000;
	t.tv_nsec %= 1000000000;
	SHOW(FUTEX(&pi, FUTEX_LOCK_PI | private_flag, 0, &t));
	SHOW(FUTEX(&pi, FUTEX_LOCK_PI2 | private_flag | FUTEX_CLOCK_REALTIME, 0, &t));
	clock_gettime(CLOCK_MONOTONIC, &t);
	t.tv_nsec += 20000000;
	t.tv_sec += t.tv_nsec / 1000000000;
	t.tv_nsec %= 1000000000;
	SHOW(FUTEX(&pi, FUTEX_LOCK_PI2 | private_flag, 0, &t));
	SHOW(FUTEX(&pi, FUTEX_UNLOCK_PI | private_flag, 0));
	printf("waiters bit %x\n", pi & FUTEX_WAITERS);
	return NULL;
}

static void pi_times(void)
{
	pthread_t t;
	SHOW(FUTEX(&pi, FUTEX_LOCK_PI | private_flag, 0, NULL));
	pthread_create(&t, NULL, try_times, NULL);
	pthread_join(t, NULL);
	SHOW(FUTEX(&pi, FUTEX_UNLOCK_PI | private_flag, 0));
	printf("%x\n", pi);
}

/* Each holds one and wants the other's: whoever asks second is told. */
static void *lock_both(void *argument)
{
	_Atomic uint32_t *mine = argument, *its = mine == &pi ? &other_pi : &pi;

	FUTEX(mine, FUTEX_LOCK_PI | private_flag, 0, NULL);
	atomic_fetch_add(&stage, 1);
	at(2);
	errno = 0;
	long told = FUTEX(its, FUTEX_LOCK_PI | private_flag, 0, NULL) == -1;
	if (told && errno != EDEADLK)
		printf("told %s\n", error_name(errno));
	if (!told)
		FUTEX(its, FUTEX_UNLOCK_PI | private_flag, 0);
	FUTEX(mine, FUTEX_UNLOCK_PI | private_flag, 0);
	return (void *)told;
}

static void pi_deadlock(void)
{
	pthread_t t[2];
	void *told[2];
	for (int i = 0; i < 20; i++) {
		atomic_store(&stage, 0);
		pthread_create(&t[0], NULL, lock_both, (void *)&pi);
		pthread_create(&t[1], NULL, lock_both, (void *)&other_pi);
		pthread_join(t[0], &told[0]);
		pthread_join(t[1], &told[1]);
		/* Linux may tell both if they ask at once. */
		printf("told: %s, %x %x\n", told[0] || told[1] ? "yes" : "NO", pi, other_pi);
	}
}

static void *hold_and_die(void *argument)
{
	(void)argument;
	FUTEX(&pi, FUTEX_LOCK_PI | private_flag, 0, NULL);
	atomic_store(&stage, 1);
	until_pi_waiter(&pi, private_flag);
	syscall(SYS_exit, 0);
	return NULL;
}

static void pi_death(void)
{
	pthread_t t;
	pthread_attr_t attr;
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	for (int i = 0; i < 5; i++) {
		atomic_store(&stage, 0);
		pthread_create(&t, &attr, hold_and_die, NULL);
		at(1);
		SHOW(FUTEX(&pi, FUTEX_LOCK_PI | private_flag, 0, NULL));
		HOLDS((pi & FUTEX_TID_MASK) == (uint32_t)syscall(SYS_gettid));
		printf("%x\n", pi & ~FUTEX_TID_MASK);
		SHOW(FUTEX(&pi, FUTEX_UNLOCK_PI | private_flag, 0));
		printf("%x\n", pi);
	}
}

/* The word is the program's, and may lie. */
static void pi_lies(void)
{
	pthread_t t;
	void *r;
	uint32_t tid = (uint32_t)syscall(SYS_gettid);

	for (int i = 0; i < 4; i++) {
		pi = tid;
		pthread_create(&t, NULL, lock_pi, (void *)&pi);
		while (!(pi & FUTEX_WAITERS))
			sched_yield();
		switch (i) {
		case 0: /* nobody's */
			pi = 0;
			SHOW(FUTEX(&pi, FUTEX_UNLOCK_PI | private_flag, 0));
			SHOW(FUTEX(&pi, FUTEX_LOCK_PI | private_flag, 0, NULL));
			SHOW(FUTEX(&pi, FUTEX_TRYLOCK_PI | private_flag, 0, NULL));
			break;
		case 1: /* somebody else's */
			pi = 0x3ffffff0;
			SHOW(FUTEX(&pi, FUTEX_UNLOCK_PI | private_flag, 0));
			SHOW(FUTEX(&pi, FUTEX_TRYLOCK_PI | private_flag, 0, NULL));
			break;
		case 2: /* a dead one's */
			pi = FUTEX_OWNER_DIED;
			SHOW(FUTEX(&pi, FUTEX_UNLOCK_PI | private_flag, 0));
			break;
		case 3: /* ours, but without the bit */
			pi = tid;
			break;
		}
		pi = tid;
		SHOW(FUTEX(&pi, FUTEX_UNLOCK_PI | private_flag, 0));
		pthread_join(t, &r);
		printf("%ld %x\n", (long)r, pi);
	}
}

/* -- requeueing to PI -- */

static void *wait_requeue(void *argument)
{
	long r = FUTEX(&one, FUTEX_WAIT_REQUEUE_PI | private_flag, 0, argument, &pi);
	int error = errno;
	if (r == 0) {
		if ((pi & FUTEX_TID_MASK) != (uint32_t)syscall(SYS_gettid))
			return (void *)-2L;
		r = FUTEX(&pi, FUTEX_UNLOCK_PI | private_flag, 0);
		return (void *)(r ? 2000L + errno : 0);
	}
	return (void *)(long)error;
}

/* Waiters that want to be requeued can't be counted by requeueing: they refuse it. This waits for the first. */
static void until_refused(void)
{
	while (FUTEX(&one, FUTEX_REQUEUE | private_flag, 0, 1, &one, 0) != -1)
		sched_yield();
}

/* Moves so many, at most `step` at a time, as they come. */
static void move_all(int n, int step)
{
	int moved = 0, too_many = 0;
	while (moved < n) {
		long r = FUTEX(&one, FUTEX_CMP_REQUEUE_PI | private_flag, 1, step, &pi, 0);
		if (r < 0) {
			printf("moving: %s\n", error_name(errno));
			break;
		}
		too_many += step < n && r > step + 1;
		moved += (int)r;
		if (r == 0)
			sched_yield();
	}
	printf("moved %d, %d times too many\n", moved, too_many);
}

static void join_waiters(pthread_t *t, int n)
{
	for (int i = 0; i < n; i++) {
		void *r = NULL;
		pthread_join(t[i], &r);
		printf("waiter: %ld\n", (long)r);
	}
	printf("%x\n", pi);
}

static void requeue_pi(void)
{
	pthread_t t[3];
	/* Free: the first gets it at once. */
	for (int i = 0; i < 3; i++)
		pthread_create(&t[i], NULL, wait_requeue, NULL);
	until_refused();
	SHOW(FUTEX(&one, FUTEX_WAKE | private_flag, 1));
	SHOW(FUTEX(&one, FUTEX_CMP_REQUEUE | private_flag, 1, 1, &two, 0));
	SHOW(FUTEX(&one, FUTEX_CMP_REQUEUE_PI | private_flag, 1, 1, &two, 0));
	SHOW(FUTEX(&one, FUTEX_CMP_REQUEUE_PI | private_flag, 1, INT_MAX, &pi, 1));
	move_all(3, INT_MAX);
	join_waiters(t, 3);
	/* Held by us. */
	SHOW(FUTEX(&pi, FUTEX_LOCK_PI | private_flag, 0, NULL));
	for (int i = 0; i < 3; i++)
		pthread_create(&t[i], NULL, wait_requeue, NULL);
	until_refused();
	move_all(3, 1);
	HOLDS(pi & FUTEX_WAITERS);
	SHOW(FUTEX(&one, FUTEX_CMP_REQUEUE_PI | private_flag, 1, 5, &pi, 0));
	SHOW(FUTEX(&pi, FUTEX_UNLOCK_PI | private_flag, 0));
	join_waiters(t, 3);
	/* Waiters without PI are refused. */
	start(1, &one);
	SHOW(FUTEX(&one, FUTEX_CMP_REQUEUE_PI | private_flag, 1, 5, &pi, 0));
	SHOW(FUTEX(&one, FUTEX_WAKE | private_flag, 1));
	finish(1);
	/* A deadline before, and after being moved. */
	struct timespec when;
	clock_gettime(CLOCK_MONOTONIC, &when);
	when.tv_sec += 0;
	printf("late: %ld\n", (long)wait_requeue(&when));
	SHOW(FUTEX(&pi, FUTEX_LOCK_PI | private_flag, 0, NULL));
	clock_gettime(CLOCK_MONOTONIC, &when);
	when.tv_sec += 3;
	pthread_create(&t[0], NULL, wait_requeue, &when);
	until_refused();
	SHOW(FUTEX(&one, FUTEX_CMP_REQUEUE_PI | private_flag, 1, 5, &pi, 0));
	void *r = NULL;
	pthread_join(t[0], &r);
	printf("waiter: %ld\n", (long)r);
	SHOW(FUTEX(&pi, FUTEX_UNLOCK_PI | private_flag, 0));
	printf("%x\n", pi);
}

int main(void)
{
	for (int i = 0; i < 2; i++) {
		private_flag = i ? FUTEX_PRIVATE_FLAG : 0;
		printf("private %d\n", i);
		pi_hand_over();
		pi_times();
		pi_deadlock();
		pi_death();
		pi_lies();
		requeue_pi();
	}
	return 0;
}

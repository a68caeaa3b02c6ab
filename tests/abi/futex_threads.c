// summary: futex between threads and processes: counts, bits, order, requeueing
// quick: most
//
// Seen to fail: with FUTEX_WAKE_BITSET that ignores the bits, requeueing that counts only what it moved.
#include "futex_waiters.h"
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>

static void counts(void)
{
	start(THREADS, &one);
	SHOW(FUTEX(&one, FUTEX_WAKE | private_flag, 0));
	SHOW(waiters(&one));
	SHOW(FUTEX(&one, FUTEX_WAKE | private_flag, 2));
	SHOW(waiters(&one));
	SHOW(FUTEX(&one, FUTEX_WAKE | private_flag, -1));
	SHOW(FUTEX(&one, FUTEX_WAKE | private_flag, INT_MAX));
	SHOW(FUTEX(&one, FUTEX_WAKE | private_flag, 1));
	finish(THREADS);
	start(THREADS, &one);
	SHOW(FUTEX(&one, FUTEX_WAKE_BITSET | private_flag, INT_MAX, NULL, NULL, 0x100));
	SHOW(FUTEX(&one, FUTEX_WAKE_BITSET | private_flag, INT_MAX, NULL, NULL, 0x11));
	SHOW(FUTEX(&one, FUTEX_WAKE_BITSET | private_flag, 1, NULL, NULL, 0xff));
	SHOW(FUTEX(&one, FUTEX_WAKE_BITSET | private_flag, 1, NULL, NULL, 0x80));
	SHOW(waiters(&one));
	SHOW(FUTEX(&one, FUTEX_WAKE_BITSET | private_flag, INT_MAX, NULL, NULL, 0xffffffff));
	finish(THREADS);
	/* One at a time, in the order in which they came. */
	start(THREADS, &one);
	for (int i = 0; i < THREADS; i++) {
		FUTEX(&one, FUTEX_WAKE | private_flag, 1);
		while (atomic_load(&sleepers[i].order) < 0)
			sched_yield();
		printf(" %d", sleepers[i].order == i);
	}
	putchar('\n');
	finish(THREADS);
	/* The wrong kind of call wakes nobody. */
	start(2, &one);
	private_flag ^= FUTEX_PRIVATE_FLAG;
	SHOW(FUTEX(&one, FUTEX_WAKE | private_flag, INT_MAX));
	private_flag ^= FUTEX_PRIVATE_FLAG;
	SHOW(FUTEX((char *)&one + 4, FUTEX_WAKE | private_flag, INT_MAX));
	SHOW(FUTEX(&one, FUTEX_WAKE | private_flag, INT_MAX));
	finish(2);
}

static void requeues(void)
{
	start(THREADS, &one);
	SHOW(FUTEX(&one, FUTEX_CMP_REQUEUE | private_flag, 1, 2, &two, 5));
	SHOW(FUTEX(&one, FUTEX_CMP_REQUEUE | private_flag, 1, 2, &two, 0));
	SHOW(waiters(&one));
	SHOW(waiters(&two));
	SHOW(FUTEX(&two, FUTEX_WAKE | private_flag, 1));
	SHOW(FUTEX(&one, FUTEX_REQUEUE | private_flag, 0, 1, &two, 0));
	SHOW(FUTEX(&one, FUTEX_REQUEUE | private_flag, 0, 0, &two, 0));
	SHOW(FUTEX(&one, FUTEX_REQUEUE | private_flag, 2, 0, &two, 0));
	SHOW(waiters(&one));
	SHOW(waiters(&two));
	/* Back again. */
	SHOW(FUTEX(&two, FUTEX_REQUEUE | private_flag, 0, INT_MAX, &one, 0));
	SHOW(FUTEX(&one, FUTEX_WAKE | private_flag, INT_MAX));
	finish(THREADS);
	start(4, &one);
	SHOW(FUTEX(&one, FUTEX_WAKE_OP | private_flag, 1, 5, &two,
		FUTEX_OP(FUTEX_OP_ADD, 3, FUTEX_OP_CMP_EQ, 0)));
	HOLDS(two == 3);
	SHOW(FUTEX(&two, FUTEX_WAKE_OP | private_flag, 1, 2, &one,
		FUTEX_OP(FUTEX_OP_SET, 0, FUTEX_OP_CMP_NE, 0)));
	SHOW(FUTEX(&two, FUTEX_WAKE_OP | private_flag, 1, 2, &one,
		FUTEX_OP(FUTEX_OP_SET, 0, FUTEX_OP_CMP_EQ, 0)));
	SHOW(FUTEX(&one, FUTEX_WAKE_OP | private_flag, 1, 2, &one,
		FUTEX_OP(FUTEX_OP_SET, 0, FUTEX_OP_CMP_EQ, 0)));
	two = 0;
	finish(4);
}

/* -- between processes -- */

static void processes(void)
{
	struct {
		_Atomic uint32_t word, pi, ready;
	} *s = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	fflush(stdout);
	pid_t child = fork();
	if (child == 0) {
		long r = FUTEX(&s->word, FUTEX_WAIT, 0, NULL);
		r |= FUTEX(&s->pi, FUTEX_LOCK_PI, 0, NULL);
		s->ready = 1;
		FUTEX(&s->ready, FUTEX_WAKE, 1);
		/* Dies with it. */
		until_pi_waiter(&s->pi, 0);
		_exit(r ? 1 : 0);
	}
	SHOW(FUTEX(&s->word, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, 1));
	while (FUTEX(&s->word, FUTEX_REQUEUE, 0, 1, &s->word, 0) < 1)
		sched_yield();
	SHOW(FUTEX(&s->word, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, 1));
	SHOW(FUTEX(&s->word, FUTEX_WAKE, 1));
	FUTEX(&s->ready, FUTEX_WAIT, 0, NULL);
	SHOW(FUTEX(&s->pi, FUTEX_TRYLOCK_PI, 0, NULL));
	SHOW(FUTEX(&s->pi, FUTEX_LOCK_PI, 0, NULL));
	printf("%x\n", s->pi & ~FUTEX_TID_MASK);
	int status = 0;
	waitpid(child, &status, 0);
	printf("child: %x\n", status);
	SHOW(FUTEX(&s->pi, FUTEX_UNLOCK_PI, 0, NULL));
	/* The same address, other memory: nobody there. */
	fflush(stdout);
	child = fork();
	if (child == 0) {
		one = 0;
		struct timespec t = {0, 30000000};
		long r = FUTEX(&one, FUTEX_WAIT, 0, &t);
		_exit(r == -1 && errno == ETIMEDOUT ? 0 : 1);
	}
	long n = 0;
	do {
		n += FUTEX(&one, FUTEX_WAKE, 10);
	} while (waitpid(child, &status, WNOHANG) == 0);
	printf("woken: %ld, child %x\n", n, status);
}

int main(void)
{
	for (int i = 0; i < 2; i++) {
		private_flag = i ? FUTEX_PRIVATE_FLAG : 0;
		printf("private %d\n", i);
		counts();
		requeues();
	}
	processes();
	return 0;
}

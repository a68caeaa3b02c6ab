// summary: membarrier: commands, registration, errors, and that it is a barrier
//
// Seen to fail: with smp_barrier() that does not wait (the count of both-zero is not zero).
#include "abi.h"
#include <linux/membarrier.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <time.h>

#define CALL(...) syscall(SYS_membarrier, __VA_ARGS__)
/* So many rounds, or as many as there are in that time: each waits for another CPU twice, which a busy host makes long. */
#define ROUNDS 2000
#define SECONDS 5
#define ENOUGH (-1)

static volatile int x, y, seen_x, seen_y;
static atomic_int stage;

/* Fast side: only the compiler is held back. The slow side pays for both. */
static void *fast(void *argument)
{
	for (int i = 1; i <= ROUNDS; i++) {
		/* Close behind the other, but not to the end of its time slice where both share a CPU. */
		int now;
		for (int n = 1; (now = atomic_load_explicit(&stage, memory_order_acquire)) != 2 * i;
			n++) {
			if (now == ENOUGH)
				return argument;
			if (n % 64 == 0)
				sched_yield();
		}
		x = 1;
		atomic_signal_fence(memory_order_seq_cst);
		seen_y = y;
		atomic_store_explicit(&stage, 2 * i + 1, memory_order_release);
	}
	return argument;
}

static time_t seconds(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec;
}

static void dekker(int command)
{
	pthread_t t;
	int both = 0;
	atomic_store(&stage, 0);
	pthread_create(&t, NULL, fast, NULL);
	time_t end = seconds() + SECONDS;
	for (int i = 1; i <= ROUNDS && seconds() <= end; i++) {
		x = y = 0;
		atomic_store_explicit(&stage, 2 * i, memory_order_release);
		y = 1;
		CALL(command, 0, 0);
		seen_x = x;
		while (atomic_load_explicit(&stage, memory_order_acquire) != 2 * i + 1)
			sched_yield();
		both += !seen_x && !seen_y;
	}
	atomic_store(&stage, ENOUGH);
	pthread_join(t, NULL);
	printf("both saw nothing: %d\n", both);
}

int main(void)
{
	int all = 0x1ff;
	printf("%lx\n", CALL(MEMBARRIER_CMD_QUERY, 0, 0) & all);
	SHOW(CALL(MEMBARRIER_CMD_QUERY, 1, 0));
	SHOW(CALL(-1, 0, 0));
	SHOW(CALL(3, 0, 0));
	SHOW(CALL(1 << 20, 0, 0));
	for (int c = 1; c < 512; c <<= 1) {
		printf("%x: ", c);
		SHOW(CALL(c, 2, 0));
		SHOW(CALL(c, 1, 0));
		SHOW(CALL(c, 0, 0));
	}
	for (int c = 1; c < 512; c <<= 1) {
		printf("%x: ", c);
		SHOW(CALL(c, 0, 0));
	}
	SHOW(CALL(MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ, MEMBARRIER_CMD_FLAG_CPU, 0));
	SHOW(CALL(MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ, MEMBARRIER_CMD_FLAG_CPU, 100000));
	dekker(MEMBARRIER_CMD_PRIVATE_EXPEDITED);
	dekker(MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE);
	return 0;
}

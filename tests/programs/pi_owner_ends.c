/*
 * Owners of PI futexes that end in the very moment in which FUTEX_WAITERS appears in the word: whoever set it gets the
 * futex. (Linux sets the bit before it ties the waiter to the owner, and gives ESRCH if the owner ends in between.)
 *
 *   pi_owner_ends ROUNDS
 */
#include <errno.h>
#include <linux/futex.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

static _Atomic uint32_t word;

static void *own_and_end(void *arg)
{
	(void)arg;
	word = (uint32_t)syscall(SYS_gettid);
	while (!(word & FUTEX_WAITERS))
		__asm__ volatile("pause");
	syscall(SYS_exit, 0);
	return NULL;
}

int main(int argc, char **argv)
{
	int rounds = argc > 1 ? atoi(argv[1]) : 1000, lost = 0;
	pthread_attr_t attr;

	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	for (int i = 0; i < rounds; i++) {
		pthread_t t;

		word = 0;
		if (pthread_create(&t, &attr, own_and_end, NULL))
			return 1;
		while (!word)
			__asm__ volatile("pause");
		if (syscall(SYS_futex, &word, FUTEX_LOCK_PI | FUTEX_PRIVATE_FLAG, 0, NULL))
			printf("round %d: error %d, %x\n", i, errno, word), lost++;
		else if ((word & FUTEX_TID_MASK) != (uint32_t)syscall(SYS_gettid))
			printf("round %d: %x\n", i, word), lost++;
		if (lost > 5)
			break;
	}
	printf("%d lost\n", lost);
	return lost != 0;
}

/*
 * Sets the time of day while others wait for one: a sleep, a futex and a condition that are to end in an hour end when the
 * clock is set two hours ahead, none of them ends early when it is set back, and the vDSO and the system call agree throughout.
 * Not an ABI program: on the host it may not set the time.
 */
#include <errno.h>
#include <linux/futex.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static unsigned word;
static struct timespec in_an_hour;
static sem_t ready;
static volatile int ended;

static long now(void)
{
	struct timespec t;
	syscall(SYS_clock_gettime, CLOCK_REALTIME, &t);
	return t.tv_sec;
}

static void *sleeper(void *kind)
{
	long r;
	sem_post(&ready);
	if (kind)
		r = syscall(SYS_futex, &word, FUTEX_WAIT_BITSET | FUTEX_CLOCK_REALTIME, 0,
			    &in_an_hour, NULL, ~0) == -1 &&
		    errno == ETIMEDOUT;
	else
		r = clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &in_an_hour, NULL) == 0;
	if (now() < in_an_hour.tv_sec)
		puts("ended early");
	__atomic_fetch_add(&ended, 1, __ATOMIC_SEQ_CST);
	return r ? NULL : &ready;
}

static int set(long seconds)
{
	struct timespec t = {seconds, 500000000}, after;
	if (clock_settime(CLOCK_REALTIME, &t))
		return 1;
	clock_gettime(CLOCK_REALTIME, &after);
	long asked = now();
	return after.tv_sec < seconds || after.tv_sec > seconds + 100 || asked < after.tv_sec ||
	       time(NULL) < asked;
}

int main(void)
{
	struct timespec before, after, pause = {0, 30000000};
	pthread_t t[4];
	long start = now(), bad = 0;

	in_an_hour.tv_sec = start + 3600;
	sem_init(&ready, 0, 0);
	for (long i = 0; i < 4; i++)
		pthread_create(&t[i], NULL, sleeper, (void *)(i % 2));
	for (int i = 0; i < 4; i++)
		sem_wait(&ready);
	nanosleep(&pause, NULL);
	clock_gettime(CLOCK_MONOTONIC, &before);
	bad += set(start - 1000);
	nanosleep(&pause, NULL);
	bad += set(start + 3000);
	nanosleep(&pause, NULL);
	bad += ended != 0;
	bad += set(start + 7200);
	for (int i = 0; i < 4; i++) {
		void *r = NULL;
		pthread_join(t[i], &r);
		bad += r != NULL;
	}
	clock_gettime(CLOCK_MONOTONIC, &after);
	/* The monotonic clock does not care. */
	bad += after.tv_sec < before.tv_sec || after.tv_sec > before.tv_sec + 100;
	printf("%s\n", bad ? "wrong" : "time set");
	return bad != 0;
}

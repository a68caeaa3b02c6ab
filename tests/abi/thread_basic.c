// summary: pthreads: create, join, detach, exit values, attributes, TLS, once, keys, the first thread's end
//
// Seen to fail: with clear_child_tid not cleared, or cleared and nobody woken (hangs in join).
#include "abi.h"
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdatomic.h>

static __thread int tls = 7;
static __thread char big_tls[9000];
static atomic_int counter;
static pthread_key_t key;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void once_only(void)
{
	atomic_fetch_add(&counter, 1000);
}

static void destroy(void *value)
{
	atomic_fetch_add(&counter, (int)(long)value);
}

static void *work(void *argument)
{
	int bad = tls != 7;
	tls = (int)(long)argument;
	for (unsigned i = 0; i < sizeof(big_tls); i += 100)
		bad += big_tls[i] != 0;
	memset(big_tls, (int)(long)argument, sizeof(big_tls));
	pthread_once(&once, once_only);
	pthread_setspecific(key, argument);
	for (int i = 0; i < 100; i++)
		sched_yield();
	bad += tls != (int)(long)argument;
	for (unsigned i = 0; i < sizeof(big_tls); i += 100)
		bad += big_tls[i] != (char)(long)argument;
	if ((long)argument % 2)
		pthread_exit((void *)(long)bad);
	return (void *)(long)bad;
}

static void many(int n)
{
	pthread_t t[64];
	long bad = 0;
	for (int i = 0; i < n; i++)
		bad += pthread_create(&t[i], NULL, work, (void *)(long)(i + 1)) != 0;
	for (int i = 0; i < n; i++) {
		void *result = NULL;
		bad += pthread_join(t[i], &result) != 0;
		bad += (long)result;
	}
	printf("%d threads: %ld bad, counter %d\n", n, bad, atomic_load(&counter));
}

static sem_t detached;

static void *post(void *argument)
{
	(void)argument;
	sem_post(&detached);
	return NULL;
}

static void *join_me(void *other)
{
	printf("join by another: %d\n", pthread_join(*(pthread_t *)other, NULL));
	return NULL;
}

static void *self_join(void *argument)
{
	(void)argument;
	printf("join itself: %s\n", error_name(pthread_join(pthread_self(), NULL)));
	return NULL;
}

static void detach(void)
{
	pthread_t t;
	pthread_attr_t attr;
	sem_init(&detached, 0, 0);
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	for (int i = 0; i < 200; i++)
		if (pthread_create(&t, &attr, post, NULL))
			puts("create failed");
	for (int i = 0; i < 200; i++)
		sem_wait(&detached);
	pthread_create(&t, NULL, post, NULL);
	printf("detach: %d\n", pthread_detach(t));
	sem_wait(&detached);
	pthread_t a, b;
	pthread_create(&a, NULL, post, NULL);
	pthread_create(&b, NULL, join_me, &a);
	pthread_join(b, NULL);
	pthread_create(&a, NULL, self_join, NULL);
	pthread_join(a, NULL);
	/* A small stack, and one with a guard that is hit by nobody. */
	pthread_attr_destroy(&attr);
	pthread_attr_init(&attr);
	printf("stack: %d\n", pthread_attr_setstacksize(&attr, 32768));
	printf("guard: %d\n", pthread_attr_setguardsize(&attr, 8192));
	for (int i = 0; i < 50; i++) {
		pthread_create(&a, &attr, post, NULL);
		pthread_join(a, NULL);
	}
	puts("small stacks done");
}

static pid_t first;

static void *last(void *argument)
{
	pthread_t main_thread = *(pthread_t *)argument;
	printf("the first thread has ended: %d\n", pthread_join(main_thread, NULL));
	HOLDS(getpid() == first);
	HOLDS(syscall(SYS_gettid) != first);
	many(8);
	fflush(stdout);
	exit(0);
}

static pthread_t self;

int main(void)
{
	first = getpid();
	HOLDS(syscall(SYS_gettid) == first);
	pthread_key_create(&key, destroy);
	many(1);
	many(2);
	many(16);
	many(64);
	for (int i = 0; i < 20; i++)
		many(10);
	detach();
	self = pthread_self();
	pthread_t t;
	pthread_create(&t, NULL, last, &self);
	pthread_exit(NULL);
}

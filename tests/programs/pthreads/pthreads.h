/*
 * A torture of threads: everything that glibc's pthreads offer, with many threads at once. What it prints depends on nothing but the
 * number of rounds, so the host and the guest must print the same. A check that does not hold is printed with its line, and the program
 * ends with 1.
 *
 * Usage: pthreads [-r ROUNDS] [PART...]. Parts are collected by the linker.
 */
#ifndef PTHREADS_H
#define PTHREADS_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct part {
	const char *name;
	void (*run)(void);
};

#define PART(part_name)                                                                            \
	static void part_name(void);                                                               \
	__attribute__((used, section("parts"),                                                     \
		aligned(8))) static const struct part part_name##_entry = {#part_name, part_name}; \
	static void part_name(void)

/* How often the storms go round: what was asked for, times n, over 10, and once at least. */
int rounds(int n);

void failed(const char *file, int line, const char *what);
#define check(condition)                                        \
	do {                                                    \
		if (!(condition))                               \
			failed(__FILE__, __LINE__, #condition); \
	} while (0)

/* The name of what a pthread function returned. */
const char *result_name(int error);
#define show(call) printf("  %s: %s\n", #call, result_name(call))
/* The same for those that set errno. */
#define show_errno(call) printf("  %s: %s\n", #call, result_name((call) == -1 ? errno : 0))

pthread_t start(void *(*run)(void *), void *arg);
void *join(pthread_t t);
/* Starts n threads, whose argument is their number, and waits for them. */
void crowd(int n, void *(*run)(void *));

/* Waits until the thread sleeps. */
void until_asleep(pid_t tid);
/* Memory that children share. */
void *shared(size_t size);
void unshared(void *p, size_t size);
/* A child that runs this and ends with 0. */
pid_t child(void (*run)(void *), void *arg);
/* Waits for it; its wait status. */
int reap(pid_t pid);

/* So many milliseconds from now, or before now. */
struct timespec in_ms(clockid_t clock, int ms);
/* Milliseconds since some time, as CLOCK_MONOTONIC has them. */
long now_ms(void);

/* A generator for each thread. */
static inline unsigned draw(unsigned *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 16;
}

#endif

// summary: threads that fork, protect, unmap and discard parts of huge pages which others write: each keeps what it wrote
// flags: -pthread
//
// Seen to fail: with a large page made writable though a child still has its frames; without the flush of zap_finish().
#include "mmabi.h"

#include <pthread.h>
#include <sys/wait.h>

#define HUGE (2UL << 20)
#define HUGE_PAGES (HUGE / PAGE)
#define THREADS 4
#define ROUNDS 4
/* Pages that are written: a write after a fork costs a shootdown, which waits for a CPU that a busy host lets wait. */
#define STEP 16

static char *area[THREADS];
static int wrong;

static unsigned value(int who, unsigned round, size_t page)
{
	return (unsigned)who << 28 | round << 16 | (unsigned)page;
}

static unsigned *word(int who, size_t page)
{
	return (unsigned *)(area[who] + page * PAGE + 16);
}

static void check(int who, unsigned round, size_t from, size_t to)
{
	for (size_t i = (from + STEP - 1) / STEP * STEP; i < to; i += STEP)
		if (*word(who, i) != value(who, round, i))
			__atomic_fetch_add(&wrong, 1, __ATOMIC_RELAXED);
}

static void write_all(int who, unsigned round)
{
	for (size_t i = 0; i < 2 * HUGE_PAGES; i += STEP)
		*word(who, i) = value(who, round, i);
}

/* A child has all of it as it is now, whatever the parent does. */
static void fork_and_change(int who, unsigned round)
{
	int go[2];
	char c;

	if (pipe(go))
		exit(2);
	pid_t pid = fork();
	if (pid == 0) {
		if (read(go[0], &c, 1) != 1)
			_exit(2);
		check(who, round, 0, 2 * HUGE_PAGES);
		munmap(area[who] + HUGE / 2, HUGE);
		check(who, round, 0, HUGE_PAGES / 2);
		_exit(wrong != 0);
	}
	write_all(who, round + 1);
	int status = -1;
	if (write(go[1], "", 1) != 1)
		exit(2);
	waitpid(pid, &status, 0);
	close(go[0]);
	close(go[1]);
	if (status != 0)
		__atomic_fetch_add(&wrong, 1, __ATOMIC_RELAXED);
	check(who, round + 1, 0, 2 * HUGE_PAGES);
}

static void protect_some(int who, unsigned round, unsigned *seed)
{
	size_t at = (size_t)rand_r(seed) % (2 * HUGE_PAGES - 8);

	mprotect(area[who] + at * PAGE, 8 * PAGE, PROT_READ);
	check(who, round, 0, 2 * HUGE_PAGES);
	mprotect(area[who] + at * PAGE, 8 * PAGE, RW);
	*word(who, at / STEP * STEP) = value(who, round, at / STEP * STEP);
}

static void lose_some(int who, unsigned round, unsigned *seed)
{
	size_t at = (size_t)rand_r(seed) % (2 * HUGE_PAGES - 16);

	if (rand_r(seed) % 2) {
		madvise(area[who] + at * PAGE, 16 * PAGE, MADV_DONTNEED);
	} else if (mmap(area[who] + at * PAGE, 16 * PAGE, RW, ANON | MAP_FIXED, -1, 0) ==
		   MAP_FAILED) {
		__atomic_fetch_add(&wrong, 1, __ATOMIC_RELAXED);
	}
	for (size_t i = at; i < at + 16; i++) {
		if (*word(who, i) != 0)
			__atomic_fetch_add(&wrong, 1, __ATOMIC_RELAXED);
		if (i % STEP == 0)
			*word(who, i) = value(who, round, i);
	}
	check(who, round, 0, 2 * HUGE_PAGES);
}

static void *run(void *arg)
{
	int who = (int)(long)arg;
	unsigned seed = (unsigned)who + 1;

	for (unsigned round = 1; round < 3 * ROUNDS; round += 3) {
		if (madvise(area[who], 2 * HUGE, MADV_DONTNEED) ||
			madvise(area[who], 2 * HUGE, MADV_HUGEPAGE))
			__atomic_fetch_add(&wrong, 1, __ATOMIC_RELAXED);
		write_all(who, round);
		protect_some(who, round, &seed);
		fork_and_change(who, round);
		lose_some(who, round + 1, &seed);
	}
	return NULL;
}

int main(void)
{
	pthread_t t[THREADS];

	for (int i = 0; i < THREADS; i++) {
		char *p = fresh(4 * HUGE_PAGES, RW, ANON);
		area[i] = (char *)(((uintptr_t)p + HUGE - 1) & ~(HUGE - 1));
	}
	for (int i = 0; i < THREADS; i++)
		pthread_create(&t[i], NULL, run, (void *)(long)i);
	for (int i = 0; i < THREADS; i++)
		pthread_join(t[i], NULL);
	HOLDS(wrong == 0);
	return 0;
}

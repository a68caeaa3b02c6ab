// summary: long calls let others have their CPU meanwhile, and those that a signal ends end early
// flags: -pthread
// quick: most
//
// Two threads share one CPU, so a call that lasts for several turns has to be interrupted for each of the other's: a thread that gave its CPU
// away once may have done that on its way back, and twice on its way in as well. How long a call takes depends on the machine, so each is made
// with more bytes until it was interrupted that often. What takes only milliseconds for the largest number is not here.
//
// Seen to fail: with a sched_break() that does nothing; with reads of /dev/zero and /dev/urandom that go on when there is a signal.
#include "abi.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/uio.h>

#define PAGE 4096
#define MIB (1UL << 20)
#define LEAST (8 * MIB)
#define MOST (128 * MIB)
#define TURNS 3
#define TRIES 100

static char *memory;
static int zeros, urandom, file;

/* -- calls that take as long as there are bytes; they give what a read gives -- */

static ssize_t read_zeros(size_t n)
{
	return read(zeros, memory, n);
}

static ssize_t read_urandom(size_t n)
{
	return read(urandom, memory, n);
}

static ssize_t get_random(size_t n)
{
	return getrandom(memory, n, 0);
}

static ssize_t write_file(size_t n)
{
	return pwrite(file, memory, n, 0);
}

static ssize_t read_file(size_t n)
{
	return pread(file, memory, n, 0);
}

static ssize_t allocate_file(size_t n)
{
	return fallocate(file, 0, 0, (off_t)n) ? -1 : (ssize_t)n;
}

static ssize_t empty_file(size_t n)
{
	return ftruncate(file, 0) ? -1 : (ssize_t)n;
}

static ssize_t populate(size_t n)
{
	return madvise(memory, n, MADV_POPULATE_WRITE) ? -1 : (ssize_t)n;
}

static ssize_t drop(size_t n)
{
	return madvise(memory, n, MADV_DONTNEED) ? -1 : (ssize_t)n;
}

static ssize_t read_process(size_t n)
{
	struct iovec to = {memory, n / 2}, from = {memory + n / 2, n / 2};

	return process_vm_readv(getpid(), &to, 1, &from, 1, 0) < 0 ? -1 : (ssize_t)n;
}

/* As many areas as half the pages become one. */
static ssize_t join_areas(size_t n)
{
	return mprotect(memory, n, PROT_READ | PROT_WRITE) ? -1 : (ssize_t)n;
}

static ssize_t split_areas(size_t n)
{
	for (size_t at = 0; at < n; at += 2 * PAGE)
		if (mprotect(memory + at, PAGE, PROT_READ))
			return -1;
	return (ssize_t)n;
}

static const struct call {
	const char *name;
	ssize_t (*before)(size_t n), (*call)(size_t n), (*after)(size_t n);
} calls[] = {
	{"read of /dev/zero", populate, read_zeros, NULL},
	{"read of /dev/urandom", NULL, read_urandom, NULL},
	{"getrandom", NULL, get_random, NULL},
	{"pwrite", NULL, write_file, NULL},
	{"pread", write_file, read_file, NULL},
	{"fallocate", NULL, allocate_file, empty_file},
	{"process_vm_readv", populate, read_process, NULL},
	{"madvise(MADV_POPULATE_WRITE)", NULL, populate, drop},
	{"mprotect of many areas", split_areas, join_areas, join_areas},
};

static bool makes(ssize_t (*call)(size_t n), size_t n)
{
	return !call || call(n) == (ssize_t)n;
}

/* -- turns -- */

static long interruptions(void)
{
	struct rusage u;

	getrusage(RUSAGE_THREAD, &u);
	return u.ru_nivcsw;
}

static void *spin(void *arg)
{
	for (volatile unsigned long n = 0;; n++)
		;
	return arg;
}

static void gives_way(const struct call *c)
{
	size_t n = LEAST;
	long turns = 0;
	bool right = true;

	for (int i = 0; i < TRIES && right && turns < TURNS; i++, n = n < MOST ? 2 * n : MOST) {
		right = makes(c->before, n);
		long before = interruptions();
		right = right && makes(c->call, n);
		turns = interruptions() - before;
		right = makes(c->after, n) && right;
	}
	printf("%s: %s\n", c->name,
		!right		? "FAILED"
		: turns < TURNS ? "NOT interrupted"
				: "interrupted");
}

/* -- signals -- */

static void caught(int number __attribute__((unused)))
{
}

/* Whether it gives less than it was asked for, which is a signal's doing, in one of several tries. */
static bool ends_early(ssize_t (*call)(size_t n))
{
	const struct itimerval soon = {.it_value = {.tv_usec = 2000}}, never = {0};
	ssize_t got = (ssize_t)MOST;

	for (int i = 0; i < TRIES && got == (ssize_t)MOST; i++) {
		setitimer(ITIMER_REAL, &soon, NULL);
		got = call(MOST);
	}
	setitimer(ITIMER_REAL, &never, NULL);
	return got > 0 && got < (ssize_t)MOST;
}

int main(void)
{
	struct sigaction action = {.sa_handler = caught, .sa_flags = SA_RESTART};
	cpu_set_t first;
	pthread_t other;

	zeros = open("/dev/zero", O_RDONLY);
	urandom = open("/dev/urandom", O_RDONLY);
	file = memfd_create("file", 0);
	memory = mmap(NULL, MOST, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	HOLDS(madvise(memory, MOST, MADV_NOHUGEPAGE) == 0);
	sigaction(SIGALRM, &action, NULL);
	HOLDS(ends_early(read_zeros));
	HOLDS(ends_early(read_urandom));
	HOLDS(ends_early(get_random));

	CPU_ZERO(&first);
	CPU_SET(sched_getcpu(), &first);
	HOLDS(sched_setaffinity(0, sizeof(first), &first) == 0);
	pthread_create(&other, NULL, spin, NULL);
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		gives_way(&calls[i]);
	return 0;
}

/*
 * Calls with pointers that are wrong in ten ways. A call is given with its right arguments, of which those that are pointers are marked:
 * P(i) stands for the page of argument i, which a function fills; T(i) too, but 0 is not tried, as it would mean to wait for ever.
 * Each line printed: the call, which argument was wrong and how, and what came of it. The others are right.
 */
#ifndef ABI_POINTERS_H
#define ABI_POINTERS_H

#include "abi.h"
#include <signal.h>
#include <sys/mman.h>

#define PAGE 4096UL

struct bad {
	const char *name;
	unsigned long address;
};

static struct bad bad[] = {
	{"0", 0},
	{"1", 1},
	{"of no page", 0x10000},
	{"without permission", 0},
	{"read-only", 0},
	{"over an edge", 0},
	{"of the kernel", 0xffff800000000000},
	{"not canonical", 0x8000000000000000},
	{"at the end", 0x7fffffffefff},
	{"of all ones", ~0UL},
};

static unsigned char *pages[6];
/* Called after each call that was tried. */
static void (*pointers_after)(void);

/* What right arguments point to; made anew for each call. */
static void prepare(void)
{
	for (int i = 0; i < 6; i++)
		memset(pages[i], 0, PAGE);
	memset((void *)bad[5].address, 0, 4);
}

/* What a signal that is queued says, as argument 2 or 3. */
static inline void info_2(void)
{
	siginfo_t *info = (void *)pages[2];
	info->si_signo = SIGUSR1;
	info->si_code = SI_QUEUE;
}

static inline void info_3(void)
{
	info_2();
	memcpy(pages[3], pages[2], sizeof(siginfo_t));
}

static void show(
	const char *name, int argument, const char *how, const unsigned long *a, long number)
{
	errno = 0;
	long result = syscall(number, a[0], a[1], a[2], a[3], a[4], a[5]);
	int failed = errno;
	if (pointers_after)
		pointers_after();
	printf("%s: %d %s: %s\n", name, argument, how, result < 0 ? error_name(failed) : "ok");
}

#define P(i) (0x7700000000000000UL + (i))
#define T(i) (P(i) + 8)
#define IS_MARKED(a) ((a) >= P(0) && (a) <= T(5))

static inline void try(
	const char *name, long number, void (*fill)(void), const unsigned long *given)
{
	for (int i = -1; i < 6; i++) {
		if (i >= 0 && !IS_MARKED(given[i]))
			continue;
		for (size_t b = i >= 0 && given[i] >= T(0); b < sizeof(bad) / sizeof(bad[0]); b++) {
			unsigned long a[6];
			prepare();
			if (fill)
				fill();
			for (int j = 0; j < 6; j++)
				a[j] = IS_MARKED(given[j]) ? (unsigned long)pages[given[j] & 7]
							   : given[j];
			if (i < 0) {
				show(name, i, "none", a, number);
				break;
			}
			a[i] = bad[b].address;
			show(name, i, bad[b].name, a, number);
		}
	}
}

#define TRY(call, fill, ...) try(#call, SYS_##call, fill, (const unsigned long[6]){__VA_ARGS__})

/* Makes the pages, and the addresses that are wrong. */
static void pointers_begin(void)
{
	for (int i = 0; i < 6; i++)
		pages[i] = mmap(
			NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	unsigned char *none = mmap(NULL, PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	unsigned char *constant = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	unsigned char *edge =
		mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	munmap(edge + PAGE, PAGE);
	bad[3].address = (unsigned long)none;
	bad[4].address = (unsigned long)constant;
	/* Aligned for whatever insists on that, and shorter than any structure. */
	bad[5].address = (unsigned long)edge + PAGE - 4;
}

#endif

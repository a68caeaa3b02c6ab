/* Random numbers for tests that try many inputs (splitmix64). The seed is printed so that a failure can be repeated. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "unit.h"

static uint64_t state;
static bool seeded;

static void seed(void)
{
	const char *given = getenv("UNIT_SEED");

	state = given ? strtoull(given, NULL, 0)
		      : (uint64_t)time(NULL) * 1000003 + (uint64_t)getpid();
	seeded = true;
	printf("UNIT_SEED=%llu\n", (unsigned long long)state);
}

uint64_t unit_random(void)
{
	if (!seeded)
		seed();
	state += 0x9e3779b97f4a7c15;
	uint64_t z = state;
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

uint64_t unit_random_below(uint64_t n)
{
	return unit_random() % n;
}

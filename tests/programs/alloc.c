/*
 * alloc MIB [SEED]: allocates that much, fills it with numbers that depend on the address,
 * checks all of them twice, and says so.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static uint64_t mix(uint64_t x)
{
	x += 0x9e3779b97f4a7c15;
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
	x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
	return x ^ (x >> 31);
}

int main(int argc, char **argv)
{
	size_t mib = argc > 1 ? strtoul(argv[1], NULL, 0) : 200;
	uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 0) : 1;
	size_t count = mib * ((1 << 20) / sizeof(uint64_t));
	uint64_t *words = malloc(count * sizeof(*words));
	if (!words) {
		puts("malloc failed");
		return 1;
	}
	for (size_t i = 0; i < count; i++)
		words[i] = mix(seed + i);
	for (int round = 0; round < 2; round++)
		for (size_t j = 0; j < count; j++) {
			size_t i = round ? count - 1 - j : j;
			if (words[i] != mix(seed + i)) {
				printf("word %zu is wrong\n", i);
				return 2;
			}
		}
	free(words);
	printf("%zu MiB allocated, filled and checked\n", mib);
	return 0;
}

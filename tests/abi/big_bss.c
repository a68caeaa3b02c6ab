// summary: a large zeroed part of the program, and data that ends in the middle of a page
#include "abi.h"

static char zeroes[48 << 20];
static char data[5001] = {1, 2, 3};

int main(void)
{
	size_t sum = 0;
	for (size_t i = 0; i < sizeof(zeroes); i += 512)
		sum += (size_t)zeroes[i];
	HOLDS(sum == 0);
	for (size_t i = 0; i < sizeof(zeroes); i += 4096)
		zeroes[i] = 1;
	for (size_t i = 0; i < sizeof(zeroes); i += 512)
		sum += (size_t)zeroes[i];
	HOLDS(sum == sizeof(zeroes) / 4096);
	HOLDS(data[0] == 1 && data[2] == 3 && data[3] == 0 && data[5000] == 0);
	return 0;
}

// summary: a static musl program: stdio, malloc, environment, errors
#include "abi.h"

int main(void)
{
	char *blocks[100];
	for (int i = 0; i < 100; i++) {
		blocks[i] = malloc(1 << (i % 20));
		memset(blocks[i], i, 1 << (i % 20));
	}
	for (int i = 0; i < 100; i++)
		HOLDS(blocks[i][(1 << (i % 20)) - 1] == (char)i);
	setenv("ABI", "value", 1);
	printf("%s %.3f %s\n", getenv("ABI"), 3.14159, strerror(ENOENT));
	SHOW(close(999));
	FILE *f = fopen("/no/such/file", "r");
	HOLDS(f == NULL && errno == ENOENT);
	return 0;
}

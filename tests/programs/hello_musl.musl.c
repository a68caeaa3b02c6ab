/* A static program with musl: its start-up makes other calls than glibc's. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(int argc, char **argv)
{
	char *copy = malloc(1 << 20);
	if (!copy)
		return 1;
	memset(copy, 'm', 1 << 20);
	printf("hello from musl, %d argument%s, %c%c\n", argc - 1, argc == 2 ? "" : "s", copy[0],
		copy[(1 << 20) - 1]);
	free(copy);
	return argc > 1 ? atoi(argv[1]) : 0;
}

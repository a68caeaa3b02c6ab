/*
 * streams N STATUS: N numbered lines to each of standard output and standard error, in turns,
 * without buffers; reads standard input to its end and says how much there was on standard
 * error; ends with STATUS.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	int lines = argc > 1 ? atoi(argv[1]) : 1;
	char block[4096];
	size_t total = 0;
	ssize_t n;
	for (int i = 0; i < lines; i++) {
		dprintf(1, "out %d\n", i);
		dprintf(2, "err %d\n", i);
	}
	while ((n = read(0, block, sizeof(block))) > 0)
		total += (size_t)n;
	dprintf(2, "%zu bytes of input\n", total);
	return argc > 2 ? atoi(argv[2]) : 0;
}

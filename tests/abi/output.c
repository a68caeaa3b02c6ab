// summary: write and writev to standard output: sizes, order, errors
#include "abi.h"
#include <sys/uio.h>

int main(void)
{
	static char block[300000];
	for (size_t i = 0; i < sizeof(block); i++)
		block[i] = i % 64 == 63 ? '\n' : (char)('a' + i % 26);
	size_t done = 0;
	while (done < sizeof(block)) {
		ssize_t n = write(1, block + done, sizeof(block) - done);
		if (n <= 0)
			return 1;
		done += (size_t)n;
	}
	struct iovec list[] = {{"one ", 4}, {"", 0}, {"two ", 4}, {NULL, 0}, {"three\n", 6}};
	ssize_t wrote = writev(1, list, 5);
	for (int i = 0; i < 1000; i++)
		if (write(1, "x", 1) != 1)
			return 2;
	printf("\n%zd\n", wrote);
	fflush(stdout);
	SHOW(write(1, "", 0));
	SHOW(write(999, "x", 1));
	SHOW(write(-1, "x", 1));
	SHOW(writev(1, list, -1));
	SHOW(writev(1, list, 1025));
	SHOW(writev(1, list, 0));
	return 0;
}

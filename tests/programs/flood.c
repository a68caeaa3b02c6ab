/*
 * Writes lines until that fails; then says how on standard error and ends with 3 (SIGPIPE
 * may end it first).
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int main(void)
{
	static char block[65536];
	memset(block, 'f', sizeof(block));
	for (;;)
		if (write(1, block, sizeof(block)) < 0)
			break;
	dprintf(2, "write: %s\n", strerror(errno));
	return 3;
}

/* Says so and computes for ever; with an argument, waits for ever instead. */
#include <stdio.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	(void)argv;
	dprintf(1, "started\n");
	for (;;)
		if (argc > 1)
			sleep(1000);
}

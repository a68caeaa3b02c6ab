/* A pseudo terminal, both ends open. */
#ifndef ABI_PTY_H
#define ABI_PTY_H

#include "abi.h"
#include <sys/ioctl.h>

static int master, slave;

static void open_pair(void)
{
	char path[32];
	int number = -1, unlocked = 0;
	master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_NONBLOCK);
	HOLDS(master >= 0);
	HOLDS(ioctl(master, TIOCGPTN, &number) == 0 && number >= 0);
	snprintf(path, sizeof(path), "/dev/pts/%d", number);
	SHOW(open(path, O_RDWR | O_NOCTTY));
	HOLDS(ioctl(master, TIOCSPTLCK, &unlocked) == 0);
	slave = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK);
	HOLDS(slave >= 0);
}

#endif

/* What a program may ask of its terminal. */
#ifndef DEV_TTY_H
#define DEV_TTY_H

#include "lib/types.h"

/* ioctl_tty(2) on the one terminal. Thread context, may sleep. -ENOTTY: not known, -EFAULT. */
int tty_ioctl(u32 command, u64 argument);

#endif

/* The character devices that every program expects in /dev. */
#ifndef DEV_CHARDEV_H
#define DEV_CHARDEV_H

#include "lib/compiler.h"

/* Registers null, zero, full, random and urandom (mem(4), random(4)) with the file layer. 0 or what
 * fs_register_device() says. Start-up. */
MUST_CHECK int chardev_init(void);

#endif

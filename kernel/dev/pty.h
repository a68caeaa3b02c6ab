/* Pseudo terminals: pty(7). */
#ifndef DEV_PTY_H
#define DEV_PTY_H

#include "lib/compiler.h"

/* Start-up: the devices. */
MUST_CHECK int pty_init(void);

#endif

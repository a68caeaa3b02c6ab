/* Ending the machine. See docs/host-protocol.md for the values. */
#ifndef ARCH_POWER_H
#define ARCH_POWER_H

#include "lib/compiler.h"
#include "lib/types.h"

enum power_status { POWER_DONE = 16, POWER_PANIC = 17, POWER_REFUSED = 18 };

/* Any context, from the first line of C on. */
NORETURN void power_off(enum power_status status);

#endif

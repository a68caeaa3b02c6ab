/* The host's clock. */
#ifndef FAKE_CLOCK_H
#define FAKE_CLOCK_H

#include "lib/types.h"

extern u64 fake_now_ns;
/* What clock_arm() was last called with. */
extern u64 fake_armed_ns;

#endif

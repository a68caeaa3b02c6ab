/* prctl(2)'s options about capabilities. Each acts on the running process, takes its lock, and gives prctl's result. */
#ifndef SYS_CAPABILITY_H
#define SYS_CAPABILITY_H

#include "lib/types.h"

s64 capability_prctl_bound(bool drop, u64 capability);
s64 capability_prctl_ambient(u64 action, u64 capability, u64 c, u64 d);
s64 capability_prctl_securebits(u64 bits);
s64 capability_prctl_keep(u64 value);

#endif

/* Entropy from the machine: RDSEED or RDRAND where present, mixed with the TSC. Feeds lib's ChaCha20 generator. */
#ifndef ARCH_RANDOM_H
#define ARCH_RANDOM_H

#include "lib/types.h"

/* Fills n bytes; true if a hardware generator gave them all, false if they come from timing only. */
bool arch_random_seed(void *to, size_t n);

#endif

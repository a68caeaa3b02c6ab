/* The kernel's random numbers: one generator for /dev/urandom, getrandom(2) and whoever else asks. */
#ifndef DEV_RANDOM_H
#define DEV_RANDOM_H

#include "lib/types.h"

/* Fills n bytes, fit for keys. Any context except NMI; never fails and never waits. */
void random_bytes(void *to, size_t n);

/* Stirs in what somebody wrote to /dev/random; can't make the state worse. Any context except NMI. */
void random_add(const void *from, size_t n);

#endif

/*
 * The host's user memory: every address of the test's own. The first byte from fake_user_fault up "is not mapped".
 */
#ifndef FAKE_USER_H
#define FAKE_USER_H

#include "lib/types.h"

extern uaddr_t fake_user_fault;

#endif

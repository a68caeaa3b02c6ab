/*
 * Wait queues for one thread of the host. Sleeping runs the rest of the world, fake_world(), step
 * by step until somebody wakes the sleeper; when the world has nothing left to do and nobody has,
 * the wakeup was lost and the test fails, unless there is a deadline, which then passes, or a
 * signal (fake_signal).
 */
#ifndef FAKE_WAIT_H
#define FAKE_WAIT_H

#include "lib/types.h"

/* One step of the world; false: there is nothing more to do. */
extern bool (*fake_world)(void);
/* A signal is pending for interruptible sleepers. */
extern bool fake_signal;
/* Sleeps so far. */
extern u32 fake_sleeps;

#endif

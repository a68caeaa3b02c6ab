/*
 * The phases of the sweep, and what they have in common. A phase exercises the sites that it takes its own way to get at, and
 * leaves no breakpoint armed.
 */
#ifndef SWEEP_PHASE_H
#define SWEEP_PHASE_H

#include <stdbool.h>
#include <stdint.h>

#include "inject.h"
#include "site.h"

enum { VECTOR_DB = 1, VECTOR_TIMER = 0xec, VECTOR_IPI = 0xfd, VECTOR_SPURIOUS = 0xff };

/* A stop that does not come within this time, in seconds, does not come any more. */
#define IDLE_SECONDS 15.0

/* "NMI at symbol+0x12 in a #MC", in a static buffer. */
const char *describe(const struct site *site, enum event event);

/* Stopped at the site: injects its next event. False when the VM is lost, or too much differs. */
bool exercise(struct site *site, const struct place *at);
/* All that it still wants. */
bool exercise_all(struct site *site, const struct place *at);
/* The timer's interrupt, in C code. */
bool exercise_timer(struct site *site, const struct place *at);
/* How many of those were sent after the last look at the work word. */
extern unsigned late_timers;

/* Each false when the VM is lost. */
bool phase_workload(void);
bool phase_frames(void);
bool phase_vectors(void);
bool phase_refused(void);
bool phase_nested(void);

/* For sweep_refused(): injects into the NMI handler at that site and does not look what becomes of it. */
void nested_refuse(enum event event, unsigned part, unsigned parts);

#endif

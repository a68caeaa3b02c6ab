/* The sweep proper: what is done at which stop. */
#ifndef SWEEP_SWEEP_H
#define SWEEP_SWEEP_H

#include <stdbool.h>

#include "site.h"

/* The VM is stopped before its first instruction. Exercises every wanted pair, of one phase (sweep.c) or of all
 * (NULL). False if the VM was lost. */
bool sweep_all(const char *phase);

/* Injects an event that the kernel refuses into an NMI handler, part/parts through it, and lets the kernel report. */
void sweep_refused(enum event event, unsigned part, unsigned parts);

#endif

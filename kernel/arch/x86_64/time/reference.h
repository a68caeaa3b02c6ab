/*
 * Counters of known frequency that the TSC is measured against: the interval timer (PIT) and ACPI's
 * power management timer.
 */
#ifndef TIME_REFERENCE_H
#define TIME_REFERENCE_H

#include "lib/types.h"

/* Where the counter stood, and between which TSC values. */
struct reference_sample {
	u64 tsc_before, tsc_after;
	u32 count; /* counts up, modulo 2^bits */
};

struct reference {
	const char *name;
	u32 hz;
	u32 bits;
	u32 (*read)(void);
};

extern const struct reference reference_pit, reference_pm_timer;

/* Lets the PIT count freely from now on; it interrupts nobody. */
void reference_start_pit(void);
/* The PIT has counted past its end at least once since: 55 ms. */
bool reference_pit_wrapped(void);
/* True if there is a power management timer. */
bool reference_has_pm_timer(void);

/* Waits for the counter's next step and samples it there. Does so a few times and keeps the sample
 * that took least: the first may be slow because nothing is in any cache. False if the counter does
 * not step. Some microseconds if it does. */
bool reference_sample(const struct reference *r, struct reference_sample *out);

#endif

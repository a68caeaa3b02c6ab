/*
 * The kinds of crossing that a round is made of.
 *
 * Most load every register from crossing_in, cross once, and compare. `prepare` completes what is loaded; `settle` runs after the
 * crossing, looks at what else it did, and puts into crossing_in what is expected where that is not what was loaded. Kinds that
 * start and end whole processes have `act` alone.
 */
#ifndef SWEEP_KIND_H
#define SWEEP_KIND_H

#include <stdbool.h>
#include <stdint.h>

#include "registers.h"

struct kind {
	const char *name;
	void (*cross)(void);
	/* Of a call: its number, how many arguments are given (the others have any value), its result. */
	long number;
	uint64_t arguments[5];
	int given;
	long result;
	void (*prepare)(const struct kind *kind);
	void (*settle)(const struct kind *kind);
	void (*act)(const struct kind *kind);
};

#define NO_CALL (-1)

/* Which of the workers this is. */
extern uint64_t variant;

uint64_t mix(uint64_t x);
/* Ends the program: what is now is not what was. */
void differs(const char *kind, const char *what, uint64_t want, uint64_t got)
	__attribute__((noreturn));

/* Makes the crossing and adds what was found to the checksum. */
void kind_make(const struct kind *kind, uint64_t seed);
/* Of two sets of registers, the first difference is told. Bits of `ignore` in the flags may differ. */
void kind_compare(const char *name, const struct registers *want, const struct registers *got,
	uint64_t ignore);
/* The result of the call was anything above 0: returned, and no longer looked at. */
long kind_take_result(const struct kind *kind);
/* What a call changes by definition. */
void kind_expect_call(const struct kind *kind, struct registers *want);

/* The tables, each ended by a kind without a name; each has to be ready once before its kinds are used. */
extern const struct kind kinds_call[], kinds_signal[], kinds_child[], kinds_traced[];
void kinds_signal_ready(void);
void kinds_child_ready(void);

/* Looks at crossing_born: what execve(2) has to leave in registers. */
void born_check(void);

#endif

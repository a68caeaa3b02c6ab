/*
 * What the interrupt flag can be at a place in C code: sets of abstract states, because several paths meet.
 *
 * A state is IF now and the last two saved values (irq_save()), each of: as at the function's call, off, on, or what the caller
 * had saved last or before that. So irq_restore() is followed through brackets two deep, also when one function locks and
 * another unlocks.
 */
#ifndef ENTRYCHECK_IFSTATE_H
#define ENTRYCHECK_IFSTATE_H

#include <stdbool.h>
#include <stdint.h>

enum if_value { IF_ENTRY, IF_OFF, IF_ON, IF_SAVED1, IF_SAVED2, IF_VALUES };

/* Bit now + 5 * saved + 25 * saved before. */
typedef unsigned __int128 if_set_t;

/* At a function's first instruction. */
if_set_t if_start(void);
/* CLI, STI */
if_set_t if_set(if_set_t s, enum if_value v);
/* irq_save() up to its CLI, and irq_restore(). */
if_set_t if_save(if_set_t s);
if_set_t if_restore(if_set_t s);
/* After a call of a function whose returns have the set `callee`. */
if_set_t if_apply(if_set_t s, if_set_t callee);
/* May IF be 1, if it was off at the call (or unknown)? */
bool if_may_be_on(if_set_t s, bool off_at_call);

#endif

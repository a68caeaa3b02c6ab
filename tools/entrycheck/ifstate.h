/*
 * What the interrupt flag can be at a place in C code: sets of abstract states, because several paths meet.
 *
 * A state is IF now and the last IF_DEPTH saved values (irq_save()), each of: as at the function's call, off, on, or what the caller
 * had saved last, before that, and so on. So irq_restore() is followed through brackets that deep, also when one function locks
 * and another unlocks.
 */
#ifndef ENTRYCHECK_IFSTATE_H
#define ENTRYCHECK_IFSTATE_H

#include <stdbool.h>
#include <stdint.h>

#define IF_DEPTH 4
/* From IF_SAVED on: what the caller had saved last, ... */
enum if_value { IF_ENTRY, IF_OFF, IF_ON, IF_SAVED, IF_VALUES = IF_SAVED + IF_DEPTH };

#define IF_STATES (IF_VALUES * IF_VALUES * IF_VALUES * IF_VALUES * IF_VALUES)
#define IF_SET_WORDS ((IF_STATES + 63) / 64)

/* One bit for each state. */
typedef struct if_set {
	uint64_t bits[IF_SET_WORDS];
} if_set_t;

/* At a function's first instruction. */
if_set_t if_start(void);
/* CLI, STI */
if_set_t if_set(const if_set_t *s, enum if_value v);
/* irq_save() up to its CLI, and irq_restore(). */
if_set_t if_save(const if_set_t *s);
if_set_t if_restore(const if_set_t *s);
/* After a call of a function whose returns have the set `callee`. */
if_set_t if_apply(const if_set_t *s, const if_set_t *callee);
/* Adds; true if that changed something. */
bool if_join(if_set_t *to, const if_set_t *from);
bool if_is_empty(const if_set_t *s);
/* May IF be 1, if it was off at the call (or unknown)? */
bool if_may_be_on(const if_set_t *s, bool off_at_call);
/* Is it 1 in one of them, whatever the caller has saved? */
bool if_is_on(const if_set_t *s);

#endif

/* The contexts of an exploration (struct context is in state.h). */
#ifndef ENTRYCHECK_CONTEXT_H
#define ENTRYCHECK_CONTEXT_H

#include "explore.h"

/* The number of an equal context, or -1. */
int context_find(const struct explorer *e, const struct context *c);
/* The context's number, or -1 if it is known already. */
int context_add(struct explorer *e, const struct context *c);

/* At its door: every register holds what the context calls by its name; no frame yet. */
struct state context_first_state(const struct model *m, const struct context *c, unsigned number);
/* Where a vector's frame goes: IST stack, the stack for ring 3's interrupts, or the interrupted one. */
void context_enter_vector(struct state *s, const struct context *c);

#endif

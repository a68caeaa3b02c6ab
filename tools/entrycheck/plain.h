/*
 * The plain exploration: a nested event runs on the very state that it interrupted, up to a depth. A check of the summaries.
 */
#ifndef ENTRYCHECK_PLAIN_H
#define ENTRYCHECK_PLAIN_H

#include "explore.h"

struct iret_frame {
	value_t rip, cs, rflags, rsp, ss;
};

struct plain_totals {
	const struct explorer *summary;
	unsigned depth; /* contexts that may be open at once */
	bool *met;	/* by number of the summary's contexts */
	uint64_t states, contexts, returns;
};

/* One nested event: who was interrupted, and what was pushed for it. */
struct plain {
	struct plain_totals *totals;
	struct explorer *outer; /* NULL: not nested */
	int outer_node;
	unsigned open; /* contexts open, this one included */
	bool in_c;
	const struct state *start;
	struct iret_frame pushed;
};

/* Explores the crossing again in this way; violations are in e, as explore()'s. totals->summary has been explored. */
void plain_explore(struct explorer *e, struct plain_totals *totals);

/* start.c: does this door differ from those of lower vectors by more than the number? */
bool plain_needs_door(const struct model *m, const struct door *d);

/* event.c: an event arrives at a node of an explorer that is plain; its class is what the summarised one would explore. */
void plain_arrival(struct explorer *e, int node, const struct context *class, bool in_c);
/* leave.c: an IRETQ to ring 0. True if e is plain and nested, and the return was checked. */
bool plain_return(struct explorer *e, int node, const struct iret_frame *f);

#endif

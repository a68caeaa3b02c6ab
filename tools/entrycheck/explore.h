/*
 * The exploration: every state of every context, breadth first, until nothing new is found.
 */
#ifndef ENTRYCHECK_EXPLORE_H
#define ENTRYCHECK_EXPLORE_H

#include "state.h"

#define VIOLATIONS_MAX 256

/* How a node was reached from its parent. */
enum how { HOW_START, HOW_STEP, HOW_EVENT, HOW_CALL, HOW_FAULT };

struct node {
	struct state *state;
	int parent;
	enum how how;
	uint16_t vector; /* HOW_EVENT, HOW_FAULT */
};

struct violation {
	int node;
	char text[240];
};

struct plain;

struct explorer {
	struct plain *
		plain; /* nested events run on the interrupted state itself (plain.c); NULL: summarised */
	struct image *im;
	struct model *m;
	struct node *nodes;
	size_t node_count, node_capacity;
	uint32_t *table; /* hash table of node numbers + 1 */
	size_t table_size;
	struct context *contexts;
	size_t context_count, context_capacity;
	struct violation violations[VIOLATIONS_MAX];
	size_t violation_count;
	uint64_t transitions, events;
	unsigned deepest;   /* longest chain of contexts, one interrupting the other */
	bool ignore_claims; /* the state lines of the source are not looked at */
	bool *visited;	    /* by address - text_start */
};

/* Runs to the end. False if memory ran out or an instruction is not modelled (which is a violation, too). */
bool explore(struct explorer *e, struct image *im, struct model *m, bool ignore_claims);
void explore_free(struct explorer *e);

/* Adds the successor of the node being stepped, unless the state is known. */
void explore_add(
	struct explorer *e, const struct state *s, int parent, enum how how, unsigned vector);
/* Something that the rules forbid, at a node. The same text at the same instruction counts once. */
void explore_violation(struct explorer *e, int node, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* event.c: what can arrive at this node, before its instruction. */
void event_arrivals(struct explorer *e, int node);
/* event.c: what can arrive while the C function called at this node runs. */
void event_during_call(struct explorer *e, int node, const struct contract *c);
/* event.c: pushes the hardware's frame of a fault in ring 0 and goes on at the door, in the same context. */
void event_fault(struct explorer *e, int node, unsigned vector);
/* start.c: the contexts that are entered from ring 3 and from C. */
void start_contexts(struct explorer *e);

/* step.c: executes the node's instruction. */
void step(struct explorer *e, int node);

/* leave.c: the returns. */
void leave_iret(struct explorer *e, int node);
void leave_sysret(struct explorer *e, int node);
void leave_function(struct explorer *e, int node);

/* call.c: a call of a C function. */
void call_function(struct explorer *e, int node, uint64_t target, uint64_t next);

/* True if the root maps the region; otherwise a violation. */
bool explore_mapped(struct explorer *e, int node, unsigned region, const char *what);

#endif

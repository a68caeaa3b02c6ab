/*
 * One state of the abstract machine, and the contexts that states belong to.
 *
 * A context is one way of coming into the checked code: a door, and the class of what was interrupted there, which is all
 * of the interrupted state that the handler can see or change. States of one context form a graph of their own; what
 * a nested handler does is explored in a context of its own, once for its class (docs/entrycheck.md).
 */
#ifndef ENTRYCHECK_STATE_H
#define ENTRYCHECK_STATE_H

#include "model.h"

#define SLOTS_MAX 120

/* Flags of the machine that can be as the program left them. */
#define FLAG_ORIG 2

enum zero_flag { ZF_UNKNOWN, ZF_SET, ZF_CLEAR, ZF_VERDICT };

struct slot {
	uint32_t region;
	int32_t offset; /* from the region's top: negative */
	value_t value;
};

struct state {
	uint64_t rip;
	uint32_t context;
	uint32_t live;	 /* regions of IST stacks with a frame that is still needed */
	uint8_t gs, igs; /* enum base: active and inactive */
	uint8_t cr3;	 /* root */
	uint8_t iflag, df, ac;
	uint8_t latch;	 /* NMIs are blocked */
	uint8_t zf;	 /* enum zero_flag */
	uint8_t sf;	 /* likewise, without ZF_VERDICT */
	uint8_t verdict; /* 0: not asked, 1: SYSRET allowed, 2: not */
	uint8_t changed; /* C code may have changed the frame that goes back */
	uint8_t spare;
	value_t reg[GPR_COUNT];
	value_t word[WORDS_MAX];
	uint32_t slot_count;
	uint32_t spare2;
	struct slot slot[SLOTS_MAX]; /* sorted; only slot_count are there */
};

struct context {
	const struct door *door;
	bool from_user;
	uint8_t gs, igs, cr3, iflag, df, ac, latch;
	uint32_t live;
	uint64_t rip; /* interrupted instruction, if it is in the checked text; else 0 */
	value_t word[WORDS_MAX];
	int parent; /* node in which it was first met; -1: ring 3 or C code */
};

size_t state_size(const struct state *s);
uint64_t state_hash(const struct state *s);
bool state_equal(const struct state *a, const struct state *b);

value_t state_slot(const struct state *s, unsigned region, int32_t offset);
/* False if there are too many slots. */
bool state_set_slot(struct state *s, unsigned region, int32_t offset, value_t v);
/* Onto the stack that RSP is an address in. */
void state_push(struct state *s, value_t v);
/* Forgets what lies below an offset of a stack. */
void state_drop_below(struct state *s, unsigned region, int32_t offset);
/* Forgets a whole stack. */
void state_drop_region(struct state *s, unsigned region);

const char *value_text(const struct model *m, value_t v);
/* "GS=user CR3=kernel RSP=entry-40 IF=0" in a static buffer. */
const char *state_text(const struct model *m, const struct state *s);

#endif

/*
 * The C functions below the contracts: what each does, and whom it calls. Shared by cfunction.c, which fills it, and ifflow.c.
 */
#ifndef ENTRYCHECK_CALLGRAPH_H
#define ENTRYCHECK_CALLGRAPH_H

#include "cfunction.h"
#include "ifstate.h"

#define FUNCTIONS_MAX 8192
#define CALLEES_MAX 128

/* What a function, without those it calls, does. */
#define DOES_STI 1U
#define DOES_CR3 2U
#define DOES_FORBIDDEN 4U
#define DOES_INDIRECT 8U

struct function {
	const struct symbol *symbol;
	uint32_t does;
	uint64_t does_at[4]; /* address, by bit of `does` */
	uint32_t writes;     /* words of the per-CPU page */
	uint64_t writes_at;
	unsigned callees[CALLEES_MAX];
	unsigned callee_count;
	if_set_t if_out;  /* at its returns */
	uint64_t on_at;	  /* where IF may be 1 if it was 0 at the call; 0: nowhere */
	unsigned visited; /* mark of the walk */
	unsigned from;	  /* caller in that walk */
	bool scanned;
	cs_insn **code; /* decoded once */
	unsigned code_count;
};

struct checker {
	struct image *im;
	const struct model *m;
	struct function *f;
	unsigned count;
	unsigned mark;
	struct cfunction_result result;
};

/* The number of the function that begins at the address, or -1. */
int callgraph_find(const struct checker *c, uint64_t address);
bool callgraph_in(const struct function *f, uint64_t address);

/* Follows IF through every function until no summary (if_out) changes any more. */
void ifflow_summarise(struct checker *c);

#endif

/*
 * Holds the compiled C functions against their contracts: everything below each in the call graph is disassembled and
 * looked through for what the contract does not allow.
 */
#ifndef ENTRYCHECK_CFUNCTION_H
#define ENTRYCHECK_CFUNCTION_H

#include "model.h"

struct cfunction_result {
	unsigned functions; /* looked at, over all contracts */
	unsigned violations;
};

/* Prints each violation with the chain of calls that leads to it. */
struct cfunction_result cfunction_check(struct image *im, const struct model *m);

#endif

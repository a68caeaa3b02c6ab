/* Contracts of C functions: see kernel/arch/x86_64/entry/contract.h for their language. */
#ifndef ENTRYCHECK_CONTRACT_H
#define ENTRYCHECK_CONTRACT_H

#include "model.h"

/* Parses one and adds it. A function that the image does not have is left out. False with a message if it makes no sense. */
bool contract_add(struct model *m, const struct image *im, const char *function, const char *text);

#endif

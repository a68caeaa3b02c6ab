/*
 * Rule 7 of docs/crossings.md in compiled code: a frame that goes to ring 3 is sane. Functions whose contracts say `keeps-sane` or
 * `makes-sane` are followed, with the four words of the frame that matter: CS, RFLAGS, RIP, SS.
 */
#ifndef ENTRYCHECK_FRAMEFLOW_H
#define ENTRYCHECK_FRAMEFLOW_H

#include "callgraph.h"

/* Holds every such function against its contract; prints what is violated and counts it. */
void frameflow_check(struct checker *c);

#endif

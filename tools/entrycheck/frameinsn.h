/* What an instruction does to the state that frameflow.c follows. */
#ifndef ENTRYCHECK_FRAMEINSN_H
#define ENTRYCHECK_FRAMEINSN_H

#include <capstone/capstone.h>

#include "framestate.h"

/* Anything but jumps, calls and returns. */
void fs_execute(struct fs *s, const cs_insn *i);
/* A conditional jump or move with this condition was taken, or not. */
void fs_refine(struct fs *s, unsigned condition, bool taken);

#endif

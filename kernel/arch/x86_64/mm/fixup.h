/*
 * The exception table: instructions that may fault on user memory, and where to go on then. Filled by EX_TABLE in
 * ucopy.S, and by EX_TABLE_RANGE for all instructions between two labels; EX_TABLE_NOFAULT is for those that give up at once instead of waiting for the page, so that they may be
 * used with a spinlock held.
 */
#ifndef MM_FIXUP_H
#define MM_FIXUP_H

#ifdef __ASSEMBLY__

/* clang-format off */
#define EX_TABLE(instruction, fixup) EX_TABLE_RANGE(instruction, instruction + 1, fixup)
#define EX_TABLE_RANGE(start, end, fixup) .pushsection __ex_table, "a"; .quad start, end, fixup, 1; .popsection
#define EX_TABLE_NOFAULT(instruction, fixup) .pushsection __ex_table, "a"; .quad instruction, instruction + 1, fixup, 0; .popsection
/* clang-format on */

#else

#include "lib/types.h"

struct fixup {
	u64 start, end; /* the instructions that may fault begin in [start, end) */
	u64 target;	/* where to go on when it faulted */
	u64 may_sleep;	/* 1: the page may be brought in first */
};

/* The entry of the instruction at rip, or NULL. Any context. */
const struct fixup *fixup_find(u64 rip);

#endif
#endif

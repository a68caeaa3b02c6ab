/*
 * The exception table: instructions that may fault on user memory, and where to go on then. Filled by EX_TABLE in
 * ucopy.S.
 */
#ifndef MM_FIXUP_H
#define MM_FIXUP_H

#ifdef __ASSEMBLY__

/* clang-format off */
#define EX_TABLE(instruction, fixup) .pushsection __ex_table, "a"; .quad instruction, fixup; .popsection
/* clang-format on */

#else

#include "lib/types.h"

/* Where to go on when the instruction at rip faulted, or 0. Any context. */
u64 fixup_find(u64 rip);

#endif
#endif

/*
 * Rules for what the machine model has no state for: speculation, and code that nothing reaches.
 */
#ifndef ENTRYCHECK_RULES_H
#define ENTRYCHECK_RULES_H

#include "image.h"

/* Each prints its violations and returns how many there were. */

/* Every instruction of the checked text was reached in some mode (reached: by address - text_start); *instructions is how many
 * there are. */
unsigned rules_coverage(struct image *im, const bool *visited, unsigned *instructions);
/* LFENCE on both arms behind a conditional SWAPGS (hazard I4); INT3 behind RET, JMP, SYSRET, IRETQ (M5); VERW is the last
 * memory access before the return to ring 3 (M3), and there before each; no indirect branch (M1). */
unsigned rules_speculation(struct image *im, bool demand_all);

#endif

/* What the check has to say: counterexamples as timelines, states at an instruction, counts. */
#ifndef ENTRYCHECK_REPORT_H
#define ENTRYCHECK_REPORT_H

#include "explore.h"

void report_violation(struct explorer *e, const struct violation *v);
/* Every state that can hold at the address. */
void report_explain(struct explorer *e, uint64_t address);

#endif

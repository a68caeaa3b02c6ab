/* The instructions, by kind. Each changes st->s; those that end the path or branch set st->stop. AT&T order of operands. */
#ifndef ENTRYCHECK_INSTRUCTION_H
#define ENTRYCHECK_INSTRUCTION_H

#include "operand.h"

void instruction_mov(struct stepper *st);
void instruction_arithmetic(struct stepper *st, int sign);
void instruction_xor(struct stepper *st);
void instruction_other_arithmetic(struct stepper *st);
void instruction_lea(struct stepper *st);
void instruction_cmp(struct stepper *st);
void instruction_test(struct stepper *st);
void instruction_branch(struct stepper *st, bool if_zero);
void instruction_branch_sign(struct stepper *st, bool if_set);
void instruction_unknown_branch(struct stepper *st);
void instruction_rdmsr(struct stepper *st);
void instruction_call(struct stepper *st);
void instruction_ret(struct stepper *st);
void instruction_swapgs(struct stepper *st);
void instruction_wrgsbase(struct stepper *st);
void instruction_rep_movs(struct stepper *st);
void instruction_pop(struct stepper *st);
void instruction_verw(struct stepper *st);
void instruction_push(struct stepper *st, value_t v);

/* The state goes on at an address, unless the path has ended. */
void instruction_continue(struct stepper *st, uint64_t rip);

#endif

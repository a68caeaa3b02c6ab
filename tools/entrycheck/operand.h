/*
 * Operands of an instruction: registers, and memory told apart by what it is.
 */
#ifndef ENTRYCHECK_OPERAND_H
#define ENTRYCHECK_OPERAND_H

#include "explore.h"

/* One instruction being executed. */
struct stepper {
	struct explorer *e;
	int node;
	const cs_insn *i;
	const cs_x86 *x;
	struct state s; /* becomes the successor */
	uint64_t next;
	bool stop; /* no successor: a violation was noted, or the path ends */
};

#define BAD(st, ...)                                                 \
	do {                                                         \
		explore_violation((st)->e, (st)->node, __VA_ARGS__); \
		(st)->stop = true;                                   \
	} while (0)

/* The general register that a name belongs to (-1: none), and how many bytes of it. */
struct reg_part {
	int gpr;
	int size;
};

enum place { PLACE_BAD, PLACE_STACK, PLACE_WORD, PLACE_TEXT, PLACE_DATA };

struct location {
	enum place place;
	unsigned region;
	int32_t offset;
	int word;
};

struct reg_part operand_gpr(x86_reg r);

/* Where memory is: PLACE_BAD, with a violation, if it must not be reached. */
struct location operand_locate(struct stepper *st, const x86_op_mem *mem, bool write);
struct location operand_at(struct stepper *st, value_t base, int64_t disp, bool write);
value_t operand_load(struct stepper *st, struct location l);
void operand_store(struct stepper *st, struct location l, value_t v);

value_t operand_get(struct stepper *st, const cs_x86_op *op);
void operand_put(struct stepper *st, const cs_x86_op *op, value_t v);

#endif

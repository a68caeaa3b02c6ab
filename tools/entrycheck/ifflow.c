/*
 * The interrupt flag through the compiled functions: a data-flow analysis over each, with a summary for each callee.
 */
#include <stdlib.h>
#include <string.h>

#include "callgraph.h"

struct flow {
	uint64_t start;
	uint32_t size;
	if_set_t *in; /* by offset */
	bool changed;
};

static void flow_to(struct flow *w, uint64_t address, const if_set_t *now)
{
	if (address < w->start || address >= w->start + w->size)
		return;
	if (if_join(&w->in[address - w->start], now))
		w->changed = true;
}

static if_set_t callee_if(struct checker *c, const cs_insn *i)
{
	const cs_x86_op *op = &i->detail->x86.operands[0];
	int callee = op->type == X86_OP_IMM ? callgraph_find(c, (uint64_t)op->imm) : -1;
	/* What a pointer leads to keeps IF: such functions are called under the same rule, and debug kernels assert it. */
	return callee >= 0 ? c->f[callee].if_out : if_start();
}

/* irq_save() and irq_restore() (arch/irqflags.h) are sequences that the compiler can't take apart. */
static bool is_save(struct checker *c, const cs_insn *i)
{
	/* pushfq; popq reg; cli: the POP is one or two bytes. */
	for (unsigned n = 1; n <= 2; n++)
		if (i->id == X86_INS_PUSHFQ && image_byte(c->im, i->address + i->size + n) == 0xfa)
			return true;
	return false;
}

static bool is_restore(struct checker *c, const cs_insn *i, const cs_insn *previous)
{
	/* test $0x200, reg; je over; sti */
	const cs_x86_op *op = &i->detail->x86.operands[0];
	return i->id == X86_INS_JE && previous && previous->id == X86_INS_TEST &&
	       previous->detail->x86.operands[0].imm == 0x200 && op->type == X86_OP_IMM &&
	       (uint64_t)op->imm == i->address + i->size + 1 &&
	       image_byte(c->im, i->address + i->size) == 0xfb;
}

/* Another function in the place of this one's end. */
static void flow_out(struct checker *c, struct function *f, const cs_insn *i, const if_set_t *now)
{
	if_set_t callee = callee_if(c, i), out = if_apply(now, &callee);

	if_join(&f->if_out, &out);
}

/* A jump. True if control does not fall through. */
static bool flow_jump(struct checker *c, struct function *f, struct flow *w, const cs_insn *i,
	const if_set_t *now)
{
	const cs_x86_op *op = &i->detail->x86.operands[0];
	if (op->type != X86_OP_IMM) {
		/* The kernel is compiled without jump tables, so this is a tail call through a pointer: as callee_if() says, IF stays. */
		if_join(&f->if_out, now);
		return true;
	}
	if (callgraph_in(f, (uint64_t)op->imm))
		flow_to(w, (uint64_t)op->imm, now);
	else
		flow_out(c, f, i, now);
	return i->id == X86_INS_JMP;
}

/* Interrupts may be on here though they were off at the call, and not because somebody further out has saved them so. */
static void flow_note(struct function *f, const cs_insn *i, const if_set_t *now)
{
	if (!f->on_at && if_is_on(now))
		f->on_at = i->address;
}

/* What a call leaves. */
static if_set_t flow_call(struct checker *c, const cs_insn *i, const if_set_t *now)
{
	if_set_t callee = callee_if(c, i);

	return if_apply(now, &callee);
}

/* One instruction; adds to the function's exits. */
static void flow_step(struct checker *c, struct function *f, struct flow *w, const cs_insn *i,
	const cs_insn *previous, if_set_t now)
{
	uint64_t to = i->address + i->size;

	switch (i->id) {
	case X86_INS_STI:
		now = if_set(&now, IF_ON);
		break;
	case X86_INS_CLI:
		now = if_set(&now, IF_OFF);
		break;
	case X86_INS_PUSHFQ:
		if (is_save(c, i))
			now = if_save(&now);
		break;
	case X86_INS_RET:
		if_join(&f->if_out, &now);
		return;
	case X86_INS_UD2:
	case X86_INS_INT3:
		return;
	case X86_INS_CALL:
		now = flow_call(c, i, &now);
		break;
	default:
		if (is_restore(c, i, previous)) {
			now = if_restore(&now);
			to = (uint64_t)i->detail->x86.operands[0].imm;
			break;
		}
		if (cs_insn_group(c->im->capstone, i, X86_GRP_JUMP) && flow_jump(c, f, w, i, &now))
			return;
	}
	flow_note(f, i, &now);
	flow_to(w, to, &now);
}

/* Until nothing changes any more within the function. True if its summary grew. */
static bool flow_function(struct checker *c, unsigned n, if_set_t *buffer)
{
	struct function *f = &c->f[n];
	struct flow w = {
		.start = f->symbol->address, .size = (uint32_t)f->symbol->size, .in = buffer};
	if_set_t before = f->if_out;
	if (w.size == 0)
		return false;
	memset(buffer, 0, w.size * sizeof(*buffer));
	buffer[0] = if_start();
	do {
		cs_insn *previous = NULL;
		w.changed = false;
		for (unsigned k = 0; k < f->code_count; k++) {
			cs_insn *i = f->code[k];
			if (!if_is_empty(&buffer[i->address - w.start]))
				flow_step(c, f, &w, i, previous, buffer[i->address - w.start]);
			previous = i;
		}
	} while (w.changed);
	return if_join(&before, &f->if_out);
}

void ifflow_summarise(struct checker *c)
{
	uint64_t longest = 1;
	for (unsigned i = 0; i < c->count; i++)
		if (c->f[i].symbol->size > longest)
			longest = c->f[i].symbol->size;
	if_set_t *buffer = malloc(longest * sizeof(*buffer));
	bool changed = buffer != NULL;
	while (changed) {
		changed = false;
		for (unsigned i = 0; i < c->count; i++)
			changed |= flow_function(c, i, buffer);
	}
	free(buffer);
}

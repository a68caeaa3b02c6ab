/*
 * What each kind of instruction does to the state, and what it must not do: a value that is not known where it matters is a
 * violation, never a guess.
 */
#include "instruction.h"

#define MSR_GS_BASE 0xc0000101
/* In the payload of V_BASE: it is not the whole. */
#define BASE_UPPER_HALF 2U

static void forget_flags(struct stepper *st)
{
	st->s.zf = st->s.sf = ZF_UNKNOWN;
}

void instruction_push(struct stepper *st, value_t v)
{
	value_t rsp = st->s.reg[R_RSP];
	if (!value_is(rsp, V_ADDR)) {
		BAD(st, "a push while RSP holds %s", value_text(st->e->m, rsp));
		return;
	}
	struct location l = operand_at(st, rsp, -8, true);
	if (st->stop)
		return;
	operand_store(st, l, v);
	st->s.reg[R_RSP] = value_add(rsp, -8);
}

/* After RSP moved up: what lies below may be overwritten at any time. */
static void forget_below(struct stepper *st)
{
	value_t rsp = st->s.reg[R_RSP];
	if (value_is(rsp, V_ADDR))
		state_drop_below(&st->s, value_region(rsp), value_offset(rsp));
}

static value_t pop_value(struct stepper *st)
{
	value_t rsp = st->s.reg[R_RSP];
	if (!value_is(rsp, V_ADDR)) {
		BAD(st, "a pop while RSP holds %s", value_text(st->e->m, rsp));
		return ANY;
	}
	struct location l = operand_at(st, rsp, 0, false);
	value_t v = operand_load(st, l);
	st->s.reg[R_RSP] = value_add(rsp, 8);
	return v;
}

static void write_cr3(struct stepper *st, value_t v)
{
	if (!value_is(v, V_ROOT)) {
		BAD(st, "CR3 is loaded with %s", value_text(st->e->m, v));
		return;
	}
	unsigned root = (unsigned)value_payload(v);
	if (!(st->e->m->text_roots & 1U << root))
		BAD(st, "CR3 is loaded with root %s, which does not map this code",
			st->e->m->roots[root].name);
	st->s.cr3 = (uint8_t)root;
}

void instruction_mov(struct stepper *st)
{
	/* AT&T order: source, destination. */
	const cs_x86_op *from = &st->x->operands[0], *to = &st->x->operands[1];
	if (to->type == X86_OP_REG && to->reg == X86_REG_CR3) {
		write_cr3(st, operand_get(st, from));
		return;
	}
	if (from->type == X86_OP_REG && from->reg == X86_REG_CR3) {
		operand_put(st, to, value_make(V_ROOT, st->s.cr3));
		return;
	}
	if (to->type == X86_OP_REG && to->reg == X86_REG_GS) {
		/* The base becomes the descriptor's. */
		if (st->s.gs == BASE_KERNEL)
			BAD(st, "a selector is loaded into GS while its base is the kernel's");
		return;
	}
	if (to->type == X86_OP_REG && (to->reg == X86_REG_SS || operand_gpr(to->reg).gpr < 0)) {
		BAD(st, "not modelled: %s %s", st->i->mnemonic, st->i->op_str);
		return;
	}
	operand_put(st, to, operand_get(st, from));
	if (to->type == X86_OP_REG && to->reg == X86_REG_RSP)
		forget_below(st);
}

void instruction_arithmetic(struct stepper *st, int sign)
{
	const cs_x86_op *from = &st->x->operands[0], *to = &st->x->operands[1];
	value_t n = operand_get(st, from), v = operand_get(st, to);
	forget_flags(st);
	operand_put(st, to, value_is(n, V_CONST) ? value_add(v, sign * value_number(n)) : ANY);
	if (to->type == X86_OP_REG && to->reg == X86_REG_RSP)
		forget_below(st);
}

void instruction_xor(struct stepper *st)
{
	const cs_x86_op *a = &st->x->operands[0], *b = &st->x->operands[1];
	bool zero = a->type == X86_OP_REG && b->type == X86_OP_REG && a->reg == b->reg;
	forget_flags(st);
	st->s.zf = zero ? ZF_SET : ZF_UNKNOWN;
	operand_put(st, b, zero ? value_const(0) : ANY);
}

/* A root whose CR3 differs from another's in known bits: AND with all others gives the one, OR with them the other. */
static value_t other_root(const struct stepper *st, value_t root, value_t mask)
{
	const struct model *m = st->e->m;
	bool clears = st->i->id == X86_INS_AND && (uint64_t)value_number(mask) == ~m->root_bits;
	bool sets = st->i->id == X86_INS_OR && (uint64_t)value_number(mask) == m->root_bits;
	unsigned n = (unsigned)value_payload(root);
	if (!m->root_bits || !value_is(root, V_ROOT) || !value_is(mask, V_CONST) ||
		(n != m->root_with && n != m->root_without) || (!clears && !sets))
		return ANY;
	return value_make(V_ROOT, clears ? m->root_without : m->root_with);
}

void instruction_other_arithmetic(struct stepper *st)
{
	const cs_x86_op *from = &st->x->operands[0], *to = &st->x->operands[st->x->op_count - 1];
	value_t mask = operand_get(st, from), v = ANY;
	forget_flags(st);
	if (st->i->id == X86_INS_AND || st->i->id == X86_INS_OR)
		v = other_root(st, operand_get(st, to), mask);
	operand_put(st, to, v);
}

void instruction_lea(struct stepper *st)
{
	const x86_op_mem *mem = &st->x->operands[0].mem;
	value_t v = ANY;
	struct reg_part b = operand_gpr(mem->base);
	if (mem->base == X86_REG_RIP)
		v = value_const((int64_t)(st->next + (uint64_t)mem->disp));
	else if (b.gpr >= 0 && mem->index == X86_REG_INVALID)
		v = value_add(st->s.reg[b.gpr], mem->disp);
	operand_put(st, &st->x->operands[1], v);
}

/* Is the interrupted RIP this constant? Known where the interrupted code is known to be elsewhere. */
static enum zero_flag compare(const struct stepper *st, value_t a, value_t b)
{
	if (value_is(a, V_CONST) && value_is(b, V_CONST))
		return a == b ? ZF_SET : ZF_CLEAR;
	if (value_is(b, V_CONST)) {
		value_t t = a;
		a = b;
		b = t;
	}
	if (b == value_orig(R_RIP) && value_is(a, V_CONST) &&
		image_in_text(st->e->im, (uint64_t)value_number(a)))
		return ZF_CLEAR;
	/* An address or a root is not a small number. */
	if (value_is(a, V_CONST) && value_number(a) == 0 &&
		(value_is(b, V_ROOT) || value_is(b, V_ADDR)))
		return ZF_CLEAR;
	return ZF_UNKNOWN;
}

void instruction_cmp(struct stepper *st)
{
	value_t a = operand_get(st, &st->x->operands[0]), b = operand_get(st, &st->x->operands[1]);
	forget_flags(st);
	st->s.zf = (uint8_t)compare(st, a, b);
}

static uint8_t test_root(const struct model *m, value_t root, value_t mask)
{
	unsigned n = (unsigned)value_payload(root);
	if (!m->root_bits || (uint64_t)value_number(mask) != m->root_bits)
		return ZF_UNKNOWN;
	return n == m->root_with ? ZF_CLEAR : n == m->root_without ? ZF_SET : ZF_UNKNOWN;
}

/* The kernel's has its top bit set; a program's may have, where programs can choose it freely. */
static uint8_t sign_of_base(const struct model *m, value_t base)
{
	if ((value_payload(base) & ~(uint64_t)BASE_UPPER_HALF) == BASE_KERNEL)
		return ZF_SET;
	return m->positive_gs ? ZF_CLEAR : ZF_UNKNOWN;
}

void instruction_test(struct stepper *st)
{
	value_t a = operand_get(st, &st->x->operands[0]), b = operand_get(st, &st->x->operands[1]);
	const struct context *c = &st->e->contexts[st->s.context];
	forget_flags(st);
	if (value_is(a, V_CONST) && value_is(b, V_CONST))
		st->s.zf = value_number(a) & value_number(b) ? ZF_CLEAR : ZF_SET;
	else if (value_is(a, V_CONST) && value_number(a) == 3 && b == value_orig(R_CS))
		st->s.zf = c->from_user ? ZF_CLEAR : ZF_SET;
	else if (value_is(a, V_VERDICT) && a == b)
		st->s.zf = ZF_VERDICT;
	else if (value_is(a, V_CONST) && value_is(b, V_ROOT))
		st->s.zf = test_root(st->e->m, b, a);
	else if (value_is(a, V_BASE) && a == b)
		st->s.sf = sign_of_base(st->e->m, a);
	else if (a == b)
		st->s.zf = (uint8_t)compare(st, a, value_const(0));
}

void instruction_continue(struct stepper *st, uint64_t rip)
{
	if (st->stop)
		return;
	st->s.rip = rip;
	explore_add(st->e, &st->s, st->node, HOW_STEP, 0);
}

/* Both ways, unless the flag is known. */
void instruction_branch(struct stepper *st, bool if_zero)
{
	uint64_t target = (uint64_t)st->x->operands[0].imm;
	uint8_t zf = st->s.zf;
	st->s.zf = ZF_UNKNOWN;
	if (zf != ZF_CLEAR) {
		if (zf == ZF_VERDICT)
			st->s.verdict = 2;
		instruction_continue(st, if_zero ? target : st->next);
	}
	if (zf != ZF_SET) {
		if (zf == ZF_VERDICT)
			st->s.verdict = 1;
		instruction_continue(st, if_zero ? st->next : target);
	}
	st->stop = true;
}

void instruction_branch_sign(struct stepper *st, bool if_set)
{
	uint64_t target = (uint64_t)st->x->operands[0].imm;
	uint8_t sf = st->s.sf;
	st->s.sf = ZF_UNKNOWN;
	if (sf != ZF_CLEAR)
		instruction_continue(st, if_set ? target : st->next);
	if (sf != ZF_SET)
		instruction_continue(st, if_set ? st->next : target);
	st->stop = true;
}

void instruction_unknown_branch(struct stepper *st)
{
	instruction_continue(st, (uint64_t)st->x->operands[0].imm);
	instruction_continue(st, st->next);
	st->stop = true;
}

void instruction_call(struct stepper *st)
{
	const cs_x86_op *op = &st->x->operands[0];
	if (op->type != X86_OP_IMM) {
		BAD(st, "an indirect call");
		return;
	}
	if (!image_in_text(st->e->im, (uint64_t)op->imm)) {
		call_function(st->e, st->node, (uint64_t)op->imm, st->next);
		st->stop = true;
		return;
	}
	instruction_push(st, value_const((int64_t)st->next));
	instruction_continue(st, (uint64_t)op->imm);
	st->stop = true;
}

void instruction_ret(struct stepper *st)
{
	value_t rsp = st->s.reg[R_RSP];
	value_t to = value_is(rsp, V_ADDR)
			     ? state_slot(&st->s, value_region(rsp), value_offset(rsp))
			     : ANY;
	if (to == value_orig(R_RIP)) {
		leave_function(st->e, st->node);
	} else if (value_is(to, V_CONST)) {
		pop_value(st);
		forget_below(st);
		instruction_continue(st, (uint64_t)value_number(to));
	} else {
		BAD(st, "a return to %s", value_text(st->e->m, to));
	}
	st->stop = true;
}

void instruction_swapgs(struct stepper *st)
{
	uint8_t gs = st->s.gs;
	st->s.gs = st->s.igs;
	st->s.igs = gs;
}

void instruction_wrgsbase(struct stepper *st)
{
	value_t v = operand_get(st, &st->x->operands[0]);
	if (!value_is(v, V_BASE) || value_payload(v) & BASE_UPPER_HALF) {
		BAD(st, "the GS base is set to %s", value_text(st->e->m, v));
		return;
	}
	st->s.gs = (uint8_t)value_payload(v);
}

/* The GS base alone; of its halves in EDX and EAX only the upper one, which has the sign, is kept. */
void instruction_rdmsr(struct stepper *st)
{
	if (st->s.reg[R_RCX] != value_const(MSR_GS_BASE)) {
		BAD(st, "RDMSR of a register that is not modelled");
		return;
	}
	st->s.reg[R_RAX] = ANY;
	st->s.reg[R_RDX] = value_make(V_BASE, BASE_UPPER_HALF | st->s.gs);
}

/* REP MOVSQ between stacks, a known number of words. */
void instruction_rep_movs(struct stepper *st)
{
	value_t n = st->s.reg[R_RCX];
	if (!value_is(n, V_CONST) || value_number(n) < 0 || value_number(n) > FRAME_MAX ||
		st->s.df != 0) {
		BAD(st, "a string copy of unknown length or direction");
		return;
	}
	for (int64_t i = 0; i < value_number(n) && !st->stop; i++) {
		struct location from = operand_at(st, st->s.reg[R_RSI], 8 * i, false);
		value_t v = operand_load(st, from);
		struct location to = operand_at(st, st->s.reg[R_RDI], 8 * i, true);
		if (!st->stop)
			operand_store(st, to, v);
	}
	st->s.reg[R_RSI] = value_add(st->s.reg[R_RSI], 8 * value_number(n));
	st->s.reg[R_RDI] = value_add(st->s.reg[R_RDI], 8 * value_number(n));
	st->s.reg[R_RCX] = value_const(0);
}

void instruction_pop(struct stepper *st)
{
	value_t v = pop_value(st);
	if (st->stop)
		return;
	forget_below(st);
	const cs_x86_op *to = &st->x->operands[0];
	if (to->type == X86_OP_REG && to->reg == X86_REG_RSP) {
		state_drop_region(&st->s, value_region(st->s.reg[R_RSP]));
		st->s.reg[R_RSP] = v;
		return;
	}
	operand_put(st, to, v);
}

void instruction_verw(struct stepper *st)
{
	if (st->x->operands[0].type == X86_OP_MEM)
		operand_locate(st, &st->x->operands[0].mem, false);
	forget_flags(st);
}

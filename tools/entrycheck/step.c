/*
 * One instruction of the checked code: how it changes the state, and what it must not do.
 *
 * An instruction that is not modelled is a violation: the check never guesses.
 */
#include "operand.h"

#include <stdio.h>
#include <string.h>

/* -- instructions -- */

static void push_value(struct stepper *st, value_t v)
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

static void do_mov(struct stepper *st)
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

static void do_arithmetic(struct stepper *st, int sign)
{
	const cs_x86_op *from = &st->x->operands[0], *to = &st->x->operands[1];
	value_t n = operand_get(st, from), v = operand_get(st, to);
	st->s.zf = ZF_UNKNOWN;
	operand_put(st, to, value_is(n, V_CONST) ? value_add(v, sign * value_number(n)) : ANY);
	if (to->type == X86_OP_REG && to->reg == X86_REG_RSP)
		forget_below(st);
}

static void do_xor(struct stepper *st)
{
	const cs_x86_op *a = &st->x->operands[0], *b = &st->x->operands[1];
	bool zero = a->type == X86_OP_REG && b->type == X86_OP_REG && a->reg == b->reg;
	st->s.zf = zero ? ZF_SET : ZF_UNKNOWN;
	operand_put(st, b, zero ? value_const(0) : ANY);
}

static void do_other_arithmetic(struct stepper *st)
{
	st->s.zf = ZF_UNKNOWN;
	operand_get(st, &st->x->operands[0]);
	operand_put(st, &st->x->operands[st->x->op_count - 1], ANY);
}

static void do_lea(struct stepper *st)
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

static void do_cmp(struct stepper *st)
{
	value_t a = operand_get(st, &st->x->operands[0]), b = operand_get(st, &st->x->operands[1]);
	st->s.zf = (uint8_t)compare(st, a, b);
}

static void do_test(struct stepper *st)
{
	value_t a = operand_get(st, &st->x->operands[0]), b = operand_get(st, &st->x->operands[1]);
	const struct context *c = &st->e->contexts[st->s.context];
	st->s.zf = ZF_UNKNOWN;
	if (value_is(a, V_CONST) && value_is(b, V_CONST))
		st->s.zf = value_number(a) & value_number(b) ? ZF_CLEAR : ZF_SET;
	else if (value_is(a, V_CONST) && value_number(a) == 3 && b == value_orig(R_CS))
		st->s.zf = c->from_user ? ZF_CLEAR : ZF_SET;
	else if (value_is(a, V_VERDICT) && a == b)
		st->s.zf = ZF_VERDICT;
	else if (a == b)
		st->s.zf = (uint8_t)compare(st, a, value_const(0));
}

static void successor(struct stepper *st, uint64_t rip)
{
	if (st->stop)
		return;
	st->s.rip = rip;
	explore_add(st->e, &st->s, st->node, HOW_STEP, 0);
}

/* Both ways, unless the flag is known. */
static void do_branch(struct stepper *st, bool if_zero)
{
	uint64_t target = (uint64_t)st->x->operands[0].imm;
	uint8_t zf = st->s.zf;
	st->s.zf = ZF_UNKNOWN;
	if (zf != ZF_CLEAR) {
		if (zf == ZF_VERDICT)
			st->s.verdict = 2;
		successor(st, if_zero ? target : st->next);
	}
	if (zf != ZF_SET) {
		if (zf == ZF_VERDICT)
			st->s.verdict = 1;
		successor(st, if_zero ? st->next : target);
	}
	st->stop = true;
}

static void do_unknown_branch(struct stepper *st)
{
	successor(st, (uint64_t)st->x->operands[0].imm);
	successor(st, st->next);
	st->stop = true;
}

static void do_call(struct stepper *st)
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
	push_value(st, value_const((int64_t)st->next));
	successor(st, (uint64_t)op->imm);
	st->stop = true;
}

static void do_ret(struct stepper *st)
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
		successor(st, (uint64_t)value_number(to));
	} else {
		BAD(st, "a return to %s", value_text(st->e->m, to));
	}
	st->stop = true;
}

static void do_swapgs(struct stepper *st)
{
	uint8_t gs = st->s.gs;
	st->s.gs = st->s.igs;
	st->s.igs = gs;
}

static void do_wrgsbase(struct stepper *st)
{
	value_t v = operand_get(st, &st->x->operands[0]);
	if (!value_is(v, V_BASE)) {
		BAD(st, "the GS base is set to %s", value_text(st->e->m, v));
		return;
	}
	st->s.gs = (uint8_t)value_payload(v);
}

/* REP MOVSQ between stacks, a known number of words. */
static void do_rep_movs(struct stepper *st)
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

static void do_pop(struct stepper *st)
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

static void do_verw(struct stepper *st)
{
	if (st->x->operands[0].type == X86_OP_MEM)
		operand_locate(st, &st->x->operands[0].mem, false);
	st->s.zf = ZF_UNKNOWN;
}

static void execute(struct stepper *st)
{
	switch (st->i->id) {
	case X86_INS_NOP:
	case X86_INS_ENDBR64:
	case X86_INS_LFENCE:
	case X86_INS_MFENCE:
	case X86_INS_SFENCE:
	case X86_INS_PAUSE:
	case X86_INS_OUT:
		break;
	case X86_INS_CLAC:
		st->s.ac = 0;
		break;
	case X86_INS_STAC:
		st->s.ac = 1;
		break;
	case X86_INS_CLD:
		st->s.df = 0;
		break;
	case X86_INS_STD:
		st->s.df = 1;
		break;
	case X86_INS_CLI:
		st->s.iflag = 0;
		break;
	case X86_INS_STI:
		st->s.iflag = 1;
		break;
	case X86_INS_SWAPGS:
		do_swapgs(st);
		break;
	case X86_INS_RDGSBASE:
		operand_put(st, &st->x->operands[0], value_make(V_BASE, st->s.gs));
		break;
	case X86_INS_WRGSBASE:
		do_wrgsbase(st);
		break;
	case X86_INS_MOV:
	case X86_INS_MOVABS:
		do_mov(st);
		break;
	case X86_INS_PUSH:
		push_value(st, operand_get(st, &st->x->operands[0]));
		break;
	case X86_INS_POP:
		do_pop(st);
		break;
	case X86_INS_ADD:
		do_arithmetic(st, 1);
		break;
	case X86_INS_SUB:
		do_arithmetic(st, -1);
		break;
	case X86_INS_XOR:
		do_xor(st);
		break;
	case X86_INS_AND:
	case X86_INS_OR:
	case X86_INS_SHL:
	case X86_INS_SHR:
	case X86_INS_INC:
	case X86_INS_DEC:
	case X86_INS_MOVZX:
		do_other_arithmetic(st);
		break;
	case X86_INS_LEA:
		do_lea(st);
		break;
	case X86_INS_CMP:
		do_cmp(st);
		break;
	case X86_INS_TEST:
		do_test(st);
		break;
	case X86_INS_JE:
		do_branch(st, true);
		break;
	case X86_INS_JNE:
		do_branch(st, false);
		break;
	case X86_INS_JS:
	case X86_INS_JNS:
	case X86_INS_JB:
	case X86_INS_JAE:
	case X86_INS_JA:
	case X86_INS_JBE:
		do_unknown_branch(st);
		break;
	case X86_INS_JMP:
		if (st->x->operands[0].type != X86_OP_IMM)
			BAD(st, "an indirect jump");
		successor(st, (uint64_t)st->x->operands[0].imm);
		st->stop = true;
		break;
	case X86_INS_CALL:
		do_call(st);
		break;
	case X86_INS_RET:
		do_ret(st);
		break;
	case X86_INS_MOVSQ:
		do_rep_movs(st);
		break;
	case X86_INS_VERW:
		do_verw(st);
		break;
	case X86_INS_IRETQ:
		leave_iret(st->e, st->node);
		st->stop = true;
		break;
	case X86_INS_SYSRET:
		leave_sysret(st->e, st->node);
		st->stop = true;
		break;
	case X86_INS_INT3:
		BAD(st, "runs into the INT3 behind a jump");
		break;
	default:
		BAD(st, "not modelled: %s %s", st->i->mnemonic, st->i->op_str);
		break;
	}
}

void step(struct explorer *e, int node)
{
	static struct stepper st;
	const struct state *s = e->nodes[node].state;
	st.e = e;
	st.node = node;
	st.stop = false;
	memset(&st.s, 0, sizeof(st.s));
	memcpy(&st.s, s, state_size(s));
	st.i = image_instruction(e->im, s->rip);
	if (!st.i) {
		explore_violation(e, node, "not an instruction");
		return;
	}
	st.x = &st.i->detail->x86;
	st.next = s->rip + st.i->size;
	if (!(e->m->text_roots & 1U << s->cr3)) {
		explore_violation(
			e, node, "this code is not mapped in root %s", e->m->roots[s->cr3].name);
		return;
	}
	execute(&st);
	successor(&st, st.next);
}

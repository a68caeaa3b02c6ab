/*
 * Only what compilers make of frame_sanitize() and of what surrounds it is told exactly; anything else that is written becomes
 * unknown.
 */
#include "frameinsn.h"

#include "operand.h"

static int fr_of(x86_reg r, int *bytes)
{
	/* enum reg of value.h has the CPU's order. */
	struct reg_part part = operand_gpr(r);
	*bytes = part.size;
	return part.gpr < FR_COUNT ? part.gpr : -1;
}

/* What a memory operand's address is. */
static struct fv address_of(const struct fs *s, const x86_op_mem *m)
{
	int bytes;
	int base = m->base == X86_REG_INVALID ? -1 : fr_of(m->base, &bytes);
	if (base < 0 || m->index != X86_REG_INVALID || m->segment != X86_REG_INVALID)
		return fv_any();
	return fv_add(s->reg[base], fv_const((uint64_t)m->disp), false);
}

static struct fv get(struct fs *s, const cs_x86_op *op)
{
	int bytes, r;
	switch (op->type) {
	case X86_OP_IMM:
		return fv_const((uint64_t)op->imm);
	case X86_OP_REG:
		r = fr_of(op->reg, &bytes);
		return r < 0 ? fv_any() : fv_narrow(s->reg[r], (unsigned)bytes);
	default:
		return fs_load(s, address_of(s, &op->mem), op->size);
	}
}

static void put(struct fs *s, const cs_x86_op *op, struct fv value)
{
	int bytes, r;
	if (op->type == X86_OP_MEM) {
		fs_store(s, address_of(s, &op->mem), op->size, value);
		return;
	}
	r = op->type == X86_OP_REG ? fr_of(op->reg, &bytes) : -1;
	if (r < 0)
		return;
	s->reg[r] = fv_narrow(value, (unsigned)bytes);
	if (s->compared.reg == r)
		s->compared.known = false;
}

/* -- comparisons -- */

/* AT&T order: the second operand is the first of the comparison. */
static void compare(struct fs *s, const cs_x86_op *b, const cs_x86_op *a)
{
	struct fv x = get(s, a), y = get(s, b);
	bool constant_first = fv_is_const(x);
	const cs_x86_op *other = constant_first ? b : a;
	int bytes, word = -1, r = -1;
	s->compared = (struct comparison){.reg = -1, .constant_first = constant_first};
	if (a->size != 8 || constant_first == fv_is_const(y))
		return;
	s->compared.constant = constant_first ? x.must : y.must;
	if (other->type == X86_OP_REG)
		r = fr_of(other->reg, &bytes);
	else if (other->type == X86_OP_MEM) {
		struct fv at = address_of(s, &other->mem);
		word = at.kind == FV_FRAME ? fs_word_at(at.offset) : -1;
	}
	s->compared.reg = r;
	s->compared.word = word >= 0 ? (enum frame_word)word : FW_WORDS;
	s->compared.known = r >= 0 || word >= 0;
}

/* The largest value that the other one can have if the condition holds; ~0 if that says nothing. */
static uint64_t bound(const struct comparison *c, unsigned condition, bool holds)
{
	/* "first >= second" and "first > second", unsigned. */
	bool ge = condition == X86_INS_JAE || condition == X86_INS_CMOVAE;
	bool gt = condition == X86_INS_JA || condition == X86_INS_CMOVA;
	bool lt = condition == X86_INS_JB || condition == X86_INS_CMOVB;
	bool le = condition == X86_INS_JBE || condition == X86_INS_CMOVBE;
	if (!holds) {
		bool t = ge;
		ge = lt;
		lt = t;
		t = gt;
		gt = le;
		le = t;
	}
	if (c->constant_first ? ge : le)
		return c->constant;
	if ((c->constant_first ? gt : lt) && c->constant > 0)
		return c->constant - 1;
	return ~0UL;
}

void fs_refine(struct fs *s, unsigned condition, bool taken)
{
	const struct comparison *c = &s->compared;
	if (!c->known)
		return;
	uint64_t max = bound(c, condition, taken);
	if (c->reg >= 0)
		s->reg[c->reg] = fv_limit(s->reg[c->reg], max);
	else
		s->word[c->word] = fv_limit(s->word[c->word], max);
}

/* Both sources, each as what the condition says of it. */
static void conditional_move(struct fs *s, const cs_insn *i)
{
	const cs_x86_op *op = i->detail->x86.operands;
	struct comparison compared = s->compared;
	struct fs yes = *s, no = *s;
	fs_refine(&yes, i->id, true);
	fs_refine(&no, i->id, false);
	put(s, &op[1], fv_join(get(&yes, &op[0]), get(&no, &op[1])));
	if (compared.reg < 0 || s->compared.known)
		s->compared = compared;
}

/* -- instructions -- */

static void push(struct fs *s, struct fv value)
{
	s->reg[FR_SP] = fv_add(s->reg[FR_SP], fv_const(8), true);
	fs_store(s, s->reg[FR_SP], 8, value);
}

static struct fv pop(struct fs *s)
{
	struct fv value = fs_load(s, s->reg[FR_SP], 8);
	s->reg[FR_SP] = fv_add(s->reg[FR_SP], fv_const(8), false);
	return value;
}

/* REP MOVS and STOS: how much is written is in RCX. */
static void string(struct fs *s, unsigned bytes)
{
	struct fv count = s->reg[FR_C], to = s->reg[FR_DI];
	fs_forget(s, to, fv_is_const(count) ? (int64_t)(count.must * bytes) : INT32_MAX);
	s->reg[FR_DI] = s->reg[FR_SI] = fv_any();
	s->reg[FR_C] = fv_const(0);
}

/* Everything that the instruction writes is unknown afterwards. */
static void unknown(struct fs *s, const cs_insn *i)
{
	const cs_x86 *x = &i->detail->x86;
	for (unsigned k = 0; k < x->op_count; k++)
		if (x->operands[k].access & CS_AC_WRITE)
			put(s, &x->operands[k], fv_any());
	for (unsigned k = 0; k < i->detail->regs_write_count; k++) {
		int bytes, r = fr_of((x86_reg)i->detail->regs_write[k], &bytes);
		if (r >= 0 && r != FR_SP)
			s->reg[r] = fv_any();
	}
}

static bool changes_flags(const cs_insn *i)
{
	switch (i->id) {
	case X86_INS_MOV:
	case X86_INS_MOVABS:
	case X86_INS_LEA:
	case X86_INS_PUSH:
	case X86_INS_POP:
	case X86_INS_NOP:
	case X86_INS_MOVZX:
	case X86_INS_MOVSX:
	case X86_INS_MOVSXD:
		return false;
	default:
		return true;
	}
}

static bool is_conditional_move(const cs_insn *i)
{
	return i->id == X86_INS_CMOVAE || i->id == X86_INS_CMOVA || i->id == X86_INS_CMOVB ||
	       i->id == X86_INS_CMOVBE;
}

static void arithmetic(struct fs *s, const cs_insn *i)
{
	const cs_x86_op *op = i->detail->x86.operands;
	struct fv a = get(s, &op[1]), b = get(s, &op[0]);
	bool same = op[0].type == X86_OP_REG && op[1].type == X86_OP_REG && op[0].reg == op[1].reg;
	switch (i->id) {
	case X86_INS_ADD:
		put(s, &op[1], fv_add(a, b, false));
		break;
	case X86_INS_SUB:
		put(s, &op[1], fv_add(a, b, true));
		break;
	case X86_INS_AND:
		put(s, &op[1], fv_and(a, b));
		break;
	case X86_INS_OR:
		put(s, &op[1], fv_or(a, b));
		break;
	default:
		put(s, &op[1], same ? fv_const(0) : fv_any());
		break;
	}
}

void fs_execute(struct fs *s, const cs_insn *i)
{
	const cs_x86_op *op = i->detail->x86.operands;
	if (is_conditional_move(i)) {
		conditional_move(s, i);
		return;
	}
	if (changes_flags(i))
		s->compared.known = false;
	switch (i->id) {
	case X86_INS_MOV:
	case X86_INS_MOVABS:
		put(s, &op[1], get(s, &op[0]));
		break;
	case X86_INS_LEA:
		put(s, &op[1], address_of(s, &op[0].mem));
		break;
	case X86_INS_ADD:
	case X86_INS_SUB:
	case X86_INS_AND:
	case X86_INS_OR:
	case X86_INS_XOR:
		arithmetic(s, i);
		break;
	case X86_INS_PUSH:
		push(s, get(s, &op[0]));
		break;
	case X86_INS_POP:
		put(s, &op[0], pop(s));
		break;
	case X86_INS_PUSHFQ:
		push(s, fv_any());
		break;
	case X86_INS_CMP:
		compare(s, &op[0], &op[1]);
		break;
	case X86_INS_TEST:
	case X86_INS_NOP:
		break;
	case X86_INS_STOSQ:
	case X86_INS_MOVSQ:
		string(s, 8);
		break;
	case X86_INS_STOSB:
	case X86_INS_MOVSB:
		string(s, 1);
		break;
	default:
		unknown(s, i);
		break;
	}
}

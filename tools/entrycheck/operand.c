#include "operand.h"

struct reg_part operand_gpr(x86_reg r)
{
	static const struct {
		x86_reg r64, r32, r16, r8;
	} regs[GPR_COUNT] = {
		{X86_REG_RAX, X86_REG_EAX, X86_REG_AX, X86_REG_AL},
		{X86_REG_RCX, X86_REG_ECX, X86_REG_CX, X86_REG_CL},
		{X86_REG_RDX, X86_REG_EDX, X86_REG_DX, X86_REG_DL},
		{X86_REG_RBX, X86_REG_EBX, X86_REG_BX, X86_REG_BL},
		{X86_REG_RSP, X86_REG_ESP, X86_REG_SP, X86_REG_SPL},
		{X86_REG_RBP, X86_REG_EBP, X86_REG_BP, X86_REG_BPL},
		{X86_REG_RSI, X86_REG_ESI, X86_REG_SI, X86_REG_SIL},
		{X86_REG_RDI, X86_REG_EDI, X86_REG_DI, X86_REG_DIL},
		{X86_REG_R8, X86_REG_R8D, X86_REG_R8W, X86_REG_R8B},
		{X86_REG_R9, X86_REG_R9D, X86_REG_R9W, X86_REG_R9B},
		{X86_REG_R10, X86_REG_R10D, X86_REG_R10W, X86_REG_R10B},
		{X86_REG_R11, X86_REG_R11D, X86_REG_R11W, X86_REG_R11B},
		{X86_REG_R12, X86_REG_R12D, X86_REG_R12W, X86_REG_R12B},
		{X86_REG_R13, X86_REG_R13D, X86_REG_R13W, X86_REG_R13B},
		{X86_REG_R14, X86_REG_R14D, X86_REG_R14W, X86_REG_R14B},
		{X86_REG_R15, X86_REG_R15D, X86_REG_R15W, X86_REG_R15B},
	};
	for (int i = 0; i < GPR_COUNT; i++) {
		if (r == regs[i].r64)
			return (struct reg_part){i, 8};
		if (r == regs[i].r32)
			return (struct reg_part){i, 4};
		if (r == regs[i].r16)
			return (struct reg_part){i, 2};
		if (r == regs[i].r8)
			return (struct reg_part){i, 1};
	}
	return (struct reg_part){-1, 0};
}

static void set_reg(struct stepper *st, struct reg_part p, value_t v)
{
	/* A 32-bit write clears the upper half: only small constants survive it. */
	if (p.size == 4 &&
		!(value_is(v, V_CONST) && value_number(v) >= 0 && value_number(v) <= 0xffffffff) &&
		!value_is(v, V_VERDICT))
		v = ANY;
	if (p.size < 4)
		v = ANY;
	st->s.reg[p.gpr] = v;
}

/* -- memory -- */

static int word_at(const struct model *m, int64_t offset)
{
	for (unsigned i = 0; i < m->word_count; i++)
		if (m->words[i].offset == offset)
			return (int)i;
	return -1;
}

static struct location gs_location(struct stepper *st, const x86_op_mem *mem)
{
	struct location l = {PLACE_BAD};
	const struct model *m = st->e->m;
	if (st->s.gs != BASE_KERNEL && !m->same_gs) {
		BAD(st, "memory is reached through GS while the base is the program's");
		return l;
	}
	l.word = word_at(m, mem->disp);
	if (mem->base != X86_REG_INVALID || mem->index != X86_REG_INVALID || l.word < 0) {
		BAD(st, "a per-CPU word that is not described: %%gs:%#lx",
			(unsigned long)mem->disp);
		return l;
	}
	if (!explore_mapped(
		    st->e, st->node, (unsigned)m->words_region, "a per-CPU word is reached")) {
		st->stop = true;
		return l;
	}
	l.place = PLACE_WORD;
	return l;
}

static struct location absolute_location(struct stepper *st, uint64_t address)
{
	struct location l = {PLACE_BAD};
	const struct model *m = st->e->m;
	bool text = image_in_text(st->e->im, address);
	uint32_t roots = text ? m->text_roots : m->data_roots;
	if (!(roots & 1U << st->s.cr3)) {
		BAD(st, "%s is reached, which root %s does not map",
			image_where(st->e->im, address), m->roots[st->s.cr3].name);
		return l;
	}
	l.place = text ? PLACE_TEXT : PLACE_DATA;
	return l;
}

struct location operand_at(struct stepper *st, value_t base, int64_t disp, bool write)
{
	struct location l = {PLACE_BAD};
	if (value_is(base, V_CONST))
		return absolute_location(st, (uint64_t)(value_number(base) + disp));
	if (!value_is(base, V_ADDR)) {
		BAD(st, "memory is %s through a pointer that holds %s", write ? "written" : "read",
			value_text(st->e->m, base));
		return l;
	}
	l.region = value_region(base);
	l.offset = value_offset(base) + (int32_t)disp;
	if (!explore_mapped(st->e, st->node, l.region, "a stack is reached")) {
		st->stop = true;
		return l;
	}
	l.place = PLACE_STACK;
	return l;
}

struct location operand_locate(struct stepper *st, const x86_op_mem *mem, bool write)
{
	if (mem->segment == X86_REG_GS)
		return gs_location(st, mem);
	if (mem->base == X86_REG_RIP)
		return absolute_location(st, st->next + (uint64_t)mem->disp);
	if (mem->base == X86_REG_INVALID && mem->index == X86_REG_INVALID)
		return absolute_location(st, (uint64_t)mem->disp);
	struct reg_part b = operand_gpr(mem->base);
	if (b.gpr < 0 || mem->index != X86_REG_INVALID) {
		BAD(st, "an address that is not modelled");
		return (struct location){PLACE_BAD};
	}
	return operand_at(st, st->s.reg[b.gpr], mem->disp, write);
}

value_t operand_load(struct stepper *st, struct location l)
{
	if (l.place == PLACE_STACK)
		return state_slot(&st->s, l.region, l.offset);
	return l.place == PLACE_WORD ? st->s.word[l.word] : ANY;
}

void operand_store(struct stepper *st, struct location l, value_t v)
{
	const struct region *r;
	switch (l.place) {
	case PLACE_STACK:
		r = &st->e->m->regions[l.region];
		if (r->size && -l.offset > r->size)
			BAD(st, "stack %s overflows: %d bytes", r->name, -l.offset);
		else if (!state_set_slot(&st->s, l.region, l.offset, v))
			BAD(st, "more stack slots in use than the check can hold");
		break;
	case PLACE_WORD:
		st->s.word[l.word] = v;
		break;
	case PLACE_TEXT:
		BAD(st, "code is written");
		break;
	default:
		break;
	}
}

/* -- operands -- */

value_t operand_get(struct stepper *st, const cs_x86_op *op)
{
	if (op->type == X86_OP_IMM)
		return value_const(op->imm);
	if (op->type == X86_OP_MEM)
		return operand_load(st, operand_locate(st, &op->mem, false));
	struct reg_part p = operand_gpr(op->reg);
	if (p.gpr < 0 || p.size < 4)
		return ANY;
	return st->s.reg[p.gpr];
}

void operand_put(struct stepper *st, const cs_x86_op *op, value_t v)
{
	if (op->type == X86_OP_MEM) {
		operand_store(st, operand_locate(st, &op->mem, true), op->size == 8 ? v : ANY);
		return;
	}
	struct reg_part p = operand_gpr(op->reg);
	if (p.gpr >= 0)
		set_reg(st, p, v);
}

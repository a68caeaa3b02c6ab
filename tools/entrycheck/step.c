/*
 * One instruction of the checked code: which it is.
 *
 * An instruction that is not modelled is a violation: the check never guesses.
 */
#include "instruction.h"

#include <string.h>

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
		instruction_swapgs(st);
		break;
	case X86_INS_RDGSBASE:
		operand_put(st, &st->x->operands[0], value_make(V_BASE, st->s.gs));
		break;
	case X86_INS_WRGSBASE:
		instruction_wrgsbase(st);
		break;
	case X86_INS_MOV:
	case X86_INS_MOVABS:
		instruction_mov(st);
		break;
	case X86_INS_PUSH:
		instruction_push(st, operand_get(st, &st->x->operands[0]));
		break;
	case X86_INS_POP:
		instruction_pop(st);
		break;
	case X86_INS_ADD:
		instruction_arithmetic(st, 1);
		break;
	case X86_INS_SUB:
		instruction_arithmetic(st, -1);
		break;
	case X86_INS_XOR:
		instruction_xor(st);
		break;
	case X86_INS_AND:
	case X86_INS_OR:
	case X86_INS_SHL:
	case X86_INS_SHR:
	case X86_INS_INC:
	case X86_INS_DEC:
	case X86_INS_MOVZX:
		instruction_other_arithmetic(st);
		break;
	case X86_INS_LEA:
		instruction_lea(st);
		break;
	case X86_INS_CMP:
		instruction_cmp(st);
		break;
	case X86_INS_TEST:
		instruction_test(st);
		break;
	case X86_INS_JE:
		instruction_branch(st, true);
		break;
	case X86_INS_JNE:
		instruction_branch(st, false);
		break;
	case X86_INS_JS:
		instruction_branch_sign(st, true);
		break;
	case X86_INS_JNS:
		instruction_branch_sign(st, false);
		break;
	case X86_INS_RDMSR:
		instruction_rdmsr(st);
		break;
	case X86_INS_JB:
	case X86_INS_JAE:
	case X86_INS_JA:
	case X86_INS_JBE:
		instruction_unknown_branch(st);
		break;
	case X86_INS_JMP:
		if (st->x->operands[0].type != X86_OP_IMM)
			BAD(st, "an indirect jump");
		instruction_continue(st, (uint64_t)st->x->operands[0].imm);
		st->stop = true;
		break;
	case X86_INS_CALL:
		instruction_call(st);
		break;
	case X86_INS_RET:
		instruction_ret(st);
		break;
	case X86_INS_MOVSQ:
		instruction_rep_movs(st);
		break;
	case X86_INS_VERW:
		instruction_verw(st);
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
	instruction_continue(&st, st.next);
}

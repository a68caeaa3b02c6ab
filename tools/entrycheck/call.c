/*
 * A call of a C function: its contract's requirements are checked, what may arrive meanwhile is put on the list, and the
 * state goes on as the contract promises. That the compiled function keeps the promise is cfunction.c's business.
 */
#include "explore.h"

#include <string.h>

static bool stack_as_required(const struct model *m, const struct contract *c, value_t rsp)
{
	if (!value_is(rsp, V_ADDR))
		return false;
	const struct region *r = &m->regions[value_region(rsp)];
	if (c->rsp_ist)
		return r->is_ist;
	if (c->rsp_kernel)
		return r->is_stack && !r->is_ist;
	return c->rsp_region < 0 || (unsigned)c->rsp_region == value_region(rsp);
}

static void check_requirements(struct explorer *e, int node, const struct contract *c)
{
	const struct state *s = e->nodes[node].state;
	const struct model *m = e->m;
	if (c->gs >= 0 && s->gs != c->gs && !m->same_gs)
		explore_violation(e, node, "%s is called with the program's GS base", c->name);
	if (c->cr3_kernel == 1 && !m->roots[s->cr3].kernel)
		explore_violation(
			e, node, "%s is called in root %s", c->name, m->roots[s->cr3].name);
	if (c->iflag >= 0 && s->iflag != c->iflag)
		explore_violation(e, node, "%s is called with IF=%d", c->name, s->iflag);
	if (c->df >= 0 && s->df != c->df)
		explore_violation(e, node, "%s is called with DF not cleared", c->name);
	if (c->ac >= 0 && s->ac != c->ac)
		explore_violation(e, node, "%s is called with AC not cleared", c->name);
	if (!stack_as_required(m, c, s->reg[R_RSP]))
		explore_violation(e, node, "%s is called on the wrong stack: %s", c->name,
			value_text(m, s->reg[R_RSP]));
	else if (value_offset(s->reg[R_RSP]) % (int32_t)m->alignment)
		explore_violation(e, node, "%s is called with a misaligned stack", c->name);
	for (unsigned r = 0; m->zero_registers && r < GPR_COUNT; r++)
		if (value_is(s->reg[r], V_ORIG))
			explore_violation(e, node, "%s is called with %s still in %s", c->name,
				value_text(m, s->reg[r]), reg_names[r]);
	for (unsigned r = 0; r < m->region_count; r++)
		if (c->touches & 1U << r)
			explore_mapped(e, node, r, c->name);
}

static bool may_go_to_thread(
	const struct explorer *e, const struct state *s, const struct contract *c)
{
	const struct context *x = &e->contexts[s->context];
	unsigned v = x->door->vector;
	return x->from_user && x->door->kind == DOOR_VECTOR && c->to_thread[v / 8] & 1U << (v & 7);
}

static value_t result(const struct explorer *e, const struct state *s, const struct contract *c)
{
	if (c->result_sysret)
		return value_make(V_VERDICT, 0);
	if (c->result_to_thread)
		return may_go_to_thread(e, s, c) ? value_make(V_VERDICT, 0) : value_const(0);
	return ANY;
}

/* The words that the function may write take each of their values. */
static void with_words(
	struct explorer *e, int node, struct state *s, const struct contract *c, unsigned word)
{
	while (word < e->m->word_count && !(c->writes & 1U << word))
		word++;
	if (word >= e->m->word_count) {
		explore_add(e, s, node, HOW_CALL, 0);
		return;
	}
	const struct word *w = &e->m->words[word];
	for (unsigned i = c->stores >> word & 1; i < w->value_count; i++) {
		s->word[word] = w->values[i];
		with_words(e, node, s, c, word + 1);
	}
}

/* Everything but the current stack may be used by others meanwhile. */
static void forget_other_stacks(const struct explorer *e, struct state *s)
{
	unsigned current = value_region(s->reg[R_RSP]);
	for (unsigned r = 0; r < e->m->region_count; r++)
		if (r != current && e->m->regions[r].is_stack && !e->m->regions[r].is_ist)
			state_drop_region(s, r);
}

/* A handler that has moved to another stack no longer needs its frame on the IST stack. */
static void leave_ist(const struct explorer *e, struct state *s)
{
	const struct door *d = e->contexts[s->context].door;
	if (!d->ist || value_region(s->reg[R_RSP]) == (unsigned)d->region)
		return;
	s->live &= ~(1U << d->region);
	state_drop_region(s, (unsigned)d->region);
}

void call_function(struct explorer *e, int node, uint64_t target, uint64_t next)
{
	static const enum reg clobbered[] = {
		R_RAX, R_RCX, R_RDX, R_RSI, R_RDI, R_R8, R_R9, R_R10, R_R11};
	static struct state s;
	const struct contract *c = model_contract(e->m, target);
	if (!c) {
		explore_violation(
			e, node, "a call of %s, which has no contract", image_where(e->im, target));
		return;
	}
	check_requirements(e, node, c);
	/* First of all: it may come here again, and s is one for all. */
	if (value_is(e->nodes[node].state->reg[R_RSP], V_ADDR))
		event_during_call(e, node, c);
	memset(&s, 0, sizeof(s));
	memcpy(&s, e->nodes[node].state, state_size(e->nodes[node].state));
	if (!value_is(s.reg[R_RSP], V_ADDR))
		return;
	uint32_t own = 1U << value_region(s.reg[R_RSP]);
	if (c->noreturn || (c->never & own) || (s.live & c->dies_live & ~own))
		return;
	s.changed |= c->frame;
	leave_ist(e, &s);
	for (unsigned i = 0; i < sizeof(clobbered) / sizeof(clobbered[0]); i++)
		s.reg[clobbered[i]] = ANY;
	s.reg[R_RAX] = result(e, &s, c);
	state_drop_below(&s, value_region(s.reg[R_RSP]), value_offset(s.reg[R_RSP]));
	if (c->irq || c->switches)
		forget_other_stacks(e, &s);
	if (c->out_iflag >= 0)
		s.iflag = (uint8_t)c->out_iflag;
	s.zf = s.sf = ZF_UNKNOWN;
	s.rip = next;
	with_words(e, node, &s, c, 0);
}

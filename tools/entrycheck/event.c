/*
 * What can arrive, where, and how the CPU delivers it.
 *
 * A delivery starts a context for its class the first time, and nothing more: the interrupted state goes on as if it had come
 * back unchanged, which leave.c checks for every context when it returns.
 */
#include <stdio.h>
#include <string.h>

#include "context.h"
#include "plain.h"

#define VECTOR_DB 1
#define VECTOR_NMI 2
#define VECTOR_SS 12
#define VECTOR_GP 13
#define VECTOR_PF 14
#define VECTOR_MC 18

static const struct door *door_of_vector(const struct model *m, unsigned vector)
{
	for (unsigned i = 0; i < m->door_count; i++)
		if (m->doors[i].kind == DOOR_VECTOR && m->doors[i].vector == vector)
			return &m->doors[i];
	return NULL;
}

/* The stack that a delivery in ring 0 would use: false, with a violation, if it can't be. */
static bool stack_is_good(struct explorer *e, int node, const struct door *d, bool in_c)
{
	const struct state *s = e->nodes[node].state;
	char what[80];
	snprintf(what, sizeof(what), "vector %u arrives and the CPU can't push its frame",
		d->vector);
	if (d->ist) {
		if (s->live & 1U << d->region) {
			explore_violation(e, node,
				"vector %u arrives and overwrites the live frame on stack %s",
				d->vector, e->m->regions[d->region].name);
			return false;
		}
		return explore_mapped(e, node, (unsigned)d->region, what);
	}
	if (in_c)
		return true;
	if (!value_is(s->reg[R_RSP], V_ADDR)) {
		explore_violation(
			e, node, "vector %u arrives in ring 0 on the program's stack", d->vector);
		return false;
	}
	return explore_mapped(e, node, value_region(s->reg[R_RSP]), what);
}

static void deliver(struct explorer *e, int node, unsigned vector, bool in_c, uint8_t iflag)
{
	const struct door *d = door_of_vector(e->m, vector);
	if (!d || d->soft)
		return;
	e->events++;
	const struct state *s = e->nodes[node].state;
	if (!(e->m->text_roots & 1U << s->cr3)) {
		explore_violation(e, node,
			"vector %u arrives and its code is not mapped in root %s", vector,
			e->m->roots[s->cr3].name);
		return;
	}
	if (!stack_is_good(e, node, d, in_c))
		return;
	struct context c = {.door = d,
		.gs = s->gs,
		.igs = s->igs,
		.cr3 = s->cr3,
		.iflag = iflag,
		.df = s->df,
		.ac = s->ac,
		.latch = s->latch,
		.live = s->live,
		.parent = node};
	/* Only an ordinary door can tell by RIP; the paranoid ones don't look. */
	if (!in_c && !d->ist)
		c.rip = s->rip;
	for (unsigned w = 0; w < e->m->word_count; w++) {
		enum value_kind k = value_kind(s->word[w]);
		c.word[w] = k == V_ORIG || k == V_ANY ? value_make(V_WORD, w) : s->word[w];
	}
	if (e->plain) {
		plain_arrival(e, node, &c, in_c);
		return;
	}
	int number = context_add(e, &c);
	if (number < 0)
		return;
	struct state first = context_first_state(e->m, &c, (unsigned)number);
	context_enter_vector(&first, &c);
	explore_add(e, &first, node, HOW_EVENT, vector);
}

static void deliver_interrupts(struct explorer *e, int node, bool in_c)
{
	unsigned last = e->plain ? e->m->irq_vector_first : 255;
	for (unsigned v = e->m->irq_vector_first; v <= last; v++)
		deliver(e, node, v, in_c, 1);
}

/* Those that ask nobody. #MC inside #MC resets the machine, so it is not an event. */
static void deliver_unmaskable(struct explorer *e, int node, bool in_c, uint8_t iflag)
{
	const struct state *s = e->nodes[node].state;
	const struct door *mc = door_of_vector(e->m, VECTOR_MC);
	if (!s->latch)
		deliver(e, node, VECTOR_NMI, in_c, iflag);
	if (mc && !(mc->ist && s->live & 1U << mc->region))
		deliver(e, node, VECTOR_MC, in_c, iflag);
}

/* MOV SS in ring 3 holds a #DB back over the next instruction; if that is one which enters the kernel, it arrives at the first
 * instruction of the door. The kernel has no breakpoints of its own. */
static bool debug_can_arrive(const struct explorer *e, int node)
{
	const struct node *n = &e->nodes[node];
	const struct context *c = &e->contexts[n->state->context];
	return n->how == HOW_START && c->from_user && !c->door->ist && c->door->kind != DOOR_RESUME;
}

void event_arrivals(struct explorer *e, int node)
{
	uint8_t iflag = e->nodes[node].state->iflag;
	deliver_unmaskable(e, node, false, iflag);
	if (debug_can_arrive(e, node))
		deliver(e, node, VECTOR_DB, false, iflag);
	if (e->nodes[node].state->iflag == 1)
		deliver_interrupts(e, node, false);
}

void event_during_call(struct explorer *e, int node, const struct contract *c)
{
	uint8_t iflag = c->irq ? 1 : e->nodes[node].state->iflag;
	deliver_unmaskable(e, node, true, iflag);
	if (c->irq || iflag == 1)
		deliver_interrupts(e, node, true);
	if (c->touches_user) {
		deliver(e, node, VECTOR_SS, true, 1);
		deliver(e, node, VECTOR_GP, true, 1);
		deliver(e, node, VECTOR_PF, true, 1);
	}
}

void event_fault(struct explorer *e, int node, unsigned vector)
{
	const struct door *d = door_of_vector(e->m, vector);
	if (!d || d->ist)
		return;
	struct state s = {0};
	memcpy(&s, e->nodes[node].state, state_size(e->nodes[node].state));
	value_t rsp = s.reg[R_RSP];
	if (!value_is(rsp, V_ADDR)) {
		explore_violation(
			e, node, "vector %u arrives in ring 0 on the program's stack", vector);
		return;
	}
	if (!explore_mapped(e, node, value_region(rsp), "a fault in ring 0 can't push its frame"))
		return;
	/* The CPU aligns the stack to 16 bytes. */
	s.reg[R_RSP] = value_addr(value_region(rsp), value_offset(rsp) & ~15);
	state_push(&s, ANY);
	state_push(&s, rsp);
	state_push(&s, ANY);
	state_push(&s, value_const(0));
	state_push(&s, value_const((int64_t)s.rip));
	if (d->error_code)
		state_push(&s, ANY);
	s.rip = d->address;
	s.iflag = 0;
	explore_add(e, &s, node, HOW_FAULT, vector);
}

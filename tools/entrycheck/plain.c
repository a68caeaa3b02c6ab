/*
 * The summarised exploration (event.c) runs the handler of a nested event once for each class of interrupted states, on symbols:
 * "what register r held". That is sound if handlers are transparent, which it checks; but the reasoning, and the code that
 * decides what belongs to a class, could be wrong. So this one has no classes and no symbols: at every instruction, each
 * event starts its handler on the interrupted state itself, with the frames of all that is interrupted on the stacks they
 * really lie on, and each return to ring 0 is compared with that state: all registers, every stack slot that it knew, bases,
 * root, words. Every arrival's class must be one that the summarised exploration had met.
 *
 * What keeps it finite: a bound on the open contexts, and one vector for all whose doors differ by a number only.
 * A nested context is explored and forgotten at once; nothing is shared between two arrivals.
 *
 * C code has a part of the stack that the checked code knows nothing of: below a call, C_FRAME bytes are taken as its own.
 */
#include "plain.h"

#include <stdlib.h>
#include <string.h>

#include "context.h"

#define C_FRAME 512
/* Values for what the CPU pushes: an address in C, ring 0's selectors, flags that nobody may change. */
#define RIP_IN_C (-4096)
#define KERNEL_SELECTOR 8
#define SOME_RFLAGS 0x5a5a0002

#define VECTOR_NMI 2

static struct iret_frame frame_for(const struct state *s, bool in_c)
{
	return (struct iret_frame){
		.rip = value_const(in_c ? RIP_IN_C : (int64_t)s->rip),
		.cs = value_const(KERNEL_SELECTOR),
		.rflags = value_const(SOME_RFLAGS),
		.rsp = in_c ? value_add(s->reg[R_RSP], -C_FRAME) : s->reg[R_RSP],
		.ss = value_const(0),
	};
}

/* The state at the door: the interrupted one, with the CPU's frame pushed. */
static void deliver(struct state *s, const struct context *c, const struct plain *p)
{
	const struct door *d = c->door;
	value_t rsp = p->pushed.rsp;
	for (unsigned r = 0; p->in_c && r < GPR_COUNT; r++)
		s->reg[r] = value_orig((enum reg)r);
	s->reg[R_RSP] = d->ist ? value_addr((unsigned)d->region, 0)
			       : value_addr(value_region(rsp), value_offset(rsp) & ~15);
	state_push(s, p->pushed.ss);
	state_push(s, p->pushed.rsp);
	state_push(s, p->pushed.rflags);
	state_push(s, p->pushed.cs);
	state_push(s, p->pushed.rip);
	if (d->error_code)
		state_push(s, ANY);
	if (d->ist)
		s->live |= 1U << d->region;
	if (d->vector == VECTOR_NMI)
		s->latch = 1;
	s->rip = d->address;
	s->context = 0;
	s->iflag = s->zf = s->sf = s->verdict = s->changed = 0;
}

static void run(struct explorer *e)
{
	for (size_t n = 0; n < e->node_count; n++) {
		uint64_t rip = e->nodes[n].state->rip;
		if (!image_in_text(e->im, rip)) {
			explore_violation(e, (int)n, "control leaves the checked code to %s",
				image_where(e->im, rip));
			continue;
		}
		event_arrivals(e, (int)n);
		step(e, (int)n);
	}
	e->plain->totals->states += e->node_count;
	e->plain->totals->contexts++;
}

/* What was found in a nested context is told of the node that it interrupted. */
static void hand_up(struct explorer *outer, int node, const struct explorer *e, unsigned vector)
{
	for (size_t i = 0; i < e->violation_count; i++) {
		const struct violation *v = &e->violations[i];
		explore_violation(outer, node, "vector %u comes here, and at %s: %s", vector,
			image_where(e->im, e->nodes[v->node].state->rip), v->text);
	}
}

void plain_arrival(struct explorer *e, int node, const struct context *class, bool in_c)
{
	struct plain_totals *t = e->plain->totals;
	int known = context_find(t->summary, class);
	if (known < 0) {
		explore_violation(e, node,
			"vector %u arrives in a state that the summarised exploration did not meet",
			class->door->vector);
		return;
	}
	t->met[known] = true;
	if (e->plain->open == t->depth)
		return;
	const struct state *s = e->nodes[node].state;
	struct plain p = {.totals = t,
		.outer = e,
		.outer_node = node,
		.open = e->plain->open + 1,
		.in_c = in_c,
		.pushed = frame_for(s, in_c)};
	struct context *context = malloc(sizeof(*context));
	struct state *first = calloc(1, sizeof(*first));
	if (!context || !first)
		exit(2);
	*context = *class;
	context->parent = -1;
	memcpy(first, s, state_size(s));
	deliver(first, class, &p);
	p.start = first;
	struct explorer nested = {.im = e->im,
		.m = e->m,
		.plain = &p,
		.ignore_claims = true,
		.contexts = context,
		.context_count = 1};
	explore_add(&nested, first, -1, HOW_EVENT, class->door->vector);
	run(&nested);
	hand_up(e, node, &nested, class->door->vector);
	explore_free(&nested);
	free(first);
}

static void expect(struct explorer *e, int node, bool ok, const char *what)
{
	if (!ok)
		explore_violation(e, node, "the interrupted state gets another %s back", what);
}

/* Is it nobody's: below the stack pointer, or, while C code runs, on a stack that other threads may have used meanwhile
 * (call.c forgets those after the call, too)? */
static bool may_change(const struct explorer *e, const struct state *then, const struct slot *o)
{
	value_t rsp = then->reg[R_RSP];
	bool current = value_is(rsp, V_ADDR) && o->region == value_region(rsp);
	if (current)
		return o->offset < value_offset(rsp);
	const struct region *r = &e->m->regions[o->region];
	return e->plain->in_c && r->is_stack && !r->is_ist;
}

/* Everything that the interrupted code had on its stacks is still there. */
static bool slots_kept(const struct explorer *e, const struct state *now, const struct state *then)
{
	for (uint32_t i = 0; i < then->slot_count; i++) {
		const struct slot *o = &then->slot[i];
		if (!may_change(e, then, o) && state_slot(now, o->region, o->offset) != o->value)
			return false;
	}
	return true;
}

bool plain_return(struct explorer *e, int node, const struct iret_frame *f)
{
	const struct plain *p = e->plain;
	if (!p || !p->outer)
		return false;
	const struct state *s = e->nodes[node].state;
	const struct state *then = p->outer->nodes[p->outer_node].state;
	const struct door *d = e->contexts[0].door;
	p->totals->returns++;
	/* C code may send user copies to their fixup. */
	expect(e, node, f->rip == p->pushed.rip || s->changed, "RIP");
	expect(e, node, f->cs == p->pushed.cs, "CS");
	expect(e, node, f->rflags == p->pushed.rflags, "RFLAGS");
	expect(e, node, f->rsp == p->pushed.rsp, "RSP");
	expect(e, node, f->ss == p->pushed.ss, "SS");
	for (unsigned r = 0; r < GPR_COUNT; r++)
		expect(e, node, r == R_RSP || s->reg[r] == p->start->reg[r], reg_names[r]);
	expect(e, node, s->gs == then->gs && s->igs == then->igs, "GS base");
	expect(e, node, s->cr3 == then->cr3, "root");
	expect(e, node, !then->latch, "NMI latch");
	uint32_t own = d->ist ? 1U << d->region : 0;
	expect(e, node, (s->live & ~own) == (then->live & ~own), "set of live IST stacks");
	for (unsigned w = 0; w < e->m->word_count; w++)
		expect(e, node, s->word[w] == then->word[w], e->m->words[w].name);
	expect(e, node, slots_kept(e, s, then), "stack");
	return true;
}

bool plain_needs_door(const struct model *m, const struct door *d)
{
	static const unsigned arrive[] = {1, 2, 12, 13, 14, 18};
	for (unsigned i = 0; i < sizeof(arrive) / sizeof(arrive[0]); i++)
		if (d->kind != DOOR_VECTOR || d->vector == arrive[i])
			return true;
	for (unsigned i = 0; i < m->door_count; i++) {
		const struct door *o = &m->doors[i];
		bool irq = o->vector >= m->irq_vector_first;
		if (o->kind == DOOR_VECTOR && o->vector < d->vector && o->ist == d->ist &&
			o->region == d->region && o->error_code == d->error_code &&
			irq == (d->vector >= m->irq_vector_first))
			return false;
	}
	return true;
}

void plain_explore(struct explorer *e, struct plain_totals *totals)
{
	static struct plain top;
	top = (struct plain){.totals = totals, .open = 1};
	*e = (struct explorer){.im = totals->summary->im,
		.m = totals->summary->m,
		.plain = &top,
		.ignore_claims = true};
	totals->met = calloc(totals->summary->context_count + 1, sizeof(*totals->met));
	if (!totals->met)
		exit(2);
	start_contexts(e);
	run(e);
}

/*
 * Contexts: the table of those that were met, and the state that each begins in.
 *
 * Two arrivals are one context if nothing that the handler can see or change differs: the door, bases, root, flags, the NMI
 * latch, live frames, the per-CPU words, and the interrupted address where the door could compare it. The handler is explored
 * once for each, on symbols: "what register r held when this context was entered".
 */
#include <stdlib.h>
#include <string.h>

#include "context.h"

#define VECTOR_NMI 2

static bool context_equal(const struct context *a, const struct context *b, unsigned words)
{
	return a->door == b->door && a->from_user == b->from_user && a->gs == b->gs &&
	       a->igs == b->igs && a->cr3 == b->cr3 && a->iflag == b->iflag && a->df == b->df &&
	       a->ac == b->ac && a->latch == b->latch && a->live == b->live && a->rip == b->rip &&
	       memcmp(a->word, b->word, words * sizeof(value_t)) == 0;
}

int context_find(const struct explorer *e, const struct context *c)
{
	for (size_t i = 0; i < e->context_count; i++)
		if (context_equal(&e->contexts[i], c, e->m->word_count))
			return (int)i;
	return -1;
}

/* The context's number, or -1 if it is known already. */
int context_add(struct explorer *e, const struct context *c)
{
	if (context_find(e, c) >= 0)
		return -1;
	if (e->context_count == e->context_capacity) {
		e->context_capacity = e->context_capacity ? 2 * e->context_capacity : 256;
		e->contexts = realloc(e->contexts, e->context_capacity * sizeof(*e->contexts));
		if (!e->contexts)
			exit(2);
	}
	e->contexts[e->context_count] = *c;
	return (int)e->context_count++;
}

static void fixed_slots(const struct model *m, struct state *s)
{
	for (unsigned i = 0; i < m->fixed_count; i++)
		state_set_slot(s, m->fixed[i].region, m->fixed[i].offset, m->fixed[i].value);
}

/* The hardware's frame: what the context calls the interrupted registers. */
static void push_frame(struct state *s, const struct context *c)
{
	state_push(s, value_orig(R_SS));
	state_push(s, value_orig(R_RSP));
	state_push(s, value_orig(R_RFLAGS));
	state_push(s, value_orig(R_CS));
	state_push(s, c->rip && !c->from_user ? value_const((int64_t)c->rip) : value_orig(R_RIP));
	if (c->door->error_code)
		state_push(s, ANY);
}

struct state context_first_state(const struct model *m, const struct context *c, unsigned number)
{
	struct state s = {.rip = c->door->address,
		.context = number,
		.live = c->live,
		.gs = c->gs,
		.igs = c->igs,
		.cr3 = c->cr3,
		.df = c->df,
		.ac = c->ac,
		.latch = c->latch};
	for (unsigned r = 0; r < GPR_COUNT; r++)
		s.reg[r] = value_orig((enum reg)r);
	for (unsigned w = 0; w < m->word_count; w++)
		s.word[w] = c->word[w];
	fixed_slots(m, &s);
	return s;
}

/* Where a vector's frame goes: IST stack, the stack for ring 3's interrupts, or the interrupted one. */
void context_enter_vector(struct state *s, const struct context *c)
{
	unsigned region = c->door->ist || c->from_user ? (unsigned)c->door->region : REGION_BELOW;
	s->reg[R_RSP] = value_addr(region, 0);
	push_frame(s, c);
	if (c->door->ist)
		s->live |= 1U << region;
	if (c->door->vector == VECTOR_NMI)
		s->latch = 1;
}

/*
 * What can arrive, where, and how the CPU delivers it.
 *
 * A delivery starts a context for its class the first time, and nothing more: the interrupted state goes on as if it had come
 * back unchanged, which leave.c checks for every context when it returns.
 */
#include "plain.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

static bool context_equal(const struct context *a, const struct context *b, unsigned words)
{
	return a->door == b->door && a->from_user == b->from_user && a->gs == b->gs &&
	       a->igs == b->igs && a->cr3 == b->cr3 && a->iflag == b->iflag && a->df == b->df &&
	       a->ac == b->ac && a->latch == b->latch && a->live == b->live && a->rip == b->rip &&
	       memcmp(a->word, b->word, words * sizeof(value_t)) == 0;
}

int event_find_context(const struct explorer *e, const struct context *c)
{
	for (size_t i = 0; i < e->context_count; i++)
		if (context_equal(&e->contexts[i], c, e->m->word_count))
			return (int)i;
	return -1;
}

/* The context's number, or -1 if it is known already. */
static int add_context(struct explorer *e, const struct context *c)
{
	if (event_find_context(e, c) >= 0)
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

static void push(struct state *s, value_t v)
{
	s->reg[R_RSP] = value_add(s->reg[R_RSP], -8);
	state_set_slot(s, value_region(s->reg[R_RSP]), value_offset(s->reg[R_RSP]), v);
}

/* The hardware's frame: what the context calls the interrupted registers. */
static void push_frame(struct state *s, const struct context *c)
{
	push(s, value_orig(R_SS));
	push(s, value_orig(R_RSP));
	push(s, value_orig(R_RFLAGS));
	push(s, value_orig(R_CS));
	push(s, c->rip && !c->from_user ? value_const((int64_t)c->rip) : value_orig(R_RIP));
	if (c->door->error_code)
		push(s, ANY);
}

static struct state first_state(const struct model *m, const struct context *c, unsigned number)
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
static void enter_vector(struct state *s, const struct context *c)
{
	unsigned region = c->door->ist || c->from_user ? (unsigned)c->door->region : REGION_BELOW;
	s->reg[R_RSP] = value_addr(region, 0);
	push_frame(s, c);
	if (c->door->ist)
		s->live |= 1U << region;
	if (c->door->vector == VECTOR_NMI)
		s->latch = 1;
}

static void words_of_ring3(const struct model *m, struct context *c)
{
	for (unsigned w = 0; w < m->word_count; w++)
		c->word[w] = m->words[w].values[0];
}

static void start_from_user(struct explorer *e, const struct door *d)
{
	struct context c = {.door = d,
		.from_user = true,
		.gs = BASE_USER,
		.igs = BASE_KERNEL,
		.cr3 = (uint8_t)e->m->start_root,
		.iflag = FLAG_ORIG,
		.df = FLAG_ORIG,
		.ac = FLAG_ORIG,
		.parent = -1};
	words_of_ring3(e->m, &c);
	int number = add_context(e, &c);
	struct state s = first_state(e->m, &c, (unsigned)number);
	if (d->kind == DOOR_VECTOR) {
		enter_vector(&s, &c);
	} else {
		/* SYSCALL: RIP in RCX, RFLAGS in R11; FMASK clears IF, DF and AC. */
		s.reg[R_RCX] = value_orig(R_RIP);
		s.reg[R_R11] = value_orig(R_RFLAGS);
		s.df = s.ac = 0;
	}
	explore_add(e, &s, -1, HOW_START, d->vector);
}

/* The root that kernel code starts on: the first that is one. */
static uint8_t kernel_root(const struct model *m)
{
	for (unsigned i = 0; i < m->root_count; i++)
		if (m->roots[i].kernel)
			return (uint8_t)i;
	return 0;
}

/* A thread that has never been in ring 3: its frame lies ready at the top of its stack. */
static void start_resume(struct explorer *e, const struct door *d)
{
	struct context c = {.door = d,
		.from_user = true,
		.gs = BASE_KERNEL,
		.igs = BASE_USER,
		.cr3 = kernel_root(e->m),
		.parent = -1};
	words_of_ring3(e->m, &c);
	int number = add_context(e, &c);
	struct state s = first_state(e->m, &c, (unsigned)number);
	int32_t bottom = -8 * (int32_t)e->m->frame_slots;
	for (unsigned r = 0; r < GPR_COUNT; r++)
		s.reg[r] = ANY;
	s.reg[R_RSP] = value_addr((unsigned)d->region, bottom);
	for (unsigned i = 0; i < e->m->frame_slots; i++)
		if (e->m->frame[i] != FRAME_NONE)
			state_set_slot(&s, (unsigned)d->region, bottom + 8 * (int32_t)i,
				value_orig((enum reg)e->m->frame[i]));
	explore_add(e, &s, -1, HOW_START, 0);
}

/* A function in the checked text that C calls. */
static void start_function(struct explorer *e, const struct door *d)
{
	struct context c = {.door = d,
		.gs = BASE_KERNEL,
		.igs = BASE_USER,
		.cr3 = kernel_root(e->m),
		.parent = -1};
	c.iflag = d->contract->iflag == 0 ? 0 : 1;
	words_of_ring3(e->m, &c);
	int number = add_context(e, &c);
	struct state s = first_state(e->m, &c, (unsigned)number);
	s.iflag = c.iflag;
	s.reg[R_RSP] = value_addr(REGION_BELOW, -8);
	state_set_slot(&s, REGION_BELOW, -8, value_orig(R_RIP));
	explore_add(e, &s, -1, HOW_START, 0);
}

void event_start(struct explorer *e)
{
	for (unsigned i = 0; i < e->m->door_count; i++) {
		const struct door *d = &e->m->doors[i];
		if (e->plain && !plain_needs_door(e->m, d))
			continue;
		if (d->kind == DOOR_FUNCTION)
			start_function(e, d);
		else if (d->kind == DOOR_RESUME)
			start_resume(e, d);
		else
			start_from_user(e, d);
	}
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
	int number = add_context(e, &c);
	if (number < 0)
		return;
	struct state first = first_state(e->m, &c, (unsigned)number);
	enter_vector(&first, &c);
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
	push(&s, ANY);
	push(&s, rsp);
	push(&s, ANY);
	push(&s, value_const(0));
	push(&s, value_const((int64_t)s.rip));
	if (d->error_code)
		push(&s, ANY);
	s.rip = d->address;
	s.iflag = 0;
	explore_add(e, &s, node, HOW_FAULT, vector);
}

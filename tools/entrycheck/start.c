/*
 * Where an exploration begins: at the doors that ring 3 comes through, at the first return of a new thread, and at functions in
 * the checked text that C code calls. All else is found from there, as what arrives meanwhile (event.c).
 */
#include "context.h"
#include "plain.h"

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
	int number = context_add(e, &c);
	struct state s = context_first_state(e->m, &c, (unsigned)number);
	if (d->kind == DOOR_VECTOR) {
		context_enter_vector(&s, &c);
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
	int number = context_add(e, &c);
	struct state s = context_first_state(e->m, &c, (unsigned)number);
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
	int number = context_add(e, &c);
	struct state s = context_first_state(e->m, &c, (unsigned)number);
	s.iflag = c.iflag;
	s.reg[R_RSP] = value_addr(REGION_BELOW, -8);
	state_set_slot(&s, REGION_BELOW, -8, value_orig(R_RIP));
	explore_add(e, &s, -1, HOW_START, 0);
}

void start_contexts(struct explorer *e)
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

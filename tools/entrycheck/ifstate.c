#include "ifstate.h"

struct if_state {
	unsigned now, saved1, saved2;
};

static if_set_t bit(struct if_state s)
{
	return (if_set_t)1 << (s.now + IF_VALUES * s.saved1 + IF_VALUES * IF_VALUES * s.saved2);
}

static struct if_state state_of(unsigned n)
{
	return (struct if_state){
		n % IF_VALUES, n / IF_VALUES % IF_VALUES, n / (IF_VALUES * IF_VALUES)};
}

#define STATES (IF_VALUES * IF_VALUES * IF_VALUES)

static if_set_t map(if_set_t s, struct if_state (*fn)(struct if_state))
{
	if_set_t out = 0;
	for (unsigned n = 0; n < STATES; n++)
		if (s >> n & 1)
			out |= bit(fn(state_of(n)));
	return out;
}

if_set_t if_start(void)
{
	return bit((struct if_state){IF_ENTRY, IF_SAVED1, IF_SAVED2});
}

if_set_t if_set(if_set_t s, enum if_value v)
{
	if_set_t out = 0;
	for (unsigned n = 0; n < STATES; n++) {
		struct if_state t = state_of(n);
		t.now = v;
		if (s >> n & 1)
			out |= bit(t);
	}
	return out;
}

static struct if_state save(struct if_state s)
{
	return (struct if_state){s.now, s.now, s.saved1};
}

if_set_t if_save(if_set_t s)
{
	return map(s, save);
}

/* What lies below the two that are kept: the caller's, if the second was the caller's last or our own; else unknown, which
 * counts as on. */
static struct if_state restore(struct if_state s)
{
	unsigned below = s.saved2 == IF_SAVED1	 ? IF_SAVED2
			 : s.saved2 == IF_SAVED2 ? IF_ON
						 : IF_SAVED1;
	return (struct if_state){s.saved1, s.saved2, below};
}

if_set_t if_restore(if_set_t s)
{
	return map(s, restore);
}

static unsigned substitute(unsigned v, struct if_state caller)
{
	return v == IF_ENTRY	? caller.now
	       : v == IF_SAVED1 ? caller.saved1
	       : v == IF_SAVED2 ? caller.saved2
				: v;
}

if_set_t if_apply(if_set_t s, if_set_t callee)
{
	if_set_t out = 0;
	for (unsigned n = 0; n < STATES; n++) {
		struct if_state caller = state_of(n);
		for (unsigned m = 0; (s >> n & 1) && m < STATES; m++) {
			struct if_state t = state_of(m);
			if (callee >> m & 1)
				out |= bit((struct if_state){substitute(t.now, caller),
					substitute(t.saved1, caller),
					substitute(t.saved2, caller)});
		}
	}
	return out;
}

bool if_may_be_on(if_set_t s, bool off_at_call)
{
	for (unsigned n = 0; n < STATES; n++) {
		unsigned now = state_of(n).now;
		if ((s >> n & 1) && now != IF_OFF && !(now == IF_ENTRY && off_at_call))
			return true;
	}
	return false;
}

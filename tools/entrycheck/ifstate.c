#include "ifstate.h"

#include <string.h>

struct if_state {
	unsigned now, saved[IF_DEPTH]; /* the last one first */
};

static void add(if_set_t *s, struct if_state t)
{
	unsigned n = t.now;

	for (int i = 0; i < IF_DEPTH; i++)
		n = n * IF_VALUES + t.saved[i];
	s->bits[n / 64] |= 1UL << n % 64;
}

static struct if_state state_of(unsigned n)
{
	struct if_state t;

	for (int i = IF_DEPTH - 1; i >= 0; i--, n /= IF_VALUES)
		t.saved[i] = n % IF_VALUES;
	t.now = n;
	return t;
}

/* The first state of the set from *n on; *n moves behind it. False if there is none. */
static bool next(const if_set_t *s, unsigned *n, struct if_state *out)
{
	for (; *n < IF_STATES; ++*n) {
		uint64_t rest = s->bits[*n / 64] >> *n % 64;
		if (!rest) {
			*n |= 63;
			continue;
		}
		*n += (unsigned)__builtin_ctzl(rest);
		*out = state_of((*n)++);
		return true;
	}
	return false;
}

if_set_t if_start(void)
{
	if_set_t s = {0};
	struct if_state t = {.now = IF_ENTRY};

	for (unsigned i = 0; i < IF_DEPTH; i++)
		t.saved[i] = IF_SAVED + i;
	add(&s, t);
	return s;
}

if_set_t if_set(const if_set_t *s, enum if_value v)
{
	if_set_t out = {0};
	struct if_state t;

	for (unsigned n = 0; next(s, &n, &t);) {
		t.now = v;
		add(&out, t);
	}
	return out;
}

if_set_t if_save(const if_set_t *s)
{
	if_set_t out = {0};
	struct if_state t;

	for (unsigned n = 0; next(s, &n, &t);) {
		memmove(t.saved + 1, t.saved, (IF_DEPTH - 1) * sizeof(t.saved[0]));
		t.saved[0] = t.now;
		add(&out, t);
	}
	return out;
}

/* What lies below those that are kept: the caller's, if the last was the caller's or our own; else unknown, which counts as on. */
static unsigned below(unsigned last)
{
	if (last < IF_SAVED)
		return IF_SAVED;
	return last + 1 < IF_VALUES ? last + 1 : IF_ON;
}

if_set_t if_restore(const if_set_t *s)
{
	if_set_t out = {0};
	struct if_state t;

	for (unsigned n = 0; next(s, &n, &t);) {
		t.now = t.saved[0];
		memmove(t.saved, t.saved + 1, (IF_DEPTH - 1) * sizeof(t.saved[0]));
		t.saved[IF_DEPTH - 1] = below(t.saved[IF_DEPTH - 1]);
		add(&out, t);
	}
	return out;
}

static unsigned substitute(unsigned v, const struct if_state *caller)
{
	if (v == IF_ENTRY)
		return caller->now;
	return v >= IF_SAVED ? caller->saved[v - IF_SAVED] : v;
}

if_set_t if_apply(const if_set_t *s, const if_set_t *callee)
{
	if_set_t out = {0};
	struct if_state from, t;

	for (unsigned n = 0; next(s, &n, &from);)
		for (unsigned m = 0; next(callee, &m, &t);) {
			t.now = substitute(t.now, &from);
			for (unsigned i = 0; i < IF_DEPTH; i++)
				t.saved[i] = substitute(t.saved[i], &from);
			add(&out, t);
		}
	return out;
}

bool if_join(if_set_t *to, const if_set_t *from)
{
	bool changed = false;

	for (unsigned i = 0; i < IF_SET_WORDS; i++) {
		changed |= (from->bits[i] & ~to->bits[i]) != 0;
		to->bits[i] |= from->bits[i];
	}
	return changed;
}

bool if_is_empty(const if_set_t *s)
{
	struct if_state t;
	unsigned n = 0;

	return !next(s, &n, &t);
}

bool if_may_be_on(const if_set_t *s, bool off_at_call)
{
	struct if_state t;

	for (unsigned n = 0; next(s, &n, &t);)
		if (t.now != IF_OFF && !(t.now == IF_ENTRY && off_at_call))
			return true;
	return false;
}

bool if_is_on(const if_set_t *s)
{
	struct if_state t;

	for (unsigned n = 0; next(s, &n, &t);)
		if (t.now == IF_ON)
			return true;
	return false;
}

#include "state.h"

#include <stdio.h>
#include <string.h>

size_t state_size(const struct state *s)
{
	return offsetof(struct state, slot) + s->slot_count * sizeof(struct slot);
}

uint64_t state_hash(const struct state *s)
{
	const unsigned char *p = (const unsigned char *)s;
	uint64_t h = 0xcbf29ce484222325;
	for (size_t i = 0, n = state_size(s) / 8; i < n; i++) {
		uint64_t w;
		memcpy(&w, p + 8 * i, 8);
		h = (h ^ w) * 0x9e3779b97f4a7c15;
		h ^= h >> 29;
	}
	return h;
}

bool state_equal(const struct state *a, const struct state *b)
{
	return a->slot_count == b->slot_count && memcmp(a, b, state_size(a)) == 0;
}

/* Index of the slot, or of where it would stand. */
static uint32_t find(const struct state *s, unsigned region, int32_t offset, bool *there)
{
	uint32_t i = 0;
	while (i < s->slot_count &&
		(s->slot[i].region < region ||
			(s->slot[i].region == region && s->slot[i].offset < offset)))
		i++;
	*there = i < s->slot_count && s->slot[i].region == region && s->slot[i].offset == offset;
	return i;
}

value_t state_slot(const struct state *s, unsigned region, int32_t offset)
{
	bool there;
	uint32_t i = find(s, region, offset, &there);
	return there ? s->slot[i].value : ANY;
}

bool state_set_slot(struct state *s, unsigned region, int32_t offset, value_t v)
{
	bool there;
	uint32_t i = find(s, region, offset, &there);
	if (!there) {
		if (s->slot_count == SLOTS_MAX)
			return false;
		memmove(&s->slot[i + 1], &s->slot[i], (s->slot_count - i) * sizeof(s->slot[0]));
		s->slot_count++;
	}
	s->slot[i] = (struct slot){region, offset, v};
	return true;
}

static void drop(struct state *s, unsigned region, int32_t below)
{
	uint32_t kept = 0;
	for (uint32_t i = 0; i < s->slot_count; i++)
		if (s->slot[i].region != region || s->slot[i].offset >= below)
			s->slot[kept++] = s->slot[i];
	s->slot_count = kept;
}

void state_push(struct state *s, value_t v)
{
	s->reg[R_RSP] = value_add(s->reg[R_RSP], -8);
	state_set_slot(s, value_region(s->reg[R_RSP]), value_offset(s->reg[R_RSP]), v);
}

void state_drop_below(struct state *s, unsigned region, int32_t offset)
{
	drop(s, region, offset);
}

void state_drop_region(struct state *s, unsigned region)
{
	drop(s, region, INT32_MAX);
}

const char *value_text(const struct model *m, value_t v)
{
	static char buffers[4][64];
	static unsigned turn;
	char *b = buffers[turn++ % 4];
	size_t n = sizeof(buffers[0]);
	switch (value_kind(v)) {
	case V_CONST:
		snprintf(b, n, "%#lx", (unsigned long)value_number(v));
		break;
	case V_ORIG:
		snprintf(b, n, "the interrupted %s", reg_names[value_payload(v)]);
		break;
	case V_ADDR:
		snprintf(b, n, "%s%+d", m->regions[value_region(v)].name, value_offset(v));
		break;
	case V_ROOT:
		snprintf(b, n, "root %s", m->roots[value_payload(v)].name);
		break;
	case V_BASE:
		snprintf(b, n, "%s's GS base",
			value_payload(v) == BASE_KERNEL ? "the kernel" : "the program");
		break;
	case V_VERDICT:
		snprintf(b, n, "a C function's result");
		break;
	case V_WORD:
		snprintf(b, n, "the interrupted %s", m->words[value_payload(v)].name);
		break;
	default:
		snprintf(b, n, "something unknown");
		break;
	}
	return b;
}

static const char *stack_text(const struct model *m, const struct state *s)
{
	value_t rsp = s->reg[R_RSP];
	if (value_is(rsp, V_ORIG))
		return "user";
	return value_is(rsp, V_ADDR) ? value_text(m, rsp) : "unknown";
}

const char *state_text(const struct model *m, const struct state *s)
{
	static char b[256];
	static const char *const flag[] = {"0", "1", "user's"};
	snprintf(b, sizeof(b), "GS=%s CR3=%s RSP=%s IF=%s",
		s->gs == BASE_KERNEL ? "kernel" : "user", m->roots[s->cr3].name, stack_text(m, s),
		flag[s->iflag]);
	return b;
}

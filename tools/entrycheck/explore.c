#include "explore.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool grow_table(struct explorer *e)
{
	size_t size = e->table_size ? e->table_size * 2 : e->plain ? 1 << 9 : 1 << 16;
	uint32_t *table = calloc(size, sizeof(*table));
	if (!table)
		return false;
	for (size_t n = 0; n < e->node_count; n++) {
		size_t i = state_hash(e->nodes[n].state) & (size - 1);
		while (table[i])
			i = (i + 1) & (size - 1);
		table[i] = (uint32_t)n + 1;
	}
	free(e->table);
	e->table = table;
	e->table_size = size;
	return true;
}

static void out_of_memory(void)
{
	fprintf(stderr, "entrycheck: out of memory\n");
	exit(2);
}

static void grow_nodes(struct explorer *e)
{
	if (e->node_count < e->node_capacity)
		return;
	e->node_capacity = e->node_capacity ? 2 * e->node_capacity : 4096;
	e->nodes = realloc(e->nodes, e->node_capacity * sizeof(*e->nodes));
	if (!e->nodes)
		out_of_memory();
}

void explore_add(
	struct explorer *e, const struct state *s, int parent, enum how how, unsigned vector)
{
	e->transitions++;
	if (e->node_count * 2 >= e->table_size && !grow_table(e))
		out_of_memory();
	size_t i = state_hash(s) & (e->table_size - 1);
	for (; e->table[i]; i = (i + 1) & (e->table_size - 1))
		if (state_equal(e->nodes[e->table[i] - 1].state, s))
			return;
	grow_nodes(e);
	struct state *copy = malloc(state_size(s));
	if (!copy)
		out_of_memory();
	memcpy(copy, s, state_size(s));
	e->table[i] = (uint32_t)e->node_count + 1;
	e->nodes[e->node_count++] = (struct node){
		.state = copy, .parent = parent, .how = how, .vector = (uint16_t)vector};
}

void explore_violation(struct explorer *e, int node, const char *format, ...)
{
	struct violation v = {.node = node};
	va_list args;
	va_start(args, format);
	vsnprintf(v.text, sizeof(v.text), format, args);
	va_end(args);
	uint64_t rip = node >= 0 ? e->nodes[node].state->rip : 0;
	for (size_t i = 0; i < e->violation_count; i++) {
		int n = e->violations[i].node;
		if ((n >= 0 ? e->nodes[n].state->rip : 0) == rip &&
			!strcmp(e->violations[i].text, v.text))
			return;
	}
	if (e->violation_count < VIOLATIONS_MAX)
		e->violations[e->violation_count++] = v;
}

bool explore_mapped(struct explorer *e, int node, unsigned region, const char *what)
{
	const struct state *s = e->nodes[node].state;
	if (e->m->regions[region].roots & 1U << s->cr3)
		return true;
	explore_violation(e, node, "%s: %s is not mapped in root %s", what,
		e->m->regions[region].name, e->m->roots[s->cr3].name);
	return false;
}

/* -- the lines of the source that claim a state -- */

static bool claim_holds(
	const struct explorer *e, const struct state *s, const char *key, const char *value)
{
	const struct model *m = e->m;
	if (!strcmp(key, "GS"))
		return s->gs == (!strcmp(value, "kernel") ? BASE_KERNEL : BASE_USER);
	if (!strcmp(key, "IF"))
		return s->iflag == value[0] - '0';
	if (!strcmp(key, "CR3"))
		return !strcmp(value, "kernel") ? m->roots[s->cr3].kernel : s->cr3 == m->user_root;
	if (strcmp(key, "RSP") != 0)
		return false;
	value_t rsp = s->reg[R_RSP];
	if (!strcmp(value, "user"))
		return value_is(rsp, V_ORIG);
	if (!value_is(rsp, V_ADDR))
		return false;
	const struct region *r = &m->regions[value_region(rsp)];
	return !strcmp(value, "ist") ? r->is_ist : !strcmp(r->name, value);
}

static void check_claims(struct explorer *e, int node)
{
	const struct state *s = e->nodes[node].state;
	for (size_t i = 0; i < e->im->state_count; i++) {
		if (e->im->states[i].address != s->rip)
			continue;
		char text[128], *save;
		snprintf(text, sizeof(text), "%s", e->im->states[i].text);
		for (char *w = strtok_r(text, " ", &save); w; w = strtok_r(NULL, " ", &save)) {
			char *value = strchr(w, '=');
			if (value)
				*value++ = '\0';
			if (!value || !claim_holds(e, s, w, value))
				explore_violation(e, node, "the source says %s=%s here", w,
					value ? value : "?");
		}
	}
}

static void measure_depth(struct explorer *e)
{
	for (size_t i = 0; i < e->context_count; i++) {
		unsigned depth = 1;
		for (int n = e->contexts[i].parent; n >= 0;
			n = e->contexts[e->nodes[n].state->context].parent)
			depth++;
		if (depth > e->deepest)
			e->deepest = depth;
	}
}

bool explore(struct explorer *e, struct image *im, struct model *m, bool ignore_claims)
{
	*e = (struct explorer){.im = im, .m = m, .ignore_claims = ignore_claims};
	e->visited = calloc(im->text_end - im->text_start + 1, sizeof(*e->visited));
	if (!e->visited || !grow_table(e))
		out_of_memory();
	start_contexts(e);
	for (size_t n = 0; n < e->node_count; n++) {
		uint64_t rip = e->nodes[n].state->rip;
		if (!image_in_text(im, rip)) {
			explore_violation(e, (int)n, "control leaves the checked code to %s",
				image_where(im, rip));
			continue;
		}
		e->visited[rip - im->text_start] = true;
		if (!ignore_claims)
			check_claims(e, (int)n);
		event_arrivals(e, (int)n);
		step(e, (int)n);
	}
	measure_depth(e);
	return true;
}

void explore_free(struct explorer *e)
{
	for (size_t i = 0; i < e->node_count; i++)
		free(e->nodes[i].state);
	free(e->nodes);
	free(e->table);
	free(e->contexts);
	free(e->visited);
}

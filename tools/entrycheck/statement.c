#include "statement.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "contract.h"

static bool wrong(struct reader *r, const char *what)
{
	fprintf(stderr, "entrycheck: %s:%u: %s\n", r->path, r->line, what);
	return false;
}

static bool roots_from(struct reader *r, unsigned first, uint32_t *out)
{
	*out = 0;
	for (unsigned i = first; i < r->count; i++) {
		int root = model_root(r->m, r->word[i]);
		if (root < 0)
			return wrong(r, "no such root");
		*out |= 1U << root;
	}
	return true;
}

/* root NAME [kernel] */
static bool read_root(struct reader *r)
{
	if (r->m->root_count == ROOTS_MAX || r->count < 2)
		return wrong(r, "root NAME [kernel]");
	struct root *root = &r->m->roots[r->m->root_count++];
	snprintf(root->name, sizeof(root->name), "%s", r->word[1]);
	root->kernel = r->count > 2 && !strcmp(r->word[2], "kernel");
	return true;
}

/* region NAME SIZE ROOT... | stack NAME SIZE ROOT... | ist NAME SIZE ROOT... */
static bool read_region(struct reader *r)
{
	if (r->m->region_count == REGIONS_MAX || r->count < 3)
		return wrong(r, "region|stack|ist NAME SIZE ROOT...");
	struct region *g = &r->m->regions[r->m->region_count++];
	snprintf(g->name, sizeof(g->name), "%s", r->word[1]);
	g->size = (int32_t)strtol(r->word[2], NULL, 0);
	g->is_ist = !strcmp(r->word[0], "ist");
	g->is_stack = g->is_ist || !strcmp(r->word[0], "stack");
	return roots_from(r, 3, &g->roots);
}

/* A value: "root NAME", "top REGION", "base kernel|user", "const N", "any". Moves *at past it. */
static bool read_value(struct reader *r, unsigned *at, value_t *out)
{
	const char *kind = r->word[*at], *name = *at + 1 < r->count ? r->word[*at + 1] : "";
	*at += 2;
	int n;
	if (!strcmp(kind, "root") && (n = model_root(r->m, name)) >= 0)
		*out = value_make(V_ROOT, (unsigned)n);
	else if (!strcmp(kind, "top") && (n = model_region(r->m, name)) >= 0)
		*out = value_addr((unsigned)n, 0);
	else if (!strcmp(kind, "base"))
		*out = value_make(V_BASE, !strcmp(name, "kernel") ? BASE_KERNEL : BASE_USER);
	else if (!strcmp(kind, "const"))
		*out = value_const(strtoll(name, NULL, 0));
	else
		return wrong(r, "a value is: root NAME, top REGION, base kernel|user, const N");
	return true;
}

/* word OFFSET NAME VALUE... | word OFFSET NAME scratch */
static bool read_word(struct reader *r)
{
	if (r->m->word_count == WORDS_MAX || r->count < 4)
		return wrong(r, "word OFFSET NAME VALUE...");
	struct word *w = &r->m->words[r->m->word_count++];
	w->offset = (uint32_t)strtoul(r->word[1], NULL, 0);
	snprintf(w->name, sizeof(w->name), "%s", r->word[2]);
	if (!strcmp(r->word[3], "scratch")) {
		w->scratch = true;
		w->values[0] = ANY;
		w->value_count = 1;
		return true;
	}
	for (unsigned at = 3; at < r->count && w->value_count < WORD_VALUES_MAX;)
		if (!read_value(r, &at, &w->values[w->value_count++]))
			return false;
	return true;
}

/* slot REGION OFFSET VALUE */
static bool read_slot(struct reader *r)
{
	unsigned n = r->m->fixed_count, at = 3;
	int region = r->count == 5 ? model_region(r->m, r->word[1]) : -1;
	if (region < 0 || n == SLOTS_FIXED_MAX)
		return wrong(r, "slot REGION OFFSET VALUE");
	r->m->fixed[n].region = (unsigned)region;
	r->m->fixed[n].offset = (int32_t)strtol(r->word[2], NULL, 0);
	r->m->fixed_count++;
	return read_value(r, &at, &r->m->fixed[n].value);
}

static bool address_of(struct reader *r, const char *name, uint64_t *out)
{
	const struct symbol *s = image_symbol(r->im, name);
	if (!s) {
		fprintf(stderr, "entrycheck: %s:%u: %s has no symbol %s\n", r->path, r->line,
			r->im->path, name);
		return false;
	}
	*out = s->address;
	return true;
}

static bool add_vector(struct reader *r, unsigned vector, uint64_t address)
{
	if (r->m->door_count == DOORS_MAX)
		return wrong(r, "too many doors");
	int ist = r->ist[vector] - 1;
	r->m->doors[r->m->door_count++] = (struct door){
		.kind = DOOR_VECTOR,
		.address = address,
		.vector = vector,
		.region = ist >= 0 ? ist : (int)r->rsp0,
		.ist = ist >= 0,
		.error_code = r->error_code[vector],
		.soft = r->soft[vector],
	};
	return true;
}

/* vectors SYMBOL STRIDE COUNT */
static bool read_vectors(struct reader *r)
{
	uint64_t address;
	if (r->count != 4)
		return wrong(r, "vectors SYMBOL STRIDE COUNT");
	if (!address_of(r, r->word[1], &address))
		return false;
	unsigned long stride = strtoul(r->word[2], NULL, 0), count = strtoul(r->word[3], NULL, 0);
	for (unsigned v = 0; v < count && v < 256; v++)
		if (!add_vector(r, v, address + v * stride))
			return false;
	return true;
}

/* vector N SYMBOL */
static bool read_vector(struct reader *r)
{
	uint64_t address;
	if (r->count != 3)
		return wrong(r, "vector N SYMBOL");
	return address_of(r, r->word[2], &address) &&
	       add_vector(r, (unsigned)strtoul(r->word[1], NULL, 0) & 255, address);
}

/* syscall SYMBOL | resume SYMBOL REGION */
static bool read_door(struct reader *r, enum door_kind kind)
{
	uint64_t address;
	int region = r->count > 2 ? model_region(r->m, r->word[2]) : -1;
	if (r->count < 2 || (kind == DOOR_RESUME && region < 0))
		return wrong(r, "syscall SYMBOL | resume SYMBOL REGION");
	if (!address_of(r, r->word[1], &address) || r->m->door_count == DOORS_MAX)
		return false;
	r->m->doors[r->m->door_count++] =
		(struct door){.kind = kind, .address = address, .region = region};
	return true;
}

/* ist-vector N REGION */
static bool read_ist_vector(struct reader *r)
{
	int region = r->count == 3 ? model_region(r->m, r->word[2]) : -1;
	if (region < 0)
		return wrong(r, "ist-vector N REGION");
	r->ist[strtoul(r->word[1], NULL, 0) & 255] = (uint8_t)(region + 1);
	return true;
}

static bool read_vector_set(struct reader *r, bool set[256])
{
	for (unsigned i = 1; i < r->count; i++)
		set[strtoul(r->word[i], NULL, 0) & 255] = true;
	return true;
}

/* frame NAME...: the saved registers from the lowest address up; "-" for a slot that is none. */
static bool read_frame(struct reader *r)
{
	r->m->frame_slots = 0;
	for (unsigned i = 1; i < r->count && r->m->frame_slots < FRAME_MAX; i++) {
		uint8_t reg = FRAME_NONE;
		for (unsigned k = 0; k < R_COUNT; k++)
			if (!strcmp(r->word[i], reg_names[k]))
				reg = (uint8_t)k;
		r->m->frame[r->m->frame_slots++] = reg;
	}
	return true;
}

/* contract SYMBOL CLAUSES... (the clauses as in the ELF's notes) */
static bool read_contract(struct reader *r)
{
	char text[512] = "";
	if (r->count < 2)
		return wrong(r, "contract SYMBOL CLAUSES");
	if (!image_symbol(r->im, r->word[1]))
		return wrong(r, "a contract of a function that is not there");
	for (unsigned i = 2; i < r->count; i++) {
		strncat(text, r->word[i], sizeof(text) - strlen(text) - 2);
		strcat(text, " ");
	}
	return contract_add(r->m, r->im, r->word[1], text);
}

/* sane-frame CS SS FLAGS-SET FLAGS-POSSIBLE RIP-HIGHEST */
static bool read_sane_frame(struct reader *r)
{
	uint64_t v[5];
	if (r->count != 6)
		return wrong(r, "sane-frame CS SS FLAGS-SET FLAGS-POSSIBLE RIP-HIGHEST");
	for (int i = 0; i < 5; i++)
		v[i] = strtoul(r->word[i + 1], NULL, 0);
	r->m->sane = (struct sane_frame){v[0], v[1], v[2], v[3], v[4]};
	return r->m->sane_frame = true;
}

/* root-bits MASK WITHOUT WITH */
static bool read_root_bits(struct reader *r)
{
	int without = r->count == 4 ? model_root(r->m, r->word[2]) : -1;
	int with = r->count == 4 ? model_root(r->m, r->word[3]) : -1;
	if (without < 0 || with < 0)
		return wrong(r, "root-bits MASK ROOT-WITHOUT ROOT-WITH");
	r->m->root_bits = strtoul(r->word[1], NULL, 0);
	r->m->root_without = (unsigned)without;
	r->m->root_with = (unsigned)with;
	return true;
}

bool statement_read(struct reader *r)
{
	const char *key = r->word[0];
	int n;
	if (!strcmp(key, "root"))
		return read_root(r);
	if (!strcmp(key, "region") || !strcmp(key, "stack") || !strcmp(key, "ist"))
		return read_region(r);
	if (!strcmp(key, "word"))
		return read_word(r);
	if (!strcmp(key, "slot"))
		return read_slot(r);
	if (!strcmp(key, "vectors"))
		return read_vectors(r);
	if (!strcmp(key, "vector"))
		return read_vector(r);
	if (!strcmp(key, "syscall"))
		return read_door(r, DOOR_SYSCALL);
	if (!strcmp(key, "resume"))
		return read_door(r, DOOR_RESUME);
	if (!strcmp(key, "ist-vector"))
		return read_ist_vector(r);
	if (!strcmp(key, "error-codes"))
		return read_vector_set(r, r->error_code);
	if (!strcmp(key, "soft-vectors"))
		return read_vector_set(r, r->soft);
	if (!strcmp(key, "frame"))
		return read_frame(r);
	if (!strcmp(key, "contract"))
		return read_contract(r);
	if (!strcmp(key, "text"))
		return roots_from(r, 1, &r->m->text_roots);
	if (!strcmp(key, "data"))
		return roots_from(r, 1, &r->m->data_roots) &&
		       (r->m->regions[REGION_DATA].roots = r->m->data_roots, true);
	if (!strcmp(key, "irq-vectors") && r->count == 2)
		return r->m->irq_vector_first = (unsigned)strtoul(r->word[1], NULL, 0), true;
	if (!strcmp(key, "may-fault") && r->count == 2)
		return address_of(r, r->word[1], &r->m->fault_ok);
	if (!strcmp(key, "sane-frame"))
		return read_sane_frame(r);
	if (!strcmp(key, "zero-registers"))
		return r->m->zero_registers = true;
	if (!strcmp(key, "root-bits"))
		return read_root_bits(r);
	if (!strcmp(key, "positive-gs"))
		return r->m->positive_gs = true;
	if (!strcmp(key, "stack-alignment") && r->count == 2)
		return (r->m->alignment = (unsigned)strtoul(r->word[1], NULL, 0)) != 0 ||
		       wrong(r, "stack-alignment N");
	if (!strcmp(key, "same-gs"))
		return r->m->same_gs = true;
	if (r->count == 2 && !strcmp(key, "words") && (n = model_region(r->m, r->word[1])) >= 0)
		return r->m->words_region = n, true;
	if (r->count == 2 && !strcmp(key, "rsp0") && (n = model_region(r->m, r->word[1])) >= 0)
		return r->rsp0 = (unsigned)n, true;
	if (r->count == 2 && !strcmp(key, "user-root") && (n = model_root(r->m, r->word[1])) >= 0)
		return r->m->user_root = r->m->start_root = (unsigned)n, true;
	if (r->count == 2 && !strcmp(key, "start-root") && (n = model_root(r->m, r->word[1])) >= 0)
		return r->m->start_root = (unsigned)n, true;
	return wrong(r, "not understood");
}

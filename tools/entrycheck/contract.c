#include "contract.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool wrong(const struct contract *c, const char *what, const char *word)
{
	fprintf(stderr, "entrycheck: contract of %s: %s: %s\n", c->name, what, word);
	return false;
}

static bool take_rsp(const struct model *m, struct contract *c, const char *value)
{
	c->rsp_ist = !strcmp(value, "ist");
	c->rsp_kernel = !strcmp(value, "kernel");
	if (c->rsp_ist || c->rsp_kernel)
		return true;
	c->rsp_region = model_region(m, value);
	return c->rsp_region >= 0 || wrong(c, "no such stack", value);
}

static bool take_in(const struct model *m, struct contract *c, const char *pair)
{
	const char *value = strchr(pair, '=');
	if (!value)
		return wrong(c, "not KEY=VALUE", pair);
	value++;
	if (!strncmp(pair, "GS=", 3))
		c->gs = !strcmp(value, "kernel") ? BASE_KERNEL : BASE_USER;
	else if (!strncmp(pair, "CR3=", 4))
		c->cr3_kernel = !strcmp(value, "kernel");
	else if (!strncmp(pair, "RSP=", 4))
		return take_rsp(m, c, value);
	else if (!strncmp(pair, "IF=", 3))
		c->iflag = value[0] - '0';
	else if (!strncmp(pair, "DF=", 3))
		c->df = value[0] - '0';
	else if (!strncmp(pair, "AC=", 3))
		c->ac = value[0] - '0';
	else
		return wrong(c, "no such key", pair);
	return true;
}

static bool take_word_name(
	const struct model *m, const struct contract *c, const char *name, uint32_t *bits)
{
	for (unsigned i = 0; i < m->word_count; i++) {
		if (strcmp(m->words[i].name, name) != 0)
			continue;
		*bits |= 1U << i;
		return true;
	}
	return wrong(c, "no such word", name);
}

static bool take_touches(const struct model *m, struct contract *c, const char *name)
{
	if (!strcmp(name, "user")) {
		c->touches_user = true;
		return true;
	}
	int region = !strcmp(name, "kernel") ? REGION_DATA : model_region(m, name);
	if (region < 0)
		return wrong(c, "no such region", name);
	c->touches |= 1U << region;
	return true;
}

static bool take_result(struct contract *c, const char *name)
{
	if (!strcmp(name, "sysret"))
		c->result_sysret = true;
	else if (!strcmp(name, "to_thread"))
		c->result_to_thread = true;
	else if (c->result_to_thread && name[0] >= '0' && name[0] <= '9')
		c->to_thread[strtoul(name, NULL, 0) / 8 & 31] |=
			(uint8_t)(1U << (strtoul(name, NULL, 0) & 7));
	else
		return wrong(c, "no such result", name);
	return true;
}

static bool take_stack(
	const struct model *m, const struct contract *c, const char *name, uint32_t *bits)
{
	int region = model_region(m, name);
	if (region < 0)
		return wrong(c, "no such stack", name);
	*bits |= 1U << region;
	return true;
}

/* REG, REG+N, REG[N] or REG[N]-M: where the frame is. */
static bool take_sane(struct contract *c, enum sane sane, const char *place)
{
	size_t n = strcspn(place, "[+-");
	const char *rest = place + n;
	char *end;
	c->sane = sane;
	c->sane_reg = -1;
	for (int r = 0; r < GPR_COUNT; r++)
		if (strlen(reg_names[r]) == n && !strncmp(reg_names[r], place, n))
			c->sane_reg = r;
	c->sane_indirect = *rest == '[';
	if (c->sane_indirect) {
		c->sane_at = (int32_t)strtol(rest + 1, &end, 0);
		rest = *end == ']' ? end + 1 : place;
	}
	c->sane_offset = strtol(rest, &end, 0);
	return (c->sane_reg >= 0 && !*end) || wrong(c, "not a place", place);
}

/* One word of a clause whose first word was `verb`. */
static bool take_word(const struct model *m, struct contract *c, const char *verb, const char *word)
{
	if (!strcmp(verb, "in"))
		return take_in(m, c, word);
	if (!strcmp(verb, "out"))
		return !strncmp(word, "IF=", 3) ? (c->out_iflag = word[3] - '0', true)
						: wrong(c, "out", word);
	if (!strcmp(verb, "writes"))
		return take_word_name(m, c, word, &c->writes);
	if (!strcmp(verb, "stores"))
		return take_word_name(m, c, word, &c->stores) &&
		       take_word_name(m, c, word, &c->writes);
	if (!strcmp(verb, "touches"))
		return take_touches(m, c, word);
	if (!strcmp(verb, "result"))
		return take_result(c, word);
	if (!strcmp(verb, "dies"))
		return take_stack(m, c, word, &c->dies_live);
	if (!strcmp(verb, "never"))
		return take_stack(m, c, word, &c->never);
	if (!strcmp(verb, "keeps-sane"))
		return take_sane(c, SANE_KEEPS, word);
	if (!strcmp(verb, "makes-sane"))
		return take_sane(c, SANE_MAKES, word);
	return wrong(c, "not understood", word);
}

static bool take_flag(struct contract *c, const char *verb)
{
	bool *flag = !strcmp(verb, "irq")	 ? &c->irq
		     : !strcmp(verb, "switch")	 ? &c->switches
		     : !strcmp(verb, "frame")	 ? &c->frame
		     : !strcmp(verb, "fixup")	 ? &c->fixup
		     : !strcmp(verb, "error")	 ? &c->error_slot
		     : !strcmp(verb, "noreturn") ? &c->noreturn
		     : !strcmp(verb, "indirect") ? &c->indirect
		     : !strcmp(verb, "restores") ? &c->restores
		     : !strcmp(verb, "roots")	 ? &c->roots
		     : !strcmp(verb, "work")	 ? &c->work
						 : NULL;
	if (flag)
		*flag = true;
	return flag != NULL;
}

static bool take_clause(const struct model *m, struct contract *c, char *clause)
{
	char *save, *verb = strtok_r(clause, " \t", &save);
	if (!verb || take_flag(c, verb))
		return true;
	for (char *w = strtok_r(NULL, " \t", &save); w; w = strtok_r(NULL, " \t", &save))
		if (!take_word(m, c, verb, w))
			return false;
	return true;
}

bool contract_add(struct model *m, const struct image *im, const char *function, const char *text)
{
	const struct symbol *s = image_symbol(im, function);
	if (!s)
		return true;
	if (m->contract_count == CONTRACTS_MAX) {
		fprintf(stderr, "entrycheck: too many contracts\n");
		return false;
	}
	struct contract *c = &m->contracts[m->contract_count++];
	*c = (struct contract){.address = s->address,
		.gs = -1,
		.cr3_kernel = -1,
		.iflag = -1,
		.df = -1,
		.ac = -1,
		.rsp_region = -1,
		.out_iflag = -1};
	snprintf(c->name, sizeof(c->name), "%s", function);
	char copy[512], *save;
	snprintf(copy, sizeof(copy), "%s", text);
	for (char *p = strtok_r(copy, ";", &save); p; p = strtok_r(NULL, ";", &save))
		if (!take_clause(m, c, p))
			return false;
	return true;
}

/* Reading descriptions: statement.c knows the statements. */
#include "model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "contract.h"
#include "statement.h"

const char *const reg_names[R_COUNT] = {"rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi",
	"r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15", "rip", "cs", "rflags", "ss"};

int model_region(const struct model *m, const char *name)
{
	for (unsigned i = 0; i < m->region_count; i++)
		if (!strcmp(m->regions[i].name, name))
			return (int)i;
	return -1;
}

int model_root(const struct model *m, const char *name)
{
	for (unsigned i = 0; i < m->root_count; i++)
		if (!strcmp(m->roots[i].name, name))
			return (int)i;
	return -1;
}

const struct contract *model_contract(const struct model *m, uint64_t address)
{
	for (unsigned i = 0; i < m->contract_count; i++)
		if (m->contracts[i].address == address)
			return &m->contracts[i];
	return NULL;
}

/* Splits in place; false if the line says nothing in this mode. */
static bool split(struct reader *r, char *line, const char *mode)
{
	char *hash = strchr(line, '#');
	if (hash)
		*hash = '\0';
	r->count = 0;
	for (char *w = strtok(line, " \t\n"); w && r->count < WORDS_PER_LINE;
		w = strtok(NULL, " \t\n"))
		r->word[r->count++] = w;
	if (r->count && r->word[0][0] == '[') {
		size_t n = strlen(r->word[0]);
		bool ours = n > 2 && !strncmp(r->word[0] + 1, mode, n - 2) && strlen(mode) == n - 2;
		memmove(r->word, r->word + 1, --r->count * sizeof(r->word[0]));
		return ours && r->count;
	}
	return r->count > 0;
}

static void begin(struct model *m, const char *mode)
{
	*m = (struct model){.irq_vector_first = 32, .words_region = -1};
	snprintf(m->mode, sizeof(m->mode), "%s", mode);
	snprintf(m->regions[REGION_BELOW].name, 32, "interrupted");
	m->regions[REGION_BELOW].is_stack = true;
	snprintf(m->regions[REGION_DATA].name, 32, "data");
	m->region_count = 2;
}

static bool take_contracts(struct model *m, struct image *im)
{
	for (size_t i = 0; i < im->contract_count; i++)
		if (!contract_add(m, im, im->contracts[i].function, im->contracts[i].text))
			return false;
	return true;
}

/* A contract of a function in the checked text itself: C calls it. */
static void add_functions(struct model *m, const struct image *im)
{
	for (unsigned i = 0; i < m->contract_count && m->door_count < DOORS_MAX; i++)
		if (image_in_text(im, m->contracts[i].address))
			m->doors[m->door_count++] = (struct door){
				.kind = DOOR_FUNCTION,
				.address = m->contracts[i].address,
				.contract = &m->contracts[i],
			};
}

bool model_read(struct model *m, struct image *im, const char *path, const char *mode)
{
	static struct reader reader;
	reader = (struct reader){.m = m, .im = im, .path = path};
	begin(m, mode);
	FILE *f = fopen(path, "re");
	if (!f) {
		fprintf(stderr, "entrycheck: %s: it can't be read\n", path);
		return false;
	}
	char line[1024];
	bool ok = true;
	while (ok && fgets(line, sizeof(line), f)) {
		reader.line++;
		if (split(&reader, line, mode))
			ok = statement_read(&reader);
	}
	fclose(f);
	/* Kernel stacks of interrupted code are mapped where the data is. */
	m->regions[REGION_BELOW].roots = m->data_roots;
	if (!ok || !take_contracts(m, im))
		return false;
	add_functions(m, im);
	return true;
}

unsigned model_modes(const char *path, char names[][32], unsigned max)
{
	FILE *f = fopen(path, "re");
	char line[1024];
	unsigned n = 0;
	while (f && fgets(line, sizeof(line), f)) {
		char mode[32];
		if (sscanf(line, " [%31[^]]]", mode) != 1)
			continue;
		bool seen = false;
		for (unsigned i = 0; i < n; i++)
			seen |= !strcmp(names[i], mode);
		if (!seen && n < max)
			snprintf(names[n++], 32, "%s", mode);
	}
	if (f)
		fclose(f);
	if (n == 0)
		names[n++][0] = '\0';
	return n;
}

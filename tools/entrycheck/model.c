/* Reading descriptions: statement.c knows the statements. */
#include "model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "contract.h"
#include "statement.h"

#define INCLUDES_MAX 8

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
	*m = (struct model){.irq_vector_first = 32, .words_region = -1, .alignment = 16};
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

/* `include FILE`: the path from the including file's folder. */
static bool included(const char *path, const char *line, char *out, size_t size)
{
	char name[256];
	const char *slash = strrchr(path, '/');
	if (sscanf(line, " include %255s", name) != 1)
		return false;
	snprintf(out, size, "%.*s%s", slash ? (int)(slash + 1 - path) : 0, path, name);
	return true;
}

static FILE *open_description(const char *path, unsigned depth)
{
	FILE *f = depth < INCLUDES_MAX ? fopen(path, "re") : NULL;
	if (!f)
		fprintf(stderr, "entrycheck: %s: it can't be read\n", path);
	return f;
}

static bool read_file(struct reader *r, const char *path, const char *mode, unsigned depth)
{
	char line[1024], other[600];
	bool ok = true;
	FILE *f = open_description(path, depth);
	if (!f)
		return false;
	for (unsigned n = 1; ok && fgets(line, sizeof(line), f); n++) {
		if (included(path, line, other, sizeof(other))) {
			ok = read_file(r, other, mode, depth + 1);
			continue;
		}
		r->path = path;
		r->line = n;
		if (split(r, line, mode))
			ok = statement_read(r);
	}
	fclose(f);
	return ok;
}

bool model_read(struct model *m, struct image *im, const char *path, const char *mode)
{
	static struct reader reader;
	reader = (struct reader){.m = m, .im = im};
	begin(m, mode);
	bool ok = read_file(&reader, path, mode, 0);
	/* Kernel stacks of interrupted code are mapped where the data is. */
	m->regions[REGION_BELOW].roots = m->data_roots;
	if (!ok || !take_contracts(m, im))
		return false;
	add_functions(m, im);
	return true;
}

struct modes {
	char (*names)[32];
	unsigned count, max;
};

static void add_mode(struct modes *modes, const char *mode)
{
	for (unsigned i = 0; i < modes->count; i++)
		if (!strcmp(modes->names[i], mode))
			return;
	if (modes->count < modes->max)
		snprintf(modes->names[modes->count++], 32, "%s", mode);
}

static void modes_of_file(struct modes *modes, const char *path, unsigned depth)
{
	char line[1024], other[600], mode[32];
	FILE *f = open_description(path, depth);
	while (f && fgets(line, sizeof(line), f)) {
		if (included(path, line, other, sizeof(other)))
			modes_of_file(modes, other, depth + 1);
		else if (sscanf(line, " [%31[^]]]", mode) == 1)
			add_mode(modes, mode);
	}
	if (f)
		fclose(f);
}

unsigned model_modes(const char *path, char names[][32], unsigned max)
{
	struct modes modes = {.names = names, .max = max};
	modes_of_file(&modes, path, 0);
	if (modes.count == 0)
		add_mode(&modes, "");
	return modes.count;
}

/*
 * entrycheck: explores every interleaving of a kernel's entry and exit code with everything that can interrupt it.
 * docs/entrycheck.md says how, and how to describe another kernel.
 */
#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "cfunction.h"
#include "plain.h"
#include "report.h"
#include "rules.h"

#define MODES_MAX 8

struct arguments {
	const char *file, *description, *example, *explain, *section, *data;
	bool all, quiet, ignore_claims;
	unsigned plain;
};

enum { KEY_EXAMPLE = 256, KEY_EXPLAIN, KEY_SECTION, KEY_IGNORE, KEY_PLAIN };

static const struct argp_option options[] = {
	{"describe", 'd', "FILE", 0, "Description of the kernel (default: Airlock's own)", 0},
	{"example", KEY_EXAMPLE, "NAME", 0, "Check one of the examples that come with it", 0},
	{"explain", KEY_EXPLAIN, "SYMBOL", 0,
		"Print the states that can hold at SYMBOL, or SYMBOL+0xN", 0},
	{"all", 'a', NULL, 0, "Print every violation, not just the first of each kind of path", 0},
	{"section", KEY_SECTION, "NAME", 0, "Section with the code (default .entry.text)", 0},
	{"ignore-states", KEY_IGNORE, NULL, 0, "Do not look at the STATE lines of the source", 0},
	{"plain", KEY_PLAIN, "DEPTH", 0,
		"Explore once more without summaries, DEPTH contexts interrupting each other, and compare",
		0},
	{"quiet", 'q', NULL, 0, "Print violations only", 0},
	{0},
};

static error_t parse(int key, char *value, struct argp_state *state)
{
	struct arguments *a = state->input;
	switch (key) {
	case 'd':
		a->description = value;
		break;
	case 'a':
		a->all = true;
		break;
	case 'q':
		a->quiet = true;
		break;
	case KEY_EXAMPLE:
		a->example = value;
		break;
	case KEY_EXPLAIN:
		a->explain = value;
		break;
	case KEY_PLAIN:
		a->plain = (unsigned)strtoul(value, NULL, 10);
		break;
	case KEY_IGNORE:
		a->ignore_claims = true;
		break;
	case KEY_SECTION:
		a->section = value;
		break;
	case ARGP_KEY_ARG:
		if (a->file)
			argp_error(state, "one file at a time");
		a->file = value;
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static bool explain(struct explorer *e, const char *where)
{
	char name[128];
	snprintf(name, sizeof(name), "%s", where);
	char *plus = strchr(name, '+');
	uint64_t offset = 0;
	if (plus) {
		*plus = '\0';
		offset = strtoull(plus + 1, NULL, 0);
	}
	const struct symbol *s = image_symbol(e->im, name);
	if (!s) {
		fprintf(stderr, "entrycheck: no symbol %s\n", name);
		return false;
	}
	report_explain(e, s->address + offset);
	return true;
}

static void print_counts(const struct explorer *e, double seconds)
{
	struct rusage u;
	getrusage(RUSAGE_SELF, &u);
	printf("%s%s%zu states, %lu transitions, %lu arrivals in %zu contexts, nested %u deep; %.1f s, %ld MiB\n",
		e->m->mode, *e->m->mode ? ": " : "", e->node_count, e->transitions, e->events,
		e->context_count, e->deepest, seconds, u.ru_maxrss / 1024);
}

static size_t count_set(const bool *flags, size_t n)
{
	size_t count = 0;
	for (size_t i = 0; i < n; i++)
		count += flags[i];
	return count;
}

static void report_some(const struct arguments *a, struct explorer *e)
{
	size_t shown = a->all			? e->violation_count
		       : e->violation_count < 3 ? e->violation_count
						: 3;
	for (size_t i = 0; i < shown; i++)
		report_violation(e, &e->violations[i]);
	if (shown < e->violation_count)
		printf("... and %zu more (--all prints them)\n", e->violation_count - shown);
}

/* The same without summaries. Violations found. */
static int check_plain(const struct arguments *a, const struct explorer *summary)
{
	struct plain_totals t = {.summary = summary, .depth = a->plain};
	struct explorer e;
	double start = now();
	plain_explore(&e, &t);
	report_some(a, &e);
	if (!a->quiet)
		printf("  plain: %lu states in %lu contexts, %u open at once; %lu returns to the interrupted state; "
		       "%zu of the %zu contexts above met, no others; %.1f s\n",
			t.states, t.contexts, t.depth, t.returns,
			count_set(t.met, summary->context_count), summary->context_count,
			now() - start);
	int bad = (int)e.violation_count;
	free(t.met);
	explore_free(&e);
	return bad;
}

/* Violations found in one mode of the description, or -1 if it can't be checked. */
static int check_mode(const struct arguments *a, struct image *im, const char *path,
	const char *mode, bool *reached)
{
	static struct model m;
	struct explorer e;
	double start = now();
	if (!model_read(&m, im, path, mode))
		return -1;
	explore(&e, im, &m, a->ignore_claims);
	if (a->explain) {
		int ok = explain(&e, a->explain) ? 0 : -1;
		explore_free(&e);
		return ok;
	}
	report_some(a, &e);
	int bad = (int)e.violation_count;
	for (uint64_t i = 0; i < im->text_end - im->text_start; i++)
		reached[i] |= e.visited[i];
	if (!a->quiet)
		print_counts(&e, now() - start);
	if (a->plain)
		bad += check_plain(a, &e);
	explore_free(&e);
	return bad;
}

/* What is not about one mode: coverage, speculation, the compiled C functions. */
static int check_rest(const struct arguments *a, struct image *im, const char *description,
	const char *mode, const bool *reached, bool strict, bool explored_clean)
{
	static struct model m;
	unsigned instructions = 0;
	if (!model_read(&m, im, description, mode))
		return -1;
	unsigned bad = rules_speculation(im, strict);
	/* Behind a violation a path is not followed, so what it would reach is not. */
	unsigned unreached = explored_clean ? rules_coverage(im, reached, &instructions) : 0;
	struct cfunction_result r = cfunction_check(im, &m);
	if (!a->quiet && explored_clean)
		printf("%u instructions; %u contracts, with %u functions below them\n",
			instructions, m.contract_count, r.functions);
	return (int)(bad + unreached + r.violations);
}

static int check_file(
	const struct arguments *a, const char *file, const char *description, bool strict)
{
	static struct image im;
	char modes[MODES_MAX][32];
	if (!image_open(&im, file, a->section ? a->section : ".entry.text"))
		return 2;
	unsigned count = model_modes(description, modes, MODES_MAX);
	bool *reached = calloc(im.text_end - im.text_start + 1, sizeof(*reached));
	int bad = 0, n = reached ? 0 : -1;
	for (unsigned i = 0; i < count && n >= 0; i++, bad += n)
		n = check_mode(a, &im, description, modes[i], reached);
	if (n >= 0 && !a->explain) {
		n = check_rest(a, &im, description, modes[0], reached, strict, bad == 0);
		bad += n;
		printf("%d violations\n", bad);
	}
	free(reached);
	image_close(&im);
	return n < 0 ? 2 : bad ? 1 : 0;
}

int main(int argc, char **argv)
{
	static const struct argp argp = {.options = options,
		.parser = parse,
		.args_doc = "[FILE.elf|FILE.o]",
		.doc = "Explores the entry and exit code of a kernel under every event that can arrive, at every "
		       "instruction."};
	struct arguments a = {.data = ENTRYCHECK_DATA};
	argp_parse(&argp, argc, argv, 0, NULL, &a);
	char file[600], description[600];
	if (a.example) {
		snprintf(file, sizeof(file), "%s/%s.o", ENTRYCHECK_OBJECTS, a.example);
		snprintf(
			description, sizeof(description), "%s/examples/%s.desc", a.data, a.example);
		return check_file(&a, file, description, false);
	}
	if (!a.file) {
		snprintf(
			file, sizeof(file), "%s/../kernel-release/airlock.elf", ENTRYCHECK_OBJECTS);
		a.file = file;
	}
	snprintf(description, sizeof(description), "%s/airlock.desc", a.data);
	return check_file(&a, a.file, a.description ? a.description : description, !a.description);
}

/* What was exercised, what was not, and why. */
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "code.h"
#include "site.h"

static void report_pairs(enum pair what, const char *word, unsigned most)
{
	for (size_t i = 0; i < site_count; i++)
		for (int e = 0; e < EVENTS; e++) {
			const struct site *s = &sites[i];
			if (s->pair[e] == what && most > 0 && most--)
				printf("%s: %s at %s%s (%s)%s%s\n", word, event_names[e],
					code_place(s->address), door_names[s->door], s->text,
					s->reason[e] ? ": " : "", s->reason[e] ? s->reason[e] : "");
		}
}

/* How many pairs are excluded for each reason. */
static void report_reasons(void)
{
	for (size_t i = 0; i < site_count; i++)
		for (int e = 0; e < EVENTS; e++) {
			const char *reason = sites[i].reason[e];
			size_t n = 0, earlier = 0;
			for (size_t k = 0; reason && k < site_count; k++)
				for (int x = 0; x < EVENTS; x++) {
					bool same = sites[k].reason[x] &&
						    strcmp(sites[k].reason[x], reason) == 0;
					n += same;
					earlier += same && (k < i || (k == i && x < e));
				}
			if (reason && !earlier)
				printf("  %4zu excluded: %s\n", n, reason);
		}
}

bool sites_report(bool verbose)
{
	size_t done = sites_count(HOW_ANY, PAIR_DONE);
	size_t missing = sites_count(HOW_ANY, PAIR_WANTED);
	size_t excluded = sites_count(HOW_ANY, PAIR_EXCLUDED);
	size_t skipped = sites_count(HOW_ANY, PAIR_SKIPPED);
	printf("%zu sites, %zu pairs: %zu exercised, %zu missing, %zu not in this sample, %zu excluded\n",
		site_count, done + missing + excluded + skipped, done, missing, skipped, excluded);
	printf("  of these in what makes frames and first returns: %zu exercised, %zu missing\n",
		sites_count(HOW_FRAME, PAIR_DONE), sites_count(HOW_FRAME, PAIR_WANTED));
	report_reasons();
	report_pairs(PAIR_WANTED, "missing", verbose ? UINT_MAX : 10);
	if (verbose)
		report_pairs(PAIR_EXCLUDED, "excluded", UINT_MAX);
	return missing == 0;
}

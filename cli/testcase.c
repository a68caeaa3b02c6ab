/*
 * Finding the tests.
 *
 *   unit/NAME       every program in build/tests/unit
 *   guest/NAME      every GUEST_TEST(NAME) in the debug kernel
 *   abi/NAME        every program in build/tests/abi; its source in tests/abi may have a header
 *   scenario/NAME   every tests/scenario/NAME.sh
 *   crossing/NAME   every tests/crossing/NAME.sh
 */
#include "testcase.h"

#include <dirent.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "elf_file.h"
#include "message.h"
#include "testheader.h"

static const char *const tier_names[TIERS] = {"unit", "guest", "abi", "scenario", "crossing"};

struct finder {
	const char *source;
	const char *build;
	const struct test_selection *selection;
	struct testcase_list *list;
	/* For each pattern: it fits some test. */
	bool *pattern_used;
};

const char *testcase_tier_name(enum test_tier tier)
{
	return tier_names[tier];
}

static bool pattern_fits(const char *pattern, const char *name)
{
	/* The brackets of a variant are no character class, so the plain name is tried as well. */
	return strcmp(pattern, name) == 0 || fnmatch(pattern, name, 0) == 0;
}

bool testcase_matches(const struct testcase *test, const char *pattern)
{
	const char *without_tier = strchr(test->full_name, '/') + 1;
	char *without_variant = text_format("%s/%s", tier_names[test->tier], test->name);
	bool fits = pattern_fits(pattern, test->full_name) || pattern_fits(pattern, without_tier) ||
		    pattern_fits(pattern, without_variant) || pattern_fits(pattern, test->name);
	free(without_variant);
	return fits;
}

/* Whether it was asked for: by name, or by being part of what runs without names. */
static bool testcase_selected(struct finder *finder, const struct testcase *test)
{
	const struct test_selection *selection = finder->selection;
	bool fits = selection->count == 0, exact = false;
	for (size_t i = 0; i < selection->count; i++) {
		if (!testcase_matches(test, selection->names[i]))
			continue;
		finder->pattern_used[i] = true;
		fits = true;
		exact = exact || strpbrk(selection->names[i], "*?") == NULL;
	}
	if (exact)
		return true;
	return fits && test->span >= selection->span && (selection->nightly || !test->nightly);
}

static char *testcase_variant(const struct testcase *test)
{
	if (test->cpus && test->pti)
		return text_format("[cpus=%d,pti=%s]", test->cpus, test->pti);
	if (test->cpus)
		return text_format("[cpus=%d]", test->cpus);
	return test->pti ? text_format("[pti=%s]", test->pti) : text_copy("");
}

static void testcase_add_once(struct finder *finder, struct testcase test)
{
	char *variant = testcase_variant(&test);
	char *repeat = test.repeat ? text_format("#%d", test.repeat) : text_copy("");
	test.name = text_copy(test.name);
	test.path = text_copy(test.path);
	test.summary = text_copy(test.summary ? test.summary : "");
	test.full_name =
		text_format("%s/%s%s%s", tier_names[test.tier], test.name, variant, repeat);
	free(variant);
	free(repeat);

	struct testcase_list *list = finder->list;
	if (list->count == list->room) {
		list->room = list->room ? 2 * list->room : 64;
		list->items = text_grow(list->items, list->room * sizeof(*list->items));
	}
	list->items[list->count++] = test;
}

/* Adds one variant, as often as it is to be repeated, if it is selected. */
static void testcase_add(struct finder *finder, struct testcase test)
{
	char *variant = testcase_variant(&test);
	test.full_name = text_format("%s/%s%s", tier_names[test.tier], test.name, variant);
	bool selected = testcase_selected(finder, &test);
	free(test.full_name);
	free(variant);
	if (!selected)
		return;
	for (int i = 1; i <= finder->selection->repeat; i++) {
		test.repeat = finder->selection->repeat > 1 ? i : 0;
		testcase_add_once(finder, test);
	}
}

/*
 * Adds all variants.  For most, two of the four are enough where both dimensions are wanted: each value
 * of each still occurs.  For quick, the last is.  Some say that for them two are enough every day.
 */
static void testcase_expand(
	struct finder *finder, struct testcase test, const struct test_header *header)
{
	static const char *const isolation[] = {"off", "on"};
	bool cpus = header->cpus, pti = header->pti;
	for (int i = 0; i < (cpus ? 2 : 1); i++) {
		for (int j = 0; j < (pti ? 2 : 1); j++) {
			struct testcase variant = test;
			variant.cpus = cpus ? i + 1 : 0;
			variant.pti = pti ? isolation[j] : NULL;
			if (cpus && pti && i != j) {
				variant.span = SPAN_ALL;
				variant.nightly = test.nightly || header->pairs;
			} else if (test.span == SPAN_QUICK &&
				   ((cpus && i == 0) || (pti && j == 0))) {
				variant.span = SPAN_MOST;
			}
			testcase_add(finder, variant);
		}
	}
}

static int testcase_compare_names(const struct dirent **left, const struct dirent **right)
{
	return strcmp((*left)->d_name, (*right)->d_name);
}

/* Calls `add` with the path and name of each file, in order.  A folder that is not there is empty. */
static int testcase_scan(struct finder *finder, enum test_tier tier, const char *folder,
	int (*add)(struct finder *finder, enum test_tier tier, const char *path, const char *name))
{
	struct dirent **entries;
	int count = scandir(folder, &entries, NULL, testcase_compare_names);
	int status = 0;
	for (int i = 0; i < count; i++) {
		char *path = text_format("%s/%s", folder, entries[i]->d_name);
		if (status == 0 && entries[i]->d_name[0] != '.')
			status = add(finder, tier, path, entries[i]->d_name);
		free(path);
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
	return status;
}

/* Object files and the like lie beside the programs. */
static bool testcase_is_program(const char *path, const char *name)
{
	struct stat status;
	return !strchr(name, '.') && stat(path, &status) == 0 && S_ISREG(status.st_mode) &&
	       access(path, X_OK) == 0;
}

static int testcase_add_unit(
	struct finder *finder, enum test_tier tier, const char *path, const char *name)
{
	struct testcase test = {.tier = tier,
		.name = name,
		.path = path,
		.timeout = 2 * TESTHEADER_SECONDS,
		.span = SPAN_QUICK};
	if (testcase_is_program(path, name))
		testcase_add(finder, test);
	return 0;
}

/* The program was made from one of these. */
static bool testcase_read_abi_header(
	const struct finder *finder, const char *name, struct test_header *header)
{
	static const char *const endings[] = {"c", "musl.c", "S"};
	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
		char *source = text_format("%s/tests/abi/%s.%s", finder->source, name, endings[i]);
		bool found = access(source, R_OK) == 0;
		bool good = !found || testheader_read(source, header);
		free(source);
		if (found)
			return good;
	}
	return testheader_parse(name, "", header);
}

static int testcase_add_abi(
	struct finder *finder, enum test_tier tier, const char *path, const char *name)
{
	struct test_header header;
	if (!testcase_is_program(path, name))
		return 0;
	if (!testcase_read_abi_header(finder, name, &header))
		return STATUS_AIRLOCK;
	struct testcase test = {.tier = tier,
		.name = name,
		.path = path,
		.summary = header.summary,
		.timeout = header.timeout,
		.span = header.span_said ? header.span : SPAN_QUICK,
		.nightly = header.nightly};
	header.cpus = header.pti = true;
	testcase_expand(finder, test, &header);
	return 0;
}

static int testcase_add_script(
	struct finder *finder, enum test_tier tier, const char *path, const char *name)
{
	struct test_header header;
	size_t length = strlen(name);
	if (length < 4 || strcmp(name + length - 3, ".sh") != 0 || access(path, X_OK) != 0)
		return 0;
	if (!testheader_read(path, &header))
		return STATUS_AIRLOCK;
	char *short_name = text_format("%.*s", (int)length - 3, name);
	struct testcase test = {.tier = tier,
		.name = short_name,
		.path = path,
		.summary = header.summary,
		.timeout = header.timeout,
		.span = header.span,
		.nightly = header.nightly};
	testcase_expand(finder, test, &header);
	free(short_name);
	return 0;
}

/* The macro GUEST_TEST(name) makes an object name_entry. */
static void testcase_add_guest(const char *object, void *context)
{
	static const char ending[] = "_entry";
	struct finder *finder = context;
	size_t length = strlen(object), ending_length = sizeof(ending) - 1;
	if (length > ending_length && strcmp(object + length - ending_length, ending) == 0)
		length -= ending_length;
	char *name = text_format("%.*s", (int)length, object);
	struct testcase test = {.tier = TIER_GUEST,
		.name = name,
		.path = finder->selection->debug_kernel,
		.timeout = TESTHEADER_SECONDS,
		.span = SPAN_QUICK};
	testcase_expand(finder, test, &(struct test_header){.cpus = true, .pti = true});
	free(name);
}

static int testcase_find_guest(struct finder *finder)
{
	const char *kernel = finder->selection->debug_kernel;
	if (access(kernel, R_OK) != 0)
		return 0;
	return elf_file_linker_set(
		kernel, "__guest_tests_start", "__guest_tests_end", testcase_add_guest, finder);
}

static int testcase_find_all(struct finder *finder)
{
	char *unit = text_format("%s/tests/unit", finder->build);
	char *abi = text_format("%s/tests/abi", finder->build);
	char *scenario = text_format("%s/tests/scenario", finder->source);
	char *crossing = text_format("%s/tests/crossing", finder->source);
	int status = testcase_scan(finder, TIER_UNIT, unit, testcase_add_unit);
	if (status == 0)
		status = testcase_find_guest(finder);
	if (status == 0)
		status = testcase_scan(finder, TIER_ABI, abi, testcase_add_abi);
	if (status == 0)
		status = testcase_scan(finder, TIER_SCENARIO, scenario, testcase_add_script);
	if (status == 0)
		status = testcase_scan(finder, TIER_CROSSING, crossing, testcase_add_script);
	free(unit);
	free(abi);
	free(scenario);
	free(crossing);
	return status;
}

static int testcase_compare(const void *left, const void *right)
{
	const struct testcase *a = left, *b = right;
	if (a->tier != b->tier)
		return a->tier < b->tier ? -1 : 1;
	int order = strcmp(a->name, b->name);
	if (order == 0)
		order = a->repeat - b->repeat;
	return order ? order : strcmp(a->full_name, b->full_name);
}

int testcase_find(const char *source, const char *build, const struct test_selection *selection,
	struct testcase_list *list)
{
	struct finder finder = {
		.source = source, .build = build, .selection = selection, .list = list};
	finder.pattern_used = text_alloc((selection->count + 1) * sizeof(bool));
	int status = testcase_find_all(&finder);
	for (size_t i = 0; status == 0 && i < selection->count; i++)
		if (!finder.pattern_used[i])
			status = message_fail(STATUS_AIRLOCK,
				"no test is named %s (airlock test -l lists them)",
				selection->names[i]);
	free(finder.pattern_used);
	if (list->count > 0)
		qsort(list->items, list->count, sizeof(*list->items), testcase_compare);
	return status;
}

void testcase_list_free(struct testcase_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		struct testcase *test = &list->items[i];
		free((char *)test->name);
		free(test->full_name);
		free((char *)test->path);
		free((char *)test->summary);
		free(test->why);
		free(test->output);
	}
	free(list->items);
	*list = (struct testcase_list){0};
}

/*
 * airlock test: finds the tests, runs them side by side, tells the results in a fixed order.
 *
 * The results come in the order of the list (tier, name, variant), however the tests end; a test's
 * output is shown only when it fails.
 */
#include "test.h"

#include <argp.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "message.h"
#include "paths.h"
#include "testcase.h"
#include "testjob.h"

enum {
	OPTION_QUICK = 256,
	OPTION_MOST,
	OPTION_NIGHTLY,
	OPTION_SEED,
	OPTION_REPEAT,
	OPTION_FUZZ,
	OPTION_KERNEL,
	OPTION_DEBUG_KERNEL,
	OPTION_VARIANT,
	OPTION_SOURCE,
	OPTION_BUILD,
};

/* How many times longer instrumented kernels, and fuzzed schedules, may take. */
#define SLOWER 4

struct test_options {
	bool list;
	bool verbose;
	bool fuzz;
	long jobs;
	long seed;
	struct test_selection selection;
	struct text_list names;
	const char *kernel;
	const char *abi_debug_kernel;
	const char *variant;
	const char *source;
	const char *build;
};

/* What the lines about results need. */
struct test_counts {
	size_t passed;
	size_t failed;
	size_t skipped;
	size_t total;
	bool verbose;
	const struct test_options *options;
	const struct testjob_config *config;
};

static const struct argp_option test_table[] = {
	{"list", 'l', 0, 0, "List the tests instead of running them", 0},
	{"jobs", 'j', "N", 0,
		"Run so many side by side (default: one more than there are processors)", 0},
	{"verbose", 'v', 0, 0,
		"Name the tests that pass, and the processor time they took, as well", 0},
	{"quick", OPTION_QUICK, 0, 0, "Only what takes little time: a minute and a half in all", 0},
	{"most", OPTION_MOST, 0, 0, "What every change must pass: some minutes", 0},
	{"nightly", OPTION_NIGHTLY, 0, 0, "Also what takes very long", 0},
	{"seed", OPTION_SEED, "N", 0, "For everything that is random (default: a new one)", 0},
	{"repeat", OPTION_REPEAT, "N", 0, "Run each test so many times", 0},
	{"fuzz", OPTION_FUZZ, 0, 0,
		"Debug kernels that switch threads at random, by the seed; --repeat counts it up",
		0},
	{"kernel", OPTION_KERNEL, "FILE", 0, "Use this kernel, except for in-kernel tests", 0},
	{"debug-kernel", OPTION_DEBUG_KERNEL, "FILE", 0,
		"Use this kernel for in-kernel tests, and a variant of each ABI program", 0},
	{"variant", OPTION_VARIANT, "NAME", 0,
		"Use this variant of the kernel for all tests: debug, kasan, ubsan, kcsan, cov", 0},
	{"source", OPTION_SOURCE, "DIR", 0, "Take the scripts from here", 0},
	{"build", OPTION_BUILD, "DIR", 0, "Take the built tests from here", 0},
	{0},
};

static void test_number(const char *option, const char *value, long low, long high, long *out)
{
	if (!text_number(value, low, high, out))
		exit(message_fail(STATUS_AIRLOCK,
			"--%s cannot be '%s': it takes a number from %ld to %ld", option, value,
			low, high));
}

static error_t test_parse_one(int key, char *value, struct argp_state *state)
{
	struct test_options *options = state->input;
	long repeat;
	switch (key) {
	case 'l':
		options->list = true;
		return 0;
	case 'v':
		options->verbose = true;
		return 0;
	case 'j':
		test_number("jobs", value, 1, 1024, &options->jobs);
		return 0;
	case OPTION_QUICK:
		options->selection.span = SPAN_QUICK;
		return 0;
	case OPTION_MOST:
		options->selection.span = SPAN_MOST;
		return 0;
	case OPTION_NIGHTLY:
		options->selection.nightly = true;
		return 0;
	case OPTION_SEED:
		test_number("seed", value, 0, 0xffffffff, &options->seed);
		return 0;
	case OPTION_REPEAT:
		test_number("repeat", value, 1, 100000, &repeat);
		options->selection.repeat = (int)repeat;
		return 0;
	case OPTION_FUZZ:
		options->fuzz = true;
		return 0;
	case OPTION_KERNEL:
		options->kernel = value;
		return 0;
	case OPTION_DEBUG_KERNEL:
		options->selection.debug_kernel = value;
		return 0;
	case OPTION_VARIANT:
		options->variant = value;
		return 0;
	case OPTION_SOURCE:
		options->source = value;
		return 0;
	case OPTION_BUILD:
		options->build = value;
		return 0;
	case ARGP_KEY_ARG:
		text_list_add(&options->names, value);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* What the kernels of all runs count is added up by tools/coverage. */
static void test_collect_coverage(void)
{
	char *folder = paths_build("coverage"), *raw = paths_build("coverage/raw");
	if ((mkdir(folder, 0755) != 0 && errno != EEXIST) ||
		(mkdir(raw, 0755) != 0 && errno != EEXIST))
		exit(message_fail(STATUS_AIRLOCK, "cannot make %s: %s", raw, strerror(errno)));
	setenv("AIRLOCK_COVERAGE", raw, 1);
	free(folder);
	free(raw);
}

static void test_set_variant(struct test_options *options)
{
	char *name = text_format("kernel-%s/airlock.elf", options->variant);
	char *kernel = paths_build(name);
	if (strchr(options->variant, '/') || access(kernel, R_OK) != 0)
		exit(message_fail(STATUS_AIRLOCK,
			"there is no kernel of the variant '%s' (make kernel-%s builds it)",
			options->variant, options->variant));
	if (!options->kernel)
		options->kernel = kernel;
	if (!options->selection.debug_kernel)
		options->selection.debug_kernel = kernel;
	if (strcmp(options->variant, "cov") == 0)
		test_collect_coverage();
	free(name);
}

/*
 * What is taken when nobody asked for a kernel.  Without a debug kernel all ABI programs run on the release kernel, as there are no in-kernel
 * tests then.
 */
static void test_set_kernels(struct test_options *options)
{
	const char *debug_kernel = options->selection.debug_kernel;
	options->kernel = paths_build(
		options->fuzz ? "kernel-debug/airlock.elf" : "kernel-release/airlock.elf");
	if (!options->fuzz && access(debug_kernel, R_OK) == 0)
		options->abi_debug_kernel = debug_kernel;
}

static void test_parse(int argc, char **argv, struct test_options *options)
{
	static const struct argp argp = {
		.options = test_table,
		.parser = test_parse_one,
		.args_doc = "[NAME...]",
		.doc = "Runs Airlock's tests. A NAME may be a glob, with or without the tier and the "
		       "variant.\vThe status is 0 when no test failed, else 1. The last line is "
		       "'N passed, N failed, N skipped'.",
	};
	uint32_t seed = 0;
	if (getrandom(&seed, sizeof(seed), 0) < 0)
		seed = (uint32_t)getpid();
	*options = (struct test_options){
		/* One more than can run: a test that waits leaves its processor to another. */
		.jobs = sysconf(_SC_NPROCESSORS_ONLN) + 1,
		.seed = seed,
		.selection = {.repeat = 1}};
	argp_err_exit_status = STATUS_AIRLOCK;
	argp_parse(&argp, argc, argv, 0, NULL, options);

	options->selection.names = options->names.items;
	options->selection.count = options->names.count;
	if (!options->source)
		options->source = paths_source("");
	if (!options->build)
		options->build = paths_build("");
	if (options->variant)
		test_set_variant(options);
	if (!options->selection.debug_kernel)
		options->selection.debug_kernel = paths_build("kernel-debug/airlock.elf");
	if (!options->kernel)
		test_set_kernels(options);
}

static int test_print_list(const struct testcase_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct testcase *test = &list->items[i];
		if (test->summary[0])
			printf("%-48s %s\n", test->full_name, test->summary);
		else
			printf("%s\n", test->full_name);
	}
	return 0;
}

/* What a test printed, set apart from what the command says. */
static void test_print_output(const char *output)
{
	while (*output) {
		size_t length = strcspn(output, "\n");
		printf("    | %.*s\n", (int)length, output);
		output += length + (output[length] == '\n');
	}
}

/* The command that does the same again. The number of a repetition is in its seed. */
static void test_print_again(const struct test_counts *counts, const struct testcase *test)
{
	const struct test_options *options = counts->options;
	printf("    again: airlock test%s", options->fuzz ? " --fuzz" : "");
	if (options->variant)
		printf(" --variant %s", options->variant);
	printf(" --seed %lu '%.*s'\n", testjob_seed(counts->config, test),
		(int)strcspn(test->full_name, "#"), test->full_name);
}

static void test_progress(const struct test_counts *counts)
{
	if (isatty(STDOUT_FILENO))
		printf("\r\033[K%zu of %zu%s\r", counts->passed + counts->failed + counts->skipped,
			counts->total, counts->failed ? ", some failed" : "");
	fflush(stdout);
}

static void test_finished(const struct testcase *test, void *context)
{
	struct test_counts *counts = context;
	const char *clear = isatty(STDOUT_FILENO) ? "\033[K" : "";
	switch (test->result) {
	case RESULT_PASS:
		counts->passed++;
		if (counts->verbose)
			printf("%spass  %s  %.1f s, %.1f s busy\n", clear, test->full_name,
				test->seconds, test->busy);
		break;
	case RESULT_SKIP:
		counts->skipped++;
		printf("%sskip  %s: %s\n", clear, test->full_name, test->why);
		break;
	default:
		counts->failed++;
		printf("%sFAIL  %s  %.1f s: %s\n", clear, test->full_name, test->seconds,
			test->why);
		if (test->output)
			test_print_output(test->output);
		test_print_again(counts, test);
		break;
	}
	test_progress(counts);
}

/* The limits in the tests are for the release kernel, undisturbed. */
static void test_give_time(const struct test_options *options, struct testcase_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		if (options->fuzz || options->variant)
			list->items[i].timeout *= SLOWER;
}

static int test_run(const struct test_options *options, struct testcase_list *list)
{
	if (list->count == 0)
		return message_fail(STATUS_AIRLOCK, "there are no tests; are they built?");
	struct test_counts counts = {
		.total = list->count, .verbose = options->verbose, .options = options};
	test_give_time(options, list);
	char *scratch = paths_build("test-scratch");
	char *airlock = paths_self();
	if (mkdir(scratch, 0755) != 0 && errno != EEXIST)
		return message_fail(STATUS_AIRLOCK, "cannot make %s: %s", scratch, strerror(errno));
	struct testjob_config config = {
		.airlock = airlock,
		.kernel = options->kernel,
		.debug_kernel = options->selection.debug_kernel,
		.abi_debug_kernel = options->abi_debug_kernel,
		.scratch = scratch,
		.source = options->source,
		.seed = (unsigned long)options->seed,
		.fuzz = options->fuzz,
		.brief = options->selection.span != SPAN_ALL,
		.jobs = (int)options->jobs,
		.finished = test_finished,
		.context = &counts,
	};
	counts.config = &config;
	printf("%zu tests, %ld at a time, seed %ld\n", list->count, options->jobs, options->seed);
	int status = testjob_run_all(&config, list);
	free(scratch);
	free(airlock);
	if (status != 0)
		return status;
	printf("%s%zu passed, %zu failed, %zu skipped\n", isatty(STDOUT_FILENO) ? "\033[K" : "",
		counts.passed, counts.failed, counts.skipped);
	return counts.failed ? 1 : 0;
}

int test_command(int argc, char **argv)
{
	struct test_options options;
	struct testcase_list list = {0};
	test_parse(argc, argv, &options);
	int status = testcase_find(options.source, options.build, &options.selection, &list);
	if (status == 0)
		status = options.list ? test_print_list(&list) : test_run(&options, &list);
	testcase_list_free(&list);
	text_list_free(&options.names);
	return status;
}

/*
 * airlock bench: figures, each with the limit that the project set itself.
 *
 * Instructions are counted by QEMU (one instruction is 1 ns of guest time), so they repeat exactly.
 * Wall-clock time is compared with what QEMU itself needs to start and end: runs of both alternate,
 * so that a host that is busy for a while disturbs both alike, and the medians are compared.
 */
#include "bench.h"

#include <argp.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bench_process.h"
#include "elf_file.h"
#include "machine.h"
#include "message.h"
#include "outcome.h"
#include "paths.h"
#include "run.h"

enum {
	OPTION_VS_LINUX = 256,
	OPTION_JSON,
	OPTION_RUNS,
	/* The VM of the boot figures. */
	BENCH_MEMORY_MIB = 128,
	BENCH_TIMEOUT = 60,
};

struct bench_options {
	bool json;
	long runs;
	const char *kernel;
	struct text_list names;
};

struct bench_row {
	/* What `airlock bench GROUP` prints. */
	const char *group;
	const char *name;
	const char *unit;
	const char *summary;
	double limit;
	/* 0 or an exit status after one line. */
	int (*measure)(const struct bench_options *options, double *value);
};

static char bench_busybox[] = "busybox", bench_applet[] = "true";
static char *bench_program[] = {bench_busybox, bench_applet, NULL};

/* The run that the boot figures are about: busybox, doing nothing. */
static void bench_run_options(const struct bench_options *options, struct run_options *run)
{
	options_default(run);
	run->memory_mib = BENCH_MEMORY_MIB;
	run->accel = ACCEL_TCG;
	run->timeout = BENCH_TIMEOUT;
	run->kernel = options->kernel;
	run->program = bench_program;
}

static int bench_run(const struct run_options *run, struct vm_result *result)
{
	static const struct run_streams nowhere = {-1, -1, -1, -1, -1};
	return run_execute(run, &nowhere, result);
}

/* Says why a run that had to work did not. */
static int bench_run_failed(const struct run_options *run, const struct vm_result *result)
{
	struct outcome_context context = {.program = run->program[0],
		.memory_mib = run->memory_mib,
		.timeout = run->timeout,
		.boot_timeout = run->boot_timeout,
		.accel = "tcg"};
	int status = outcome_status(result, &context);
	return status ? status : STATUS_AIRLOCK;
}

static int bench_instructions(const struct bench_options *options, double *value)
{
	struct run_options run;
	struct vm_result result;
	bench_run_options(options, &run);
	run.icount = true;
	int status = bench_run(&run, &result);
	if (status != 0)
		return status;

	const json_t *boot = report_find(&result.report, "boot");
	long entry = report_number(boot, "entry_tsc", 0), user = report_number(boot, "user_tsc", 0);
	*value = (double)(user - entry);
	if (!outcome_succeeded(&result))
		status = bench_run_failed(&run, &result);
	else if (entry <= 0 || user <= entry)
		status = message_fail(STATUS_AIRLOCK, "the kernel reported no start times");
	vm_result_free(&result);
	return status;
}

static int bench_min_ram(const struct bench_options *options, double *value)
{
	/* 1 MiB is below what QEMU's firmware takes, so it never works. */
	long fails = 1, works = BENCH_MEMORY_MIB;
	bool worked = false;
	while (works - fails > 1) {
		struct run_options run;
		struct vm_result result;
		long middle = worked ? (fails + works) / 2 : BENCH_MEMORY_MIB;
		bench_run_options(options, &run);
		run.memory_mib = middle;
		run.any_memory = true;
		int status = bench_run(&run, &result);
		if (status != 0)
			return status;
		bool good = outcome_succeeded(&result);
		if (!good && !worked)
			status = bench_run_failed(&run, &result);
		vm_result_free(&result);
		if (status != 0)
			return status;
		if (good)
			works = middle;
		else
			fails = middle;
		worked = true;
	}
	*value = (double)works;
	return 0;
}

static int bench_image(const struct bench_options *options, double *value)
{
	size_t size;
	char *built = paths_build("kernel-release/airlock.elf");
	int status = elf_file_loaded_size(options->kernel ? options->kernel : built, &size);
	*value = (double)size / 1024;
	free(built);
	return status;
}

/* Runs a command with nowhere to print to; its status, and how long it took. */
static int bench_time(const struct text_list *arguments, double *ms)
{
	struct timespec start, end;
	clock_gettime(CLOCK_MONOTONIC, &start);
	pid_t child = fork();
	if (child == 0) {
		int null = open("/dev/null", O_RDWR);
		for (int fd = 0; fd <= STDERR_FILENO; fd++)
			dup2(null, fd);
		execvp(arguments->items[0], arguments->items);
		_exit(STATUS_NOT_FOUND);
	}
	int status;
	if (child < 0 || waitpid(child, &status, 0) != child)
		return -1;
	clock_gettime(CLOCK_MONOTONIC, &end);
	*ms = (double)(end.tv_sec - start.tv_sec) * 1e3 +
	      (double)(end.tv_nsec - start.tv_nsec) / 1e6;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int bench_compare(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;
	return (a > b) - (a < b);
}

static double bench_median(double *values, long count)
{
	qsort(values, (size_t)count, sizeof(*values), bench_compare);
	return (values[(count - 1) / 2] + values[count / 2]) / 2;
}

/* QEMU with a kernel that ends at once. */
static void bench_floor_arguments(struct text_list *arguments)
{
	char *kernel = paths_build("cli/floor.elf");
	struct machine machine = {.qemu = "qemu-system-x86_64",
		.kernel = kernel,
		.memory_mib = BENCH_MEMORY_MIB,
		.cpus = 1,
		.accel = ACCEL_TCG};
	machine_arguments(&machine, arguments);
	free(kernel);
}

/* What a user types: through the bootstrap where there is one. */
static void bench_run_arguments(const struct bench_options *options, struct text_list *arguments)
{
	char *bootstrap = paths_source("airlock"), *self = paths_self();
	text_list_add(arguments, access(bootstrap, X_OK) == 0 ? bootstrap : self);
	text_list_add(arguments, "run");
	text_list_add(arguments, "--accel=tcg");
	text_list_format(arguments, "--memory=%dM", BENCH_MEMORY_MIB);
	if (options->kernel)
		text_list_format(arguments, "--kernel=%s", options->kernel);
	for (char **word = bench_program; *word; word++)
		text_list_add(arguments, *word);
	free(bootstrap);
	free(self);
}

static int bench_wall(const struct bench_options *options, double *value)
{
	enum { QEMU_COMPLETE = 33 };
	struct text_list bare = {0}, whole = {0};
	bench_floor_arguments(&bare);
	bench_run_arguments(options, &whole);
	double *bare_ms = text_alloc((size_t)options->runs * sizeof(double));
	double *whole_ms = text_alloc((size_t)options->runs * sizeof(double));
	int status = 0;
	/* One run of each first, so that everything is in the host's caches. */
	for (long i = -1; status == 0 && i < options->runs; i++) {
		long slot = i < 0 ? 0 : i;
		if (bench_time(&bare, &bare_ms[slot]) != QEMU_COMPLETE)
			status = message_fail(STATUS_AIRLOCK, "QEMU alone cannot be measured");
		else if (bench_time(&whole, &whole_ms[slot]) != 0)
			status = message_fail(STATUS_AIRLOCK, "airlock run busybox true failed");
	}
	*value = bench_median(whole_ms, options->runs) - bench_median(bare_ms, options->runs);
	free(bare_ms);
	free(whole_ms);
	text_list_free(&bare);
	text_list_free(&whole);
	return status;
}

static int bench_fork(const struct bench_options *options, double *value)
{
	return bench_process(options->kernel, "fork", value);
}

static int bench_exec(const struct bench_options *options, double *value)
{
	return bench_process(options->kernel, "exec", value);
}

static int bench_thread(const struct bench_options *options, double *value)
{
	return bench_process(options->kernel, "thread", value);
}

static int bench_signal(const struct bench_options *options, double *value)
{
	return bench_process(options->kernel, "signal", value);
}

static int bench_futex(const struct bench_options *options, double *value)
{
	return bench_process(options->kernel, "futex", value);
}

static const struct bench_row bench_rows[] = {
	{"boot", "boot.instructions", "instructions",
		"from the kernel's entry to the first user instruction", 3e6, bench_instructions},
	{"boot", "boot.wall_ms_over_floor", "ms", "airlock run busybox true, less a bare QEMU", 40,
		bench_wall},
	{"boot", "boot.min_ram_mib", "MiB", "the smallest VM in which that works", 16,
		bench_min_ram},
	{"boot", "image.kib", "KiB", "text, read-only data and data of the kernel", 512,
		bench_image},
	{"process", "process.fork", "instructions", "fork, exit and wait of a small program", 80e3,
		bench_fork},
	{"process", "process.exec", "instructions", "vfork, execve, exit and wait of it", 150e3,
		bench_exec},
	{"process", "process.thread", "instructions", "pthread_create and pthread_join", 15e3,
		bench_thread},
	{"process", "process.signal", "instructions",
		"a signal to itself, its handler and the return", 1.5e3, bench_signal},
	{"process", "process.futex", "instructions", "a futex handed to another thread and back",
		2.5e3, bench_futex},
};

enum { BENCH_ROWS = sizeof(bench_rows) / sizeof(bench_rows[0]) };

static bool bench_fits(const struct bench_row *row, const char *pattern)
{
	return strcmp(pattern, row->group) == 0 || fnmatch(pattern, row->name, 0) == 0;
}

static bool bench_selected(const struct bench_options *options, const struct bench_row *row)
{
	for (size_t i = 0; i < options->names.count; i++)
		if (bench_fits(row, options->names.items[i]))
			return true;
	return options->names.count == 0;
}

static const struct argp_option bench_table[] = {
	{"vs-linux", OPTION_VS_LINUX, 0, 0, "Compare with Debian's Linux (not possible yet)", 0},
	{"json", OPTION_JSON, 0, 0, "Print one JSON object", 0},
	{"runs", OPTION_RUNS, "N", 0, "Runs for a wall-clock figure (default 15)", 0},
	{"kernel", 'k', "FILE", 0, "Measure this kernel", 0},
	{0},
};

static error_t bench_parse_one(int key, char *value, struct argp_state *state)
{
	struct bench_options *options = state->input;
	switch (key) {
	case OPTION_VS_LINUX:
		exit(message_fail(STATUS_AIRLOCK,
			"--vs-linux is not possible yet: it needs the program layer that both kernels "
			"can run"));
	case OPTION_JSON:
		options->json = true;
		return 0;
	case OPTION_RUNS:
		if (!text_number(value, 1, 10000, &options->runs))
			exit(message_fail(STATUS_AIRLOCK, "--runs takes a number from 1 to 10000"));
		return 0;
	case 'k':
		options->kernel = value;
		return 0;
	case ARGP_KEY_ARG:
		text_list_add(&options->names, value);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static void bench_check_names(const struct bench_options *options)
{
	for (size_t i = 0; i < options->names.count; i++) {
		bool fits = false;
		for (size_t j = 0; j < BENCH_ROWS; j++)
			fits = fits || bench_fits(&bench_rows[j], options->names.items[i]);
		if (!fits)
			exit(message_fail(STATUS_AIRLOCK, "there is no figure named %s",
				options->names.items[i]));
	}
}

static void bench_print(const struct bench_options *options, json_t *rows,
	const struct bench_row *row, double value)
{
	if (options->json)
		json_array_append_new(
			rows, json_pack("{s:s, s:s, s:f, s:f}", "name", row->name, "unit",
				      row->unit, "airlock", value, "limit", row->limit));
	else
		printf("%-26s %14.*f %-13s limit %-10.0f %s\n", row->name,
			value == (double)(long)value ? 0 : 1, value, row->unit, row->limit,
			row->summary);
	fflush(stdout);
}

int bench_command(int argc, char **argv)
{
	static const struct argp argp = {
		.options = bench_table,
		.parser = bench_parse_one,
		.args_doc = "[NAME...]",
		.doc = "Measures Airlock. A NAME is a group (boot) or a glob over the figures' names.",
	};
	struct bench_options options = {.runs = 15};
	argp_err_exit_status = STATUS_AIRLOCK;
	argp_parse(&argp, argc, argv, 0, NULL, &options);
	bench_check_names(&options);

	json_t *rows = json_array();
	int status = 0;
	for (size_t i = 0; i < BENCH_ROWS; i++) {
		double value = 0;
		if (!bench_selected(&options, &bench_rows[i]))
			continue;
		int failed = bench_rows[i].measure(&options, &value);
		if (failed)
			status = STATUS_AIRLOCK;
		else
			bench_print(&options, rows, &bench_rows[i], value);
	}
	if (options.json) {
		json_t *all = json_pack("{s:O}", "rows", rows);
		json_dumpf(all, stdout, JSON_INDENT(2));
		putchar('\n');
		json_decref(all);
	}
	json_decref(rows);
	text_list_free(&options.names);
	return status;
}

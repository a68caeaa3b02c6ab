/*
 * airlock run: one program in a VM of its own.
 *
 * The steps: read the options, build the initial archive (root file system, program, and the file
 * that tells the kernel what to start), build the machine, run it, and put into words how it ended.
 */
#include "run.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "elf_file.h"
#include "initrd.h"
#include "machine.h"
#include "message.h"
#include "options.h"
#include "outcome.h"
#include "paths.h"
#include "program.h"
#include "rootfs.h"
#include "terminal.h"
#include "tracefile.h"
#include "vm.h"

/* The kernel's own need beside the archive; below it no VM starts. */
enum { RUN_KERNEL_MIB = 4 };

#define RUN_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

/* Sets NAME=VALUE unless the user did. */
static void run_default(struct text_list *environment, const struct run_options *options,
	const char *name, const char *value)
{
	char *prefix = text_format("%s=", name);
	bool given = false;
	for (size_t i = 0; i < options->environment.count; i++)
		given = given || text_starts(options->environment.items[i], prefix);
	if (!given)
		text_list_format(environment, "%s%s", prefix, value);
	free(prefix);
}

/*
 * The program's environment: small and the same on every host, so that a run can be repeated
 * elsewhere, and so that nothing of the host's leaks into the VM.
 */
static void run_environment(const struct run_options *options, struct text_list *environment)
{
	run_default(environment, options, "PATH", RUN_PATH);
	run_default(environment, options, "HOME", options->uid == 0 ? "/root" : "/");
	run_default(environment, options, "HOSTNAME", "airlock");
	run_default(environment, options, "LANG", "C.UTF-8");
	if (options->tty)
		run_default(environment, options, "TERM", getenv("TERM") ? getenv("TERM") : "dumb");
	for (size_t i = 0; i < options->environment.count; i++) {
		const char *value = options->environment.items[i];
		size_t name = strcspn(value, "=") + 1;
		bool later = false;
		for (size_t j = i + 1; j < options->environment.count; j++)
			later |= strncmp(options->environment.items[j], value, name) == 0;
		if (!later)
			text_list_add(environment, value);
	}
}

/* The value of a variable of the program's environment, or NULL. */
static const char *run_variable(const struct text_list *environment, const char *name)
{
	size_t length = strlen(name);
	for (size_t i = 0; i < environment->count; i++)
		if (text_starts(environment->items[i], name) &&
			environment->items[i][length] == '=')
			return environment->items[i] + length + 1;
	return NULL;
}

static void run_record(FILE *file, const char *key, const char *value)
{
	fprintf(file, "%s=%s", key, value);
	fputc('\0', file);
}

static void run_record_number(FILE *file, const char *key, long value)
{
	char *text = text_format("%ld", value);
	run_record(file, key, text);
	free(text);
}

/* .airlock/init: what the kernel is to start. */
static void run_add_init(struct initrd *initrd, const struct run_options *options,
	const struct text_list *environment, const char *path)
{
	static const struct initrd_attributes directory = {.mode = S_IFDIR | 0700};
	static const struct initrd_attributes attributes = {.mode = S_IFREG | 0400};
	char *data = NULL;
	size_t size = 0;
	FILE *file = open_memstream(&data, &size);
	if (!file)
		exit(message_fail(STATUS_AIRLOCK, "the host is out of memory"));

	run_record(file, "program", path);
	for (char **arg = options->program; *arg; arg++)
		run_record(file, "arg", *arg);
	for (size_t i = 0; i < environment->count; i++)
		run_record(file, "env", environment->items[i]);
	run_record(file, "cwd", options->workdir);
	if (options->tty) {
		int rows, columns;
		terminal_size(STDIN_FILENO, &rows, &columns);
		run_record_number(file, "tty", 1);
		run_record_number(file, "rows", rows);
		run_record_number(file, "columns", columns);
	}
	run_record_number(file, "uid", options->uid);
	run_record_number(file, "gid", options->gid);
	for (size_t i = 0; i < options->volume_modes.count; i++)
		run_record(file, "volume", options->volume_modes.items[i]);
	fclose(file);

	initrd_add_special(initrd, "/.airlock", &directory, NULL);
	initrd_add_file(initrd, "/.airlock/init", &attributes, data, size);
	free(data);
}

/* All but the program.  Volumes come before the files that stand in for missing ones. */
static int run_fill_root(struct pack *pack, const struct run_options *options)
{
	int status = 0;
	if (!options->rootfs)
		rootfs_add_directories(pack->initrd);
	for (size_t i = 0; i < options->volumes.count && status == 0; i += 2)
		status =
			pack_volume(pack, options->volumes.items[i], options->volumes.items[i + 1]);
	if (status == 0 && options->rootfs)
		status = rootfs_add(pack->initrd, options->rootfs);
	else if (status == 0)
		rootfs_add_files(pack->initrd);
	return status;
}

/* Fills the archive.  0 or an exit status. */
static int run_fill(struct initrd *initrd, const struct run_options *options,
	const struct text_list *environment)
{
	char *path = NULL;
	struct pack pack;
	pack_open(&pack, initrd, run_variable(environment, "LD_LIBRARY_PATH"),
		run_variable(environment, "PATH"));
	int status = run_fill_root(&pack, options);
	if (status == 0 && options->program[0])
		status = options->rootfs ? program_find_in_archive(options->program[0],
						   pack.search ? pack.search : RUN_PATH,
						   options->workdir, initrd, &path)
					 : program_add_from_host(options->program[0], &pack, &path);
	pack_close(&pack);
	if (status != 0)
		return status;
	/* As docker does: a working directory that is not there is made. */
	initrd_add_directory(initrd, options->workdir, 0755);
	if (path)
		run_add_init(initrd, options, environment, path);
	free(path);
	return 0;
}

static int run_archive(const struct run_options *options, int *archive)
{
	struct text_list environment = {0};
	run_environment(options, &environment);
	struct initrd *initrd = initrd_create();
	int status = run_fill(initrd, options, &environment);
	text_list_free(&environment);
	if (status != 0)
		return status;

	size_t size;
	*archive = initrd_finish(initrd, &size);
	long mib = (long)(size >> 20);
	if (!options->any_memory && mib + RUN_KERNEL_MIB > options->memory_mib)
		return message_fail(STATUS_AIRLOCK,
			"the program and its files take %ld MiB, too much for a VM with %ld MiB of "
			"memory (more with --memory)",
			mib + 1, options->memory_mib);
	return 0;
}

/* The kernel's command line. */
static void run_kernel_args(const struct run_options *options, struct text_list *args)
{
	text_list_format(args, "pti=%s", options->pti);
	/* The report of the first step into the program is the VM's sign of life. */
	text_list_format(args, "report=boot%s", options->syscall_summary ? ",syscalls" : "");
	if (options->log_level || options->strict)
		text_list_format(
			args, "loglevel=%s", options->strict ? "warn" : options->log_level);
	if (options->log_crossings)
		text_list_add(args, "log_crossings");
	if (options->trace)
		text_list_add(args, "trace");
	if (options->strace)
		text_list_add(args, "strace");
	for (size_t i = 0; i < options->kernel_args.count; i++)
		text_list_add(args, options->kernel_args.items[i]);
}

static const char *run_qemu(const struct run_options *options)
{
	const char *variable = getenv("AIRLOCK_QEMU");
	if (options->qemu)
		return options->qemu;
	return variable && variable[0] ? variable : "qemu-system-x86_64";
}

/* The image that runs; the caller owns the result. */
static char *run_kernel(const struct run_options *options)
{
	return options->kernel ? text_copy(options->kernel)
			       : paths_build("kernel-release/airlock.elf");
}

static int run_machine(const struct run_options *options, bool input, struct text_list *arguments)
{
	struct machine machine = {
		.qemu = run_qemu(options),
		.memory_mib = options->memory_mib,
		.cpus = options->cpus,
		.accel = options->accel,
		.icount = options->icount,
		.gdb_port = options->gdb_port,
		.devices = true,
		.trace = options->trace != NULL,
		.strace = options->strace,
		.input = input,
		.monitor = options->timeout > 0,
	};
	char *kernel = run_kernel(options);
	machine.kernel = kernel;
	int status = elf_file_check_kernel(machine.kernel);
	if (status != 0)
		return status;
	run_kernel_args(options, &machine.kernel_args);
	if (!input)
		text_list_add(&machine.kernel_args, "stdin=none");
	machine_arguments(&machine, arguments);
	text_list_free(&machine.kernel_args);
	free(kernel);
	return 0;
}

static int run_compare_calls(const void *left, const void *right)
{
	long a = report_number(*(json_t *const *)left, "calls", 0);
	long b = report_number(*(json_t *const *)right, "calls", 0);
	return (a < b) - (a > b);
}

/* --syscall-summary: most frequent first; what is not implemented is marked. */
static void run_print_syscalls(const struct report *report)
{
	size_t count = 0, total = json_array_size(report->events);
	const json_t **events = text_alloc(total * sizeof(*events));
	for (size_t i = 0; i < total; i++) {
		const json_t *event = json_array_get(report->events, i);
		if (strcmp(report_text(event, "event", ""), "syscall") == 0)
			events[count++] = event;
	}
	qsort(events, count, sizeof(*events), run_compare_calls);
	fprintf(stderr, "%10s  %8s  %s\n", "calls", "ENOSYS", "system call");
	for (size_t i = 0; i < count; i++)
		fprintf(stderr, "%10ld  %8ld  %s (%ld)\n", report_number(events[i], "calls", 0),
			report_number(events[i], "enosys", 0), report_text(events[i], "name", "?"),
			report_number(events[i], "number", -1));
	free(events);
}

/* In-kernel tests and benchmarks: a line for each result, for people and for `airlock test`. */
static void run_print_results(const struct report *report)
{
	for (size_t i = 0; i < json_array_size(report->events); i++) {
		const json_t *event = json_array_get(report->events, i);
		const char *kind = report_text(event, "event", "");
		const char *why = report_text(event, "why", "");
		if (strcmp(kind, "test") == 0)
			printf("%s %s%s%s\n", report_text(event, "result", "fail"),
				report_text(event, "name", "?"), why[0] ? ": " : "", why);
		else if (strcmp(kind, "bench") == 0)
			printf("bench %s %s %g\n", report_text(event, "name", "?"),
				report_text(event, "unit", "?"),
				json_number_value(json_object_get(event, "value")));
	}
	fflush(stdout);
}

/*
 * Standard input is passed on always, as for any command, with one exception: a terminal is read only
 * with -i or -t, so that a VM in the background or in a loop does not take what the user types.  -1 is an input that is
 * at its end from the start, as /dev/null is.
 */
static int run_input(const struct run_options *options)
{
	struct stat input, null;
	if (options->tty)
		return STDIN_FILENO;
	if (fstat(STDIN_FILENO, &input) != 0)
		return -1;
	if (S_ISCHR(input.st_mode) && stat("/dev/null", &null) == 0 &&
		input.st_rdev == null.st_rdev)
		return -1;
	return options->interactive || !isatty(STDIN_FILENO) ? STDIN_FILENO : -1;
}

/* The VM, with the user's terminal while it runs. */
static void run_vm(
	const struct run_options *options, const struct vm_config *config, struct vm_result *result)
{
	struct vm_config own = *config;
	struct terminal terminal;
	if (options->tty) {
		terminal_take(&terminal, own.input);
		own.terminal = &terminal;
	}
	vm_run(&own, result);
	if (options->tty)
		terminal_give_back(&terminal);
}

/* The same, with its trace being written. */
static int run_traced(
	const struct run_options *options, struct vm_config *config, struct vm_result *result)
{
	struct tracefile *trace = NULL;
	if (options->trace) {
		char *kernel = run_kernel(options);
		trace = tracefile_create(options->trace, kernel);
		free(kernel);
		if (!trace)
			return STATUS_AIRLOCK;
		config->trace = tracefile_add;
		config->trace_context = trace;
	}
	run_vm(options, config, result);
	return trace ? tracefile_finish(trace) : 0;
}

int run_execute(const struct run_options *options, const struct run_streams *streams,
	struct vm_result *result)
{
	struct text_list arguments = {0};
	int archive = -1;
	int status = run_archive(options, &archive);
	if (status == 0)
		status = run_machine(options, streams->input >= 0, &arguments);
	if (status == 0) {
		struct vm_config config = {
			.arguments = &arguments,
			.archive = archive,
			.input = streams->input,
			.output = streams->output,
			.errors = streams->errors,
			.log = streams->log,
			.strace = streams->strace,
			.timeout = options->timeout,
			/* Under a debugger everything takes as long as it takes. */
			.boot_timeout = options->gdb_port ? 0 : options->boot_timeout,
		};
		status = run_traced(options, &config, result);
	}
	text_list_free(&arguments);
	if (archive >= 0)
		close(archive);
	return status;
}

static int run_dry(const struct run_options *options)
{
	struct text_list arguments = {0};
	int status = run_machine(options, run_input(options) >= 0, &arguments);
	if (status == 0)
		machine_print(&arguments);
	text_list_free(&arguments);
	return status;
}

/* What is said when the VM is over, and the status. */
static int run_finish(const struct run_options *options, const struct vm_result *result)
{
	char *kernel = run_kernel(options);
	struct outcome_context context = {
		.kernel = kernel,
		.crash_folder = options->crash_folder,
		.program = options->program[0] ? options->program[0] : "the kernel's tests",
		.memory_mib = options->memory_mib,
		.timeout = options->timeout,
		.boot_timeout = options->boot_timeout,
		.accel = options->accel == ACCEL_KVM ? "kvm" : "tcg",
	};
	run_print_results(&result->report);
	if (options->syscall_summary)
		run_print_syscalls(&result->report);
	int status = outcome_status(result, &context);
	free(kernel);
	return options->strict ? outcome_strict(result, status) : status;
}

/* Where --strace writes. */
static int run_open_strace(const struct run_options *options, int *fd)
{
	*fd = options->strace ? STDERR_FILENO : -1;
	if (!options->strace_file)
		return 0;
	*fd = open(options->strace_file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (*fd < 0)
		return message_fail(STATUS_AIRLOCK, "cannot write the calls to %s: %s",
			options->strace_file, strerror(errno));
	return 0;
}

/* Whoever will kill the command at some moment of CLOCK_MONOTONIC may say so: then it ends a little earlier by itself, with a report. */
static void run_limit(struct run_options *options)
{
	const char *text = getenv("AIRLOCK_DEADLINE");
	struct timespec now;
	if (!text || !text[0])
		return;
	clock_gettime(CLOCK_MONOTONIC, &now);
	double left = strtod(text, NULL) - (double)now.tv_sec - (double)now.tv_nsec / 1e9;
	left = left > 1 ? left : 1;
	if (options->timeout <= 0 || left < options->timeout)
		options->timeout = left;
}

int run_command(int argc, char **argv)
{
	struct run_options options;
	struct vm_result result;
	options_parse(argc, argv, &options);
	options.accel = accel_choose(options.accel);
	if (options.dry_run)
		return run_dry(&options);
	run_limit(&options);
	if (options.gdb_port)
		message("waiting for a debugger (gdb -x tools/gdb/airlock.py -ex 'target remote 127.0.0.1:%ld' KERNEL)",
			options.gdb_port);

	bool show_log = options.log_level || options.log_crossings;
	struct run_streams streams = {
		.input = run_input(&options),
		.output = STDOUT_FILENO,
		.errors = STDERR_FILENO,
		.log = show_log ? STDERR_FILENO : -1,
		.strace = -1,
	};
	int status = run_open_strace(&options, &streams.strace);
	if (status == 0)
		status = run_execute(&options, &streams, &result);
	if (status != 0)
		return status;
	status = run_finish(&options, &result);
	vm_result_free(&result);
	return status;
}

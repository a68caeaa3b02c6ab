/*
 * airlock run: one program in a VM of its own.
 *
 * The steps: read the options, build the initial archive (contents.h), build the machine (machine.h), run it (vm.h), and put into
 * words how it ended (outcome.h).
 */
#include "run.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "contents.h"
#include "elf_file.h"
#include "machine.h"
#include "message.h"
#include "options.h"
#include "outcome.h"
#include "paths.h"
#include "results.h"
#include "terminal.h"
#include "tracefile.h"
#include "vm.h"

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
	int status = contents_pack(options, &archive);
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
	results_print(&result->report);
	if (options->syscall_summary)
		results_print_syscalls(&result->report);
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

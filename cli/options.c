/*
 * The options of `airlock run`, through argp.
 *
 * Everything that can be wrong with them is found here, before anything is started.  An option for
 * something that Airlock cannot do yet is an error, never ignored.
 */
#include "options.h"

#include <argp.h>
#include <stdlib.h>
#include <string.h>

#include "message.h"

enum {
	OPTION_ROOTFS = 256,
	OPTION_CPUS,
	OPTION_TIMEOUT,
	OPTION_BOOT_TIMEOUT,
	OPTION_ACCEL,
	OPTION_PTI,
	OPTION_KERNEL,
	OPTION_KERNEL_ARG,
	OPTION_QEMU,
	OPTION_TRACE,
	OPTION_STRACE,
	OPTION_CRASH_DIR,
	OPTION_LOG_CROSSINGS,
	OPTION_LOG_LEVEL,
	OPTION_STRICT,
	OPTION_SYSCALL_SUMMARY,
	OPTION_GDB,
	OPTION_DRY_RUN,
	OPTION_ICOUNT,
};

static const struct argp_option options_table[] = {
	{0, 0, 0, 0, "The machine:", 1},
	{"memory", 'm', "SIZE", 0, "Memory of the VM, such as 64M or 2G (default 512M)", 0},
	{"cpus", OPTION_CPUS, "N", 0, "Processors of the VM (default 1)", 0},
	{"accel", OPTION_ACCEL, "auto|kvm|tcg", 0,
		"Hardware virtualization or emulation (default auto: KVM where it is proven to work)",
		0},
	{"timeout", OPTION_TIMEOUT, "SECONDS", 0, "End the VM after this time, with status 124", 0},
	{0, 0, 0, 0, "The program:", 2},
	{"env", 'e', "K=V", 0, "Set a variable of the program; K alone passes on the host's", 0},
	{"workdir", 'w', "DIR", 0, "Start the program in this directory (default /)", 0},
	{"user", 'u', "UID[:GID]", 0, "Run the program as this user (default 0:0)", 0},
	{"rootfs", OPTION_ROOTFS, "DIR|TAR", 0, "Use a copy of this as the root file system", 0},
	{"volume", 'v', "HOST:GUEST[:ro]", 0,
		"Copy a file or directory into the VM, with what programs in it need to start", 0},
	{"interactive", 'i', 0, 0, "Read standard input even when it is a terminal", 0},
	{"tty", 't', 0, 0,
		"Give the program a terminal: the one that the command has, until Ctrl-] .", 0},
	{0, 0, 0, 0, "The kernel, and looking inside:", 3},
	{"pti", OPTION_PTI, "auto|on|off", 0, "Page-table isolation (default auto)", 0},
	{"kernel-arg", OPTION_KERNEL_ARG, "ARG", 0,
		"Add a word to the kernel's command line: pti, aslr, hz, watchdog, fail and others, see docs/host-protocol.md",
		0},
	{"kernel", OPTION_KERNEL, "FILE", 0, "Use this kernel", 0},
	{"log-level", OPTION_LOG_LEVEL, "LEVEL", 0,
		"Show the kernel's log on standard error: error, warn, info, debug or trace", 0},
	{"log-crossings", OPTION_LOG_CROSSINGS, 0, 0,
		"Show the last crossings between user and kernel when the program has ended", 0},
	{"strict", OPTION_STRICT, 0, 0,
		"Fail with status 125 when the kernel logs a warning (a later --log-level undoes this)",
		0},
	{"syscall-summary", OPTION_SYSCALL_SUMMARY, 0, 0,
		"Show at the end which system calls were made", 0},
	{"trace", OPTION_TRACE, "FILE", 0,
		"Write what the kernel and the program do as trace events (ui.perfetto.dev, airlock trace)",
		0},
	{"strace", OPTION_STRACE, 0, 0, "Show the system calls, decoded, on standard error", 0},
	{"output", 'o', "FILE", 0, "With --strace: show them in this file instead", 0},
	{"crash-dir", OPTION_CRASH_DIR, "DIR", 0,
		"Put the report of a kernel panic there (default: the current folder)", 0},
	{"gdb", OPTION_GDB, "PORT", OPTION_ARG_OPTIONAL,
		"Wait for a debugger on this port of localhost (default 1234)", 0},
	{"icount", OPTION_ICOUNT, 0, 0,
		"One guest instruction is 1 ns of guest time: exact, repeatable figures", 0},
	{"boot-timeout", OPTION_BOOT_TIMEOUT, "SECONDS", 0,
		"Give the VM up when the program has not started by then (default 60)", 0},
	{"qemu", OPTION_QEMU, "FILE", 0, "Use this QEMU", 0},
	{"dry-run", OPTION_DRY_RUN, 0, 0, "Print the QEMU command line instead of running it", 0},
	{0, 0, 0, 0, 0, -1},
	{0},
};

static void options_bad(const char *option, const char *value, const char *wanted)
{
	exit(message_fail(
		STATUS_AIRLOCK, "--%s cannot be '%s': it takes %s", option, value, wanted));
}

/* One of the words in `list`, which are divided by blanks. */
static const char *options_word(const char *option, const char *value, const char *list)
{
	size_t length = strlen(value);
	for (const char *word = list; *word; word += strspn(word, " ")) {
		size_t size = strcspn(word, " ");
		if (size == length && strncmp(word, value, size) == 0)
			return value;
		word += size;
	}
	options_bad(option, value, text_format("one of: %s", list));
	return NULL;
}

static void options_environment(struct run_options *options, const char *value)
{
	if (value[0] == '=' || value[0] == '\0')
		options_bad("env", value, "NAME=VALUE or NAME");
	if (strchr(value, '=')) {
		text_list_add(&options->environment, value);
		return;
	}
	const char *host = getenv(value);
	if (host)
		text_list_format(&options->environment, "%s=%s", value, host);
}

/* What the program writes to the copy stays in the VM; with ":ro" it can't. */
static void options_volume(struct run_options *options, const char *value)
{
	const char *colon = strchr(value, ':');
	const char *guest = colon ? colon + 1 : "";
	size_t length = strcspn(guest, ":");
	if (!colon || colon == value || guest[0] != '/' ||
		(guest[length] && strcmp(guest + length, ":ro") != 0 &&
			strcmp(guest + length, ":rw") != 0))
		options_bad("volume", value, "HOST:GUEST or HOST:GUEST:ro, GUEST an absolute path");
	const char *mode = strcmp(guest + length, ":ro") == 0 ? "ro" : "rw";
	text_list_format(&options->volumes, "%.*s", (int)(colon - value), value);
	while (length > 1 && guest[length - 1] == '/')
		length--;
	text_list_format(&options->volumes, "%.*s", (int)length, guest);
	text_list_format(&options->volume_modes, "%s:%.*s", mode, (int)length, guest);
}

static void options_user(struct run_options *options, const char *value)
{
	enum { ID_MAX = 0x7fffffff };
	char *copy = text_copy(value);
	char *colon = strchr(copy, ':');
	if (colon)
		*colon = '\0';
	if (!text_number(copy, 0, ID_MAX, &options->uid) ||
		(colon && !text_number(colon + 1, 0, ID_MAX, &options->gid)))
		options_bad("user", value, "UID or UID:GID, as numbers");
	free(copy);
}

static void options_kernel_arg(struct run_options *options, const char *value)
{
	if (value[0] == '\0' || strpbrk(value, " \t\n"))
		options_bad("kernel-arg", value, "one word without blanks");
	if (text_starts(value, "test="))
		options->kernel_tests = true;
	text_list_add(&options->kernel_args, value);
}

static error_t options_machine(int key, char *value, struct run_options *options)
{
	switch (key) {
	case 'm':
		if (!text_size_mib(value, &options->memory_mib))
			options_bad("memory", value, "a size such as 64M or 2G");
		return 0;
	case OPTION_CPUS:
		if (!text_number(value, 1, 255, &options->cpus))
			options_bad("cpus", value, "a number from 1 to 255");
		return 0;
	case OPTION_ACCEL:
		options->accel = accel_from_name(options_word("accel", value, "auto kvm tcg"));
		return 0;
	case OPTION_TIMEOUT:
		if (!text_seconds(value, &options->timeout))
			options_bad("timeout", value, "a number of seconds above 0");
		return 0;
	case OPTION_BOOT_TIMEOUT:
		if (!text_seconds(value, &options->boot_timeout))
			options_bad("boot-timeout", value, "a number of seconds above 0");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static error_t options_program(int key, char *value, struct run_options *options)
{
	switch (key) {
	case 'e':
		options_environment(options, value);
		return 0;
	case 'w':
		if (value[0] != '/')
			options_bad("workdir", value, "an absolute path in the VM");
		options->workdir = value;
		return 0;
	case 'u':
		options_user(options, value);
		return 0;
	case OPTION_ROOTFS:
		options->rootfs = value;
		return 0;
	case 'i':
		options->interactive = true;
		return 0;
	case 'v':
		options_volume(options, value);
		return 0;
	case 't':
		options->tty = true;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static error_t options_kernel(int key, char *value, struct run_options *options)
{
	switch (key) {
	case OPTION_PTI:
		options->pti = options_word("pti", value, "auto on off");
		return 0;
	case OPTION_KERNEL:
		options->kernel = value;
		return 0;
	case OPTION_QEMU:
		options->qemu = value;
		return 0;
	case OPTION_KERNEL_ARG:
		options_kernel_arg(options, value);
		return 0;
	case OPTION_STRICT:
		options->strict = true;
		options->log_level = NULL;
		return 0;
	case OPTION_LOG_LEVEL:
		options->strict = false;
		options->log_level =
			options_word("log-level", value, "error warn info debug trace");
		return 0;
	case OPTION_LOG_CROSSINGS:
		options->log_crossings = true;
		return 0;
	case OPTION_SYSCALL_SUMMARY:
		options->syscall_summary = true;
		return 0;
	case OPTION_TRACE:
		options->trace = value;
		return 0;
	case OPTION_CRASH_DIR:
		options->crash_folder = value;
		return 0;
	case OPTION_STRACE:
		options->strace = true;
		return 0;
	case 'o':
		options->strace_file = value;
		return 0;
	case OPTION_GDB:
		options->gdb_port = 1234;
		if (value && !text_number(value, 1, 65535, &options->gdb_port))
			options_bad("gdb", value, "a port number");
		return 0;
	case OPTION_DRY_RUN:
		options->dry_run = true;
		return 0;
	case OPTION_ICOUNT:
		options->icount = true;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* Options that do not go together. */
static void options_check(struct run_options *options)
{
	if (options->strace_file && !options->strace)
		exit(message_fail(STATUS_AIRLOCK, "--output is about --strace: give that, too"));
	if (!options->program[0] && !options->kernel_tests)
		exit(message_fail(
			STATUS_AIRLOCK, "run: the program is missing (airlock run --help)"));
	if (options->icount && options->cpus > 1)
		exit(message_fail(
			STATUS_AIRLOCK, "--icount counts one processor: leave --cpus out"));
	if (options->icount && options->accel == ACCEL_KVM)
		exit(message_fail(
			STATUS_AIRLOCK, "--icount needs emulation: leave --accel kvm out"));
	if (options->icount)
		options->accel = ACCEL_TCG;
}

static error_t options_parse_one(int key, char *value, struct argp_state *state)
{
	struct run_options *options = state->input;
	switch (key) {
	case ARGP_KEY_ARG:
		/* The first word that is no option is the program; the rest is the program's. */
		options->program = &state->argv[state->next - 1];
		state->next = state->argc;
		return 0;
	case ARGP_KEY_END:
		options_check(options);
		return 0;
	default:
		break;
	}
	if (options_machine(key, value, options) == 0 || options_program(key, value, options) == 0)
		return 0;
	return options_kernel(key, value, options);
}

void options_default(struct run_options *options)
{
	*options = (struct run_options){
		.memory_mib = 512,
		.cpus = 1,
		.workdir = "/",
		.boot_timeout = 60,
		.accel = ACCEL_AUTO,
		.pti = "auto",
	};
}

void options_parse(int argc, char **argv, struct run_options *options)
{
	static const struct argp argp = {
		.options = options_table,
		.parser = options_parse_one,
		.args_doc = "[--] PROGRAM [ARG...]",
		.doc = "Runs a Linux program in a VM of its own and ends with its exit status."
		       "\vThe status is the program's own; 128+N when signal N ended it; 124 when the "
		       "time was up, 125 when Airlock itself failed, 126 when the program cannot be "
		       "executed, 127 when it was not found.",
	};
	options_default(options);
	options->program = argv + argc;
	argp_err_exit_status = STATUS_AIRLOCK;
	argp_parse(&argp, argc, argv, ARGP_IN_ORDER, NULL, options);
}

/*
 * A running VM.
 *
 * QEMU is a child in a session of its own, so that Ctrl-C reaches only the command, and dies with the
 * command however that ends.  One loop moves all bytes, takes signals (through a signalfd) and keeps
 * the deadlines:
 *
 *   boot      the VM must have said something on the control port by then (it reports its first step
 *             into the program);
 *   final     after its last event and with all its output written, the VM must end by itself;
 *   timeout   the user's limit; the kernel is then asked what everything waits for, which ends the VM,
 *   report    if it does so in this time;
 *   linger    after the command has ended the VM, its last output may take this long to be written.
 *
 * The run is complete when QEMU has been reaped, all channels are at their end and everything that
 * came out of them is written: only then may the exit status be given.
 */
#include "vm.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "channel.h"
#include "cputime.h"
#include "machine.h"
#include "message.h"
#include "terminal.h"

enum vm_channel {
	CHANNEL_LOG,
	CHANNEL_INPUT,
	CHANNEL_OUTPUT,
	CHANNEL_ERRORS,
	CHANNEL_CONTROL,
	CHANNEL_TRACE,
	CHANNEL_STRACE,
	CHANNEL_MONITOR,
	CHANNEL_DIAGNOSIS,
	CHANNELS,
};

static const double FINAL_SECONDS = 5;
static const double LINGER_SECONDS = 1;
static const double REPORT_SECONDS = 4;

/* Longer lines on the control port are not the kernel's. */
enum { CONTROL_LINE_MAX = 1 << 16 };

enum { LOG_PIPE_SIZE = 1 << 18 };

struct vm {
	const struct vm_config *config;
	struct vm_result *result;
	struct channel *channels;
	/* Our ends of the channels, and QEMU's until it has them. */
	int ours[CHANNELS];
	int theirs[CHANNELS];
	pid_t qemu;
	bool reaped;
	int signals;
	/* The time is over and the kernel knows. */
	bool asked;
	/* Somebody has typed the keys to leave. */
	bool left;
	sigset_t old_mask;
	/* An incomplete line of the control port. */
	char *line;
	size_t line_length;
	/* Moments, INFINITY for never. */
	double boot_at;
	double final_at;
	/* QEMU's processor time when final_at was set. */
	double final_used;
	double timeout_at;
	double report_at;
	double linger_at;
};

static double vm_now(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static _Noreturn void vm_die(const char *what)
{
	exit(message_fail(STATUS_AIRLOCK, "cannot %s: %s", what, strerror(errno)));
}

static void vm_tap_log(void *context, const char *data, size_t length)
{
	struct vm *vm = context;
	klog_add(&vm->result->log, data, length);
}

static void vm_tap_diagnosis(void *context, const char *data, size_t length)
{
	struct vm *vm = context;
	size_t used = strlen(vm->result->diagnosis);
	size_t room = sizeof(vm->result->diagnosis) - 1 - used;
	memcpy(vm->result->diagnosis + used, data, length < room ? length : room);
}

static void vm_take_line(struct vm *vm)
{
	report_add_line(&vm->result->report, vm->line, vm->line_length);
	vm->line_length = 0;
	vm->boot_at = INFINITY;
}

static void vm_tap_control(void *context, const char *data, size_t length)
{
	struct vm *vm = context;
	for (size_t i = 0; i < length; i++) {
		if (data[i] == '\n' || vm->line_length == CONTROL_LINE_MAX)
			vm_take_line(vm);
		else
			vm->line[vm->line_length++] = data[i];
	}
}

/* Somebody types in the program's terminal. */
static size_t vm_filter_keys(void *context, char *data, size_t length)
{
	struct vm *vm = context;
	bool leave = false;
	length = terminal_filter(vm->config->terminal, data, length, &leave);
	vm->left |= leave;
	return length;
}

/* The kernel reads the program's window's size from the control port. */
static void vm_tell_size(struct vm *vm)
{
	char line[64];
	int rows, columns;
	terminal_size(vm->config->terminal->fd, &rows, &columns);
	int length = snprintf(line, sizeof(line), "size %d %d\n", rows, columns);
	/* Lost if the kernel has not read the last hundreds of them. */
	if (send(vm->ours[CHANNEL_CONTROL], line, (size_t)length, MSG_NOSIGNAL) < 0)
		return;
}

/* What goes where. */
static void vm_set_channels(struct vm *vm)
{
	const struct vm_config *config = vm->config;
	vm->channels = text_alloc(CHANNELS * sizeof(*vm->channels));
	for (int i = 0; i < CHANNELS; i++) {
		struct channel *channel = &vm->channels[i];
		channel->source = vm->ours[i];
		channel->sink = -1;
		channel->tap_context = vm;
	}
	vm->channels[CHANNEL_LOG].tap = vm_tap_log;
	vm->channels[CHANNEL_LOG].sink = config->log;
	vm->channels[CHANNEL_LOG].lines = true;
	vm->channels[CHANNEL_INPUT].source = config->input;
	vm->channels[CHANNEL_INPUT].sink = vm->ours[CHANNEL_INPUT];
	vm->channels[CHANNEL_INPUT].to_socket = true;
	if (config->terminal) {
		vm->channels[CHANNEL_INPUT].filter = vm_filter_keys;
		vm->channels[CHANNEL_INPUT].filter_context = vm;
	}
	vm->channels[CHANNEL_OUTPUT].sink = config->output;
	vm->channels[CHANNEL_ERRORS].sink = config->errors;
	vm->channels[CHANNEL_CONTROL].tap = vm_tap_control;
	vm->channels[CHANNEL_TRACE].tap = config->trace;
	vm->channels[CHANNEL_TRACE].tap_context = config->trace_context;
	vm->channels[CHANNEL_STRACE].sink = config->strace;
	vm->channels[CHANNEL_STRACE].lines = true;
	/* What QEMU's monitor says is of no interest, and must be read all the same: it has neither sink nor tap. */
	vm->channels[CHANNEL_DIAGNOSIS].tap = vm_tap_diagnosis;
	if (config->input < 0)
		shutdown(vm->ours[CHANNEL_INPUT], SHUT_WR);
}

/* The log's is a pipe (cli/machine.c says why). */
static int vm_make_channel(int channel, int ends[2])
{
	if (channel != CHANNEL_LOG)
		return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends);
	if (pipe2(ends, O_CLOEXEC) != 0)
		return -1;
	/* A user who has many pipes gets a smaller one, which does as well. */
	fcntl(ends[0], F_SETPIPE_SZ, LOG_PIPE_SIZE);
	return 0;
}

static void vm_make_channels(struct vm *vm)
{
	for (int i = 0; i < CHANNELS; i++) {
		int ends[2];
		if (vm_make_channel(i, ends) != 0)
			vm_die("make the channels of the VM");
		/* Only our end: QEMU sets its own as it likes. */
		fcntl(ends[0], F_SETFL, O_NONBLOCK);
		vm->ours[i] = ends[0];
		vm->theirs[i] = ends[1];
	}
}

/*
 * Signals that end the command are read from a descriptor in the loop.  One that was ignored when
 * the command started (as under nohup) stays so.
 */
static void vm_take_signals(struct vm *vm)
{
	static const int ending[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	for (size_t i = 0; i < sizeof(ending) / sizeof(ending[0]); i++) {
		struct sigaction action;
		sigaction(ending[i], NULL, &action);
		if (action.sa_handler != SIG_IGN)
			sigaddset(&set, ending[i]);
	}
	if (vm->config->terminal) {
		sigaddset(&set, SIGWINCH);
		sigaddset(&set, SIGCONT);
	}
	signal(SIGPIPE, SIG_IGN);
	sigprocmask(SIG_BLOCK, &set, &vm->old_mask);
	vm->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (vm->signals < 0)
		vm_die("take signals");
}

/* Puts every descriptor at its number; the first step moves them out of each other's way. */
static bool vm_place_descriptors(const struct vm *vm)
{
	int from[MACHINE_FD_END] = {
		[0] = open("/dev/null", O_RDONLY),
		[1] = vm->theirs[CHANNEL_DIAGNOSIS],
		[2] = vm->theirs[CHANNEL_DIAGNOSIS],
		[MACHINE_FD_ARCHIVE] = vm->config->archive,
		[MACHINE_FD_LOG] = vm->theirs[CHANNEL_LOG],
		[MACHINE_FD_STDIN] = vm->theirs[CHANNEL_INPUT],
		[MACHINE_FD_STDOUT] = vm->theirs[CHANNEL_OUTPUT],
		[MACHINE_FD_STDERR] = vm->theirs[CHANNEL_ERRORS],
		[MACHINE_FD_CONTROL] = vm->theirs[CHANNEL_CONTROL],
		[MACHINE_FD_TRACE] = vm->theirs[CHANNEL_TRACE],
		[MACHINE_FD_STRACE] = vm->theirs[CHANNEL_STRACE],
		[MACHINE_FD_MONITOR] = vm->theirs[CHANNEL_MONITOR],
	};
	for (int i = 0; i < MACHINE_FD_END; i++) {
		from[i] = fcntl(from[i], F_DUPFD_CLOEXEC, MACHINE_FD_END);
		if (from[i] < 0)
			return false;
	}
	for (int i = 0; i < MACHINE_FD_END; i++)
		if (dup2(from[i], i) < 0)
			return false;
	return true;
}

/* In the child: becomes QEMU, or says on the diagnosis channel why not. */
static _Noreturn void vm_become_qemu(const struct vm *vm, pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* The command may have died before that. */
	if (getppid() != parent || !vm_place_descriptors(vm))
		_exit(1);
	setsid();
	signal(SIGPIPE, SIG_DFL);
	sigprocmask(SIG_SETMASK, &vm->old_mask, NULL);
	char **arguments = vm->config->arguments->items;
	execvp(arguments[0], arguments);
	dprintf(STDERR_FILENO, "%s: %s", arguments[0], strerror(errno));
	_exit(1);
}

static void vm_start(struct vm *vm)
{
	pid_t parent = getpid();
	vm->qemu = fork();
	if (vm->qemu < 0)
		vm_die("start QEMU");
	if (vm->qemu == 0)
		vm_become_qemu(vm, parent);
	for (int i = 0; i < CHANNELS; i++)
		close(vm->theirs[i]);
}

/* Ends the VM for this reason; the first one counts. */
static void vm_kill(struct vm *vm, enum vm_end end, int detail)
{
	if (vm->result->end != VM_ENDED)
		return;
	vm->result->end = end;
	vm->result->detail = detail;
	vm->linger_at = vm_now() + LINGER_SECONDS;
	vm->boot_at = vm->final_at = vm->timeout_at = vm->report_at = INFINITY;
	if (!vm->reaped)
		kill(vm->qemu, SIGKILL);
}

static void vm_handle_signals(struct vm *vm)
{
	struct signalfd_siginfo info;
	while (read(vm->signals, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
		if (info.ssi_signo == SIGWINCH)
			vm_tell_size(vm);
		else if (info.ssi_signo == SIGCONT)
			terminal_retake(vm->config->terminal);
		else if (info.ssi_signo != SIGCHLD)
			vm_kill(vm, VM_SIGNAL, (int)info.ssi_signo);
		else if (!vm->reaped && waitpid(vm->qemu, &vm->result->status, WNOHANG) == vm->qemu)
			vm->reaped = true;
	}
}

/* The time for the end of the VM runs only while nothing is held up by a slow reader. */
static void vm_watch_final(struct vm *vm, bool moved)
{
	bool held = false;
	for (int i = 0; i < CHANNELS; i++)
		held = held || (i != CHANNEL_INPUT && channel_pending(&vm->channels[i]));
	if (!vm->result->report.final || held || vm->asked || vm->result->end != VM_ENDED)
		vm->final_at = INFINITY;
	else if (moved || vm->final_at == INFINITY) {
		vm->final_used = cputime_used(vm->qemu);
		vm->final_at = vm_now() + FINAL_SECONDS;
	}
}

/* The VM is over its time, unless a busy host has not let it have that: what is left it may still take. */
static void vm_final_due(struct vm *vm)
{
	double left = FINAL_SECONDS - (cputime_used(vm->qemu) - vm->final_used);
	if (left > 0 && cputime_wanted(vm->qemu))
		vm->final_at = vm_now() + fmax(left, 0.1);
	else
		vm_kill(vm, VM_FINAL_TIMEOUT, 0);
}

/*
 * The time is over. A letter in the serial port's scratch register says to the kernel what the NMI is about
 * (docs/host-protocol.md).
 */
static void vm_ask_for_report(struct vm *vm)
{
	static const char commands[] = "o /b 0x3ff 0x52\nnmi\n";
	ssize_t sent =
		send(vm->ours[CHANNEL_MONITOR], commands, sizeof(commands) - 1, MSG_NOSIGNAL);
	double patience = sent == (ssize_t)sizeof(commands) - 1 ? REPORT_SECONDS : 0;
	vm->report_at = vm_now() + patience;
	vm->boot_at = vm->final_at = vm->timeout_at = INFINITY;
	vm->asked = true;
}

static void vm_check_deadlines(struct vm *vm)
{
	double now = vm_now();
	if (vm->reaped)
		return;
	if (now >= vm->timeout_at)
		vm_ask_for_report(vm);
	else if (now >= vm->report_at)
		vm_kill(vm, VM_TIMEOUT, 0);
	else if (now >= vm->boot_at)
		vm_kill(vm, VM_BOOT_TIMEOUT, 0);
	else if (now >= vm->final_at)
		vm_final_due(vm);
}

/* Milliseconds until the next deadline, rounded up; -1 for never. */
static int vm_wait_time(const struct vm *vm)
{
	double next = vm->linger_at;
	/* Until it is reaped there is nothing else to do than to wait for that. */
	if (!vm->reaped)
		next = fmin(fmin(vm->timeout_at, vm->report_at), fmin(vm->boot_at, vm->final_at));
	if (next == INFINITY)
		return -1;
	double wait = ceil((next - vm_now()) * 1000);
	return wait < 0 ? 0 : wait > 60000 ? 60000 : (int)wait;
}

/* A program whose output cannot be written any more is over, like any other in a pipeline. */
static void vm_check_outputs(struct vm *vm)
{
	int error = vm->channels[CHANNEL_OUTPUT].error;
	if (!error)
		error = vm->channels[CHANNEL_ERRORS].error;
	if (error)
		vm_kill(vm, VM_OUTPUT_FAILED, error);
}

static void vm_step(struct vm *vm)
{
	struct pollfd entries[2 * CHANNELS + 1];
	bool moved = false;
	for (int i = 0; i < CHANNELS; i++)
		channel_prepare(&vm->channels[i], &entries[2 * i]);
	entries[2 * CHANNELS] = (struct pollfd){.fd = vm->signals, .events = POLLIN};

	if (poll(entries, 2 * CHANNELS + 1, vm_wait_time(vm)) < 0 && errno != EINTR)
		vm_die("wait for the VM");
	for (int i = 0; i < CHANNELS; i++)
		moved |= channel_move(&vm->channels[i], &entries[2 * i]);
	vm_handle_signals(vm);
	if (vm->left)
		vm_kill(vm, VM_SIGNAL, SIGHUP);
	vm_check_outputs(vm);
	vm_watch_final(vm, moved);
	vm_check_deadlines(vm);
}

/* Everything is over: QEMU is gone and what came out of it is written, or cannot be. */
static bool vm_complete(const struct vm *vm)
{
	bool done = vm->reaped;
	for (int i = 0; i < CHANNELS; i++)
		done = done && (i == CHANNEL_INPUT || channel_done(&vm->channels[i]));
	if (vm->reaped && (vm->result->end == VM_SIGNAL || vm->result->end == VM_OUTPUT_FAILED))
		return true;
	return done || (vm->reaped && vm_now() >= vm->linger_at);
}

void vm_run(const struct vm_config *config, struct vm_result *result)
{
	struct vm vm = {.config = config, .result = result, .line = text_alloc(CONTROL_LINE_MAX)};
	double now = vm_now();
	memset(result, 0, sizeof(*result));
	report_init(&result->report);
	vm.boot_at = config->boot_timeout > 0 ? now + config->boot_timeout : INFINITY;
	vm.timeout_at = config->timeout > 0 ? now + config->timeout : INFINITY;
	vm.final_at = vm.report_at = vm.linger_at = INFINITY;

	vm_make_channels(&vm);
	vm_take_signals(&vm);
	vm_start(&vm);
	vm_set_channels(&vm);
	while (!vm_complete(&vm))
		vm_step(&vm);
	/* Unless the program was over in the last moment. */
	if (vm.asked && result->end == VM_ENDED && !result->report.final)
		result->end = VM_TIMEOUT;

	for (int i = 0; i < CHANNELS; i++)
		close(vm.ours[i]);
	close(vm.signals);
	sigprocmask(SIG_SETMASK, &vm.old_mask, NULL);
	free(vm.channels);
	free(vm.line);
}

void vm_result_free(struct vm_result *result)
{
	report_free(&result->report);
	klog_free(&result->log);
}

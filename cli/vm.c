/*
 * A running VM.
 *
 * One loop moves all bytes, takes signals (through a signalfd) and keeps the limits (limits.h). QEMU
 * is a child (qemu.h).
 *
 * The run is complete when QEMU has been reaped, all channels are at their end and everything that
 * came out of them is written: only then may the exit status be given.
 */
#include "vm.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "channel.h"
#include "limits.h"
#include "message.h"
#include "qemu.h"
#include "terminal.h"

/* Longer lines on the control port are not the kernel's. */
enum { CONTROL_LINE_MAX = 1 << 16 };

struct vm {
	const struct vm_config *config;
	struct vm_result *result;
	struct channel *channels;
	struct qemu qemu;
	struct limits limits;
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
};

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
	limits_booted(&vm->limits);
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
	if (send(vm->qemu.ours[CHANNEL_CONTROL], line, (size_t)length, MSG_NOSIGNAL) < 0)
		return;
}

/* What goes where. */
static void vm_set_channels(struct vm *vm)
{
	const struct vm_config *config = vm->config;
	vm->channels = text_alloc(CHANNELS * sizeof(*vm->channels));
	for (int i = 0; i < CHANNELS; i++) {
		struct channel *channel = &vm->channels[i];
		channel->source = vm->qemu.ours[i];
		channel->sink = -1;
		channel->tap_context = vm;
	}
	vm->channels[CHANNEL_LOG].tap = vm_tap_log;
	vm->channels[CHANNEL_LOG].sink = config->log;
	vm->channels[CHANNEL_LOG].lines = true;
	vm->channels[CHANNEL_INPUT].source = config->input;
	vm->channels[CHANNEL_INPUT].sink = vm->qemu.ours[CHANNEL_INPUT];
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
		shutdown(vm->qemu.ours[CHANNEL_INPUT], SHUT_WR);
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
		qemu_die("take signals");
}

/* Ends the VM for this reason; the first one counts. */
static void vm_kill(struct vm *vm, enum vm_end end, int detail)
{
	if (vm->result->end != VM_ENDED)
		return;
	vm->result->end = end;
	vm->result->detail = detail;
	limits_ended(&vm->limits);
	if (!vm->reaped)
		kill(vm->qemu.pid, SIGKILL);
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
		else if (!vm->reaped &&
			 waitpid(vm->qemu.pid, &vm->result->status, WNOHANG) == vm->qemu.pid)
			vm->reaped = true;
	}
}

/* The time for the end of the VM runs only while nothing is held up by a slow reader. */
static void vm_watch_final(struct vm *vm, bool moved)
{
	bool held = false;
	for (int i = 0; i < CHANNELS; i++)
		held = held || (i != CHANNEL_INPUT && channel_pending(&vm->channels[i]));
	bool due = vm->result->report.final && !held && !vm->asked && vm->result->end == VM_ENDED;
	limits_set_final(&vm->limits, due, moved, vm->qemu.pid);
}

/*
 * The time is over. A letter in the serial port's scratch register says to the kernel what the NMI is about
 * (docs/host-protocol.md).
 */
static void vm_ask_for_report(struct vm *vm)
{
	static const char commands[] = "o /b 0x3ff 0x52\nnmi\n";
	ssize_t sent =
		send(vm->qemu.ours[CHANNEL_MONITOR], commands, sizeof(commands) - 1, MSG_NOSIGNAL);
	limits_asked(&vm->limits, sent == (ssize_t)sizeof(commands) - 1);
	vm->asked = true;
}

static void vm_check_limits(struct vm *vm)
{
	if (vm->reaped)
		return;
	switch (limits_over(&vm->limits, vm->qemu.pid)) {
	case LIMIT_TIMEOUT:
		vm_ask_for_report(vm);
		break;
	case LIMIT_REPORT:
		vm_kill(vm, VM_TIMEOUT, 0);
		break;
	case LIMIT_BOOT:
		vm_kill(vm, VM_BOOT_TIMEOUT, 0);
		break;
	case LIMIT_FINAL:
		vm_kill(vm, VM_FINAL_TIMEOUT, 0);
		break;
	case LIMIT_NONE:
		break;
	}
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

	int wait = limits_wait_time(&vm->limits, vm->reaped);
	if (poll(entries, 2 * CHANNELS + 1, wait) < 0 && errno != EINTR)
		qemu_die("wait for the VM");
	for (int i = 0; i < CHANNELS; i++)
		moved |= channel_move(&vm->channels[i], &entries[2 * i]);
	vm_handle_signals(vm);
	if (vm->left)
		vm_kill(vm, VM_SIGNAL, SIGHUP);
	vm_check_outputs(vm);
	vm_watch_final(vm, moved);
	vm_check_limits(vm);
}

/* Everything is over: QEMU is gone and what came out of it is written, or cannot be. */
static bool vm_complete(const struct vm *vm)
{
	bool done = vm->reaped;
	for (int i = 0; i < CHANNELS; i++)
		done = done && (i == CHANNEL_INPUT || channel_done(&vm->channels[i]));
	if (vm->reaped && (vm->result->end == VM_SIGNAL || vm->result->end == VM_OUTPUT_FAILED))
		return true;
	return done || (vm->reaped && limits_lingered(&vm->limits));
}

void vm_run(const struct vm_config *config, struct vm_result *result)
{
	struct vm vm = {.config = config, .result = result, .line = text_alloc(CONTROL_LINE_MAX)};
	memset(result, 0, sizeof(*result));
	report_init(&result->report);
	limits_start(&vm.limits, config->boot_timeout, config->timeout);

	qemu_open(&vm.qemu);
	vm_take_signals(&vm);
	qemu_start(&vm.qemu, config->arguments, config->archive, &vm.old_mask);
	vm_set_channels(&vm);
	while (!vm_complete(&vm))
		vm_step(&vm);
	/* Unless the program was over in the last moment. */
	if (vm.asked && result->end == VM_ENDED && !result->report.final)
		result->end = VM_TIMEOUT;

	qemu_close(&vm.qemu);
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

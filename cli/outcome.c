/*
 * How a run ended.  Everything that can happen to a VM comes down to an exit status and at most one
 * line; nothing here runs anything, so all of it can be tested with made-up results.
 */
#include "outcome.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "crash.h"
#include "hang.h"
#include "message.h"

/* QEMU's status is 2*v+1 for the value v that the kernel wrote to the debug-exit port. */
enum {
	QEMU_RESET = 0,
	QEMU_FAILED = 1,
	QEMU_COMPLETE = 33,
	QEMU_PANIC = 35,
	QEMU_REFUSED = 37,
};

/* " (its log is in FILE)", or nothing. */
static char *outcome_log(const struct vm_result *result)
{
	char *file = klog_save(&result->log);
	char *text = file ? text_format(" (its log is in %s)", file) : text_copy("");
	free(file);
	return text;
}

static int outcome_kernel_failed(const struct vm_result *result, const char *what)
{
	char *fatal = klog_fatal(&result->log);
	char *log = outcome_log(result);
	message("%s%s%s%s", what, fatal ? ": " : "", fatal ? fatal : "", log);
	free(fatal);
	free(log);
	return STATUS_AIRLOCK;
}

static int outcome_exit(const json_t *event)
{
	long status = report_number(event, "status", -1);
	if (status < 0 || status > 255)
		return message_fail(STATUS_AIRLOCK, "the kernel reported no valid exit status");
	return (int)status;
}

static int outcome_error(const json_t *event, const struct outcome_context *context)
{
	long status = report_number(event, "status", STATUS_AIRLOCK);
	if (status < STATUS_AIRLOCK || status > STATUS_NOT_FOUND)
		status = STATUS_AIRLOCK;
	return message_fail((int)status, "%s could not be started: %s", context->program,
		report_text(event, "why", "the kernel did not say why"));
}

/* Shells are silent about these two as well: they are what the user, or the pipeline, wanted. */
static bool outcome_is_silent(long number)
{
	return number == SIGINT || number == SIGPIPE;
}

static int outcome_signal(
	const json_t *event, const json_t *oom, const struct outcome_context *context)
{
	long number = report_number(event, "signal", 0);
	if (number < 1 || number > 64)
		return message_fail(STATUS_AIRLOCK, "the kernel reported no valid signal");
	int status = STATUS_SIGNAL + (int)number;
	if (oom && report_number(oom, "pid", 0) == report_number(event, "pid", 0))
		return message_fail(status,
			"%s was ended because it used up the memory of the VM (%ld MiB; more with "
			"--memory)",
			context->program, context->memory_mib);
	if (outcome_is_silent(number))
		return status;

	const char *address = report_text(event, "address", NULL);
	const char *ip = report_text(event, "ip", NULL);
	const char *why = report_text(event, "why", NULL);
	return message_fail(status, "%s was ended by %s%s%s%s%s%s%s%s", context->program,
		report_text(event, "name", "a signal"), address ? " at address " : "",
		address ? address : "", ip ? " (ip " : "", ip ? ip : "", ip ? ")" : "",
		why ? ": " : "", why ? why : "");
}

static int outcome_complete(const struct vm_result *result, const struct outcome_context *context)
{
	const json_t *final = report_final(&result->report);
	const char *kind = report_text(final, "event", "");
	const json_t *oom = report_find(&result->report, "oom");
	if (strcmp(kind, "exit") == 0)
		return outcome_exit(final);
	if (strcmp(kind, "signal") == 0)
		return outcome_signal(final, oom, context);
	if (strcmp(kind, "error") == 0)
		return outcome_error(final, context);
	return outcome_kernel_failed(
		result, "the kernel ended the VM without saying how the program ended");
}

/* QEMU's own words: its first line without its name. */
static int outcome_qemu_failed(const struct vm_result *result)
{
	const char *line = result->diagnosis;
	const char *colon = strstr(line, ": ");
	size_t length = strcspn(line, "\n");
	if (colon && (size_t)(colon - line) < length && text_starts(line, "qemu")) {
		length -= (size_t)(colon + 2 - line);
		line = colon + 2;
	}
	return message_fail(STATUS_AIRLOCK, "QEMU could not run the VM%s%.*s", length ? ": " : "",
		(int)length, line);
}

static int outcome_panic(const struct vm_result *result, const struct outcome_context *context)
{
	struct crash_context crash = {.kernel = context->kernel,
		.program = context->program,
		.folder = context->crash_folder};
	char *fatal = klog_fatal(&result->log);
	if (!fatal)
		return outcome_kernel_failed(result, "kernel panic");
	crash_report(&result->log, fatal, &crash);
	free(fatal);
	return STATUS_AIRLOCK;
}

static int outcome_qemu_ended(const struct vm_result *result, const struct outcome_context *context)
{
	if (WIFSIGNALED(result->status))
		return message_fail(STATUS_AIRLOCK, "QEMU was ended by signal %d (%s)",
			WTERMSIG(result->status), strsignal(WTERMSIG(result->status)));
	switch (WEXITSTATUS(result->status)) {
	case QEMU_COMPLETE:
		return outcome_complete(result, context);
	case QEMU_PANIC:
		return outcome_panic(result, context);
	case QEMU_REFUSED:
		return outcome_kernel_failed(result, "the kernel cannot run here");
	case QEMU_RESET:
		return outcome_kernel_failed(result, "the kernel reset the VM");
	case QEMU_FAILED:
		return outcome_qemu_failed(result);
	default:
		return message_fail(STATUS_AIRLOCK, "QEMU ended with the unknown status %d",
			WEXITSTATUS(result->status));
	}
}

static int outcome_no_boot(const struct vm_result *result, const struct outcome_context *context)
{
	char *what =
		text_format("the VM gave no sign of life in %g s and was ended (--accel is %s)",
			context->boot_timeout, context->accel);
	int status = outcome_kernel_failed(result, what);
	free(what);
	return status;
}

/* What everything waited for, if the kernel could say it. */
static int outcome_timeout(const struct vm_result *result, const struct outcome_context *context)
{
	struct crash_context crash = {.kernel = context->kernel,
		.program = context->program,
		.folder = context->crash_folder};
	char *fatal = klog_fatal(&result->log);
	message("%s was ended: the time limit of %g s is over", context->program, context->timeout);
	if (fatal)
		hang_report(&result->log, fatal, &crash);
	free(fatal);
	return STATUS_TIMEOUT;
}

static int outcome_output_failed(const struct vm_result *result)
{
	if (result->detail == EPIPE)
		return STATUS_SIGNAL + SIGPIPE;
	return message_fail(
		STATUS_AIRLOCK, "cannot write the program's output: %s", strerror(result->detail));
}

int outcome_status(const struct vm_result *result, const struct outcome_context *context)
{
	switch (result->end) {
	case VM_ENDED:
		return outcome_qemu_ended(result, context);
	case VM_TIMEOUT:
		return outcome_timeout(result, context);
	case VM_SIGNAL:
		return STATUS_SIGNAL + result->detail;
	case VM_BOOT_TIMEOUT:
		return outcome_no_boot(result, context);
	case VM_FINAL_TIMEOUT:
		return outcome_kernel_failed(
			result, "the program ended but the kernel did not end the VM");
	case VM_OUTPUT_FAILED:
		return outcome_output_failed(result);
	}
	return STATUS_AIRLOCK;
}

bool outcome_succeeded(const struct vm_result *result)
{
	const json_t *final = report_final(&result->report);
	return result->end == VM_ENDED && WIFEXITED(result->status) &&
	       WEXITSTATUS(result->status) == QEMU_COMPLETE &&
	       strcmp(report_text(final, "event", ""), "exit") == 0 &&
	       report_number(final, "status", -1) == 0;
}

int outcome_strict(const struct vm_result *result, int status)
{
	if (result->report.malformed > 0) {
		message("the control port had %zu lines that are no events",
			result->report.malformed);
		return STATUS_AIRLOCK;
	}
	/* A VM that failed has said so, with its log. */
	if (result->log.length == 0 || !result->report.final)
		return status;
	size_t length = 0;
	while (length < result->log.length && !strchr("\r\n", result->log.data[length]))
		length++;
	char *log = outcome_log(result);
	message("the kernel logged a warning: %.*s%s", (int)length, result->log.data, log);
	free(log);
	return STATUS_AIRLOCK;
}

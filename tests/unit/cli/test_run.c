/*
 * `airlock run` from outside, with a stand-in for QEMU: bytes, statuses, messages, ends.
 *
 * Seen to fail: without PR_SET_PDEATHSIG; with the run over as soon as QEMU is reaped; without the
 * boot deadline; with control characters left in messages.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "process.h"

#define BOOT "event:{\"event\":\"boot\"}\n"
#define EXIT(status) "event:{\"event\":\"exit\",\"pid\":1,\"status\":" #status "}\nexit:33\n"

static char *fake;
static char *kernel;
static char *program;

/* Starts a run in which the stand-in does `script`; `options` come before the program. */
static void start(
	struct process *process, const char *script, const char *option, const char *value)
{
	const char *arguments[16] = {"run", "--qemu", fake, "--kernel", kernel};
	int count = 5;
	if (option)
		arguments[count++] = option;
	if (value)
		arguments[count++] = value;
	arguments[count++] = program;
	arguments[count++] = "argument";
	setenv("AIRLOCK_FAKE", script, 1);
	process_start(process, arguments);
}

static void expect(const char *script, const char *option, const char *value, int status,
	const char *out, const char *err)
{
	struct process process;
	start(&process, script, option, value);
	process_finish(&process, NULL, 0);
	if (process.status != status || !strstr(process.err, err))
		fail_msg("status %d instead of %d, errors '%s' without '%s'", process.status,
			status, process.err, err);
	assert_string_equal(process.out, out);
	/* What went wrong is one line, and what went well none. */
	size_t lines = 0;
	for (const char *c = process.err; *c; c++)
		lines += *c == '\n';
	assert_int_equal(lines, err[0] ? 1 : 0);
	process_free(&process);
}

static void status_is_the_programs(void **state)
{
	(void)state;
	expect(BOOT "out:hello\n" EXIT(0), NULL, NULL, 0, "hello", "");
	expect(BOOT EXIT(7), NULL, NULL, 7, "", "");
	expect(BOOT EXIT(255), NULL, NULL, 255, "", "");
}

static void signals_are_one_line(void **state)
{
	(void)state;
	expect(BOOT "event:{\"event\":\"signal\",\"pid\":1,\"signal\":11,\"name\":\"SIGSEGV\","
		    "\"address\":\"0x0\",\"ip\":\"0x401000\",\"why\":\"nothing is mapped there\"}\n"
		    "exit:33\n",
		NULL, NULL, 139, "",
		"was ended by SIGSEGV at address 0x0 (ip 0x401000): nothing is mapped there");
	expect(BOOT "event:{\"event\":\"oom\",\"pid\":1,\"name\":\"big\",\"pages\":9}\n"
		    "event:{\"event\":\"signal\",\"pid\":1,\"signal\":9,\"name\":\"SIGKILL\"}\n"
		    "exit:33\n",
		"--memory", "64M", 137, "", "used up the memory of the VM (64 MiB");
}

static void start_errors_are_one_line(void **state)
{
	(void)state;
	expect("event:{\"event\":\"error\",\"status\":126,\"why\":\"no such interpreter\"}\nexit:33\n",
		NULL, NULL, 126, "", "could not be started: no such interpreter");
}

static void kernel_failures_are_125(void **state)
{
	(void)state;
	setenv("TMPDIR", process_absent(), 1);
	expect("log:airlock-fatal: this CPU has no SMEP\nexit:37\n", NULL, NULL, 125, "",
		"the kernel cannot run here: this CPU has no SMEP");
	expect(BOOT "exit:0\n", NULL, NULL, 125, "", "reset the VM");
	expect(BOOT "exit:33\n", NULL, NULL, 125, "", "without saying how");
	expect("say:qemu-system-x86_64: no such machine\nexit:1\n", NULL, NULL, 125, "",
		"QEMU could not run the VM: no such machine");
	expect("die:9\n", NULL, NULL, 125, "", "QEMU was ended by signal 9");
	unsetenv("TMPDIR");
}

/* Five lines, and a file with the report and the log before it. */
static void panic_makes_a_report(void **state)
{
	(void)state;
	struct process process;
	char text[2000] = "";
	setenv("AIRLOCK_CRASH_DIR", "/tmp", 1);
	start(&process,
		"log:before\nlog:airlock-fatal: x\nlog:cpu0: reports; thread 1 'p'\n"
		"log:crossing: THE HOLE: there\nlog:cpu1: idle\nexit:35\n",
		NULL, NULL);
	process_finish(&process, NULL, 0);
	unsetenv("AIRLOCK_CRASH_DIR");
	int lines = 0;
	for (const char *c = process.err; *c; c++)
		lines += *c == '\n';
	assert_int_equal(lines, 5);
	assert_non_null(strstr(process.err, "on:       cpu0: reports; thread 1 'p'"));
	assert_non_null(strstr(process.err, "crossing: THE HOLE: there"));
	char *name = strstr(process.err, "/tmp/airlock-crash-");
	assert_non_null(name);
	name[strcspn(name, "\n")] = '\0';
	FILE *file = fopen(name, "r");
	assert_non_null(file);
	assert_true(fread(text, 1, sizeof(text) - 1, file) > 0);
	fclose(file);
	assert_int_equal(unlink(name), 0);
	assert_non_null(strstr(text, "airlock-fatal: x\ncpu0: reports"));
	assert_non_null(strstr(text, "== the log before it ==\n\nbefore\n"));
	process_free(&process);

	/* Without a place for it the lines are said all the same. */
	setenv("TMPDIR", process_absent(), 1);
	setenv("AIRLOCK_CRASH_DIR", process_absent(), 1);
	start(&process, "log:first\nlog:airlock-fatal: the sky fell\nlog:more\nexit:35\n", NULL,
		NULL);
	process_finish(&process, NULL, 0);
	assert_int_equal(process.status, 125);
	assert_non_null(strstr(process.err, "airlock: kernel panic: the sky fell\n"));
	assert_non_null(strstr(process.err, "report:   could not be written"));
	unsetenv("AIRLOCK_CRASH_DIR");
	unsetenv("TMPDIR");
	process_free(&process);
}

static void hangs_end(void **state)
{
	(void)state;
	setenv("TMPDIR", process_absent(), 1);
	expect("sleep:100\n", "--boot-timeout", "0.2", 125, "", "no sign of life in 0.2 s");
	expect(BOOT "out:so far\nsleep:100\n", "--timeout", "3", 124, "so far",
		"the time limit of 3 s is over");
	expect(BOOT "event:{\"event\":\"exit\",\"status\":0}\nout:said\nsleep:100\n", NULL, NULL,
		125, "said", "the program ended but the kernel did not end the VM");
	unsetenv("TMPDIR");
}

/* Seen to fail when the limit of 5 s ran on: 125. */
static void a_busy_host_is_no_hang(void **state)
{
	(void)state;
	expect(BOOT
		"event:{\"event\":\"exit\",\"pid\":1,\"status\":7}\nout:said\nstarve:7\nexit:33\n",
		NULL, NULL, 7, "said", "");
}

static void missing_qemu_is_one_line(void **state)
{
	(void)state;
	const char *arguments[] = {
		"run", "--qemu", process_absent(), "--kernel", kernel, program, NULL};
	struct process process;
	char *line;
	process_run(&process, arguments);
	assert_int_equal(process.status, 125);
	assert_true(asprintf(&line,
			    "airlock: QEMU could not run the VM: %s: No such file or directory\n",
			    process_absent()) > 0);
	assert_string_equal(process.err, line);
	free(line);
	process_free(&process);
}

static void ten_megabytes_pass_unchanged(void **state)
{
	(void)state;
	size_t size = 10 << 20;
	char *data = malloc(size);
	uint32_t value = 1;
	for (size_t i = 0; i < size; i++) {
		value = value * 1103515245 + 12345;
		data[i] = (char)(value >> 16);
	}
	struct process process;
	start(&process, BOOT "echo\n" EXIT(0), NULL, NULL);
	process_finish(&process, data, size);
	assert_int_equal(process.status, 0);
	assert_int_equal(process.out_length, size);
	assert_memory_equal(process.out, data, size);
	process_free(&process);
	free(data);
}

static void slow_reader_gets_everything(void **state)
{
	(void)state;
	struct process process;
	start(&process, BOOT "flood:1000000\n" EXIT(3), NULL, NULL);
	/* Far more than the pipe holds waits behind what is in it when the first byte is read, and so does the status. */
	int held, room = fcntl(process.output, F_GETPIPE_SZ) / 4;
	do {
		assert_int_equal(ioctl(process.output, FIONREAD, &held), 0);
		usleep(1000);
	} while (held < room);
	assert_int_equal(waitpid(process.pid, NULL, WNOHANG), 0);
	process_finish(&process, NULL, 0);
	assert_int_equal(process.status, 3);
	assert_int_equal(process.out_length, 1000000);
	process_free(&process);
}

static void closed_output_ends_the_run(void **state)
{
	(void)state;
	struct process process;
	start(&process, BOOT "flood:100000000\n" EXIT(0), NULL, NULL);
	close(process.output);
	process.output = -1;
	process_finish(&process, NULL, 0);
	assert_int_equal(process.status, 128 + SIGPIPE);
	assert_string_equal(process.err, "");
	process_free(&process);
}

/* Waits until the stand-in has written its process number. */
static pid_t read_pid(const char *file)
{
	for (;;) {
		long pid;
		FILE *stream = fopen(file, "r");
		int found = stream && fscanf(stream, "%ld", &pid) == 1;
		if (stream)
			fclose(stream);
		if (found)
			return (pid_t)pid;
		usleep(10000);
	}
}

/* One that stays runs into the test's own limit. */
static void wait_until_gone(pid_t pid)
{
	while (kill(pid, 0) == 0 || errno != ESRCH)
		usleep(10000);
}

static void ended_by(int number, int status)
{
	char *folder = process_folder();
	char script[256], file[128];
	snprintf(file, sizeof(file), "%s/pid", folder);
	snprintf(script, sizeof(script), "%spid:%s\nsleep:100\n", BOOT, file);
	struct process process;
	start(&process, script, NULL, NULL);
	pid_t qemu = read_pid(file);
	kill(process.pid, number);
	process_finish(&process, NULL, 0);
	assert_int_equal(process.status, status);
	assert_string_equal(process.err, "");
	wait_until_gone(qemu);
	unlink(file);
	rmdir(folder);
	free(folder);
	process_free(&process);
}

static void signals_leave_nothing_behind(void **state)
{
	(void)state;
	ended_by(SIGINT, 130);
	ended_by(SIGTERM, 143);
	ended_by(SIGHUP, 129);
	/* Even when the command has no chance to clean up. */
	ended_by(SIGKILL, 137);
}

static void log_is_shown_only_on_request(void **state)
{
	(void)state;
	struct process process;
	start(&process, "log:one\nlog:two\n" BOOT "out:x\n" EXIT(0), "--log-level", "info");
	process_finish(&process, NULL, 0);
	assert_string_equal(process.err, "one\ntwo\n");
	assert_string_equal(process.out, "x");
	process_free(&process);
	expect("log:one\n" BOOT EXIT(0), NULL, NULL, 0, "", "");
	expect("log:watch out\n" BOOT EXIT(0), "--strict", NULL, 125, "",
		"the kernel logged a warning: watch out");
}

static void guest_text_cannot_forge_lines(void **state)
{
	(void)state;
	expect(BOOT
		"event:{\"event\":\"error\",\"status\":126,\"why\":\"a\\nairlock: b\\u001b[2J\"}\n"
		"exit:33\n",
		NULL, NULL, 126, "", "a?airlock: b?[2J");
}

static void malformed_events_do_no_harm(void **state)
{
	(void)state;
	expect("event:not json\nevent:[]\nevent:{}\nevent:{\"event\":5}\n" BOOT EXIT(4), NULL, NULL,
		4, "", "");
	setenv("TMPDIR", process_absent(), 1);
	expect(BOOT "event:{\"event\":\"exit\",\"status\":\"x\"}\nexit:33\n", NULL, NULL, 125, "",
		"no valid exit status");
	unsetenv("TMPDIR");
}

static void in_kernel_tests_are_lines(void **state)
{
	(void)state;
	const char *arguments[] = {
		"run", "--qemu", fake, "--kernel", kernel, "--kernel-arg", "test=*", NULL};
	struct process process;
	setenv("AIRLOCK_FAKE",
		"event:{\"event\":\"test\",\"name\":\"a\",\"result\":\"pass\"}\n"
		"event:{\"event\":\"test\",\"name\":\"b\",\"result\":\"fail\",\"why\":\"1 is 2\"}\n" EXIT(
			1),
		1);
	process_run(&process, arguments);
	assert_int_equal(process.status, 1);
	assert_string_equal(process.out, "pass a\nfail b: 1 is 2\n");
	process_free(&process);
}

static void options_are_never_ignored(void **state)
{
	(void)state;
	char *volume, *trace;
	assert_true(asprintf(&volume, "%s:/tmp", process_absent()) > 0);
	assert_true(asprintf(&trace, "%s/file", process_absent()) > 0);
	const char *const wrong[][2] = {{"--volume", volume}, {"--tty", NULL}, {"--trace", trace},
		{"--memory", "5x"}, {"--memory", "0"}, {"--cpus", "0"}, {"--cpus", "2x"},
		{"--user", "root"}, {"--workdir", "tmp"}, {"--timeout", "0"}, {"--timeout", "-1"},
		{"--accel", "hvf"}, {"--pti", "yes"}, {"--log-level", "loud"}, {"--gdb=0", NULL},
		{"--env", "=x"}, {"--kernel-arg", "a b"}, {"--kernel", process_absent()},
		{"--kernel", "/etc/passwd"}, {"--kernel", "/etc"}, {"--rootfs", process_absent()}};
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		expect("exit:0\n", wrong[i][0], wrong[i][1], 125, "", "airlock: ");
	expect("exit:0\n", "--memory", "2M", 125, "", "too much for a VM with 2 MiB");
	free(volume);
	free(trace);
}

static void programs_that_cannot_run(void **state)
{
	(void)state;
	const struct {
		const char *name;
		int status;
		const char *err;
	} cases[] = {
		{"no-such-program", 127, "was not found in PATH"},
		{process_absent(), 127, "was not found"},
		{"/etc/passwd", 126, "is not executable"},
		{"/etc", 126, "is a directory"},
		{"", 127, "empty"},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *arguments[] = {
			"run", "--qemu", fake, "--kernel", kernel, cases[i].name, NULL};
		struct process process;
		process_run(&process, arguments);
		assert_int_equal(process.status, cases[i].status);
		assert_non_null(strstr(process.err, cases[i].err));
		process_free(&process);
	}
}

int main(void)
{
	fake = process_built("tests/fake-qemu");
	/* Any readable file will do for the stand-in, and any static program. */
	kernel = process_built("cli/floor.elf");
	program = process_built("cli/nothing.elf");
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(status_is_the_programs),
		cmocka_unit_test(signals_are_one_line),
		cmocka_unit_test(start_errors_are_one_line),
		cmocka_unit_test(kernel_failures_are_125),
		cmocka_unit_test(panic_makes_a_report),
		cmocka_unit_test(hangs_end),
		cmocka_unit_test(a_busy_host_is_no_hang),
		cmocka_unit_test(missing_qemu_is_one_line),
		cmocka_unit_test(ten_megabytes_pass_unchanged),
		cmocka_unit_test(slow_reader_gets_everything),
		cmocka_unit_test(closed_output_ends_the_run),
		cmocka_unit_test(signals_leave_nothing_behind),
		cmocka_unit_test(log_is_shown_only_on_request),
		cmocka_unit_test(guest_text_cannot_forge_lines),
		cmocka_unit_test(malformed_events_do_no_harm),
		cmocka_unit_test(in_kernel_tests_are_lines),
		cmocka_unit_test(options_are_never_ignored),
		cmocka_unit_test(programs_that_cannot_run),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

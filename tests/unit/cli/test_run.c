/*
 * `airlock run` from outside, with a stand-in for QEMU: statuses and messages.
 *
 * Seen to fail: without the boot deadline; with control characters left in messages.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fakerun.h"

static void status_is_the_programs(void **state)
{
	(void)state;
	fakerun_expect(BOOT "out:hello\n" EXIT(0), NULL, NULL, 0, "hello", "");
	fakerun_expect(BOOT EXIT(7), NULL, NULL, 7, "", "");
	fakerun_expect(BOOT EXIT(255), NULL, NULL, 255, "", "");
}

static void signals_are_one_line(void **state)
{
	(void)state;
	fakerun_expect(BOOT
		"event:{\"event\":\"signal\",\"pid\":1,\"signal\":11,\"name\":\"SIGSEGV\","
		"\"address\":\"0x0\",\"ip\":\"0x401000\",\"why\":\"nothing is mapped there\"}\n"
		"exit:33\n",
		NULL, NULL, 139, "",
		"was ended by SIGSEGV at address 0x0 (ip 0x401000): nothing is mapped there");
	fakerun_expect(BOOT
		"event:{\"event\":\"oom\",\"pid\":1,\"name\":\"big\",\"pages\":9}\n"
		"event:{\"event\":\"signal\",\"pid\":1,\"signal\":9,\"name\":\"SIGKILL\"}\n"
		"exit:33\n",
		"--memory", "64M", 137, "", "used up the memory of the VM (64 MiB");
}

static void start_errors_are_one_line(void **state)
{
	(void)state;
	fakerun_expect(
		"event:{\"event\":\"error\",\"status\":126,\"why\":\"no such interpreter\"}\nexit:33\n",
		NULL, NULL, 126, "", "could not be started: no such interpreter");
}

static void kernel_failures_are_125(void **state)
{
	(void)state;
	setenv("TMPDIR", process_absent(), 1);
	fakerun_expect("log:airlock-fatal: this CPU has no SMEP\nexit:37\n", NULL, NULL, 125, "",
		"the kernel cannot run here: this CPU has no SMEP");
	fakerun_expect(BOOT "exit:0\n", NULL, NULL, 125, "", "reset the VM");
	fakerun_expect(BOOT "exit:33\n", NULL, NULL, 125, "", "without saying how");
	fakerun_expect("say:qemu-system-x86_64: no such machine\nexit:1\n", NULL, NULL, 125, "",
		"QEMU could not run the VM: no such machine");
	fakerun_expect("die:9\n", NULL, NULL, 125, "", "QEMU was ended by signal 9");
	unsetenv("TMPDIR");
}

/* Five lines, and a file with the report and the log before it. */
static void panic_makes_a_report(void **state)
{
	(void)state;
	struct process process;
	char text[2000] = "";
	setenv("AIRLOCK_CRASH_DIR", "/tmp", 1);
	fakerun_start(&process,
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
	fakerun_start(&process, "log:first\nlog:airlock-fatal: the sky fell\nlog:more\nexit:35\n",
		NULL, NULL);
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
	fakerun_expect("sleep:100\n", "--boot-timeout", "0.2", 125, "", "no sign of life in 0.2 s");
	fakerun_expect(BOOT "out:so far\nsleep:100\n", "--timeout", "3", 124, "so far",
		"the time limit of 3 s is over");
	fakerun_expect(BOOT "event:{\"event\":\"exit\",\"status\":0}\nout:said\nsleep:100\n", NULL,
		NULL, 125, "said", "the program ended but the kernel did not end the VM");
	unsetenv("TMPDIR");
}

/* Seen to fail when the limit of 5 s ran on: 125. */
static void a_busy_host_is_no_hang(void **state)
{
	(void)state;
	fakerun_expect(BOOT
		"event:{\"event\":\"exit\",\"pid\":1,\"status\":7}\nout:said\nstarve:7\nexit:33\n",
		NULL, NULL, 7, "said", "");
}

static void missing_qemu_is_one_line(void **state)
{
	(void)state;
	const char *arguments[] = {"run", "--qemu", process_absent(), "--kernel", fakerun_kernel,
		fakerun_program, NULL};
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

static void log_is_shown_only_on_request(void **state)
{
	(void)state;
	struct process process;
	fakerun_start(&process, "log:one\nlog:two\n" BOOT "out:x\n" EXIT(0), "--log-level", "info");
	process_finish(&process, NULL, 0);
	assert_string_equal(process.err, "one\ntwo\n");
	assert_string_equal(process.out, "x");
	process_free(&process);
	fakerun_expect("log:one\n" BOOT EXIT(0), NULL, NULL, 0, "", "");
	fakerun_expect("log:watch out\n" BOOT EXIT(0), "--strict", NULL, 125, "",
		"the kernel logged a warning: watch out");
}

static void guest_text_cannot_forge_lines(void **state)
{
	(void)state;
	fakerun_expect(BOOT
		"event:{\"event\":\"error\",\"status\":126,\"why\":\"a\\nairlock: b\\u001b[2J\"}\n"
		"exit:33\n",
		NULL, NULL, 126, "", "a?airlock: b?[2J");
}

static void malformed_events_do_no_harm(void **state)
{
	(void)state;
	fakerun_expect("event:not json\nevent:[]\nevent:{}\nevent:{\"event\":5}\n" BOOT EXIT(4),
		NULL, NULL, 4, "", "");
	setenv("TMPDIR", process_absent(), 1);
	fakerun_expect(BOOT "event:{\"event\":\"exit\",\"status\":\"x\"}\nexit:33\n", NULL, NULL,
		125, "", "no valid exit status");
	unsetenv("TMPDIR");
}

static void in_kernel_tests_are_lines(void **state)
{
	(void)state;
	const char *arguments[] = {"run", "--qemu", fakerun_fake, "--kernel", fakerun_kernel,
		"--kernel-arg", "test=*", NULL};
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
		fakerun_expect("exit:0\n", wrong[i][0], wrong[i][1], 125, "", "airlock: ");
	fakerun_expect("exit:0\n", "--memory", "2M", 125, "", "too much for a VM with 2 MiB");
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
		const char *arguments[] = {"run", "--qemu", fakerun_fake, "--kernel",
			fakerun_kernel, cases[i].name, NULL};
		struct process process;
		process_run(&process, arguments);
		assert_int_equal(process.status, cases[i].status);
		assert_non_null(strstr(process.err, cases[i].err));
		process_free(&process);
	}
}

int main(void)
{
	fakerun_init();
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(status_is_the_programs),
		cmocka_unit_test(signals_are_one_line),
		cmocka_unit_test(start_errors_are_one_line),
		cmocka_unit_test(kernel_failures_are_125),
		cmocka_unit_test(panic_makes_a_report),
		cmocka_unit_test(hangs_end),
		cmocka_unit_test(a_busy_host_is_no_hang),
		cmocka_unit_test(missing_qemu_is_one_line),
		cmocka_unit_test(log_is_shown_only_on_request),
		cmocka_unit_test(guest_text_cannot_forge_lines),
		cmocka_unit_test(malformed_events_do_no_harm),
		cmocka_unit_test(in_kernel_tests_are_lines),
		cmocka_unit_test(options_are_never_ignored),
		cmocka_unit_test(programs_that_cannot_run),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

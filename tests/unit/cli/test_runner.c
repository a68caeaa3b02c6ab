/*
 * `airlock test` from outside: it must fail when a test fails, in every way that a test can.
 *
 * Seen to fail: with every status counted as passed, without the kill() of a finished test's process group, without
 * orphans_kill(), with signals reset by signal(3), which leaves out two, and with what ABI tests say of the kernel left in a buffer.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "process.h"

static char *folder;

/* Runs `airlock test` on the tests in the folder, and expects this status and last line. */
static void expect(const char *option, const char *name, int status, const char *last)
{
	const char *arguments[] = {"test", "--source", folder, "--build", folder, "--debug-kernel",
		process_absent(), option, name, NULL};
	struct process process;
	process_run(&process, arguments);
	size_t length = strlen(process.out), last_length = strlen(last);
	if (process.status != status || length < last_length ||
		strcmp(process.out + length - last_length, last) != 0)
		fail_msg("status %d instead of %d, output:\n%s%s", process.status, status,
			process.out, process.err);
	process_free(&process);
}

static void script(const char *name, const char *text)
{
	process_write(folder, name, text, 0755);
}

static void setup(void)
{
	folder = process_folder();
	script("tests/unit/good", "#!/bin/sh\nexit 0\n");
	script("tests/unit/bad", "#!/bin/sh\nkill -SEGV $$\n");
	script("tests/scenario/good.sh", "#!/bin/sh\n# quick: yes\n# matrix: cpus pti\nexit 0\n");
	script("tests/scenario/bad.sh", "#!/bin/sh\necho shown; exit 1\n");
	script("tests/scenario/skipped.sh", "#!/bin/sh\necho noise; echo the reason; exit 77\n");
	script("tests/crossing/hangs.sh", "#!/bin/sh\n# timeout: 0.3\nsleep 600 & sleep 600\n");
	script("tests/crossing/variant.sh", "#!/bin/sh\n# matrix: cpus\n[ \"$CPUS\" = 1 ]\n");
	script("tests/crossing/none.sh",
		"#!/bin/sh\ngrep -q '^SigIgn:\t0000000000000000$' /proc/self/status\n");
	script("tests/crossing/pairs.sh",
		"#!/bin/sh\n# matrix: cpus+pti\n[ $CPUS$PTI = 1off ] || [ $CPUS$PTI = 2on ]\n");
	script("tests/crossing/night.sh", "#!/bin/sh\n# nightly: yes\nexit 0\n");
}

static void counts_are_right(void **state)
{
	(void)state;
	expect("-j2", "good", 0, "\n5 passed, 0 failed, 0 skipped\n");
	expect("-j2", "unit/good", 0, "\n1 passed, 0 failed, 0 skipped\n");
	expect("-j2", "unit/*", 1, "\n1 passed, 1 failed, 0 skipped\n");
	expect("-j2", "bad", 1, "\n0 passed, 2 failed, 0 skipped\n");
	expect("-j2", "skipped", 0, "\n0 passed, 0 failed, 1 skipped\n");
	expect("-j2", "variant", 1, "\n1 passed, 1 failed, 0 skipped\n");
	expect("-j2", "variant[cpus=1]", 0, "\n1 passed, 0 failed, 0 skipped\n");
	expect("-j2", "pair*", 0, "\n2 passed, 0 failed, 0 skipped\n");
	expect("--nightly", "pair*", 1, "\n2 passed, 2 failed, 0 skipped\n");
	expect("-j2", "hangs", 1, "\n0 passed, 1 failed, 0 skipped\n");
	expect("-j3", NULL, 1, "\n9 passed, 4 failed, 1 skipped\n");
}

static void selections(void **state)
{
	(void)state;
	expect("--quick", "scenario/*", 0, "\n1 passed, 0 failed, 0 skipped\n");
	expect("--most", "scenario/*", 0, "\n2 passed, 0 failed, 0 skipped\n");
	expect("-j2", "night", 0, "\n1 passed, 0 failed, 0 skipped\n");
	expect("--nightly", "nigh*", 0, "\n1 passed, 0 failed, 0 skipped\n");
	expect("--repeat=3", "unit/good", 0, "\n3 passed, 0 failed, 0 skipped\n");
	expect("-j2", "nothing", 125, "");
	expect("-l", "unit/*", 0, "unit/bad\nunit/good\n");
}

static void reasons_are_shown(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		const char *text;
	} cases[] = {
		{"scenario/skipped", "skip  scenario/skipped: the reason\n"},
		{"scenario/bad", "exit status 1\n    | shown\n"},
		{"unit/bad", "it was ended by signal 11"},
		{"crossing/hangs", "it took longer than 0.3 s and was killed"},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *arguments[] = {"test", "--source", folder, "--build", folder,
			"--debug-kernel", process_absent(), cases[i].name, NULL};
		struct process process;
		process_run(&process, arguments);
		assert_non_null(strstr(process.out, cases[i].text));
		process_free(&process);
	}
}

/* Some start this command with signals ignored: nohup(1), shells in the background, runtimes of languages. */
static void signals_are_not_ignored(void **state)
{
	(void)state;
	/* What rt_sigaction(2) takes: a handler, flags, and what no handler needs. The C library keeps 32 to itself. */
	unsigned long ignore[4] = {1}, old[2][4];
	static const int number[] = {SIGHUP, 32};
	for (int i = 0; i < 2; i++)
		assert_int_equal(syscall(SYS_rt_sigaction, number[i], ignore, old[i], 8), 0);
	expect("-j2", "crossing/none", 0, "\n1 passed, 0 failed, 0 skipped\n");
	for (int i = 0; i < 2; i++)
		assert_int_equal(syscall(SYS_rt_sigaction, number[i], old[i], NULL, 8), 0);
}

/* A test that passes may not leave processes behind, also none that left its group and session. */
static void leftovers_are_killed(void **state)
{
	(void)state;
	char *file, *text;
	int group, session;
	assert_true(asprintf(&file, "%s/pid", folder) > 0);
	assert_true(asprintf(&text,
			    "#!/bin/sh\n# nightly: yes\nsleep 600 &\necho $! >%s\n"
			    "setsid sh -c 'echo $$; exec sleep 600' >>%s &\n"
			    "until [ \"$(wc -l <%s)\" = 2 ]; do :; done\n",
			    file, file, file) > 0);
	script("tests/scenario/leaves.sh", text);
	expect("-j2", "leaves", 0, "\n1 passed, 0 failed, 0 skipped\n");
	FILE *stream = fopen(file, "r");
	assert_non_null(stream);
	assert_int_equal(fscanf(stream, "%d%d", &group, &session), 2);
	fclose(stream);
	assert_int_equal(kill(group, 0), -1);
	assert_int_equal(kill(session, 0), -1);
	free(text);
	free(file);
}

/* How many of the variants of abi/prints had this debug kernel, which is no kernel. */
static int count_debug_kernels(const char *debug_kernel, const char *option, const char *value)
{
	const char *arguments[] = {"test", "--source", folder, "--build", folder, "--debug-kernel",
		debug_kernel, "-j2", "abi/prints", option, value, NULL};
	struct process process;
	process_run(&process, arguments);
	int count = 0;
	const char *line = process.out;
	while ((line = strstr(line, "| the kernel was /proc/self/exe\n")) != NULL) {
		count++;
		line++;
	}
	process_free(&process);
	return count;
}

/* One of four has it, if it is there and no other kernel was asked for. */
static void abi_programs_run_on_the_debug_kernel(void **state)
{
	(void)state;
	script("tests/abi/prints", "#!/bin/sh\necho printed\n");
	assert_int_equal(count_debug_kernels("/proc/self/exe", NULL, NULL), 1);
	assert_int_equal(count_debug_kernels("/proc/self/exe", "--kernel", "/dev/null"), 0);
	assert_int_equal(count_debug_kernels(process_absent(), NULL, NULL), 0);
}

static void broken_header_is_an_error(void **state)
{
	(void)state;
	script("tests/scenario/broken.sh", "#!/bin/sh\n# timeout: soon\nexit 0\n");
	expect("-j2", "unit/good", 125, "");
	char *path;
	assert_true(asprintf(&path, "%s/tests/scenario/broken.sh", folder) > 0);
	assert_int_equal(remove(path), 0);
	free(path);
}

int main(void)
{
	setup();
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_are_right),
		cmocka_unit_test(selections),
		cmocka_unit_test(reasons_are_shown),
		cmocka_unit_test(signals_are_not_ignored),
		cmocka_unit_test(leftovers_are_killed),
		cmocka_unit_test(abi_programs_run_on_the_debug_kernel),
		cmocka_unit_test(broken_header_is_an_error),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	char command[256];
	snprintf(command, sizeof(command), "rm -rf '%s'", folder);
	return system(command) != 0 || failed;
}

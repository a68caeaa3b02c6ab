/*
 * What passes through `airlock run`, with a stand-in for QEMU: all bytes, to readers that are slow or gone; and signals, after which
 * nothing is left.
 *
 * Seen to fail: without PR_SET_PDEATHSIG; with the run over as soon as QEMU is reaped.
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
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fakerun.h"

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
	fakerun_start(&process, BOOT "echo\n" EXIT(0), NULL, NULL);
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
	fakerun_start(&process, BOOT "flood:1000000\n" EXIT(3), NULL, NULL);
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
	fakerun_start(&process, BOOT "flood:100000000\n" EXIT(0), NULL, NULL);
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
	fakerun_start(&process, script, NULL, NULL);
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

int main(void)
{
	fakerun_init();
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ten_megabytes_pass_unchanged),
		cmocka_unit_test(slow_reader_gets_everything),
		cmocka_unit_test(closed_output_ends_the_run),
		cmocka_unit_test(signals_leave_nothing_behind),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

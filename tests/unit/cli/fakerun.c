/* Runs with a stand-in for QEMU (fakerun.h). */
#include "fakerun.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

char *fakerun_fake;
char *fakerun_kernel;
char *fakerun_program;

void fakerun_init(void)
{
	fakerun_fake = process_built("tests/fake-qemu");
	/* Any readable file will do for the stand-in, and any static program. */
	fakerun_kernel = process_built("cli/floor.elf");
	fakerun_program = process_built("cli/nothing.elf");
}

void fakerun_start(
	struct process *process, const char *script, const char *option, const char *value)
{
	const char *arguments[16] = {"run", "--qemu", fakerun_fake, "--kernel", fakerun_kernel};
	int count = 5;
	if (option)
		arguments[count++] = option;
	if (value)
		arguments[count++] = value;
	arguments[count++] = fakerun_program;
	arguments[count++] = "argument";
	setenv("AIRLOCK_FAKE", script, 1);
	process_start(process, arguments);
}

void fakerun_expect(const char *script, const char *option, const char *value, int status,
	const char *out, const char *err)
{
	struct process process;
	fakerun_start(&process, script, option, value);
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

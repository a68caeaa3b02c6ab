/*
 * What processes and threads cost, counted in instructions: a program measures itself in a VM under
 * --icount, where a nanosecond is an instruction, and prints a line for each figure.
 */
#include "bench_process.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "message.h"
#include "outcome.h"
#include "paths.h"
#include "run.h"

enum { MEMORY_MIB = 256, TIMEOUT = 60 };

static int run_program(const char *kernel, char *program, int output)
{
	char *words[] = {program, NULL};
	struct run_streams streams = {-1, output, -1, -1, -1};
	struct run_options run;
	struct vm_result result;

	options_default(&run);
	run.memory_mib = MEMORY_MIB;
	run.accel = ACCEL_TCG;
	run.timeout = TIMEOUT;
	run.kernel = kernel;
	run.program = words;
	run.icount = true;
	int status = run_execute(&run, &streams, &result);
	if (status != 0)
		return status;
	if (!outcome_succeeded(&result))
		status = message_fail(STATUS_AIRLOCK, "%s failed in the VM", program);
	vm_result_free(&result);
	return status;
}

/* The number behind the name, in a text of such lines. */
static int find_figure(int file, const char *figure, double *value)
{
	char text[512] = "", *end;
	size_t name = strlen(figure);

	if (pread(file, text, sizeof(text) - 1, 0) < 0)
		text[0] = '\0';
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		if (strncmp(line, figure, name) != 0 || line[name] != ' ')
			continue;
		*value = (double)strtol(line + name, &end, 10);
		if (end > line + name)
			return 0;
	}
	return message_fail(STATUS_AIRLOCK, "the program did not print the figure '%s'", figure);
}

int bench_process(const char *kernel, const char *figure, double *value)
{
	char *program = paths_build("tests/programs/proc_cost");
	int output = memfd_create("figures", MFD_CLOEXEC), status;

	if (access(program, X_OK) != 0)
		status = message_fail(
			STATUS_AIRLOCK, "%s is not built; 'make test-programs' does it", program);
	else if (output < 0)
		status = message_fail(STATUS_AIRLOCK, "no file in memory can be made");
	else
		status = run_program(kernel, program, output);
	if (status == 0)
		status = find_figure(output, figure, value);
	if (output >= 0)
		close(output);
	free(program);
	return status;
}

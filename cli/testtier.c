/*
 * What running a test means in each tier.
 *
 *   unit      the program; status 0 passes
 *   guest     one VM with the debug kernel; a line "pass NAME" or "fail NAME: why" for each test
 *   abi       the program on the host, then in a VM; output and status must be the same.  One variant of each program has the
 *             debug kernel, which checks what the release kernel takes for granted: the order of locks, assertions
 *   scenario, crossing
 *             the script, with what it needs in the environment; status 0 passes, 77 skips
 *
 * A script's environment:
 *   AIRLOCK   the command            RUN    "AIRLOCK run --cpus N --pti X --strict", for this variant
 *   CPUS PTI  the variant            SEED   for whatever is random in it
 *   QUICK     "1" with --quick and --most, else empty: the script may do less
 *   SOURCE    the root of the sources
 *   SCRATCH   an empty folder of its own, removed when it passes; TMPDIR is the same
 */
#include "testtier.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "message.h"
#include "orphans.h"

/* What scripts and cmocka's programs use, after automake. */
enum { STATUS_SKIP = 77 };

static void testtier_exec(const struct text_list *arguments)
{
	execv(arguments->items[0], arguments->items);
	fprintf(stderr, "cannot start %s: %s\n", arguments->items[0], strerror(errno));
}

/* A seed of 0 would turn it off. One processor: exactly the same again for the same seed. */
static void testtier_add_fuzz(const struct testjob_config *config, const struct testcase *test,
	struct text_list *arguments)
{
	unsigned long seed = testjob_seed(config, test);
	text_list_add(arguments, "--kernel-arg");
	text_list_format(arguments, "schedfuzz=%lu", seed ? seed : 1UL << 32);
	if (test->cpus == 1)
		text_list_add(arguments, "--icount");
}

/* "airlock run" for the test's variant. */
static void testtier_run_command(const struct testjob_config *config, const struct testcase *test,
	const char *kernel, struct text_list *arguments)
{
	text_list_add(arguments, config->airlock);
	text_list_add(arguments, "run");
	if (kernel) {
		text_list_add(arguments, "--kernel");
		text_list_add(arguments, kernel);
	}
	if (test->cpus) {
		text_list_add(arguments, "--cpus");
		text_list_format(arguments, "%d", test->cpus);
	}
	if (test->pti) {
		text_list_add(arguments, "--pti");
		text_list_add(arguments, test->pti);
	}
	/* A warning of the kernel is a failure in every test. */
	text_list_add(arguments, "--strict");
	if (config->fuzz)
		testtier_add_fuzz(config, test, arguments);
}

static int testtier_run_unit(const struct testcase *test)
{
	struct text_list arguments = {0};
	text_list_add(&arguments, test->path);
	testtier_exec(&arguments);
	return STATUS_AIRLOCK;
}

/* A VM of several in-kernel tests runs all of them, also those that were not asked for, and may take longer than one does. */
double testtier_timeout(const struct testcase *const *tests, size_t count)
{
	double timeout = 0;
	for (size_t i = 0; i < count; i++)
		timeout = fmax(timeout, tests[i]->timeout);
	return count > 1 ? 2.5 * timeout : timeout;
}

/* A little before the runner's limit, so that what a VM did until then is told. */
static void testtier_add_timeout(
	const struct testcase *const *tests, size_t count, struct text_list *arguments)
{
	text_list_add(arguments, "--timeout");
	text_list_format(arguments, "%g", testtier_timeout(tests, count) * 0.9);
}

static int testtier_run_guest(
	const struct testjob_config *config, const struct testcase *const *tests, size_t count)
{
	struct text_list arguments = {0};
	testtier_run_command(config, tests[0], config->debug_kernel, &arguments);
	text_list_add(&arguments, "--log-level");
	text_list_add(&arguments, "info");
	text_list_add(&arguments, "--kernel-arg");
	/* One is run alone; of several, those that were not asked for cost little. */
	text_list_format(&arguments, "test=%s", count == 1 ? tests[0]->name : "*");
	text_list_add(&arguments, "--kernel-arg");
	text_list_format(&arguments, "seed=%lu", testjob_seed(config, tests[0]));
	testtier_add_timeout(tests, count, &arguments);
	testtier_exec(&arguments);
	return STATUS_AIRLOCK;
}

/*
 * Runs a command with its standard output, or also its standard error, in a new file.  The status as
 * a shell has it; STATUS_AIRLOCK when it cannot be started.
 */
static int testtier_capture(const struct text_list *arguments, const char *file)
{
	pid_t child = fork();
	if (child == 0) {
		int fd = open(file, O_WRONLY | O_CREAT | O_TRUNC, 0600);
		if (fd >= 0 && dup2(fd, STDOUT_FILENO) >= 0)
			testtier_exec(arguments);
		_exit(STATUS_AIRLOCK);
	}
	int status;
	if (child < 0 || waitpid(child, &status, 0) != child)
		return STATUS_AIRLOCK;
	return WIFSIGNALED(status) ? STATUS_SIGNAL + WTERMSIG(status) : WEXITSTATUS(status);
}

/* An empty folder for this run of the test. */
static char *testtier_scratch(const struct testjob_config *config, const struct testcase *test)
{
	char *folder = text_format("%s/%s-%s-%d-%ld", config->scratch,
		testcase_tier_name(test->tier), test->name, test->cpus, (long)getpid());
	if (mkdir(folder, 0700) != 0 && errno != EEXIST) {
		fprintf(stderr, "cannot make %s: %s\n", folder, strerror(errno));
		exit(STATUS_AIRLOCK);
	}
	return folder;
}

static int testtier_command(const char *format, ...) __attribute__((format(printf, 1, 2)));
static int testtier_command(const char *format, ...)
{
	char command[8192];
	va_list args;
	va_start(args, format);
	vsnprintf(command, sizeof(command), format, args);
	va_end(args);
	fflush(NULL);
	int status = system(command);
	return WIFEXITED(status) ? WEXITSTATUS(status) : STATUS_AIRLOCK;
}

/*
 * Two processors, where more can go wrong.  With isolation on or off, as the program's name has it, so that about half of the
 * programs are in each span of tests.
 */
static bool testtier_is_checked(const struct testcase *test)
{
	unsigned int sum = 0;
	for (const char *c = test->name; *c; c++)
		sum += (unsigned char)*c;
	return test->cpus == 2 && strcmp(test->pti, sum % 2 ? "on" : "off") == 0;
}

static int testtier_run_abi(const struct testjob_config *config, const struct testcase *test)
{
	const char *kernel = config->kernel;
	if (config->abi_debug_kernel && testtier_is_checked(test))
		kernel = config->abi_debug_kernel;
	char *folder = testtier_scratch(config, test);
	char *host = text_format("%s/host", folder);
	char *guest = text_format("%s/guest", folder);
	struct text_list on_host = {0}, in_guest = {0};
	text_list_add(&on_host, test->path);
	testtier_run_command(config, test, kernel, &in_guest);
	testtier_add_timeout(&test, 1, &in_guest);
	text_list_add(&in_guest, test->path);

	/* What the program leaves running on the host would live as long as the host. */
	orphans_adopt();
	int host_status = testtier_capture(&on_host, host);
	orphans_kill();
	int guest_status = testtier_capture(&in_guest, guest);
	int result = 0;
	if (host_status != guest_status) {
		printf("exit status: %d on the host, %d in the guest\n", host_status, guest_status);
		result = 1;
	}
	if (testtier_command("cd '%s' && diff -u host guest", folder) != 0)
		result = 1;
	testtier_command("rm -rf '%s'", folder);
	/* What both agree on is still wrong when the test itself says so. */
	if (result == 0 && host_status != 0 && host_status < STATUS_SIGNAL) {
		printf("exit status: %d on the host and in the guest\n", host_status);
		result = 1;
	}
	if (result != 0)
		printf("the kernel was %s\n", kernel);
	return result;
}

static void testtier_set(const char *name, const char *value)
{
	setenv(name, value ? value : "", 1);
}

static int testtier_run_script(const struct testjob_config *config, const struct testcase *test)
{
	struct text_list run = {0};
	char *line = text_copy("");
	testtier_run_command(config, test, config->kernel, &run);
	for (size_t i = 0; i < run.count; i++) {
		char *longer = text_format("%s%s%s", line, i ? " " : "", run.items[i]);
		free(line);
		line = longer;
	}
	char *folder = testtier_scratch(config, test);
	testtier_set("AIRLOCK", config->airlock);
	testtier_set("AIRLOCK_CRASH_DIR", folder);
	testtier_set("RUN", line);
	testtier_set("KERNEL", config->kernel);
	testtier_set("CPUS", test->cpus ? text_format("%d", test->cpus) : "1");
	testtier_set("PTI", test->pti ? test->pti : "auto");
	testtier_set("SEED", text_format("%lu", testjob_seed(config, test)));
	testtier_set("QUICK", config->brief ? "1" : "");
	testtier_set("SOURCE", config->source);
	testtier_set("SCRATCH", folder);
	testtier_set("TMPDIR", folder);
	struct text_list arguments = {0};
	text_list_add(&arguments, test->path);

	pid_t child = fork();
	if (child == 0) {
		testtier_exec(&arguments);
		_exit(STATUS_AIRLOCK);
	}
	int status;
	if (child < 0 || waitpid(child, &status, 0) != child)
		return STATUS_AIRLOCK;
	int result = WIFSIGNALED(status) ? STATUS_SIGNAL + WTERMSIG(status) : WEXITSTATUS(status);
	if (result == 0 || result == STATUS_SKIP)
		testtier_command("rm -rf '%s'", folder);
	return result;
}

int testtier_run(const struct testjob_config *config, const struct testcase *const *tests,
	size_t count, double deadline)
{
	/* Where the log of a kernel that failed is kept. */
	testtier_set("TMPDIR", config->scratch);
	/* So that what hangs says where, and the output is compared all the same. */
	testtier_set("AIRLOCK_DEADLINE", text_format("%.3f", deadline));
	switch (tests[0]->tier) {
	case TIER_UNIT:
		return testtier_run_unit(tests[0]);
	case TIER_GUEST:
		return testtier_run_guest(config, tests, count);
	case TIER_ABI:
		return testtier_run_abi(config, tests[0]);
	default:
		return testtier_run_script(config, tests[0]);
	}
}

/* The last line that says something. */
static char *testtier_last_line(const char *output)
{
	size_t end = strlen(output);
	while (end > 0 && (output[end - 1] == '\n' || output[end - 1] == ' '))
		end--;
	size_t start = end;
	while (start > 0 && output[start - 1] != '\n')
		start--;
	return text_format("%.*s", (int)(end - start), output + start);
}

/* NULL when the job ended with status 0. */
static char *testtier_why(const struct testcase *test, int status)
{
	if (status == -1)
		return text_format("it took longer than %g s and was killed", test->timeout);
	if (WIFSIGNALED(status))
		return text_format("it was ended by signal %d (%s)", WTERMSIG(status),
			strsignal(WTERMSIG(status)));
	if (WEXITSTATUS(status) != 0)
		return text_format("exit status %d", WEXITSTATUS(status));
	return NULL;
}

static void testtier_judge_one(struct testcase *test, int status, const char *output)
{
	if (status != -1 && WIFEXITED(status) && WEXITSTATUS(status) == STATUS_SKIP) {
		test->result = RESULT_SKIP;
		test->why = testtier_last_line(output);
		return;
	}
	test->why = testtier_why(test, status);
	test->result = test->why ? RESULT_FAIL : RESULT_PASS;
	if (test->why)
		test->output = text_copy(output);
}

/* The line that begins with `word` and the test's name; NULL for none. */
static const char *testtier_find_line(const char *output, const char *word, const char *name)
{
	char *start = text_format("%s %s", word, name);
	size_t length = strlen(start);
	const char *found = NULL;
	for (const char *line = output; line && !found; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, start, length) == 0 && strchr(":\n", line[length]))
			found = line + length;
	}
	free(start);
	return found;
}

static char *testtier_line_why(const char *rest)
{
	rest += strspn(rest, ": ");
	return text_format("%.*s", (int)strcspn(rest, "\n"), rest);
}

static void testtier_judge_guest(struct testcase *test, int status, const char *output)
{
	const char *line;
	if (testtier_find_line(output, "pass", test->name)) {
		test->result = RESULT_PASS;
	} else if ((line = testtier_find_line(output, "skip", test->name)) != NULL) {
		test->result = RESULT_SKIP;
		test->why = testtier_line_why(line);
	} else if ((line = testtier_find_line(output, "fail", test->name)) != NULL) {
		test->result = RESULT_FAIL;
		test->why = testtier_line_why(line);
		test->output = text_copy(output);
	} else {
		char *why = testtier_why(test, status);
		test->result = RESULT_FAIL;
		test->why = text_format(
			"the VM ended without its result (%s)", why ? why : "its status was 0");
		test->output = text_copy(output);
		free(why);
	}
}

void testtier_judge(struct testcase **tests, size_t count, int status, const char *output)
{
	for (size_t i = 0; i < count; i++) {
		if (tests[i]->tier == TIER_GUEST)
			testtier_judge_guest(tests[i], status, output);
		else
			testtier_judge_one(tests[i], status, output);
	}
}

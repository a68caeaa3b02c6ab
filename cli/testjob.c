/*
 * Running tests.
 *
 * A job is a child process in a process group of its own, whose output goes to an anonymous file. It
 * runs the program or script itself, or, for the tests that need more than one step, a function of
 * testtier.c. When its time is up the whole group is killed; VMs die with their commands. What left its group comes to the
 * runner and is killed when all is done.
 *
 * All in-kernel tests of a variant that are wanted share one VM, so a job may stand for many tests.
 */
#include "testjob.h"

#include <errno.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "message.h"
#include "orphans.h"
#include "testtier.h"
#include "testtimes.h"

/* What hangs has so long to say where before it is killed. */
enum { TELL_SECONDS = 6 };

struct testjob {
	/* The tests that it runs: pointers into the list. */
	struct testcase **tests;
	size_t count;
	double expected;
	double timeout;
	pid_t process;
	int output;
	double start;
	bool timed_out;
};

struct runner {
	const struct testjob_config *config;
	struct testcase_list *list;
	struct testjob *jobs;
	size_t count;
	size_t started;
	size_t running;
	/* The first test of the list whose result was not yet told. */
	size_t told;
	int signals;
	int ended_by;
	sigset_t old_mask;
};

unsigned long testjob_seed(const struct testjob_config *config, const struct testcase *test)
{
	return config->seed + (unsigned long)(test->repeat ? test->repeat - 1 : 0);
}

static double testjob_now(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* In-kernel tests of the same variant go into the same VM. */
static bool testjob_takes(const struct testjob *job, const struct testcase *test)
{
	const struct testcase *first = job->tests[0];
	return test->tier == TIER_GUEST && first->tier == TIER_GUEST && test->cpus == first->cpus &&
	       test->pti == first->pti && test->repeat == first->repeat;
}

static struct testjob *testjob_for(struct runner *runner, const struct testcase *test)
{
	for (size_t i = 0; test->tier == TIER_GUEST && i < runner->count; i++)
		if (testjob_takes(&runner->jobs[i], test))
			return &runner->jobs[i];
	struct testjob *job = &runner->jobs[runner->count++];
	job->tests = text_alloc(runner->list->count * sizeof(struct testcase *));
	return job;
}

static int testjob_compare(const void *left, const void *right)
{
	const struct testjob *a = left, *b = right;
	if (a->expected != b->expected)
		return a->expected > b->expected ? -1 : 1;
	return strcmp(a->tests[0]->full_name, b->tests[0]->full_name);
}

static void testjob_make_all(struct runner *runner, const struct testtimes *times)
{
	runner->jobs = text_alloc((runner->list->count + 1) * sizeof(*runner->jobs));
	for (size_t i = 0; i < runner->list->count; i++) {
		struct testcase *test = &runner->list->items[i];
		struct testjob *job = testjob_for(runner, test);
		job->tests[job->count++] = test;
		job->expected += testtimes_find(times, test);
	}
	for (size_t i = 0; i < runner->count; i++)
		runner->jobs[i].timeout =
			testtier_timeout((const struct testcase *const *)runner->jobs[i].tests,
				runner->jobs[i].count);
	qsort(runner->jobs, runner->count, sizeof(*runner->jobs), testjob_compare);
}

/*
 * A test starts with every signal as a program finds it, also when this command was started in the background, with some ignored.  By the
 * kernel's own call: the C library's does nothing for those that it keeps to itself.
 */
static void testjob_default_signals(void)
{
	/* SIG_DFL, and what else the kernel's struct sigaction has. */
	static const unsigned long action[4];
	for (int n = 1; n < NSIG; n++)
		syscall(SYS_rt_sigaction, n, action, NULL, sizeof(action[0]));
}

static _Noreturn void testjob_child(
	const struct runner *runner, const struct testjob *job, pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(STATUS_AIRLOCK);
	setpgid(0, 0);
	/* Programs that a signal ends on purpose leave no core files behind. */
	setrlimit(RLIMIT_CORE, &(struct rlimit){0});
	testjob_default_signals();
	sigprocmask(SIG_SETMASK, &runner->old_mask, NULL);
	if (!freopen("/dev/null", "r", stdin) || dup2(job->output, STDOUT_FILENO) < 0 ||
		dup2(job->output, STDERR_FILENO) < 0)
		_exit(STATUS_AIRLOCK);
	double deadline = job->start + job->timeout - TELL_SECONDS;
	int status = testtier_run(
		runner->config, (const struct testcase *const *)job->tests, job->count, deadline);
	fflush(stdout);
	_exit(status);
}

static int testjob_start(struct runner *runner, struct testjob *job)
{
	pid_t parent = getpid();
	job->output = memfd_create("airlock-test", MFD_CLOEXEC);
	job->start = testjob_now();
	fflush(stdout);
	job->process = job->output < 0 ? -1 : fork();
	if (job->process < 0)
		return message_fail(STATUS_AIRLOCK, "cannot start a test: %s", strerror(errno));
	if (job->process == 0)
		testjob_child(runner, job, parent);
	/* Here as well, so that the group exists before it may have to be killed. */
	setpgid(job->process, job->process);
	runner->running++;
	return 0;
}

/* Everything that the job printed, with a NUL behind it. */
static char *testjob_output(const struct testjob *job)
{
	struct stat status;
	size_t size = fstat(job->output, &status) == 0 ? (size_t)status.st_size : 0;
	char *text = text_alloc(size + 1);
	ssize_t got = pread(job->output, text, size, 0);
	text[got > 0 ? got : 0] = '\0';
	return text;
}

static void testjob_tell(struct runner *runner)
{
	struct testcase_list *list = runner->list;
	while (runner->told < list->count && list->items[runner->told].result != RESULT_NONE)
		runner->config->finished(&list->items[runner->told++], runner->config->context);
}

static double testjob_seconds(const struct timeval *time)
{
	return (double)time->tv_sec + (double)time->tv_usec / 1e6;
}

static void testjob_end(
	struct runner *runner, struct testjob *job, int status, const struct rusage *used)
{
	/* What the test left running in its group goes with it. */
	kill(-job->process, SIGKILL);
	double seconds = testjob_now() - job->start;
	double busy = testjob_seconds(&used->ru_utime) + testjob_seconds(&used->ru_stime);
	for (size_t i = 0; i < job->count; i++) {
		job->tests[i]->seconds = seconds / (double)job->count;
		job->tests[i]->busy = busy / (double)job->count;
	}
	char *output = testjob_output(job);
	testtier_judge(job->tests, job->count, job->timed_out ? -1 : status, output);
	free(output);
	close(job->output);
	job->process = 0;
	runner->running--;
	testjob_tell(runner);
}

static void testjob_reap(struct runner *runner)
{
	int status;
	pid_t process;
	/* With that of all descendants that somebody waited for. */
	struct rusage used;
	while ((process = wait4(-1, &status, WNOHANG, &used)) > 0)
		for (size_t i = 0; i < runner->started; i++)
			if (runner->jobs[i].process == process)
				testjob_end(runner, &runner->jobs[i], status, &used);
}

/* Kills what is over its time, and returns the milliseconds until the next one may be. */
static int testjob_check_times(struct runner *runner)
{
	double now = testjob_now(), next = 3600;
	for (size_t i = 0; i < runner->started; i++) {
		struct testjob *job = &runner->jobs[i];
		if (job->process <= 0 || job->timed_out)
			continue;
		double left = job->start + job->timeout - now;
		if (left <= 0) {
			job->timed_out = true;
			kill(-job->process, SIGKILL);
		} else {
			next = fmin(next, left);
		}
	}
	return (int)ceil(next * 1000);
}

static void testjob_take_signals(struct runner *runner)
{
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, &runner->old_mask);
	runner->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static void testjob_wait(struct runner *runner)
{
	struct pollfd entry = {.fd = runner->signals, .events = POLLIN};
	poll(&entry, 1, testjob_check_times(runner));
	struct signalfd_siginfo info;
	while (read(runner->signals, &info, sizeof(info)) == (ssize_t)sizeof(info))
		if (info.ssi_signo != SIGCHLD)
			runner->ended_by = (int)info.ssi_signo;
	testjob_reap(runner);
}

static int testjob_loop(struct runner *runner)
{
	while (runner->started < runner->count || runner->running > 0) {
		while (runner->started < runner->count &&
			runner->running < (size_t)runner->config->jobs) {
			int status = testjob_start(runner, &runner->jobs[runner->started]);
			if (status != 0)
				return status;
			runner->started++;
		}
		testjob_wait(runner);
		if (runner->ended_by)
			return STATUS_SIGNAL + runner->ended_by;
	}
	return 0;
}

int testjob_run_all(const struct testjob_config *config, struct testcase_list *list)
{
	struct runner runner = {.config = config, .list = list};
	struct testtimes times;
	testtimes_load(&times, config->scratch);
	testjob_make_all(&runner, &times);
	testjob_take_signals(&runner);
	orphans_adopt();
	int status = testjob_loop(&runner);
	orphans_kill();
	close(runner.signals);
	sigprocmask(SIG_SETMASK, &runner.old_mask, NULL);

	testtimes_update(&times, list);
	testtimes_save(&times, config->scratch);
	testtimes_free(&times);
	for (size_t i = 0; i < runner.count; i++)
		free(runner.jobs[i].tests);
	free(runner.jobs);
	return status;
}

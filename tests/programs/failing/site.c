/*
 * The sites of one way, made to fail one after the other in a process that it has for itself, and what must be so after each (main.c says
 * what). The process ends with the first that is not, or when the call succeeds with a site to spare.
 */
#include "drive.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SITES_MAX 3000

static int nth_fd = -1;

void complain(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	printf("FAIL %s: site %u: ", current ? current->name : "-", figures ? figures->at : 0);
	vprintf(format, args);
	putchar('\n');
	va_end(args);
	if (figures)
		figures->wrong++;
	fflush(stdout);
	_exit(3);
}

long must_(long result, const char *what, int line)
{
	if (result < 0)
		complain("line %d: %s: %s", line, what, strerror((int)-result));
	return result;
}

/* This is a copy itself, and may be what meets the last number's failure; then nothing is left to fail. */
static void set_nth(unsigned n)
{
	char text[16];
	int length = snprintf(text, sizeof(text), "%u", n);

	if (pwrite(nth_fd, text, (size_t)length, 0) != length &&
		pwrite(nth_fd, text, (size_t)length, 0) != length)
		complain("fail-nth can't be written");
}

/* What is left is told as it was before the copy that tells it. */
static unsigned get_nth(void)
{
	char text[16] = "";

	if (pread(nth_fd, text, sizeof(text) - 1, 0) > 0)
		return (unsigned)strtoul(text, NULL, 10);
	if (!copies || errno != EFAULT)
		complain("fail-nth can't be read");
	return 1;
}

static int is_allowed(const struct way *w, long result)
{
	if (copies)
		return result == -EFAULT;
	if (!w->errors[0])
		return result == -ENOMEM;
	for (int i = 0; i < ERRORS_MAX && w->errors[i]; i++)
		if (result == -w->errors[i])
			return 1;
	return 0;
}

static int failed(long result)
{
	return result < 0 && result >= -4095;
}

static void undo(const struct way *w, long result)
{
	if (w->undo)
		w->undo(result);
}

/* What a failed call has left or changed; NULL for nothing. */
static const char *difference(const struct usage *usage, struct state *state, int ms)
{
	static char text[1200];
	const char *what = usage_settles(usage, 0, ms);

	if (what) {
		snprintf(text, sizeof(text), "still in use:%s", what);
		return text;
	}
	struct state *after = state_take();
	what = state_difference(state, after);
	state_drop(after);
	return what;
}

/* A site failed, and the call with it: nothing may have happened, or what is undone as after a success. */
static void check_failure(
	const struct way *w, long result, const struct usage *usage, struct state *state)
{
	int undone = copies && w->takes_effect;
	const char *what;

	figures->errors++;
	if (!is_allowed(w, result))
		complain("%s is not what Linux gives", strerrorname_np((int)-result));
	what = difference(usage, state, undone ? SETTLES_MS / 20 : SETTLES_MS);
	if (what && undone) {
		undo(w, result);
		what = difference(usage, state, SETTLES_MS);
	}
	if (what)
		complain("after %s: %s", strerrorname_np((int)-result), what);
}

/* Makes the call with site n failing, in the state that each way of undoing it leads back to. True if that was one of its sites. */
static int drive_site(const struct way *w, unsigned n, struct state *state)
{
	struct usage *usage = usage_take();

	figures->at = n;
	figures->reached = 0;
	set_nth(n);
	long result = w->call();
	int hit = get_nth() == 0;
	set_nth(0);
	figures->reached = 1;
	if (w->forks && !failed(result))
		hit = 0;
	figures->sites += (unsigned)hit;
	if (verbose > 1)
		printf("    %s %u: %ld%s\n", w->name, n, result, hit ? "" : " in the end");
	if (failed(result)) {
		if (!hit)
			complain("%s although nothing failed", strerrorname_np((int)-result));
		check_failure(w, result, usage, state);
	} else {
		if (hit && !(copies ? w->tolerates_copy : w->tolerates))
			complain("result %ld although a site failed", result);
		figures->tolerated += (unsigned)hit;
		undo(w, result);
	}
	free(usage);
	return hit;
}

void drive_process(const struct way *w, unsigned from)
{
	nth_fd = open("/proc/self/fail-nth", O_RDWR);
	if (nth_fd < 0)
		complain("this kernel has no fail-nth");
	get_nth();
	set_nth(0);
	if (w->prepare)
		w->prepare();
	if (!w->replaces) {
		long result = w->call();

		if (failed(result))
			complain("%s before anything was made to fail", strerror((int)-result));
		undo(w, result);
	}
	struct state *state = state_take();
	for (unsigned n = from; drive_site(w, n, state); n++)
		if (n == SITES_MAX)
			complain("there is no end to it");
	fflush(stdout);
	_exit(0);
}

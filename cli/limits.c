/*
 * The times after which the command gives a VM up:
 *
 *   boot      the VM must have said something on the control port by then (it reports its first step
 *             into the program);
 *   final     after its last event and with all its output written, the VM must end by itself;
 *   timeout   the user's limit; the kernel is then asked what everything waits for, which ends the VM,
 *   report    if it does so in this time;
 *   linger    after the command has ended the VM, its last output may take this long to be written.
 */
#include "limits.h"

#include <math.h>
#include <time.h>

#include "cputime.h"

static const double FINAL_SECONDS = 5;
static const double LINGER_SECONDS = 1;
static const double REPORT_SECONDS = 4;

static double limits_now(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

void limits_start(struct limits *limits, double boot, double timeout)
{
	double now = limits_now();
	limits->boot = boot > 0 ? now + boot : INFINITY;
	limits->timeout = timeout > 0 ? now + timeout : INFINITY;
	limits->final = limits->report = limits->linger = INFINITY;
}

void limits_booted(struct limits *limits)
{
	limits->boot = INFINITY;
}

void limits_set_final(struct limits *limits, bool due, bool moved, pid_t qemu)
{
	if (!due)
		limits->final = INFINITY;
	else if (moved || limits->final == INFINITY) {
		limits->final_used = cputime_used(qemu);
		limits->final = limits_now() + FINAL_SECONDS;
	}
}

void limits_asked(struct limits *limits, bool able)
{
	limits->report = limits_now() + (able ? REPORT_SECONDS : 0);
	limits->boot = limits->final = limits->timeout = INFINITY;
}

void limits_ended(struct limits *limits)
{
	limits->linger = limits_now() + LINGER_SECONDS;
	limits->boot = limits->final = limits->timeout = limits->report = INFINITY;
}

/* The VM is over its time, unless a busy host has not let it have that: what is left it may still take. */
static enum limit limits_final_over(struct limits *limits, pid_t qemu)
{
	double left = FINAL_SECONDS - (cputime_used(qemu) - limits->final_used);
	if (left <= 0 || !cputime_wanted(qemu))
		return LIMIT_FINAL;
	limits->final = limits_now() + fmax(left, 0.1);
	return LIMIT_NONE;
}

enum limit limits_over(struct limits *limits, pid_t qemu)
{
	double now = limits_now();
	if (now >= limits->timeout)
		return LIMIT_TIMEOUT;
	if (now >= limits->report)
		return LIMIT_REPORT;
	if (now >= limits->boot)
		return LIMIT_BOOT;
	return now >= limits->final ? limits_final_over(limits, qemu) : LIMIT_NONE;
}

bool limits_lingered(const struct limits *limits)
{
	return limits_now() >= limits->linger;
}

int limits_wait_time(const struct limits *limits, bool reaped)
{
	double next = limits->linger;
	/* Until it is reaped there is nothing else to do than to wait for that. */
	if (!reaped)
		next = fmin(
			fmin(limits->timeout, limits->report), fmin(limits->boot, limits->final));
	if (next == INFINITY)
		return -1;
	double wait = ceil((next - limits_now()) * 1000);
	return wait < 0 ? 0 : wait > 60000 ? 60000 : (int)wait;
}

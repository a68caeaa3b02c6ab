/*
 * The C code that makes what ring 3 returns to: frames of signals, rt_sigreturn(2), first returns, new images, switches.
 *
 * One function after the other, because each breakpoint that is armed makes QEMU slower. What the programs don't reach of it is
 * given up, but not its beginning: a function that is never entered is missing.
 */
#include <stdio.h>

#include "code.h"
#include "phase.h"

static const double IDLE_FUNCTION_SECONDS = 3;

/* The sites of a function are [*from, *to). False if there are no more. */
static bool next_function(size_t *from, size_t *to)
{
	*from = *to;
	while (*from < site_count && sites[*from].how != HOW_FRAME)
		(*from)++;
	*to = *from + 1;
	while (*to < site_count && sites[*to].how == HOW_FRAME && !sites[*to].first)
		(*to)++;
	return *from < site_count;
}

static bool wants(size_t from, size_t to)
{
	while (from < to && site_next(&sites[from]) == EVENTS)
		from++;
	return from < to;
}

static void arm_function(size_t from, size_t to)
{
	for (; from < to; from++)
		if (site_next(&sites[from]) != EVENTS)
			arm(sites[from].address);
}

/* The timer is the last one: its interrupt leaves the place. */
static bool exercise_frame(const struct place *at)
{
	struct site *site = site_find(HOW_FRAME, at->rip);
	if (!site) {
		disarm(at->rip);
		return true;
	}
	if (site_next(site) == EVENT_TIMER)
		return exercise_timer(site, at);
	bool good = exercise(site, at);
	if (site_next(site) == EVENTS)
		disarm(at->rip);
	return good;
}

static bool exercise_function(size_t from, size_t to)
{
	struct place at;
	arm_function(from, to);
	while (wants(from, to)) {
		bool entered = site_next(&sites[from]) == EVENTS;
		enum gdb_stop stop = run(&at, entered ? IDLE_FUNCTION_SECONDS : IDLE_SECONDS);
		if (stop == GDB_TIMEOUT)
			break;
		if (stop == GDB_ENDED) {
			differs("the VM ended");
			return false;
		}
		if (!exercise_frame(&at))
			return false;
		pass();
	}
	disarm_all();
	for (size_t i = from + 1; i < to; i++)
		site_give_up(&sites[i]);
	return true;
}

bool phase_frames(void)
{
	size_t from, to = 0;
	while (next_function(&from, &to))
		if (wants(from, to) && !exercise_function(from, to))
			return false;
	return true;
}

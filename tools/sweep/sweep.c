/*
 * Five phases, in one VM:
 *
 *   workload   every instruction that the programs reach by themselves is armed. At each stop the next event that this
 *              instruction still wants is injected. Exceptions and first entries come from programs that start and end over and
 *              over. A #DB from ring 3 makes one stop in the paranoid door a time.
 *   frames     the C code that makes what ring 3 returns to (signals, sigreturn, first returns, execve, switches), one function
 *              after the other, with all four events.
 *   vectors    from the beginning of a system call, with IF=0, an interrupt of each vector is sent, which arrives as soon as IF=1;
 *              its stub is armed.
 *   refused    the frame in front of IRETQ gets a bad SS, which makes IRETQ fault; where the kernel has turned that into a trap
 *              from ring 3, the frame is made good and the trap a timer interrupt, so that the program goes on.
 *   nested     an event is injected at a spot of the crossing, and while its handler runs, another one at an instruction of it.
 *
 * After each injection the handler must have been entered with a frame that holds just what the registers were, and be back with
 * every register as it was. What that does not see, the programs' own comparisons do.
 */
#include "sweep.h"

#include <stdio.h>
#include <string.h>

#include "code.h"
#include "phase.h"

static const double BOOT_SECONDS = 60;
enum { DIFFERENCES_MAX = 20 };

const char *describe(const struct site *site, enum event event)
{
	static char text[160];
	snprintf(text, sizeof(text), "%s at %s%s", event_names[event], code_place(site->address),
		door_names[site->door]);
	return text;
}

/* Stopped at the site: its next event. False when the VM is lost. */
bool exercise(struct site *site, const struct place *at)
{
	enum event event = site_next(site);
	site->pair[event] = PAIR_DONE;
	return inject(event, at, describe(site, event)) && differences < DIFFERENCES_MAX;
}

/* All that it still wants. */
bool exercise_all(struct site *site, const struct place *at)
{
	while (site_next(site) != EVENTS)
		if (!exercise(site, at))
			return false;
	return true;
}

static bool ready(void)
{
	struct place place;
	uint64_t first = code_symbol("thread_first_return");
	arm(first);
	if (run(&place, BOOT_SECONDS) != GDB_STOPPED) {
		differs("no program is started");
		return false;
	}
	disarm(first);
	inject_prepare();
	return true;
}

bool sweep_all(const char *wanted)
{
	static const struct {
		const char *name;
		bool (*run)(void);
	} phases[] = {
		{"workload", phase_workload},
		{"frames", phase_frames},
		{"vectors", phase_vectors},
		{"refused", phase_refused},
		{"nested", phase_nested},
	};
	if (!ready())
		return false;
	for (size_t i = 0; i < sizeof(phases) / sizeof(phases[0]); i++) {
		if ((!wanted || strcmp(wanted, phases[i].name) == 0) && !phases[i].run())
			return false;
		/* The next phase would take a stop there for one of its own. */
		if (armed_any())
			die("breakpoints are left by the phase of %s", phases[i].name);
	}
	printf("%u timer interrupts sent after the last look at the work word, taken in ring 3\n",
		late_timers);
	return true;
}

void sweep_refused(enum event event, unsigned part, unsigned parts)
{
	if (ready())
		nested_refuse(event, part, parts);
}

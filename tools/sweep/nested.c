/* The paranoid doors: an event is injected somewhere in the crossing, and a second one in its handler. */
#include <stdio.h>
#include <string.h>

#include "code.h"
#include "phase.h"

static enum event event_of(enum door door)
{
	return door == DOOR_NMI ? EVENT_NMI : door == DOOR_MC ? EVENT_MC : EVENT_DB;
}

/* Stops at the spot, and then at the site in the handler of the event of its door. */
static bool enter_handler(
	const struct site *site, uint64_t spot, struct place *outer, struct place *inner)
{
	enum event event = event_of(site->door);
	arm(spot);
	if (run(outer, IDLE_SECONDS) != GDB_STOPPED) {
		differs("%s is not reached", code_place(spot));
		return false;
	}
	disarm(spot);
	fire(event, outer);
	arm(site->address);
	if (run_to(inner, outer->cpu, site->address, 0) != GDB_STOPPED) {
		differs("%s is not reached", describe(site, event));
		return false;
	}
	return true;
}

/* True for an instruction of the paranoid doors up to the call of the C handler. */
static bool before_call(uint64_t rip)
{
	uint64_t call = 0;
	for (size_t i = 0; i < site_count; i++)
		if (sites[i].door == DOOR_NMI && strncmp(sites[i].text, "call", 4) == 0)
			call = sites[i].address;
	bool stub =
		rip >= code_symbol("entry_vectors") && rip < code_symbol("entry_vectors") + 4096;
	return rip <= call || stub;
}

/* An NMI in an NMI's handler is held back until its IRETQ, and comes at the instruction that it returns to. */
static bool inject_held_back(
	const struct site *site, const struct place *inner, const struct place *outer)
{
	const char *what = describe(site, EVENT_NMI);
	disarm(inner->rip);
	fire(EVENT_NMI, inner);
	/* The first one's own handler may be still to come. */
	if (before_call(inner->rip)) {
		if (!expect_handler(EVENT_NMI, outer, what))
			return false;
		pass();
	}
	return expect_handler(EVENT_NMI, outer, what);
}

static bool exercise_nested(struct site *site, enum event event, uint64_t spot)
{
	struct place outer, inner;
	if (!enter_handler(site, spot, &outer, &inner))
		return false;
	bool good;
	if (site->door == DOOR_NMI && event == EVENT_NMI)
		good = inject_held_back(site, &inner, &outer);
	else
		good = inject(event, &inner, describe(site, event));
	if (!good)
		return false;
	disarm(site->address);
	if (!expect_back(event_of(site->door), &outer, describe(site, event)))
		return false;
	pass();
	disarm(spot);
	return true;
}

bool phase_nested(void)
{
	/* The program's base, root and stack; base of the kernel, root of the program; both of the kernel. */
	uint64_t spots[] = {code_symbol("syscall_entry"), code_symbol("syscall_entry") + 3,
		code_symbol("exit_verw_sysret"), code_symbol("entry_syscall")};
	for (size_t i = 0; i < site_count; i++) {
		struct site *site = &sites[i];
		enum event event;
		while (site->how == HOW_NESTED && (event = site_next(site)) != EVENTS) {
			site->pair[event] = PAIR_DONE;
			for (size_t s = 0; s < sizeof(spots) / sizeof(spots[0]); s++)
				if (!exercise_nested(site, event, spots[s]))
					return false;
		}
	}
	return true;
}

/* In an NMI's handler. What the door of #DB runs, too, can't have a breakpoint. */
static bool is_refused(const struct site *site, enum event event)
{
	return site->door == DOOR_NMI &&
	       (event != EVENT_DB || site->address >= code_symbol("entry_vectors"));
}

void nested_refuse(enum event event, unsigned part, unsigned parts)
{
	struct place outer, inner;
	size_t count = 0, chosen = 0;
	for (size_t i = 0; i < site_count; i++)
		count += is_refused(&sites[i], event);
	for (size_t i = 0, n = 0; i < site_count; i++)
		if (is_refused(&sites[i], event) && n++ == (count - 1) * part / parts)
			chosen = i;
	printf("%s\n", describe(&sites[chosen], event));
	fflush(stdout);
	if (!enter_handler(&sites[chosen], code_symbol("syscall_entry"), &outer, &inner))
		return;
	disarm_all();
	fire(event, &inner);
}

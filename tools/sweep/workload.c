/*
 * What the programs reach by themselves. All of it is armed; at each stop the next event that this instruction still wants is
 * injected. C code that they do not reach (the failure of an assertion, for instance) is given up in the end.
 */
#include <stdio.h>

#include "code.h"
#include "phase.h"

static const double IDLE_C_SECONDS = 3;

static void arm_sites(enum how how)
{
	for (size_t i = 0; i < site_count; i++)
		if (sites[i].how == how && site_next(&sites[i]) != EVENTS)
			arm(sites[i].address);
}

/* At the stub of #DB. One that a program raised goes on to a site that still wants something. */
static bool exercise_user_db(const struct place *at)
{
	uint64_t frame[5];
	struct site *site = site_find(HOW_USER_DB, 0);
	struct place now;
	if (!site || !gdb_read_memory(at->rsp, frame, sizeof(frame)) || (frame[1] & 3) != 3)
		return true;
	if (site->address != at->rip) {
		arm(site->address);
		if (run_to(&now, at->cpu, site->address, 0) != GDB_STOPPED) {
			differs("%s is not reached", code_place(site->address));
			return false;
		}
	} else {
		now = *at;
	}
	bool good = exercise_all(site, &now);
	pass();
	if (site->address != code_symbol("entry_vectors") + VECTOR_DB * 16)
		disarm(site->address);
	return good;
}

static bool workload_stop(const struct place *at)
{
	struct site *site;
	if (at->rip == code_symbol("entry_vectors") + VECTOR_DB * 16 && sites_wanted(HOW_USER_DB))
		return exercise_user_db(at);
	if ((site = site_find(HOW_WORKLOAD, at->rip)) != NULL) {
		bool good = exercise(site, at);
		if (site_next(site) == EVENTS)
			disarm(at->rip);
		return good;
	}
	if ((site = site_find(HOW_C_CODE, at->rip)) != NULL)
		return exercise_timer(site, at);
	disarm(at->rip);
	return true;
}

static size_t workload_wanted(void)
{
	return sites_wanted(HOW_WORKLOAD) + sites_wanted(HOW_USER_DB) + sites_wanted(HOW_C_CODE);
}

static void give_up_c_code(void)
{
	for (size_t i = 0; i < site_count; i++)
		if (sites[i].how == HOW_C_CODE)
			site_give_up(&sites[i]);
}

bool phase_workload(void)
{
	struct place at;
	arm_sites(HOW_WORKLOAD);
	arm_sites(HOW_C_CODE);
	if (sites_wanted(HOW_USER_DB))
		arm(code_symbol("entry_vectors") + VECTOR_DB * 16);
	while (workload_wanted() > 0) {
		bool only_c = workload_wanted() == sites_wanted(HOW_C_CODE);
		enum gdb_stop stop = run(&at, only_c ? IDLE_C_SECONDS : IDLE_SECONDS);
		if (stop == GDB_ENDED) {
			differs("the VM ended");
			return false;
		}
		if (stop == GDB_TIMEOUT) {
			if (!only_c)
				printf("nothing more is reached; CPU %d is at %s\n", at.cpu,
					code_place(at.rip));
			break;
		}
		if (!workload_stop(&at))
			return false;
		pass();
	}
	disarm_all();
	give_up_c_code();
	return true;
}

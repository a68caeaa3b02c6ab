/*
 * The timer in C code between a door and ring 3. The CPU is borrowed to send itself the vector, with interrupts held back. If it then
 * goes to ring 3 without turning them on, it had looked at the work word for the last time already: the interrupt must be taken in
 * ring 3 (rule 5 of docs/crossings.md).
 */
#include <stdio.h>

#include "code.h"
#include "phase.h"

enum { STEPS_TO_EXIT_MAX = 500 };

unsigned late_timers;

/* In one of the C functions between a door and the return. */
static bool in_c_code(uint64_t rip)
{
	for (size_t i = 0; i < site_count; i++)
		if (sites[i].how == HOW_C_CODE && sites[i].address == rip)
			return true;
	return false;
}

/*
 * True if the CPU goes from here to the assembly of the exit without turning interrupts on: what was seen in the work
 * word is what it leaves with. The CPU is at exit_to_user then, or where it turned them on or called something.
 */
static bool steps_to_exit(void)
{
	struct place now;
	uint64_t exit = code_symbol("exit_to_user");
	for (int i = 0; i < STEPS_TO_EXIT_MAX; i++) {
		look(&now);
		if (now.rip == exit)
			return !(gdb_flags(&now.registers) & RFLAGS_IF);
		/* The jump to it is an instruction of .entry.text. */
		bool jump = now.rip >= code_symbol("__entry_text_start") &&
			    now.rip < code_symbol("__entry_text_end");
		if ((gdb_flags(&now.registers) & RFLAGS_IF) || (!jump && !in_c_code(now.rip)))
			return false;
		step();
	}
	return false;
}

static uint64_t stub_of(unsigned vector)
{
	return code_symbol("entry_vectors") + vector * 16UL;
}

/* Goes on until the CPU takes the timer's interrupt or another CPU's, which has priority over it. */
static enum gdb_stop run_to_interrupt(struct place *now, int cpu)
{
	for (;;) {
		enum gdb_stop stop = run(now, IDLE_SECONDS);
		if (stop != GDB_STOPPED)
			return stop;
		if (now->cpu == cpu &&
			(now->rip == stub_of(VECTOR_TIMER) || now->rip == stub_of(VECTOR_IPI)))
			return stop;
		pass();
	}
}

/*
 * The interrupt that is pending comes. From ring 3, if the exit had begun; unless one of another CPU has come from there
 * first, then anywhere.
 */
static bool expect_timer(const struct place *at, bool from_user, const char *what)
{
	struct place now;
	uint64_t frame[5];
	bool seen_user = false;
	arm(stub_of(VECTOR_TIMER));
	arm(stub_of(VECTOR_IPI));
	do {
		enum gdb_stop stop = run_to_interrupt(&now, at->cpu);
		if (stop != GDB_STOPPED || !gdb_read_memory(now.rsp, frame, sizeof(frame))) {
			differs("%s: the interrupt does not come", what);
			return stop != GDB_ENDED;
		}
		seen_user |= (frame[1] & 3) == 3;
		if (now.rip == stub_of(VECTOR_IPI))
			pass();
	} while (now.rip != stub_of(VECTOR_TIMER));
	disarm(stub_of(VECTOR_TIMER));
	disarm(stub_of(VECTOR_IPI));
	late_timers += from_user;
	if (from_user && !seen_user)
		differs("%s: it comes in ring 0, at %s, after the last look at the work word", what,
			code_place(frame[0]));
	return true;
}

bool exercise_timer(struct site *site, const struct place *at)
{
	char what[160];
	/* The program's stack pointer, root and base are not borrowed for a call: C code only, so they are the kernel's. */
	snprintf(what, sizeof(what), "%s", describe(site, EVENT_TIMER));
	site->pair[EVENT_TIMER] = PAIR_DONE;
	disarm(at->rip);
	send_vector(VECTOR_TIMER);
	bool from_user = steps_to_exit();
	return expect_timer(at, from_user, what);
}

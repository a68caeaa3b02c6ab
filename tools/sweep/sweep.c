/*
 * Four phases, in one VM:
 *
 *   workload   every instruction that the programs reach by themselves is armed. At each stop the next event that this
 *              instruction still wants is injected. Exceptions and first entries come from programs that start and end over and
 *              over. A #DB from ring 3 makes one stop in the paranoid door a time.
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
#include "inject.h"

static const double BOOT_SECONDS = 60, IDLE_SECONDS = 15, IDLE_C_SECONDS = 3;
enum { STEPS_TO_EXIT_MAX = 500, DIFFERENCES_MAX = 20 };
enum { VECTOR_DB = 1, VECTOR_TIMER = 0xec, VECTOR_IPI = 0xfd, VECTOR_SPURIOUS = 0xff };
/* Interrupts sent between the last look at the work word and the return. */
static unsigned late_timers;

#define BAD_SELECTOR 0xfffbUL

static const char *describe(const struct site *site, enum event event)
{
	static char text[160];
	snprintf(text, sizeof(text), "%s at %s%s", event_names[event], code_place(site->address),
		door_names[site->door]);
	return text;
}

/* Stopped at the site: its next event. False when the VM is lost. */
static bool exercise(struct site *site, const struct place *at)
{
	enum event event = site_next(site);
	site->pair[event] = PAIR_DONE;
	return inject(event, at, describe(site, event)) && differences < DIFFERENCES_MAX;
}

/* All that it still wants. */
static bool exercise_all(struct site *site, const struct place *at)
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

/* -- C code: the timer -- */

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

static bool exercise_timer(struct site *site, const struct place *at)
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

/* -- the workload -- */

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
	return sites_wanted(HOW_WORKLOAD) + sites_wanted(HOW_C_CODE) + sites_wanted(HOW_USER_DB);
}

/* C code that the programs don't reach (an assertion's failure, for instance) is never stopped at. */
static void give_up_c_code(void)
{
	for (size_t i = 0; i < site_count; i++)
		if (sites[i].how == HOW_C_CODE && sites[i].pair[EVENT_TIMER] == PAIR_WANTED) {
			sites[i].pair[EVENT_TIMER] = PAIR_EXCLUDED;
			sites[i].reason[EVENT_TIMER] = "C code that the workload does not reach";
		}
}

static bool sweep_workload(void)
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

/* -- vectors -- */

/* Sends the vector and goes through the sites of its stub. */
static bool exercise_vector(unsigned vector)
{
	struct place at, now;
	struct site *site;
	uint64_t call = code_symbol("entry_syscall");
	uint64_t stub = code_symbol("entry_vectors") + vector * 16;
	arm(call);
	if (run(&at, IDLE_SECONDS) != GDB_STOPPED)
		return false;
	send_vector(vector);
	disarm(call);
	arm(stub);
	if (run_to(&now, at.cpu, stub, 0) != GDB_STOPPED) {
		printf("%s flags %x %lx\n", code_place(now.rip), gdb_flags(&now.registers),
			gdb_cr3(&now.registers));
		gdb_monitor("info lapic");
		gdb_monitor("info registers");
		differs("vector %#x does not arrive", vector);
		return false;
	}
	while ((site = site_find_vector(vector)) != NULL) {
		while (now.rip != site->address) {
			pass();
			look(&now);
		}
		if (!exercise_all(site, &now))
			return false;
		disarm(now.rip);
	}
	/* The kernel sends no end of interrupt for the spurious vector, because a real one of these is not in service. One
	 * that was sent is, and would hold back all others of this CPU. */
	if (vector == VECTOR_SPURIOUS)
		send_end();
	/* A sample may want only what comes after it. */
	disarm(stub);
	return true;
}

static bool sweep_vectors(void)
{
	for (unsigned v = 0; v < 256; v++)
		if (site_find_vector(v) && !exercise_vector(v))
			return false;
	return true;
}

/* -- a refused frame -- */

/* Words at the places where the frames are: see exit.S and trap.S. */
enum { IRETQ_SS = 4, TRAP_VECTOR = 1, TRAP_ERROR = 2, TRAP_SS = 7 };

static void put_word(uint64_t stack, int word, uint64_t value)
{
	gdb_write_memory(stack + (uint64_t)word * 8, &value, sizeof(value));
}

static bool exercise_refused(struct site *site)
{
	struct place at, now;
	uint64_t iretq = code_symbol("exit_iretq"), frame = code_symbol("trap_user_frame"), ss;
	arm(iretq);
	if (run(&at, IDLE_SECONDS) != GDB_STOPPED ||
		!gdb_read_memory(at.rsp + IRETQ_SS * 8, &ss, sizeof(ss)))
		return false;
	put_word(at.rsp, IRETQ_SS, BAD_SELECTOR);
	disarm(iretq);
	arm(site->address);
	if (run_to(&now, at.cpu, site->address, 0) != GDB_STOPPED) {
		differs("IRETQ with a bad SS does not come to %s", code_place(site->address));
		return false;
	}
	bool good = exercise_all(site, &now);
	pass();
	disarm(site->address);
	arm(frame);
	if (run_to(&now, at.cpu, frame, 0) != GDB_STOPPED) {
		differs("the refused frame does not become a trap from ring 3");
		return false;
	}
	put_word(now.rsp, TRAP_VECTOR, VECTOR_TIMER);
	put_word(now.rsp, TRAP_ERROR, 0);
	put_word(now.rsp, TRAP_SS, ss);
	pass();
	disarm(frame);
	return good;
}

static bool sweep_refused_frames(void)
{
	struct site *site;
	while ((site = site_find(HOW_REFUSED, 0)) != NULL)
		if (!exercise_refused(site))
			return false;
	return true;
}

/* -- nested -- */

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

static bool sweep_nested(void)
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

bool sweep_all(const char *wanted)
{
	static const struct {
		const char *name;
		bool (*run)(void);
	} phases[] = {
		{"workload", sweep_workload},
		{"vectors", sweep_vectors},
		{"refused", sweep_refused_frames},
		{"nested", sweep_nested},
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

/* In an NMI's handler. What the door of #DB runs, too, can't have a breakpoint. */
static bool is_refused(const struct site *site, enum event event)
{
	return site->door == DOOR_NMI &&
	       (event != EVENT_DB || site->address >= code_symbol("entry_vectors"));
}

void sweep_refused(enum event event, unsigned part, unsigned parts)
{
	struct place outer, inner;
	size_t count = 0, chosen = 0;
	if (!ready())
		return;
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

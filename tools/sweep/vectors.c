/* Interrupt vectors that no device has: the local APIC sends them. */
#include <stdio.h>

#include "code.h"
#include "phase.h"

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

bool phase_vectors(void)
{
	for (unsigned v = 0; v < 256; v++)
		if (site_find_vector(v) && !exercise_vector(v))
			return false;
	return true;
}

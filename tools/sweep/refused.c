/* The IRETQ to ring 3 that faults. No frame of the kernel's makes it, so one is spoiled in front of it and made good again. */
#include "code.h"
#include "phase.h"

#define BAD_SELECTOR 0xfffbUL

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

bool phase_refused(void)
{
	struct site *site;
	while ((site = site_find(HOW_REFUSED, 0)) != NULL)
		if (!exercise_refused(site))
			return false;
	return true;
}

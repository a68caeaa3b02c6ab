/*
 * The list of sites follows from the kernel's ELF file: all instructions of .entry.text that control flow can reach from
 * its doors, of the C functions that are between a door and the return, and of those that make what ring 3 returns to.
 */
#include <stdlib.h>
#include <string.h>

#include "code.h"
#include "site.h"

enum {
	VECTORS = 256,
	VECTOR_DB = 1,
	VECTOR_NMI = 2,
	VECTOR_DF = 8,
	VECTOR_MC = 18,
	VECTOR_FIRST_IRQ = 32
};

/* Vectors that the workload's programs raise in ring 3. */
static const unsigned raised[] = {0, 3, 4, 6, 13, 14};

static bool is_raised(unsigned vector)
{
	for (size_t i = 0; i < sizeof(raised) / sizeof(raised[0]); i++)
		if (raised[i] == vector)
			return true;
	return false;
}

static struct site *add(const struct instruction *insn, enum door door, enum how how)
{
	return site_add(insn->address, door, how, insn->text);
}

static void exclude_all(struct site *site, const char *reason)
{
	for (int e = EVENT_NMI; e <= EVENT_DB; e++)
		site_exclude(site, (enum event)e, reason);
}

static void exclude_nested(struct site *site)
{
	static const char runs_it_itself[] =
		"the door of #DB runs this instruction itself, so a breakpoint on it would never end; "
		"none is ever set in the crossing (hazards P12, P17)";
	bool own_stub = site->address >= code_symbol("entry_vectors") && site->door != DOOR_DB &&
			site->door != DOOR_DB_USER;
	if (!own_stub)
		site_exclude(site, EVENT_DB, runs_it_itself);
	else if (site->door == DOOR_NMI)
		site_exclude(site, EVENT_DB, "the kernel stops with a report (hazard P4)");
	if (site->door == DOOR_NMI)
		site_exclude(site, EVENT_MC, "the kernel stops with a report (hazard P5)");
	else if (site->door == DOOR_MC)
		site_exclude(site, EVENT_MC, "the processor shuts down: MCIP is set");
}

static void add_nested(const struct instruction *insn, enum door door)
{
	exclude_nested(add(insn, door, door == DOOR_DB_USER ? HOW_USER_DB : HOW_NESTED));
}

/* -- the parts of .entry.text -- */

static void add_stub(const struct instruction *insn, unsigned vector)
{
	if (vector == VECTOR_NMI) {
		add_nested(insn, DOOR_NMI);
	} else if (vector == VECTOR_MC) {
		add_nested(insn, DOOR_MC);
	} else if (vector == VECTOR_DB) {
		add_nested(insn, DOOR_DB);
		add_nested(insn, DOOR_DB_USER);
	} else if (vector == VECTOR_DF) {
		exclude_all(add(insn, DOOR_ANY, HOW_WORKLOAD),
			"there is no way back from a double fault");
	} else if (vector >= VECTOR_FIRST_IRQ) {
		add(insn, DOOR_ANY, HOW_VECTOR)->vector = vector;
	} else if (is_raised(vector)) {
		add(insn, DOOR_ANY, HOW_WORKLOAD);
	} else {
		exclude_all(add(insn, DOOR_ANY, HOW_WORKLOAD),
			"this processor model raises no such exception");
	}
}

/* A #DB that becomes a trap from ring 3: its frame is on the IST stack of #DB until it has been copied. */
static void add_to_thread(const struct instruction *insn)
{
	static bool copied, called;
	/* Behind the C function: of a program that is traced, others have ended. */
	if (called) {
		add(insn, DOOR_ANY, HOW_WORKLOAD);
		return;
	}
	struct site *site = add(insn, DOOR_DB_USER, HOW_USER_DB);
	if (!copied)
		site_exclude(site, EVENT_DB,
			"the frame is still on the stack of #DB; no breakpoint is ever "
			"set in the crossing (hazards P12, P17)");
	copied |= strncmp(insn->text, "rep ", 4) == 0;
	called |= strncmp(insn->text, "call", 4) == 0;
}

/* Up to the branch on the C function's result all doors, then those that return, then the one that goes on. */
static void add_paranoid(const struct instruction *insn)
{
	static uint64_t branch;
	uint64_t to_thread = code_symbol("paranoid_to_thread");
	if (insn->address < to_thread) {
		add_nested(insn, DOOR_NMI);
		add_nested(insn, DOOR_MC);
		add_nested(insn, DOOR_DB);
	}
	if (insn->address >= to_thread)
		add_to_thread(insn);
	else if (!branch)
		add_nested(insn, DOOR_DB_USER);
	if (strncmp(insn->text, "jne", 3) == 0)
		branch = insn->address;
}

/*
 * True for the loading of a root, which is jumped over when isolation is off: what stands between the jump after
 * `cmpb $0, %gs:CPU_PTI` and its target. Called for all instructions, in order.
 */
static bool loads_root(const struct instruction *insn)
{
	static bool after_compare;
	static uint64_t until;
	if (after_compare && strncmp(insn->text, "je ", 3) == 0)
		until = strtoul(insn->text + 3, NULL, 16);
	else if (insn->address < until)
		return true;
	after_compare = strncmp(insn->text, "cmpb $0, %gs:", 13) == 0;
	return false;
}

static void add_entry(const struct instruction *insn)
{
	uint64_t at = insn->address, stubs = code_symbol("entry_vectors");
	if (at >= stubs && at < stubs + VECTORS * 16)
		add_stub(insn, (unsigned)((at - stubs) / 16));
	else if (at >= code_symbol("paranoid_entry") && at < code_symbol_end("paranoid_entry"))
		add_paranoid(insn);
	else if (at >= code_symbol("exit_fault") && at < code_symbol_end("trap_entry"))
		add(insn, DOOR_ANY, HOW_REFUSED);
	else
		add(insn, DOOR_ANY, HOW_WORKLOAD);
}

static void make_entry(bool isolation)
{
	static const char *const doors[] = {
		"syscall_entry", "thread_first_return", "gs_selector_load"};
	struct instructions list = {0};
	uint64_t low = code_symbol("__entry_text_start"), high = code_symbol("__entry_text_end");
	for (size_t i = 0; i < sizeof(doors) / sizeof(doors[0]); i++)
		code_reach(&list, code_symbol(doors[i]), low, high);
	for (unsigned v = 0; v < VECTORS; v++)
		code_reach(&list, code_symbol("entry_vectors") + v * 16, low, high);
	code_sort(&list);
	for (size_t i = 0; i < list.count; i++) {
		add_entry(&list.items[i]);
		if (loads_root(&list.items[i]) && !isolation)
			exclude_all(&sites[site_count - 1], "isolation is off: jumped over");
	}
	free(list.items);
}

/* Between a door and the return: the timer alone. Not all of them has to be a function of its own: the compiler may have inlined
 * it. */
static const char *const c_code[] = {
	"entry_syscall", "entry_trap_user", "entry_first_return", "exit_prepare"};

/* What makes the frame and the state that ring 3 is entered with: signals, rt_sigreturn(2), stops, clone(2)'s and execve(2)'s first
 * returns, the switch between threads, and what a tracer sets. What begins with '?' may be inlined. */
static const char *const frame_code[] = {"upcall_exit_work", "signal_exit_work", "?signal_rest",
	"?rseq_check", "arch_signal_enter", "?xstate_save_user", "ucopy_xsave",
	"ucopy_signal_frame", "signal_return", "arch_signal_return", "ucopy_signal_context",
	"?xstate_restore_user", "ucopy_xrstor", "?fpu_clear", "arch_thread_init_user",
	"arch_thread_inherit", "arch_thread_reset", "?fpu_reset", "upcall_thread_started",
	"arch_thread_switch", "context_switch", "?load_segments", "?fpu_save", "?fpu_restore",
	"ptrace_call_begin", "ptrace_call_end", "arch_thread_park", "arch_thread_unpark",
	"?debug_unpark", "arch_debug_load", "arch_register_set", "arch_debug_set",
	"arch_step_enable", "arch_step_disable"};

static void add_c(const struct instruction *insn, enum how how, bool first)
{
	struct site *site = add(insn, DOOR_ANY, how);
	site->first = first;
	if (how == HOW_C_CODE)
		memset(site->pair, PAIR_NONE, sizeof(site->pair));
	site->pair[EVENT_TIMER] = PAIR_WANTED;
}

static void make_c(const char *const *names, size_t count, enum how how)
{
	for (size_t i = 0; i < count; i++) {
		struct instructions list = {0};
		bool optional = how == HOW_C_CODE || names[i][0] == '?';
		const char *name = names[i] + (names[i][0] == '?');
		uint64_t start = optional ? code_symbol_optional(name) : code_symbol(name);
		if (start)
			code_reach(&list, start, start, code_symbol_end(name));
		code_sort(&list);
		for (size_t k = 0; k < list.count; k++)
			add_c(&list.items[k], how, list.items[k].address == start);
		free(list.items);
	}
}

void sites_make(bool isolation)
{
	make_entry(isolation);
	make_c(c_code, sizeof(c_code) / sizeof(c_code[0]), HOW_C_CODE);
	make_c(frame_code, sizeof(frame_code) / sizeof(frame_code[0]), HOW_FRAME);
}

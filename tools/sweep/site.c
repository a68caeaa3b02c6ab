/*
 * The list of sites follows from the kernel's ELF file: all instructions of .entry.text that control flow can reach from
 * its doors, and of the C functions that are between a door and the return.
 */
#include "site.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "code.h"
#include "gdb.h"

struct site *sites;
size_t site_count;

const char *const event_names[EVENTS] = {"NMI", "#MC", "#DB", "timer"};
const char *const door_names[DOORS] = {
	"", " in an NMI", " in a #MC", " in a #DB", " in a #DB of ring 3"};

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
	sites = realloc(sites, (site_count + 1) * sizeof(*sites));
	if (!sites)
		die("out of memory");
	struct site *site = &sites[site_count++];
	*site = (struct site){.address = insn->address, .door = door, .how = how};
	memcpy(site->text, insn->text, sizeof(site->text));
	for (int e = EVENT_NMI; e <= EVENT_DB; e++)
		site->pair[e] = PAIR_WANTED;
	return site;
}

static void exclude(struct site *site, enum event event, const char *reason)
{
	site->pair[event] = PAIR_EXCLUDED;
	site->reason[event] = reason;
}

static void exclude_all(struct site *site, const char *reason)
{
	for (int e = EVENT_NMI; e <= EVENT_DB; e++)
		exclude(site, (enum event)e, reason);
}

static void exclude_nested(struct site *site)
{
	static const char runs_it_itself[] =
		"the door of #DB runs this instruction itself, so a breakpoint on it would never end; "
		"none is ever set in the crossing (hazards P12, P17)";
	bool own_stub = site->address >= code_symbol("entry_vectors") && site->door != DOOR_DB &&
			site->door != DOOR_DB_USER;
	if (!own_stub)
		exclude(site, EVENT_DB, runs_it_itself);
	else if (site->door == DOOR_NMI)
		exclude(site, EVENT_DB, "the kernel stops with a report (hazard P4)");
	if (site->door == DOOR_NMI)
		exclude(site, EVENT_MC, "the kernel stops with a report (hazard P5)");
	else if (site->door == DOOR_MC)
		exclude(site, EVENT_MC, "the processor shuts down: MCIP is set");
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
	struct site *site = add(insn, DOOR_DB_USER, HOW_USER_DB);
	if (!copied)
		exclude(site, EVENT_DB,
			"the frame is still on the stack of #DB; no breakpoint is ever "
			"set in the crossing (hazards P12, P17)");
	if (called)
		exclude_all(site, "the program that raised the #DB has ended");
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

/* Not all of them has to be a function of its own: the compiler may have inlined it. */
static void make_c_code(void)
{
	static const char *const names[] = {
		"entry_syscall", "entry_trap_user", "entry_first_return", "exit_prepare"};
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct instructions list = {0};
		uint64_t start = code_symbol_optional(names[i]);
		if (start)
			code_reach(&list, start, start, code_symbol_end(names[i]));
		code_sort(&list);
		for (size_t k = 0; k < list.count; k++) {
			struct site *site = add(&list.items[k], DOOR_ANY, HOW_C_CODE);
			memset(site->pair, PAIR_NONE, sizeof(site->pair));
			site->pair[EVENT_TIMER] = PAIR_WANTED;
		}
		free(list.items);
	}
}

void sites_make(bool isolation)
{
	make_entry(isolation);
	make_c_code();
}

static uint64_t mix(uint64_t x)
{
	x += 0x9e3779b97f4a7c15;
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
	x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
	return x ^ (x >> 31);
}

void sites_sample(unsigned share, uint64_t seed)
{
	for (size_t i = 0; i < site_count; i++)
		for (int e = 0; e < EVENTS; e++)
			if (sites[i].pair[e] == PAIR_WANTED &&
				mix(mix(seed + i) + (uint64_t)e) % share)
				sites[i].pair[e] = PAIR_SKIPPED;
}

enum event site_next(const struct site *site)
{
	int e = 0;
	while (e < EVENTS && site->pair[e] != PAIR_WANTED)
		e++;
	return (enum event)e;
}

struct site *site_find(enum how how, uint64_t address)
{
	for (size_t i = 0; i < site_count; i++)
		if (sites[i].how == how && (!address || sites[i].address == address) &&
			site_next(&sites[i]) != EVENTS)
			return &sites[i];
	return NULL;
}

struct site *site_find_vector(unsigned vector)
{
	for (size_t i = 0; i < site_count; i++)
		if (sites[i].how == HOW_VECTOR && sites[i].vector == vector &&
			site_next(&sites[i]) != EVENTS)
			return &sites[i];
	return NULL;
}

struct site *site_named(const char *word, enum door door)
{
	for (size_t i = 0; i < site_count; i++)
		if (sites[i].door == door && strncmp(sites[i].text, word, strlen(word)) == 0)
			return &sites[i];
	die("there is no %s in the paranoid doors", word);
}

static size_t count(enum how how, bool any, enum pair what)
{
	size_t n = 0;
	for (size_t i = 0; i < site_count; i++)
		for (int e = 0; e < EVENTS; e++)
			n += (any || sites[i].how == how) && sites[i].pair[e] == what;
	return n;
}

size_t sites_wanted(enum how how)
{
	return count(how, false, PAIR_WANTED);
}

static void report_pairs(enum pair what, const char *word, unsigned most)
{
	for (size_t i = 0; i < site_count; i++)
		for (int e = 0; e < EVENTS; e++) {
			const struct site *s = &sites[i];
			if (s->pair[e] == what && most > 0 && most--)
				printf("%s: %s at %s%s (%s)%s%s\n", word, event_names[e],
					code_place(s->address), door_names[s->door], s->text,
					s->reason[e] ? ": " : "", s->reason[e] ? s->reason[e] : "");
		}
}

/* How many pairs are excluded for each reason. */
static void report_reasons(void)
{
	for (size_t i = 0; i < site_count; i++)
		for (int e = 0; e < EVENTS; e++) {
			const char *reason = sites[i].reason[e];
			size_t n = 0, earlier = 0;
			for (size_t k = 0; reason && k < site_count; k++)
				for (int x = 0; x < EVENTS; x++) {
					bool same = sites[k].reason[x] &&
						    strcmp(sites[k].reason[x], reason) == 0;
					n += same;
					earlier += same && (k < i || (k == i && x < e));
				}
			if (reason && !earlier)
				printf("  %4zu excluded: %s\n", n, reason);
		}
}

bool sites_report(bool verbose)
{
	size_t done = count(HOW_WORKLOAD, true, PAIR_DONE);
	size_t missing = count(HOW_WORKLOAD, true, PAIR_WANTED);
	size_t excluded = count(HOW_WORKLOAD, true, PAIR_EXCLUDED);
	size_t skipped = count(HOW_WORKLOAD, true, PAIR_SKIPPED);
	printf("%zu sites, %zu pairs: %zu exercised, %zu missing, %zu not in this sample, %zu excluded\n",
		site_count, done + missing + excluded + skipped, done, missing, skipped, excluded);
	report_reasons();
	report_pairs(PAIR_WANTED, "missing", verbose ? UINT_MAX : 10);
	if (verbose)
		report_pairs(PAIR_EXCLUDED, "excluded", UINT_MAX);
	return missing == 0;
}

/*
 * The events are real: an NMI and a #MC by the monitor's commands, a #DB by an instruction breakpoint in DR0, an interrupt by
 * the local APIC. What the debugger's stub can't write (MSRs, debug registers, the APIC) is written by borrowing the stopped CPU
 * for one instruction, with interrupts held back: its registers are put back afterwards. The borrowed instructions stand in the
 * padding of vector stubs, which is mapped wherever the crossing runs.
 *
 * A #MC: the monitor only raises one for an error that could not be corrected, which ends the kernel. So between the command
 * and the delivery, the bank is rewritten to hold a corrected error, as after a benign machine check.
 */
#include "inject.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "code.h"

#define RFLAGS_RF 0x10000U
#define DR7_BREAKPOINT_0 0x402UL
#define MSR_MC1_STATUS 0x405
/* Valid, enabled: corrected. */
#define MC_STATUS_CORRECTED 0x9000000000000000UL
#define LAPIC_EOI 0xb0
#define LAPIC_ICR 0x300
/* To itself, fixed, asserted. */
#define ICR_SELF 0x44000UL

static const double RUN_SECONDS = 20;
enum { PASSES_MAX = 200000, ARMED_MAX = 4096 };

/* struct trap_frame in words. */
enum { FRAME_VECTOR = 15, FRAME_RIP = 17, FRAME_CS, FRAME_FLAGS, FRAME_RSP, FRAME_WORDS = 22 };

unsigned differences;

static uint64_t snippet_wrmsr, snippet_store, snippet_dr0, snippet_dr7, apic, handler,
	paranoid_iretq;
/* What a program's tracer had in them: put back after a #DB. */
static uint64_t found_dr0, found_dr7;
static uint64_t armed[ARMED_MAX];
static size_t armed_count;
/* Where the CPU that stopped is, until it goes on. */
static struct place here;
static bool here_known;

void differs(const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	printf("DIFFERENCE: ");
	vprintf(format, arguments);
	putchar('\n');
	fflush(stdout);
	va_end(arguments);
	differences++;
}

void inject_prepare(void)
{
	/* Each stub has 16 bytes, of which those of the higher vectors use 12. */
	uint64_t padding = code_symbol("entry_vectors") + 0xf0UL * 16 + 12;
	snippet_wrmsr = padding;
	snippet_store = padding + 16;
	snippet_dr0 = padding + 32;
	snippet_dr7 = padding + 48;
	gdb_write_memory(snippet_wrmsr, "\x0f\x30", 2);
	gdb_write_memory(snippet_store, "\x89\x01", 2);
	gdb_write_memory(snippet_dr0, "\x0f\x23\xc0", 3);
	gdb_write_memory(snippet_dr7, "\x0f\x23\xf9", 3);
	if (!gdb_read_memory(code_symbol("registers"), &apic, sizeof(apic)))
		die("the kernel does not say where the local APIC is");
	handler = code_symbol("entry_paranoid");
	paranoid_iretq = site_named("iretq", DOOR_NMI)->address;
}

/* -- breakpoints -- */

static size_t armed_index(uint64_t address)
{
	size_t i = 0;
	while (i < armed_count && armed[i] != address)
		i++;
	return i;
}

void arm(uint64_t address)
{
	if (armed_index(address) < armed_count)
		return;
	if (armed_count == ARMED_MAX)
		die("too many breakpoints");
	armed[armed_count++] = address;
	gdb_set_breakpoint(address, true);
}

void disarm(uint64_t address)
{
	size_t i = armed_index(address);
	if (i == armed_count)
		return;
	armed[i] = armed[--armed_count];
	gdb_set_breakpoint(address, false);
}

bool armed_any(void)
{
	return armed_count > 0;
}

void disarm_all(void)
{
	while (armed_count > 0)
		disarm(armed[armed_count - 1]);
}

void look(struct place *place)
{
	if (!here_known) {
		gdb_read_registers(&here.registers);
		here.cpu = gdb_cpu();
		here.rip = gdb_register(&here.registers, GDB_RIP);
		here.rsp = gdb_register(&here.registers, GDB_RSP);
		here_known = true;
	}
	*place = here;
}

void step(void)
{
	here_known = false;
	gdb_step();
}

void pass(void)
{
	struct place place;
	look(&place);
	bool was = armed_index(place.rip) < armed_count;
	disarm(place.rip);
	step();
	if (was)
		arm(place.rip);
}

enum gdb_stop run(struct place *place, double seconds)
{
	here_known = false;
	enum gdb_stop stop = gdb_continue(seconds);
	if (stop != GDB_ENDED)
		look(place);
	return stop;
}

enum gdb_stop run_to(struct place *place, int cpu, uint64_t address, uint64_t rsp)
{
	for (int i = 0; i < PASSES_MAX; i++) {
		enum gdb_stop stop = run(place, RUN_SECONDS);
		if (stop != GDB_STOPPED)
			return stop;
		if (place->cpu == cpu && place->rip == address && (!rsp || place->rsp == rsp))
			return GDB_STOPPED;
		pass();
	}
	return GDB_TIMEOUT;
}

/* -- events -- */

/* Executes one instruction, or two, elsewhere, with these values in RAX, RCX and RDX, and puts all back. */
static void borrow(uint64_t instruction, uint64_t second, uint64_t rax, uint64_t rcx, uint64_t rdx)
{
	const int numbers[] = {GDB_RAX, GDB_RCX, GDB_RDX, GDB_RIP};
	const uint64_t values[] = {rax, rcx, rdx, instruction};
	struct place place;
	look(&place);
	for (int i = 0; i < 4; i++)
		gdb_write_register(numbers[i], values[i]);
	gdb_step();
	if (second) {
		gdb_write_register(GDB_RIP, second);
		gdb_step();
	}
	for (int i = 0; i < 4; i++)
		gdb_write_register(numbers[i], gdb_register(&place.registers, numbers[i]));
}

void fire(enum event event, const struct place *place)
{
	char command[64];
	switch (event) {
	case EVENT_NMI:
		gdb_monitor("nmi");
		break;
	case EVENT_MC:
		snprintf(command, sizeof(command), "mce %d 1 0xb000000000000000 5 0 0",
			place->cpu - 1);
		gdb_monitor(command);
		borrow(snippet_wrmsr, 0, 0, MSR_MC1_STATUS, MC_STATUS_CORRECTED >> 32);
		break;
	case EVENT_DB:
		/* QEMU may leave RF set from an earlier one for longer than the one instruction that it is for. */
		if (gdb_flags(&place->registers) & RFLAGS_RF)
			gdb_write_register(GDB_FLAGS, gdb_flags(&place->registers) & ~RFLAGS_RF);
		gdb_read_debug(place->cpu, &found_dr0, &found_dr7);
		borrow(snippet_dr0, snippet_dr7, place->rip, DR7_BREAKPOINT_0, 0);
		break;
	default:
		die("not an event");
	}
}

/* Ends what fire() left in the debug registers by a #DB. */
static void unfire(void)
{
	borrow(snippet_dr0, snippet_dr7, found_dr0, found_dr7, 0);
}

void send_vector(unsigned vector)
{
	borrow(snippet_store, 0, ICR_SELF | vector, apic + LAPIC_ICR, 0);
}

void send_end(void)
{
	borrow(snippet_store, 0, 0, apic + LAPIC_EOI, 0);
}

/* -- looking -- */

static unsigned vector_of(enum event event)
{
	return event == EVENT_NMI ? 2 : event == EVENT_DB ? 1 : 18;
}

/* The frame holds what the place's registers were. */
static const char *frame_difference(const uint64_t *frame, const struct place *at, unsigned vector)
{
	static const int order[15] = {15, 14, 13, 12, GDB_RBP, GDB_RBX, 11, 10, 9, 8, GDB_RAX,
		GDB_RCX, GDB_RDX, GDB_RSI, GDB_RDI};
	if (frame[FRAME_VECTOR] != vector)
		return "the vector";
	if (frame[FRAME_RIP] != at->rip)
		return "RIP";
	if (frame[FRAME_RSP] != at->rsp)
		return "RSP";
	if ((frame[FRAME_FLAGS] ^ gdb_flags(&at->registers)) & ~RFLAGS_RF)
		return "RFLAGS";
	for (int i = 0; i < 15; i++)
		if (frame[i] != gdb_register(&at->registers, order[i]))
			return "a general register";
	return NULL;
}

bool expect_handler(enum event event, const struct place *at, const char *what)
{
	struct place now;
	uint64_t frame[FRAME_WORDS];
	arm(handler);
	enum gdb_stop stop = run_to(&now, at->cpu, handler, 0);
	if (stop != GDB_ENDED)
		disarm(handler);
	if (stop != GDB_STOPPED) {
		differs("%s: the handler is not entered; %s", what,
			stop == GDB_ENDED ? "the VM ended" : code_place(now.rip));
		return false;
	}
	if (!gdb_read_memory(gdb_register(&now.registers, GDB_RDI), frame, sizeof(frame))) {
		differs("%s: the handler's frame is not mapped", what);
		return false;
	}
	const char *difference = frame_difference(frame, at, vector_of(event));
	if (difference)
		differs("%s: %s in the handler's frame", what, difference);
	return true;
}

/*
 * A breakpoint of the debugger's and one in DR0 at the same instruction confuse QEMU. So DR7 is cleared at the IRETQ that
 * returns to the place, where the frame has to say that the instruction is to be executed once without a #DB (hazard P15).
 */
static bool finish_debug(const struct place *at, const char *what)
{
	struct place now;
	uint64_t frame[5] = {0};
	arm(paranoid_iretq);
	do {
		if (run_to(&now, at->cpu, paranoid_iretq, 0) != GDB_STOPPED ||
			!gdb_read_memory(now.rsp, frame, sizeof(frame)))
			return false;
		if (frame[0] != at->rip || frame[3] != at->rsp)
			pass();
	} while (frame[0] != at->rip || frame[3] != at->rsp);
	disarm(paranoid_iretq);
	unfire();
	if (!(frame[2] & RFLAGS_RF))
		differs("%s: RF is not set for the return", what);
	return true;
}

bool expect_back(enum event event, const struct place *at, const char *what)
{
	struct place now;
	enum gdb_stop stop = GDB_ENDED;
	look(&now);
	if (event != EVENT_DB || finish_debug(at, what)) {
		arm(at->rip);
		stop = run_to(&now, at->cpu, at->rip, at->rsp);
	}
	if (stop != GDB_STOPPED) {
		differs("%s: does not return to %s; %s", what, code_place(at->rip),
			stop == GDB_ENDED ? "the VM ended" : code_place(now.rip));
		return false;
	}
	uint32_t ignore = event == EVENT_DB ? RFLAGS_RF : 0;
	const char *difference = gdb_difference(&at->registers, &now.registers, ignore);
	if (difference)
		differs("%s: %s is another after it", what, difference);
	return true;
}

bool inject(enum event event, const struct place *at, const char *what)
{
	disarm(at->rip);
	fire(event, at);
	return expect_handler(event, at, what) && expect_back(event, at, what);
}

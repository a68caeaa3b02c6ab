/*
 * Stopping the kernel at an instruction, making an event happen there, and looking what it did.
 */
#ifndef SWEEP_INJECT_H
#define SWEEP_INJECT_H

#include <stdbool.h>
#include <stdint.h>

#include "gdb.h"
#include "site.h"

/* A CPU at an instruction. */
struct place {
	int cpu;
	uint64_t rip, rsp;
	struct gdb_registers registers;
};

/* How many differences were found. */
extern unsigned differences;

void differs(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Once, with the VM stopped in the kernel: prepares what the functions below need. */
void inject_prepare(void);

/* -- breakpoints -- */

void arm(uint64_t address);
void disarm(uint64_t address);
void disarm_all(void);
bool armed_any(void);

/* Lets the VM run to the next armed instruction, whichever it is. */
enum gdb_stop run(struct place *place, double seconds);
/* Lets it run until this CPU is at this instruction, with this RSP unless 0; passes all other stops by. */
enum gdb_stop run_to(struct place *place, int cpu, uint64_t address, uint64_t rsp);
/* Where the CPU is. */
void look(struct place *place);
/* One instruction of the CPU that is stopped, at a place that is not armed. */
void step(void);
/* The same at a place that may be. */
void pass(void);

/* -- events -- */

/* Makes it pending for the CPU at the place; a breakpoint of the debugger's at the place must be disarmed for a #DB. */
void fire(enum event event, const struct place *place);
/* An interrupt with this vector for the CPU that is stopped, in C code of the kernel. */
void send_vector(unsigned vector);
/* An end of interrupt, in the same place. */
void send_end(void);

/* The C handler is entered for the event, with the frame of this place. False if it is not entered. */
bool expect_handler(enum event event, const struct place *at, const char *what);
/* Runs back to the place and compares every register. False if it does not come back. */
bool expect_back(enum event event, const struct place *at, const char *what);

/* All three: the event at the place, where the CPU is stopped; the place is armed afterwards. */
bool inject(enum event event, const struct place *at, const char *what);

#endif

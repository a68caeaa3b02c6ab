/*
 * QEMU's debugger stub, spoken to directly: GDB's remote protocol over a Unix socket.
 *
 * The VM is either stopped, or running between gdb_continue() and its stop. All functions but gdb_continue() need it stopped.
 * "The CPU" is the one that stopped last. An answer that is not understood ends the program: gdb.c's die().
 */
#ifndef SWEEP_GDB_H
#define SWEEP_GDB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Numbers of registers, in QEMU's order. RAX, RBX, RCX, RDX, RSI, RDI, RBP, RSP, R8 ... R15 are 0 to 15. */
enum {
	GDB_RAX,
	GDB_RBX,
	GDB_RCX,
	GDB_RDX,
	GDB_RSI,
	GDB_RDI,
	GDB_RBP,
	GDB_RSP,
	GDB_R14 = 14,
	GDB_RIP = 16,
	GDB_FLAGS
};

/* All registers of a CPU, as the stub sends them. */
struct gdb_registers {
	uint8_t bytes[1024];
	size_t length;
};

enum gdb_stop { GDB_STOPPED, GDB_TIMEOUT, GDB_ENDED };

void die(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));

/* Waits for the socket to appear, at most `seconds`. */
void gdb_connect(const char *path, double seconds);

/* Lets all CPUs run until one stops. On GDB_TIMEOUT the VM has been stopped, too, at some place. */
enum gdb_stop gdb_continue(double seconds);
/*
 * One instruction of the CPU, with interrupts held back; of one with a REP prefix all iterations. (Now and then QEMU
 * stops without having executed anything. That is tried again.)
 */
void gdb_step(void);

/* The number of the CPU, from 1. */
int gdb_cpu(void);
void gdb_read_registers(struct gdb_registers *registers);
void gdb_write_register(int number, uint64_t value);
uint64_t gdb_register(const struct gdb_registers *registers, int number);
#define RFLAGS_IF 0x200U
uint32_t gdb_flags(const struct gdb_registers *registers);
uint64_t gdb_gs_base(const struct gdb_registers *registers);
uint64_t gdb_cr3(const struct gdb_registers *registers);
/* The name of the first register that differs, or NULL. ignore: bits of the flags that may. */
const char *gdb_difference(
	const struct gdb_registers *a, const struct gdb_registers *b, uint32_t ignore);

/* Memory as the CPU sees it now. False if it is not mapped. */
bool gdb_read_memory(uint64_t address, void *data, size_t length);
void gdb_write_memory(uint64_t address, const void *data, size_t length);

void gdb_set_breakpoint(uint64_t address, bool set);

/* A command of QEMU's monitor, which must have no answer; and one whose answer is text. */
void gdb_monitor(const char *command);
void gdb_monitor_ask(const char *command, char *text, size_t size);
/* What the stub does not tell. CPUs count from 1. */
void gdb_read_debug(int cpu, uint64_t *dr0, uint64_t *dr7);

/* Another CPU's registers are meant from now on, while all are stopped. False if there is none. CPUs count from 1. */
bool gdb_select(int cpu);
/* Ends the VM. */
void gdb_kill(void);

#endif

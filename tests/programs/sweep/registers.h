/* What a program of ring 3 owns in registers; crossing.S knows the layout. */
#ifndef SWEEP_REGISTERS_H
#define SWEEP_REGISTERS_H

#include <stdint.h>

enum { RAX, RBX, RCX, RDX, RSI, RDI, RBP, RSP, R8, R9, R10, R11, R12, R13, R14, R15 };

struct registers {
	uint64_t general[16];
	uint64_t flags;
	uint64_t fs, gs;
	uint64_t gs_selector;
	uint8_t ymm[16][32];
	uint32_t mxcsr;
	uint16_t control;
	uint16_t pad;
};

#define MXCSR_CLEAN 0x1f80
#define CONTROL_CLEAN 0x37f

/* Loaded before the crossing; stored after it. */
extern struct registers crossing_in, crossing_out;
/* Stored by a child of crossing_spawn, by a signal's handler, and by the program's first instruction. */
extern struct registers crossing_child, crossing_handled, crossing_born;
/* How often crossing_spin goes round; a handler makes it 1. */
extern uint64_t crossing_count;

/* The crossings: a loop that waits for interrupts; SYSCALL; a store to TOUCHED; UD2; a SYSCALL that returns twice. */
void crossing_spin(void);
void crossing_call(void);
void crossing_touch(void);
void crossing_trap(void);
void crossing_spawn(void);
/* Addresses: what SYSCALL in crossing_call and in crossing_spawn returns to; the end of the loop of crossing_spin. */
extern const char crossing_call_return[], crossing_spawn_return[], crossing_spin_end[];

/* A handler for sigaction(2), and its way back. The frame's RIP becomes crossing_resume, or, if that is 0, crossing_skip more
 * than it was; what it was is kept, and how often the handler has run. */
void crossing_handler(int signal);
void crossing_restorer(void);
/* The address of a RET. */
extern const char crossing_ret[];
extern uint64_t crossing_skip, crossing_resume, crossing_handlers, crossing_handled_rip;

#define TOUCHED 0x20000000

#endif

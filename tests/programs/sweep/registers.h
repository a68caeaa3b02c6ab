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

/* Loaded before the crossing; stored after it. */
extern struct registers crossing_in, crossing_out;
/* How often crossing_spin goes round. */
extern uint64_t crossing_count;

/* The crossings: a loop that waits for interrupts; SYSCALL; a store to TOUCHED. */
void crossing_spin(void);
void crossing_call(void);
void crossing_touch(void);
/* The address that SYSCALL in crossing_call returns to. */
extern const char crossing_call_return[];

#define TOUCHED 0x20000000

#endif

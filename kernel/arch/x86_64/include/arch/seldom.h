/*
 * Calls on paths that are seldom taken, from functions that are short without them.
 *
 * A compiler keeps what it needs after a call in registers that every called function must save, and so saves those
 * itself first, on the path without the call, too. A function that keeps all registers need not be prepared for.
 */
#ifndef ARCH_SELDOM_H
#define ARCH_SELDOM_H

/* On the declaration and the definition. */
#define KEEPS_REGISTERS __attribute__((no_caller_saved_registers))

/* fn(argument), which returns nothing. */
#define CALL_SELDOM(fn, argument) \
	__asm__ volatile("call %P0" ::"i"(fn), "D"(argument) : "memory", "cc")

#endif

/*
 * How long each CPU has executed programs' own instructions, in ticks of its TSC.
 *
 * The last C code before ring 3 notes the time, the first after it adds what has passed: user_ticks only ever holds stretches that are
 * over, and user_since is 0 in the kernel. The lower half of the TSC is enough, and four instructions for both crossings, because no
 * stretch is long: the watchdog's beat comes twice a second (sched/watchdog.c), and half a second is less than 2^32 ticks up to 8 GHz. Of
 * a machine that its host has stopped for longer some time is missing here; it counts as the kernel's. A door that goes through neither,
 * such as an NMI's, is part of the stretch that it interrupts.
 */
#ifndef ARCH_USER_TIME_H
#define ARCH_USER_TIME_H

#include "arch/cpu.h"
#include "lib/compiler.h"
#include "lib/types.h"

/* IF=0, now: the TSC's lower half. */
static ALWAYS_INLINE void user_time_begin(u32 now)
{
	__asm__ volatile("movl %0, %%gs:%c1" ::"r"(now), "i"(offsetof(struct cpu, user_since)));
}

static ALWAYS_INLINE void user_time_end(u32 now)
{
	/* The subtraction clears the upper half. For readers a stretch may be missing for a moment, but is never there twice. */
	__asm__ volatile(
		"subl %%gs:%c1, %k0\n\tmovl $0, %%gs:%c1\n\taddq %q0, %%gs:%c2"
		: "+r"(now)
		: "i"(offsetof(struct cpu, user_since)), "i"(offsetof(struct cpu, user_ticks))
		: "cc");
}

/* Of any CPU, with the stretch that may be under way. Any context. */
u64 user_time_ticks(const struct cpu *c);

#endif

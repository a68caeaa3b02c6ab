/* The interrupt flag of this CPU. All of these are also compiler barriers. */
#ifndef ARCH_IRQFLAGS_H
#define ARCH_IRQFLAGS_H

#include "lib/types.h"

#define RFLAGS_IF 0x200UL

static inline void irq_disable(void)
{
	__asm__ volatile("cli" ::: "memory");
}

static inline void irq_enable(void)
{
	__asm__ volatile("sti" ::: "memory");
}

static inline u64 irq_flags(void)
{
	u64 flags;
	__asm__ volatile("pushfq; popq %0" : "=r"(flags)::"memory");
	return flags;
}

static inline bool irq_disabled(void)
{
	return !(irq_flags() & RFLAGS_IF);
}

/* Turns interrupts off and returns what irq_restore() needs to put them back as they were. */
static inline u64 irq_save(void)
{
	/* One sequence, also for the sake of `airlock check`, which follows IF through the compiled
	 * code by it. */
	u64 flags;
	__asm__ volatile("pushfq; popq %0; cli" : "=r"(flags)::"memory");
	return flags;
}

static inline void irq_restore(u64 flags)
{
	__asm__ volatile("testl %1, %k0; je 1f; sti; 1:" ::"r"(flags), "i"(RFLAGS_IF)
			 : "memory", "cc");
}

/* Waits for an interrupt. Interrupts are off at the call and on at return; STI holds them off for
 * one more instruction, so none can slip in between the caller's last look and HLT (hazard I11). */
static inline void irq_enable_and_halt(void)
{
	__asm__ volatile("sti; hlt" ::: "memory");
}

static inline void cpu_relax(void)
{
	__asm__ volatile("pause" ::: "memory");
}

#endif

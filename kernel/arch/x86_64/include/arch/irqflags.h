/* The interrupt flag of this CPU. All of these are also compiler barriers. */
#ifndef ARCH_IRQFLAGS_H
#define ARCH_IRQFLAGS_H

#include "lib/types.h"

#define RFLAGS_IF 0x200UL

/* Debug kernels can measure how long interrupts are off: sync/irq_debug.c. Called with IF=0. */
#ifdef AIRLOCK_DEBUG
void irq_debug_off(void);
void irq_debug_on(void);
#else
static inline void irq_debug_off(void)
{
}

static inline void irq_debug_on(void)
{
}
#endif

/* Debug kernels can give the CPU away where interrupts come on again: sync/fuzz.h. */
#ifdef AIRLOCK_DEBUG
#define AIRLOCK_FUZZ
extern bool fuzz_enabled;
void fuzz_point(void);

static inline void fuzz_here(void)
{
	if (__builtin_expect(__atomic_load_n(&fuzz_enabled, __ATOMIC_RELAXED), 0))
		fuzz_point();
}
#else
static inline void fuzz_here(void)
{
}
#endif

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

static inline void irq_disable(void)
{
#ifdef AIRLOCK_DEBUG
	bool were_on = irq_flags() & RFLAGS_IF;
	__asm__ volatile("cli" ::: "memory");
	if (were_on)
		irq_debug_off();
#else
	__asm__ volatile("cli" ::: "memory");
#endif
}

static inline void irq_enable(void)
{
	irq_debug_on();
	__asm__ volatile("sti" ::: "memory");
	fuzz_here();
}

/* Turns interrupts off and returns what irq_restore() needs to put them back as they were. */
static inline u64 irq_save(void)
{
	/* One sequence, also for the sake of `airlock check`, which follows IF through the compiled
	 * code by it. */
	u64 flags;
	__asm__ volatile("pushfq; popq %0; cli" : "=r"(flags)::"memory");
#ifdef AIRLOCK_DEBUG
	if (flags & RFLAGS_IF)
		irq_debug_off();
#endif
	return flags;
}

/* The same, and in no kernel is the CPU given away here: for code in whose caller state of this CPU is in use. */
static inline void irq_restore_stay(u64 flags)
{
#ifdef AIRLOCK_DEBUG
	if (flags & RFLAGS_IF)
		irq_debug_on();
#endif
	__asm__ volatile("testl %1, %k0; je 1f; sti; 1:" ::"r"(flags), "i"(RFLAGS_IF)
			 : "memory", "cc");
}

static inline void irq_restore(u64 flags)
{
	irq_restore_stay(flags);
	fuzz_here();
}

/* Waits for an interrupt. Interrupts are off at the call and on at return; STI holds them off for
 * one more instruction, so none can slip in between the caller's last look and HLT (hazard I11). */
static inline void irq_enable_and_halt(void)
{
	irq_debug_on();
	__asm__ volatile("sti; hlt" ::: "memory");
}

static inline void cpu_relax(void)
{
	__asm__ volatile("pause" ::: "memory");
}

#endif

/* The fake arch: the interrupt flag is a variable of the host's thread, which plays a CPU. */
#ifndef FAKE_ARCH_IRQFLAGS_H
#define FAKE_ARCH_IRQFLAGS_H

#include "lib/types.h"

#define RFLAGS_IF 0x200UL

extern _Thread_local bool fake_irq_enabled;
/* Called by irq_enable_and_halt(), if set: the interrupt that ends the halt. */
extern _Thread_local void (*fake_halt)(void);

static inline void irq_disable(void)
{
	fake_irq_enabled = false;
}

static inline void irq_enable(void)
{
	fake_irq_enabled = true;
}

static inline u64 irq_flags(void)
{
	return fake_irq_enabled ? RFLAGS_IF : 0;
}

static inline bool irq_disabled(void)
{
	return !fake_irq_enabled;
}

static inline u64 irq_save(void)
{
	u64 flags = irq_flags();
	irq_disable();
	return flags;
}

static inline void irq_restore(u64 flags)
{
	if (flags & RFLAGS_IF)
		irq_enable();
}

static inline void irq_restore_stay(u64 flags)
{
	irq_restore(flags);
}

static inline void fuzz_here(void)
{
}

static inline void irq_enable_and_halt(void)
{
	irq_enable();
	if (fake_halt)
		fake_halt();
}

/* Lets the host's other threads run. */
void cpu_relax(void);

#endif

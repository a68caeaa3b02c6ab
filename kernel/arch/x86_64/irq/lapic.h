/* The local APIC of this CPU, through its registers in memory (xAPIC) or through MSRs (x2APIC). */
#ifndef IRQ_LAPIC_H
#define IRQ_LAPIC_H

#include "lib/compiler.h"
#include "lib/types.h"

enum lapic_register {
	LAPIC_ID = 0x20,
	LAPIC_VERSION = 0x30,
	LAPIC_TPR = 0x80,
	LAPIC_EOI = 0xb0,
	LAPIC_LDR = 0xd0,
	LAPIC_DFR = 0xe0,
	LAPIC_SPURIOUS = 0xf0,
	LAPIC_ISR = 0x100,
	LAPIC_ESR = 0x280,
	LAPIC_ICR = 0x300,
	LAPIC_ICR_HIGH = 0x310,
	LAPIC_LVT_TIMER = 0x320,
	LAPIC_LVT_THERMAL = 0x330,
	LAPIC_LVT_PERFORMANCE = 0x340,
	LAPIC_LVT_LINT0 = 0x350,
	LAPIC_LVT_LINT1 = 0x360,
	LAPIC_LVT_ERROR = 0x370,
	LAPIC_TIMER_INITIAL = 0x380,
	LAPIC_TIMER_CURRENT = 0x390,
	LAPIC_TIMER_DIVIDE = 0x3e0,
};

#define LVT_MASKED BIT(16)
#define LVT_LEVEL BIT(15)
#define LVT_ACTIVE_LOW BIT(13)
#define LVT_NMI (4U << 8)
#define LVT_TIMER_DEADLINE (2U << 17)

/* Interrupt command: delivery modes. */
#define ICR_FIXED 0U
#define ICR_NMI (4U << 8)
#define ICR_INIT (5U << 8)
#define ICR_STARTUP (6U << 8)
#define ICR_ASSERT BIT(14)

/* Finds the registers; address is the MADT's. Boot CPU, once. */
void lapic_map(paddr_t address);

/* Turns this CPU's on, with nothing but errors and NMIs (as the firmware's tables say) enabled.
 * IF=0, after cpu_load(): an NMI may arrive at once (hazard C8). */
void lapic_init_cpu(void);

u32 lapic_read(enum lapic_register reg);
void lapic_write(enum lapic_register reg, u32 value);
void lapic_eoi(void);
/* True if this vector is being served: tells a real interrupt from a spurious one. */
bool lapic_in_service(u32 vector);

/* Sends an interrupt. IF=0, or from an NMI. Everything stored before is visible to the other CPU
 * when it arrives. */
void lapic_send(u32 apic_id, u32 command);

/* This CPU's APIC id, without the APIC. */
u32 lapic_own_id(void);

#endif

/*
 * The local APIC.
 *
 * x2APIC is used where the CPU has it (or the firmware has already turned it on, which can't be
 * undone without a reset): its registers are MSRs 0x800 + offset / 16, ids have 32 bits, and the
 * interrupt command is one 64-bit write. Otherwise the registers lie at a physical address, mapped
 * uncached.
 */
#define LOG_SUBSYSTEM "irq"
#include "irq/lapic.h"

#include "arch/cpuid.h"
#include "arch/features.h"
#include "arch/io.h"
#include "arch/irqflags.h"
#include "arch/msr.h"
#include "arch/pagetable.h"
#include "arch/vectors.h"
#include "irq/topology.h"
#include "trace/log.h"

#define APIC_BASE_X2APIC BIT(10)
#define APIC_BASE_ENABLE BIT(11)
#define APIC_BASE_ADDRESS 0xffffffffff000

#define MSR_X2APIC 0x800
#define SPURIOUS_ENABLE BIT(8)
#define ICR_PENDING BIT(12)
#define ICR_POLLS_MAX 100000

RO_AFTER_INIT static volatile u8 *registers;
RO_AFTER_INIT static bool x2apic;

u32 lapic_read(enum lapic_register reg)
{
	if (x2apic)
		return (u32)msr_read(MSR_X2APIC + reg / 16);
	return mmio_read32(registers + reg);
}

void lapic_write(enum lapic_register reg, u32 value)
{
	if (x2apic)
		msr_write(MSR_X2APIC + reg / 16, value);
	else
		mmio_write32(registers + reg, value);
}

void lapic_eoi(void)
{
	lapic_write(LAPIC_EOI, 0);
}

bool lapic_in_service(u32 vector)
{
	enum lapic_register reg = (enum lapic_register)(LAPIC_ISR + vector / 32 * 16);
	return lapic_read(reg) >> (vector % 32) & 1;
}

u32 lapic_own_id(void)
{
	/* Leaf 11 has the 32-bit id, if it has anything. */
	if (cpuid(0, 0).eax >= 11) {
		struct cpuid r = cpuid(11, 0);
		if (r.ebx & 0xffff)
			return r.edx;
	}
	return cpuid(1, 0).ebx >> 24;
}

INIT_TEXT void lapic_map(paddr_t address)
{
	u64 base = msr_read(MSR_APIC_BASE);
	x2apic = cpu_features.x2apic || (base & APIC_BASE_X2APIC);
	if (x2apic)
		return;
	if (address.v == 0)
		address = PADDR(base & APIC_BASE_ADDRESS);
	registers = kernel_map_device(address, PAGE_SIZE);
	if (!registers)
		refuse_start("not enough memory to start; give the machine more with --memory");
}

static void enable(void)
{
	u64 base = msr_read(MSR_APIC_BASE) | APIC_BASE_ENABLE;
	/* The mode with memory-mapped registers must be on before x2APIC can be. */
	if (x2apic && !(base & APIC_BASE_X2APIC)) {
		msr_write(MSR_APIC_BASE, base);
		base |= APIC_BASE_X2APIC;
	}
	msr_write(MSR_APIC_BASE, base);
}

/* Which pin brings NMIs, if any, and how. */
static u32 lint_entry(u32 pin)
{
	if (!(topology.nmi_pins & BIT(pin)))
		return LVT_MASKED;
	return LVT_NMI | (topology.nmi_active_low & BIT(pin) ? LVT_ACTIVE_LOW : 0);
}

void lapic_init_cpu(void)
{
	enable();
	if (!x2apic) {
		/* Flat logical mode, though only physical destinations are used. */
		lapic_write(LAPIC_DFR, 0xffffffff);
		lapic_write(LAPIC_LDR, 0);
	}
	lapic_write(LAPIC_TPR, 0);
	lapic_write(LAPIC_LVT_TIMER, LVT_MASKED | VECTOR_TIMER);
	u32 entries = (lapic_read(LAPIC_VERSION) >> 16 & 0xff) + 1;
	if (entries > 4)
		lapic_write(LAPIC_LVT_PERFORMANCE, LVT_MASKED);
	if (entries > 5)
		lapic_write(LAPIC_LVT_THERMAL, LVT_MASKED);
	/* Entries can only be unmasked while the APIC is enabled by this. */
	lapic_write(LAPIC_SPURIOUS, SPURIOUS_ENABLE | VECTOR_SPURIOUS);
	lapic_write(LAPIC_LVT_ERROR, VECTOR_ERROR);
	lapic_write(LAPIC_LVT_LINT0, lint_entry(0));
	lapic_write(LAPIC_LVT_LINT1, lint_entry(1));
	lapic_write(LAPIC_ESR, 0);
	/* A vector that firmware left in service would block all lower ones for ever. At most one
	 * EOI for each can help. */
	for (u32 v = VECTOR_FIRST_IRQ; v < 256; v++) {
		if (v % 32 == 0 && lapic_read((enum lapic_register)(LAPIC_ISR + v / 32 * 16)) == 0)
			v += 31;
		else if (lapic_in_service(v))
			lapic_eoi();
	}
}

/* The last command must have left before the next is written. A bound, because a panic must not
 * hang here. */
static void wait_sent(void)
{
	for (u32 i = 0; i < ICR_POLLS_MAX && (lapic_read(LAPIC_ICR) & ICR_PENDING); i++)
		cpu_relax();
}

void lapic_send(u32 apic_id, u32 command)
{
	if (x2apic) {
		/* Unlike stores to device memory, this WRMSR may overtake earlier stores. */
		__asm__ volatile("mfence; lfence" ::: "memory");
		msr_write(MSR_X2APIC + LAPIC_ICR / 16, (u64)apic_id << 32 | command);
		return;
	}
	wait_sent();
	/* Two writes that belong together: IF=0 keeps handlers out, and the one sender in NMIs,
	 * smp_stop_others(), never comes back here. */
	lapic_write(LAPIC_ICR_HIGH, apic_id << 24);
	lapic_write(LAPIC_ICR, command);
}

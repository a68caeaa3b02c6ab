/*
 * I/O APICs.
 *
 * Each has a select register and a window; an input's entry is two words. An entry is changed only
 * while it is masked, and unmasked by the write of its low word, after the high word with the
 * destination.
 */
#define LOG_SUBSYSTEM "irq"
#include "irq/ioapic.h"

#include "arch/cpu.h"
#include "arch/io.h"
#include "arch/irqchip.h"
#include "arch/pagetable.h"
#include "irq/topology.h"
#include "lib/errno.h"
#include "sync/spinlock.h"
#include "trace/log.h"

#define SELECT 0x00
#define WINDOW 0x10
#define REG_VERSION 1
#define REG_ENTRY(n) (0x10 + 2 * (n))

#define MESSAGE_BASE 0xfee00000UL

#define ENTRY_ACTIVE_LOW BIT(13)
#define ENTRY_LEVEL BIT(15)
#define ENTRY_MASKED BIT(16)

struct ioapic {
	volatile u8 *registers;
	u32 gsi_base, inputs;
};

RO_AFTER_INIT static struct ioapic chips[TOPOLOGY_IOAPICS];
/* Select and window are used together, and an entry has two words. */
static struct spinlock lock = SPINLOCK_INIT("ioapic", RANK_KERNEL_MAP);

static u32 read(const struct ioapic *chip, u32 reg)
{
	mmio_write32(chip->registers + SELECT, reg);
	return mmio_read32(chip->registers + WINDOW);
}

static void write(const struct ioapic *chip, u32 reg, u32 value)
{
	mmio_write32(chip->registers + SELECT, reg);
	mmio_write32(chip->registers + WINDOW, value);
}

INIT_TEXT void ioapic_init(void)
{
	u32 next = 0;
	for (u32 i = 0; i < topology.ioapic_count; i++) {
		struct ioapic *chip = &chips[i];
		chip->registers = kernel_map_device(topology.ioapic[i].address, PAGE_SIZE);
		if (!chip->registers)
			refuse_start(
				"not enough memory to start; give the machine more with --memory");
		u32 base = topology.ioapic[i].gsi_base;
		chip->gsi_base = base == TOPOLOGY_GSI_NEXT ? next : base;
		chip->inputs = (read(chip, REG_VERSION) >> 16 & 0xff) + 1;
		next = chip->gsi_base + chip->inputs;
		for (u32 n = 0; n < chip->inputs; n++)
			write(chip, REG_ENTRY(n), ENTRY_MASKED);
	}
}

static const struct ioapic *chip_of(u32 gsi)
{
	for (u32 i = 0; i < topology.ioapic_count; i++)
		if (chips[i].registers && gsi - chips[i].gsi_base < chips[i].inputs)
			return &chips[i];
	return NULL;
}

static const struct topology_override *override_of(u32 gsi)
{
	for (u32 i = 0; i < topology.override_count; i++)
		if (topology.override[i].gsi == gsi)
			return &topology.override[i];
	return NULL;
}

/*
 * Polarity and trigger. What the firmware says of an input goes before what the caller knows of the
 * device; without either, inputs are active high. PCI's pins, which are active low, are not used
 * (dev/pci.c), and the others beyond ISA's belong to virtio-mmio: QEMU's DSDT for microvm declares
 * it level-triggered and active high, Firecracker's edge-triggered and active high. QEMU's I/O APIC
 * takes no notice of the polarity, so only another monitor's would show a mistake here.
 */
static u32 entry_mode(u32 gsi, bool level)
{
	bool low = false;
	const struct topology_override *o = override_of(gsi);
	if (o && (o->flags & INTI_POLARITY))
		low = (o->flags & INTI_POLARITY) == INTI_ACTIVE_LOW;
	if (o && (o->flags & INTI_TRIGGER))
		level = (o->flags & INTI_TRIGGER) == INTI_LEVEL;
	return (low ? ENTRY_ACTIVE_LOW : 0) | (level ? ENTRY_LEVEL : 0);
}

int irqchip_route(u32 gsi, bool level, u32 vector)
{
	const struct ioapic *chip = chip_of(gsi);
	if (!chip)
		return -EINVAL;
	u32 n = gsi - chip->gsi_base;
	u64 flags = spin_lock_irqsave(&lock);
	write(chip, REG_ENTRY(n), ENTRY_MASKED);
	write(chip, REG_ENTRY(n) + 1, cpu_get(0)->apic_id << 24);
	write(chip, REG_ENTRY(n), entry_mode(gsi, level) | vector);
	spin_unlock_irqrestore(&lock, flags);
	return 0;
}

/* The message goes to the local APIC, past the I/O APICs: physical destination, fixed, edge. */
void irqchip_message(u32 vector, u64 *address, u32 *data)
{
	*address = MESSAGE_BASE | (u64)cpu_get(0)->apic_id << 12;
	*data = vector;
}

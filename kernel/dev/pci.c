/*
 * PCI configuration space: reading it, finding functions and capabilities, MSI-X.
 *
 * Mechanism #1 is two ports, an address and a window, so an access is two steps under pci_lock. All
 * machines that we run on have it beside the memory-mapped form, which would need an ACPI table to
 * find. Buses are visited from 0 up to the highest that a bridge says lies behind it; the firmware
 * has numbered them and placed the BARs.
 */
#include "dev/pci.h"

#include <linux/pci_regs.h>

#include "arch/io.h"
#include "arch/pagetable.h"
#include "irq/irq.h"
#include "lib/errno.h"
#include "sync/spinlock.h"

#define PCI_ADDRESS_PORT 0xcf8
#define PCI_DATA_PORT 0xcfc
#define PCI_ADDRESS_ENABLE 0x80000000U

#define PCI_MULTI_FUNCTION 0x80
/* The list has room for no more; a longer one is a loop. */
#define PCI_CAPABILITIES_MAX 48

/* Guards the pair of ports. */
static struct spinlock pci_lock = SPINLOCK_INIT("pci", RANK_DEVICE);

static void pci_select(struct pci_function f, u32 offset) REQUIRES(pci_lock)
{
	io_out32(PCI_ADDRESS_PORT, PCI_ADDRESS_ENABLE | (u32)f.bus << 16 | (u32)f.slot << 11 |
					   (u32)f.function << 8 | (offset & 0xfc));
}

u32 pci_read32(struct pci_function f, u32 offset)
{
	u64 flags = spin_lock_irqsave(&pci_lock);
	pci_select(f, offset);
	u32 value = io_in32(PCI_DATA_PORT);
	spin_unlock_irqrestore(&pci_lock, flags);
	return value;
}

u16 pci_read16(struct pci_function f, u32 offset)
{
	return (u16)(pci_read32(f, offset) >> (8 * (offset & 2)));
}

u8 pci_read8(struct pci_function f, u32 offset)
{
	return (u8)(pci_read32(f, offset) >> (8 * (offset & 3)));
}

void pci_write16(struct pci_function f, u32 offset, u16 value)
{
	/* A 16-bit write of its own: a 32-bit one would also write the other half, whose bits may
	 * clear when written. */
	u64 flags = spin_lock_irqsave(&pci_lock);
	pci_select(f, offset);
	io_out16(PCI_DATA_PORT + (offset & 2), value);
	spin_unlock_irqrestore(&pci_lock, flags);
}

static bool pci_present(void)
{
	u64 flags = spin_lock_irqsave(&pci_lock);
	io_out32(PCI_ADDRESS_PORT, PCI_ADDRESS_ENABLE);
	bool present = io_in32(PCI_ADDRESS_PORT) == PCI_ADDRESS_ENABLE;
	spin_unlock_irqrestore(&pci_lock, flags);
	return present;
}

struct pci_search {
	bool (*match)(struct pci_function f, void *arg);
	void *arg;
	u32 last_bus;
	struct pci_function *out;
};

/* Looks at all functions of a slot; true if one matched. */
static bool pci_search_slot(struct pci_search *s, u32 bus, u32 slot)
{
	u32 functions = 1;

	for (u32 i = 0; i < functions; i++) {
		struct pci_function f = {.bus = (u8)bus, .slot = (u8)slot, .function = (u8)i};
		if (pci_read16(f, PCI_VENDOR_ID) == 0xffff)
			continue;
		u8 type = pci_read8(f, PCI_HEADER_TYPE);
		if (i == 0 && (type & PCI_MULTI_FUNCTION))
			functions = 8;
		if ((type & PCI_HEADER_TYPE_MASK) == PCI_HEADER_TYPE_BRIDGE)
			s->last_bus = MAX(s->last_bus, pci_read8(f, PCI_SUBORDINATE_BUS));
		if (s->match(f, s->arg)) {
			*s->out = f;
			return true;
		}
	}
	return false;
}

int pci_find(bool (*match)(struct pci_function f, void *arg), void *arg, struct pci_function *out)
{
	struct pci_search s = {.match = match, .arg = arg, .out = out};

	if (!pci_present())
		return -ENODEV;
	for (u32 bus = 0; bus <= s.last_bus; bus++)
		for (u32 slot = 0; slot < 32; slot++)
			if (pci_search_slot(&s, bus, slot))
				return 0;
	return -ENODEV;
}

u32 pci_next_capability(struct pci_function f, u32 id, u32 after)
{
	u32 next = after ? after + PCI_CAP_LIST_NEXT : PCI_CAPABILITY_LIST;

	if (!(pci_read16(f, PCI_STATUS) & PCI_STATUS_CAP_LIST))
		return 0;
	for (u32 i = 0; i < PCI_CAPABILITIES_MAX; i++) {
		u32 at = pci_read8(f, next) & 0xfc;
		if (at < PCI_STD_HEADER_SIZEOF)
			return 0;
		if (pci_read8(f, at + PCI_CAP_LIST_ID) == id)
			return at;
		next = at + PCI_CAP_LIST_NEXT;
	}
	return 0;
}

int pci_bar_address(struct pci_function f, u32 index, paddr_t *out)
{
	u32 offset = PCI_BASE_ADDRESS_0 + 4 * index;

	if (index > 5)
		return -ENODEV;
	u32 low = pci_read32(f, offset);
	if (low & PCI_BASE_ADDRESS_SPACE_IO)
		return -ENODEV;
	u64 address = low & PCI_BASE_ADDRESS_MEM_MASK;
	if ((low & PCI_BASE_ADDRESS_MEM_TYPE_MASK) == PCI_BASE_ADDRESS_MEM_TYPE_64 && index < 5)
		address |= (u64)pci_read32(f, offset + 4) << 32;
	*out = PADDR(address);
	return address ? 0 : -ENODEV;
}

void pci_enable(struct pci_function f)
{
	u16 command = pci_read16(f, PCI_COMMAND);

	pci_write16(f, PCI_COMMAND,
		command | PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER | PCI_COMMAND_INTX_DISABLE);
}

int pci_request_msix(struct pci_function f, void (*handler)(void *arg), void *arg, const char *name)
{
	u32 at = pci_next_capability(f, PCI_CAP_ID_MSIX, 0);
	struct irq_message message;
	paddr_t bar;

	if (at == 0)
		return -ENODEV;
	u32 table = pci_read32(f, at + PCI_MSIX_TABLE);
	int err = pci_bar_address(f, table & PCI_MSIX_TABLE_BIR, &bar);
	if (err)
		return err;
	volatile u8 *entry = kernel_map_device(
		PADDR(bar.v + (table & PCI_MSIX_TABLE_OFFSET)), PCI_MSIX_ENTRY_SIZE);
	if (entry == NULL)
		return -ENOMEM;
	err = irq_request_msi(handler, arg, name, &message);
	if (err)
		return err;
	mmio_write32(entry + PCI_MSIX_ENTRY_LOWER_ADDR, (u32)message.address);
	mmio_write32(entry + PCI_MSIX_ENTRY_UPPER_ADDR, (u32)(message.address >> 32));
	mmio_write32(entry + PCI_MSIX_ENTRY_DATA, message.data);
	/* Unmasked last, when the message is whole. */
	mmio_write32(entry + PCI_MSIX_ENTRY_VECTOR_CTRL, 0);
	u16 control = pci_read16(f, at + PCI_MSIX_FLAGS);
	pci_write16(f, at + PCI_MSIX_FLAGS,
		(u16)((control & ~PCI_MSIX_FLAGS_MASKALL) | PCI_MSIX_FLAGS_ENABLE));
	return 0;
}

/* PCI configuration space, through mechanism #1 (I/O ports 0xcf8 and 0xcfc). Thread context. */
#ifndef DEV_PCI_H
#define DEV_PCI_H

#include "lib/compiler.h"
#include "lib/types.h"

struct pci_function {
	u8 bus, slot, function;
};

u32 pci_read32(struct pci_function f, u32 offset);
u16 pci_read16(struct pci_function f, u32 offset);
u8 pci_read8(struct pci_function f, u32 offset);
void pci_write16(struct pci_function f, u32 offset, u16 value);

/* Calls match for every function behind the host bridge until it returns true. -ENODEV: never. */
MUST_CHECK int pci_find(
	bool (*match)(struct pci_function f, void *arg), void *arg, struct pci_function *out);

/* The offset of the next capability with this id (PCI_CAP_ID_*) after the one at offset after (0:
 * the first), or 0. */
u32 pci_next_capability(struct pci_function f, u32 id, u32 after);

/* Where memory BAR index lies. -ENODEV: it is not a memory BAR, or the firmware has not placed
 * it. */
MUST_CHECK int pci_bar_address(struct pci_function f, u32 index, paddr_t *out);

/* Turns on the function's memory decoding and its own accesses to memory, and turns its interrupt
 * pin off. */
void pci_enable(struct pci_function f);

/* Lets MSI-X entry 0 run the handler on CPU 0 and turns MSI-X on. -ENODEV: the function has no
 * MSI-X, and interrupt pins are not supported (their routing is known only to the firmware's own
 * programs); -ENOMEM, -ENOSPC. */
MUST_CHECK int pci_request_msix(
	struct pci_function f, void (*handler)(void *arg), void *arg, const char *name);

#endif

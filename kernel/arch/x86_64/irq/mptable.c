/*
 * The configuration table of Intel's MultiProcessor Specification 1.4 (chapter 4), for machines
 * without ACPI: a header, then entries of 20 bytes (CPUs) or 8 bytes, sorted by type.
 */
#include "irq/bytes.h"
#include "irq/topology.h"
#include "lib/string.h"

#define HEADER 44
#define HEADER_LENGTH 4
#define HEADER_LAPIC 36

enum {
	ENTRY_CPU = 0,
	ENTRY_BUS = 1,
	ENTRY_IOAPIC = 2,
	ENTRY_IO_INTERRUPT = 3,
	ENTRY_LOCAL_INTERRUPT = 4,
};

#define CPU_ENTRY_SIZE 20
#define ENTRY_SIZE 8
#define ENABLED BIT(0)
#define INTERRUPT_INT 0
#define INTERRUPT_NMI 1
#define BUSES_MAX 256

/* Of the bus ids, which are ISA: interrupts of others (PCI) are found by other means. */
struct walk {
	struct topology t;
	u8 isa[BUSES_MAX / 8];
};

/* Local interrupt pins of I/O APICs are given by id; their global numbers follow from the order, 24
 * inputs each being what every machine with such a table has. */
static INIT_TEXT u32 gsi_of(const struct topology *t, u32 ioapic_id, u32 pin)
{
	for (u32 i = 0; i < t->ioapic_count; i++)
		if (t->ioapic[i].id == ioapic_id)
			return i * 24 + pin;
	return pin;
}

static INIT_TEXT void parse_interrupt(const u8 *e, struct walk *w)
{
	bool isa = w->isa[e[4] / 8] >> (e[4] % 8) & 1;
	if (e[1] == INTERRUPT_INT && isa && e[5] < 16)
		topology_add_override(&w->t, e[5], gsi_of(&w->t, e[6], e[7]), bytes_u16(e + 2));
}

static INIT_TEXT void parse_entry(const u8 *e, struct walk *w)
{
	switch (e[0]) {
	case ENTRY_CPU:
		if (e[3] & ENABLED)
			topology_add_cpu(&w->t, e[1]);
		break;
	case ENTRY_BUS:
		if (memcmp(e + 2, "ISA   ", 6) == 0)
			w->isa[e[1] / 8] |= (u8)(1U << (e[1] % 8));
		break;
	case ENTRY_IOAPIC:
		if (e[3] & ENABLED)
			topology_add_ioapic(
				&w->t, e[1], PADDR(bytes_u32(e + 4)), TOPOLOGY_GSI_NEXT);
		break;
	case ENTRY_IO_INTERRUPT:
		parse_interrupt(e, w);
		break;
	case ENTRY_LOCAL_INTERRUPT:
		if (e[1] != INTERRUPT_NMI || e[7] > 1)
			break;
		w->t.nmi_pins |= BIT(e[7]);
		if ((bytes_u16(e + 2) & INTI_POLARITY) == INTI_ACTIVE_LOW)
			w->t.nmi_active_low |= BIT(e[7]);
		break;
	}
}

INIT_TEXT bool mptable_parse(const u8 *table, u32 size, struct topology *out)
{
	if (size < HEADER || memcmp(table, "PCMP", 4) != 0)
		return false;
	u32 length = bytes_u16(table + HEADER_LENGTH);
	if (length < HEADER || length > size || !bytes_sum_ok(table, length))
		return false;
	static INIT_DATA struct walk w;
	memset(w.isa, 0, sizeof(w.isa));
	w.t = *out;
	w.t.lapic = PADDR(bytes_u32(table + HEADER_LAPIC));
	w.t.has_pic = true;
	for (u32 at = HEADER; at < length;) {
		u32 entry = table[at] == ENTRY_CPU ? CPU_ENTRY_SIZE : ENTRY_SIZE;
		if (entry > length - at || table[at] > ENTRY_LOCAL_INTERRUPT)
			break;
		parse_entry(table + at, &w);
		at += entry;
	}
	if (w.t.cpu_count == 0)
		return false;
	*out = w.t;
	return true;
}

/*
 * ACPI's Multiple APIC Description Table (ACPI specification 6.4, section 5.2.12): a header, then
 * entries that each begin with their type and length.
 */
#include "irq/bytes.h"
#include "irq/topology.h"
#include "lib/string.h"

#define MADT_HEADER 44
#define MADT_LAPIC_ADDRESS 36
#define MADT_FLAGS 40
#define MADT_FLAG_PIC BIT(0)

enum {
	ENTRY_LAPIC = 0,
	ENTRY_IOAPIC = 1,
	ENTRY_OVERRIDE = 2,
	ENTRY_LAPIC_NMI = 4,
	ENTRY_LAPIC_ADDRESS = 5,
	ENTRY_X2APIC = 9,
	ENTRY_X2APIC_NMI = 10,
};

/* Shortest valid length of each type; 0: of no interest. */
static const u8 entry_size[] = {
	[ENTRY_LAPIC] = 8,
	[ENTRY_IOAPIC] = 12,
	[ENTRY_OVERRIDE] = 10,
	[ENTRY_LAPIC_NMI] = 6,
	[ENTRY_LAPIC_ADDRESS] = 12,
	[ENTRY_X2APIC] = 16,
	[ENTRY_X2APIC_NMI] = 12,
};

#define CPU_ENABLED BIT(0)
#define ISA_BUS 0

static INIT_TEXT void add_nmi(struct topology *t, u32 flags, u32 pin)
{
	if (pin > 1)
		return;
	t->nmi_pins |= BIT(pin);
	if ((flags & INTI_POLARITY) == INTI_ACTIVE_LOW)
		t->nmi_active_low |= BIT(pin);
}

static INIT_TEXT void parse_entry(const u8 *e, struct topology *t)
{
	switch (e[0]) {
	case ENTRY_LAPIC:
		/* Id 255 stands for a CPU that an x2APIC entry describes. */
		if ((bytes_u32(e + 4) & CPU_ENABLED) && e[3] != 0xff)
			topology_add_cpu(t, e[3]);
		break;
	case ENTRY_X2APIC:
		if (bytes_u32(e + 8) & CPU_ENABLED)
			topology_add_cpu(t, bytes_u32(e + 4));
		break;
	case ENTRY_IOAPIC:
		topology_add_ioapic(t, e[2], PADDR(bytes_u32(e + 4)), bytes_u32(e + 8));
		break;
	case ENTRY_OVERRIDE:
		if (e[2] == ISA_BUS && e[3] < 16)
			topology_add_override(t, e[3], bytes_u32(e + 4), bytes_u16(e + 8));
		break;
	case ENTRY_LAPIC_NMI:
		add_nmi(t, bytes_u16(e + 3), e[5]);
		break;
	case ENTRY_X2APIC_NMI:
		add_nmi(t, bytes_u16(e + 2), e[8]);
		break;
	case ENTRY_LAPIC_ADDRESS:
		t->lapic = PADDR(bytes_u64(e + 4));
		break;
	}
}

INIT_TEXT bool madt_parse(const u8 *table, u32 size, struct topology *out)
{
	if (size < MADT_HEADER || memcmp(table, "APIC", 4) != 0)
		return false;
	u32 length = bytes_u32(table + 4);
	if (length < MADT_HEADER || length > size || !bytes_sum_ok(table, length))
		return false;
	static INIT_DATA struct topology t;
	t = *out;
	t.lapic = PADDR(bytes_u32(table + MADT_LAPIC_ADDRESS));
	t.has_pic = bytes_u32(table + MADT_FLAGS) & MADT_FLAG_PIC;
	for (u32 at = MADT_HEADER; at + 2 <= length; at += table[at + 1]) {
		const u8 *e = table + at;
		/* An entry that is too short ends the walk: nothing behind it can be found. */
		if (e[1] < 2 || e[1] > length - at)
			break;
		if (e[0] < ARRAY_SIZE(entry_size) && entry_size[e[0]] != 0 &&
			e[1] >= entry_size[e[0]])
			parse_entry(e, &t);
	}
	if (t.cpu_count == 0)
		return false;
	*out = t;
	return true;
}

/*
 * The CPUs and interrupt controllers of the machine, as ACPI's MADT or the older MP table describes
 * them. Filled by the parsers (madt.c, mptable.c), which are pure; constant after start-up.
 */
#ifndef IRQ_TOPOLOGY_H
#define IRQ_TOPOLOGY_H

#include "arch/layout.h"
#include "lib/compiler.h"
#include "lib/types.h"

#define TOPOLOGY_IOAPICS 8
#define TOPOLOGY_OVERRIDES 24

/* Polarity and trigger as both tables code them (MPS INTI flags). */
#define INTI_POLARITY 3U
#define INTI_ACTIVE_HIGH 1U
#define INTI_ACTIVE_LOW 3U
#define INTI_TRIGGER (3U << 2)
#define INTI_EDGE (1U << 2)
#define INTI_LEVEL (3U << 2)

/* An input whose polarity or trigger is not what its number suggests, or an ISA interrupt that
 * arrives elsewhere. */
struct topology_override {
	u32 isa; /* the ISA interrupt, 0 to 15 */
	u32 gsi; /* where it arrives */
	u32 flags;
};

struct topology {
	paddr_t lapic; /* v == 0: unknown */
	u32 cpu_count; /* of those that may be used */
	u32 cpu_apic_id[MAX_CPUS];
	u32 cpus_left_out; /* beyond MAX_CPUS */
	u32 ioapic_count;
	struct {
		paddr_t address;
		u32 id;
		u32 gsi_base; /* TOPOLOGY_GSI_NEXT: follows the last input of the one before */
	} ioapic[TOPOLOGY_IOAPICS];
	u32 override_count;
	struct topology_override override[TOPOLOGY_OVERRIDES];
	u32 nmi_pins;	    /* bit n: local pin LINTn brings NMIs */
	u32 nmi_active_low; /* likewise */
	bool has_pic;
};

#define TOPOLOGY_GSI_NEXT UINT32_MAX

extern struct topology topology;

/* Both return true if the bytes are a whole table with a right checksum and at least one CPU.
 * Otherwise the topology is as before the call. */
MUST_CHECK bool madt_parse(const u8 *table, u32 size, struct topology *t);
MUST_CHECK bool mptable_parse(const u8 *table, u32 size, struct topology *t);

/* Adds a CPU; the same id twice counts once. */
void topology_add_cpu(struct topology *t, u32 apic_id);
void topology_add_ioapic(struct topology *t, u32 id, paddr_t address, u32 gsi_base);
void topology_add_override(struct topology *t, u32 isa, u32 gsi, u32 flags);

#endif

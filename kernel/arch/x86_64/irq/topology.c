/* The machine's topology: filling it in. */
#include "irq/topology.h"

RO_AFTER_INIT struct topology topology;

INIT_TEXT void topology_add_cpu(struct topology *t, u32 apic_id)
{
	for (u32 i = 0; i < t->cpu_count; i++)
		if (t->cpu_apic_id[i] == apic_id)
			return;
	if (t->cpu_count == MAX_CPUS)
		t->cpus_left_out++;
	else
		t->cpu_apic_id[t->cpu_count++] = apic_id;
}

INIT_TEXT void topology_add_ioapic(struct topology *t, u32 id, paddr_t address, u32 gsi_base)
{
	if (t->ioapic_count == TOPOLOGY_IOAPICS)
		return;
	u32 i = t->ioapic_count++;
	t->ioapic[i].id = id;
	t->ioapic[i].address = address;
	t->ioapic[i].gsi_base = gsi_base;
}

INIT_TEXT void topology_add_override(struct topology *t, u32 isa, u32 gsi, u32 flags)
{
	if (t->override_count < TOPOLOGY_OVERRIDES)
		t->override[t->override_count++] = (struct topology_override){isa, gsi, flags};
}

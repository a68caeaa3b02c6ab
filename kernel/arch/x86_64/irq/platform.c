/*
 * The machine: who is there, in which order it is brought up.
 *
 * The local APIC is mapped first, so that its timer can be measured against the TSC while the rest
 * goes on (time/event.c).
 */
#define LOG_SUBSYSTEM "irq"
#include "arch/platform.h"

#include "arch/boot_info.h"
#include "arch/clock.h"
#include "arch/cpu.h"
#include "arch/cpu_setup.h"
#include "arch/kernel_map.h"
#include "arch/pagetable.h"
#include "irq/acpi.h"
#include "irq/bytes.h"
#include "irq/firmware.h"
#include "irq/ioapic.h"
#include "irq/lapic.h"
#include "irq/pic.h"
#include "irq/smp.h"
#include "irq/topology.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "time/event.h"
#include "trace/log.h"

#define MP_POINTER_SIZE 16
#define MP_TABLE_ADDRESS 4
#define MP_HEADER 44

u32 platform_boot_apic_id(void)
{
	return lapic_own_id();
}

static INIT_TEXT bool mp_pointer_ok(const u8 *found, u32 size)
{
	return bytes_sum_ok(found, size) && bytes_u32(found + MP_TABLE_ADDRESS) != 0;
}

static INIT_TEXT bool find_mp_table(void)
{
	const u8 *pointer = firmware_search("_MP_", 4, MP_POINTER_SIZE, mp_pointer_ok);
	if (!pointer)
		return false;
	paddr_t pa = PADDR(bytes_u32(pointer + MP_TABLE_ADDRESS));
	const u8 *header = kernel_map_firmware(pa, MP_HEADER);
	u32 size = header ? bytes_u16(header + 4) : 0;
	const u8 *table = size ? kernel_map_firmware(pa, size) : NULL;
	return table && mptable_parse(table, size, &topology);
}

/* Without any table: this CPU, and the I/O APIC where every PC has its first. */
static INIT_TEXT void assume_pc(void)
{
	log_warn("no ACPI and no MP table: one CPU, one I/O APIC");
	topology_add_ioapic(&topology, 0, PADDR(0xfec00000), 0);
	topology.nmi_pins = BIT(1);
	topology.has_pic = true;
}

static INIT_TEXT void find_topology(void)
{
	u32 size;
	const u8 *madt = acpi_init() ? acpi_madt(&size) : NULL;
	if (madt && madt_parse(madt, size, &topology))
		return;
	if (!find_mp_table())
		assume_pc();
}

static INIT_TEXT void add_cpus(void)
{
	u32 boot = lapic_own_id();
	for (u32 i = 0; i < topology.cpu_count; i++) {
		u32 id = topology.cpu_apic_id[i];
		if (id != boot && cpu_area_init(id) == -ENOMEM)
			refuse_start(
				"not enough memory to start; give the machine more with --memory");
	}
	if (topology.cpus_left_out || topology.cpu_count > MAX_CPUS)
		log_warn("more than %u CPUs: the others stay off", MAX_CPUS);
}

/* A stack that overflows must fault, not write into what lies below. Nothing has touched the page,
 * so no TLB holds it; if the CPU has read ahead, this drops it. */
static INIT_TEXT void unmap_stack_guard(void)
{
	kernel_unmap_page(boot_stack_guard);
	__asm__ volatile("invlpg %0" ::"m"(*boot_stack_guard) : "memory");
}

INIT_TEXT void platform_init(void)
{
	if (boot_info.cmdline_cut)
		log_warn("the command line was cut after %u bytes", BOOT_CMDLINE_MAX - 1);
	atomic32_store(&this_cpu()->online, 1);
	unmap_stack_guard();
	find_topology();
	lapic_map(topology.lapic);
	lapic_init_cpu();
	event_start_calibration();
	pic_disable();
	ioapic_init();
	add_cpus();
	smp_init();
	clock_init();
}

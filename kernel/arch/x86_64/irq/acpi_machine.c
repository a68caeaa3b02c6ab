/*
 * This machine's ACPI.
 *
 * The tables lie in memory that the firmware keeps, mapped read-only; they are looked at during
 * start-up. For powering off the DSDT stays mapped, because a panic can't map anything.
 */
#define LOG_SUBSYSTEM "acpi"
#include "arch/boot_info.h"
#include "arch/io.h"
#include "arch/irqflags.h"
#include "arch/kernel_map.h"
#include "arch/pagetable.h"
#include "irq/acpi.h"
#include "irq/bytes.h"
#include "irq/firmware.h"
#include "lib/string.h"
#include "trace/log.h"

#define SLEEP_ENABLE_PM1 BIT(13)
#define SLEEP_TYPE_PM1(t) ((u32)(t) << 10)
#define SLEEP_TYPE_PM1_MASK (7U << 10)
#define SLEEP_ENABLE BIT(5)
#define SLEEP_TYPE(t) ((u32)(t) << 2)
#define PM1_ACPI_ON BIT(0)
#define ENABLE_POLLS_MAX 100000
/* What every machine seen so far uses, if the DSDT can't tell. */
#define SLEEP_TYPE_DEFAULT 5

RO_AFTER_INIT static struct acpi_facts facts;
RO_AFTER_INIT static const u8 *dsdt;
RO_AFTER_INIT static u32 dsdt_size;
/* Where a memory-mapped sleep register is. */
RO_AFTER_INIT static volatile u8 *sleep_mapped;

static INIT_TEXT bool find_rsdp(void)
{
	if (boot_info.rsdp_size && acpi_rsdp_ok(boot_info.rsdp, boot_info.rsdp_size))
		return true;
	const u8 *found = firmware_search("RSD PTR ", 8, BOOT_RSDP_MAX, acpi_rsdp_ok);
	if (!found)
		return false;
	memcpy(boot_info.rsdp, found, BOOT_RSDP_MAX);
	boot_info.rsdp_size = BOOT_RSDP_MAX;
	return true;
}

static INIT_TEXT const u8 *find_table(const char *signature, u32 *size)
{
	return acpi_find_table(
		boot_info.rsdp, boot_info.rsdp_size, signature, kernel_map_firmware, size);
}

static INIT_TEXT void prepare_power_off(void)
{
	const u8 *header = facts.dsdt ? kernel_map_firmware(PADDR(facts.dsdt), 36) : NULL;
	if (header) {
		dsdt_size = bytes_u32(header + 4);
		dsdt = kernel_map_firmware(PADDR(facts.dsdt), dsdt_size);
	}
	if (facts.sleep.address && facts.sleep.space == 0)
		sleep_mapped = kernel_map_device(PADDR(facts.sleep.address), 1);
}

INIT_TEXT bool acpi_init(void)
{
	u32 size;
	if (!find_rsdp())
		return false;
	const u8 *fadt = find_table("FACP", &size);
	if (!fadt)
		return true;
	acpi_parse_fadt(fadt, size, &facts);
	prepare_power_off();
	return true;
}

INIT_TEXT const u8 *acpi_madt(u32 *size)
{
	return find_table("APIC", size);
}

u16 acpi_pm_timer_port(void)
{
	return facts.pm_timer;
}

bool acpi_has_rtc(void)
{
	return !facts.no_rtc;
}

/* Registers of the fixed hardware are I/O ports on every PC. */
static void write_pm1(const struct acpi_register *r, u8 type)
{
	if (r->space != 1 || r->address == 0)
		return;
	u16 port = (u16)r->address;
	u32 v = io_in16(port) & ~SLEEP_TYPE_PM1_MASK;
	io_out16(port, (u16)(v | SLEEP_TYPE_PM1(type) | SLEEP_ENABLE_PM1));
}

/* Takes power management over from the firmware. */
static void enable_acpi(void)
{
	u16 port = (u16)facts.pm1a.address;
	if (facts.smi_command == 0 || facts.acpi_enable == 0 || (io_in16(port) & PM1_ACPI_ON))
		return;
	io_out8(facts.smi_command, facts.acpi_enable);
	for (u32 i = 0; i < ENABLE_POLLS_MAX && !(io_in16(port) & PM1_ACPI_ON); i++)
		cpu_relax();
}

void acpi_power_off(void)
{
	u8 a = SLEEP_TYPE_DEFAULT, b = SLEEP_TYPE_DEFAULT;
	if (dsdt)
		acpi_find_s5(dsdt, dsdt_size, &a, &b);
	if (sleep_mapped)
		*sleep_mapped = (u8)(SLEEP_TYPE(a) | SLEEP_ENABLE);
	else if (facts.sleep.address && facts.sleep.space == 1)
		io_out8((u16)facts.sleep.address, (u8)(SLEEP_TYPE(a) | SLEEP_ENABLE));
	if (facts.pm1a.space != 1 || facts.pm1a.address == 0)
		return;
	enable_acpi();
	write_pm1(&facts.pm1a, a);
	write_pm1(&facts.pm1b, b);
}

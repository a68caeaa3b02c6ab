/*
 * ACPI's static tables: finding them, and the few facts that are taken from the FADT.
 *
 * No AML is interpreted. The one thing that is needed from it, the values for powering off, is
 * found by its bytes.
 */
#ifndef IRQ_ACPI_H
#define IRQ_ACPI_H

#include "lib/compiler.h"
#include "lib/types.h"

/* A register that ACPI describes: space 0 is memory, 1 is I/O ports; address 0: not there. */
struct acpi_register {
	u8 space;
	u64 address;
};

/* What the FADT says. Pure data. */
struct acpi_facts {
	bool found;
	bool has_8042;			 /* a keyboard controller */
	bool no_rtc;			 /* no battery-backed clock */
	u16 smi_command;		 /* port that switches ACPI on; 0: it always is */
	u8 acpi_enable;			 /* value to write there */
	u16 pm_timer;			 /* port; 0: none */
	struct acpi_register pm1a, pm1b; /* power management control */
	struct acpi_register sleep;	 /* the same on hardware-reduced machines */
	u64 dsdt;
};

/* Where tables can be read; NULL: nowhere. */
typedef const void *(*acpi_map_t)(paddr_t pa, size_t size);

/* The pure half. rsdp: the root pointer's copy. Returns the table with that signature, whole and
 * with a right sum, and its size; NULL if there is none. */
const u8 *acpi_find_table(
	const u8 *rsdp, u32 rsdp_size, const char *signature, acpi_map_t map, u32 *size);
bool acpi_rsdp_ok(const u8 *rsdp, u32 size);
void acpi_parse_fadt(const u8 *fadt, u32 size, struct acpi_facts *out);
/* The two values that \_S5 gives for powering off; false if it is not found. */
bool acpi_find_s5(const u8 *aml, u32 size, u8 *a, u8 *b);

/* Finds the root pointer (the loader's copy, or by a search of the firmware's area) and reads the
 * FADT. Boot CPU. False if there is no ACPI. */
bool acpi_init(void);
/* The MADT, or NULL. */
const u8 *acpi_madt(u32 *size);
/* I/O port of the power management timer; 0: none. */
u16 acpi_pm_timer_port(void);
bool acpi_has_rtc(void);
/* Powers the machine off; returns if that did not work. Any context. */
void acpi_power_off(void);

#endif

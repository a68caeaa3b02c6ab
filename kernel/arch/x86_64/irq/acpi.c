/* ACPI's static tables: walking them. The pure half of acpi.h; the machine's own are in
 * acpi_machine.c. */
#include "irq/acpi.h"

#include "irq/bytes.h"
#include "lib/string.h"

#define RSDP_SIZE_OLD 20
#define RSDP_SIZE_NEW 36
#define HEADER 36
/* No table that is read here comes near it. */
#define TABLE_MAX (1U << 20)

INIT_TEXT bool acpi_rsdp_ok(const u8 *rsdp, u32 size)
{
	if (size < RSDP_SIZE_OLD || memcmp(rsdp, "RSD PTR ", 8) != 0)
		return false;
	return bytes_sum_ok(rsdp, RSDP_SIZE_OLD);
}

/* A whole table at an address, if its sum is right. */
static INIT_TEXT const u8 *map_table(u64 address, acpi_map_t map, u32 *size)
{
	const u8 *header = address ? map(PADDR(address), HEADER) : NULL;
	if (!header)
		return NULL;
	*size = bytes_u32(header + 4);
	if (*size < HEADER || *size > TABLE_MAX)
		return NULL;
	const u8 *table = map(PADDR(address), *size);
	return table && bytes_sum_ok(table, *size) ? table : NULL;
}

/* The root table and how wide its entries are. */
static INIT_TEXT const u8 *root_table(
	const u8 *rsdp, u32 rsdp_size, acpi_map_t map, u32 *size, u32 *entry)
{
	const u8 *root = NULL;
	/* Revision 2 and above have the wide table. */
	if (rsdp_size >= RSDP_SIZE_NEW && rsdp[15] >= 2 && bytes_sum_ok(rsdp, RSDP_SIZE_NEW)) {
		*entry = 8;
		root = map_table(bytes_u64(rsdp + 24), map, size);
	}
	if (!root) {
		*entry = 4;
		root = map_table(bytes_u32(rsdp + 16), map, size);
	}
	return root;
}

INIT_TEXT const u8 *acpi_find_table(
	const u8 *rsdp, u32 rsdp_size, const char *signature, acpi_map_t map, u32 *size)
{
	u32 root_size, entry;
	if (!acpi_rsdp_ok(rsdp, rsdp_size))
		return NULL;
	const u8 *root = root_table(rsdp, rsdp_size, map, &root_size, &entry);
	if (!root)
		return NULL;
	for (u32 at = HEADER; at + entry <= root_size; at += entry) {
		u64 address = entry == 8 ? bytes_u64(root + at) : bytes_u32(root + at);
		const u8 *header = address ? map(PADDR(address), HEADER) : NULL;
		if (!header || memcmp(header, signature, 4) != 0)
			continue;
		const u8 *table = map_table(address, map, size);
		if (table)
			return table;
	}
	return NULL;
}

/* A generic address structure (5.2.3.2) if the table reaches so far and it says anything, otherwise
 * the old I/O port. */
static INIT_TEXT struct acpi_register read_register(const u8 *fadt, u32 size, u32 generic, u32 old)
{
	if (generic + 12 <= size && bytes_u64(fadt + generic + 4) != 0)
		return (struct acpi_register){fadt[generic], bytes_u64(fadt + generic + 4)};
	if (old != 0 && old + 4 <= size)
		return (struct acpi_register){1, bytes_u32(fadt + old)};
	return (struct acpi_register){0, 0};
}

/* Offsets are those of ACPI 6.4, table 5.9. Old tables are shorter. */
INIT_TEXT void acpi_parse_fadt(const u8 *fadt, u32 size, struct acpi_facts *out)
{
	memset(out, 0, sizeof(*out));
	out->has_8042 = true;
	if (size < 116)
		return;
	out->found = true;
	out->dsdt =
		size >= 148 && bytes_u64(fadt + 140) ? bytes_u64(fadt + 140) : bytes_u32(fadt + 40);
	u32 flags = bytes_u32(fadt + 112);
	bool reduced = flags & BIT(20);
	/* The boot flags exist since revision 2; before, everything was there. */
	if (fadt[8] >= 2) {
		u32 boot = bytes_u16(fadt + 109);
		out->has_8042 = boot & BIT(1);
		out->no_rtc = boot & BIT(5);
	}
	if (reduced) {
		out->sleep = read_register(fadt, size, 244, 0);
		return;
	}
	out->smi_command = (u16)bytes_u32(fadt + 48);
	out->acpi_enable = fadt[52];
	out->pm1a = read_register(fadt, size, 172, 64);
	out->pm1b = read_register(fadt, size, 184, 68);
	struct acpi_register timer = read_register(fadt, size, 208, 76);
	if (timer.space == 1 && timer.address <= 0xffff && fadt[91] >= 4)
		out->pm_timer = (u16)timer.address;
}

/* AML: ZeroOp, OneOp, or BytePrefix and a byte. */
static bool aml_integer(const u8 **at, const u8 *end, u8 *value)
{
	if (*at == end)
		return false;
	u8 op = *(*at)++;
	if (op == 0 || op == 1) {
		*value = op;
		return true;
	}
	if (op != 0x0a || *at == end)
		return false;
	*value = *(*at)++;
	return true;
}

/* Name(\_S5, Package(n){a, b, ...}): NameOp, the name, PackageOp, a length of 1 to 4 bytes, n, the
 * values. Called when the machine is powered off, so not start-up's. */
bool acpi_find_s5(const u8 *aml, u32 size, u8 *a, u8 *b)
{
	const u8 *end = aml + size;
	for (const u8 *at = aml; at + 8 < end; at++) {
		if (at[0] != '_' || memcmp(at, "_S5_", 4) != 0 || at[4] != 0x12)
			continue;
		/* The top two bits of the length's first byte say how many bytes follow. */
		const u8 *p = at + 5;
		p += 1 + (*p >> 6);
		if (p >= end || *p++ < 1)
			continue;
		if (!aml_integer(&p, end, a))
			continue;
		if (!aml_integer(&p, end, b))
			*b = *a;
		return true;
	}
	return false;
}

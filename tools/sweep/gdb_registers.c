/* All registers of the CPU, as the stub sends them: one block of bytes, whose layout is target.xml's. */
#include <stdio.h>
#include <string.h>

#include "gdb.h"
#include "packet.h"

/* After the 17 long ones: flags, six selectors (four bytes each), three bases, CR0 2 3 4 8, EFER. */
enum {
	FLAGS_AT = 17 * 8,
	GS_BASE_AT = FLAGS_AT + 7 * 4 + 8,
	CR0_AT = GS_BASE_AT + 16,
	CR3_AT = CR0_AT + 16
};

struct part {
	size_t at, length;
	const char *name;
};

static const struct part parts[] = {
	{0, 8, "RAX"},
	{8, 8, "RBX"},
	{16, 8, "RCX"},
	{24, 8, "RDX"},
	{32, 8, "RSI"},
	{40, 8, "RDI"},
	{48, 8, "RBP"},
	{56, 8, "RSP"},
	{64, 8, "R8"},
	{72, 8, "R9"},
	{80, 8, "R10"},
	{88, 8, "R11"},
	{96, 8, "R12"},
	{104, 8, "R13"},
	{112, 8, "R14"},
	{120, 8, "R15"},
	{128, 8, "RIP"},
	{FLAGS_AT, 4, "RFLAGS"},
	{FLAGS_AT + 4, 24, "a selector"},
	{GS_BASE_AT - 8, 8, "the FS base"},
	{GS_BASE_AT, 8, "the GS base"},
	{GS_BASE_AT + 8, 8, "the inactive GS base"},
	{CR0_AT, 8, "CR0"},
	{CR0_AT + 8, 8, "CR2"},
	{CR3_AT, 8, "CR3"},
	{CR3_AT + 8, 8, "CR4"},
	{CR3_AT + 16, 8, "CR8"},
	{CR3_AT + 24, 8, "EFER"},
	{CR3_AT + 32, 1024, "a floating-point or vector register"},
};

void gdb_read_registers(struct gdb_registers *registers)
{
	char answer[PACKET_MAX];
	packet_ask("g", answer);
	registers->length = packet_from_hex(answer, registers->bytes, sizeof(registers->bytes));
	if (registers->length <= CR3_AT + 32)
		die("QEMU sends only %zu bytes of registers", registers->length);
}

void gdb_write_register(int number, uint64_t value)
{
	char question[64], hex[17];
	packet_to_hex(hex, &value, sizeof(value));
	snprintf(question, sizeof(question), "P%x=%s", (unsigned)number, hex);
	packet_ask_ok(question);
}

static uint64_t long_at(const struct gdb_registers *registers, size_t at)
{
	uint64_t value;
	memcpy(&value, registers->bytes + at, sizeof(value));
	return value;
}

uint64_t gdb_register(const struct gdb_registers *registers, int number)
{
	return long_at(registers, (size_t)number * 8);
}

uint32_t gdb_flags(const struct gdb_registers *registers)
{
	return (uint32_t)long_at(registers, FLAGS_AT);
}

uint64_t gdb_gs_base(const struct gdb_registers *registers)
{
	return long_at(registers, GS_BASE_AT);
}

uint64_t gdb_cr3(const struct gdb_registers *registers)
{
	return long_at(registers, CR3_AT);
}

const char *gdb_difference(
	const struct gdb_registers *a, const struct gdb_registers *b, uint32_t ignore)
{
	if ((gdb_flags(a) ^ gdb_flags(b)) & ~ignore)
		return "RFLAGS";
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		const struct part *p = &parts[i];
		size_t length = p->length < a->length - p->at ? p->length : a->length - p->at;
		if (p->at != FLAGS_AT && memcmp(a->bytes + p->at, b->bytes + p->at, length) != 0)
			return p->name;
	}
	return NULL;
}

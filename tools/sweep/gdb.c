#include "gdb.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "packet.h"

enum { STEP_TRIES = 1000 };

static int stopped_cpu;

void gdb_connect(const char *path, double seconds)
{
	char answer[PACKET_MAX];
	packet_connect(path, seconds);
	/* Registers can be written only by who has read their description. */
	packet_ask("qSupported:qXfer:features:read+", answer);
	packet_ask("qXfer:features:read:target.xml:0,1000", answer);
}

/* -- running -- */

/* "T05thread:02;", also "T05swbreak:;thread:p01.02;". */
static void take_stop(const char *answer)
{
	const char *thread = strstr(answer, "thread:");
	if (answer[0] != 'T' || !thread)
		die("QEMU stops with '%.40s'", answer);
	thread += strlen("thread:");
	const char *dot = strchr(thread, '.');
	stopped_cpu = (int)strtol(dot ? dot + 1 : thread, NULL, 16);
}

enum gdb_stop gdb_continue(double seconds)
{
	char answer[PACKET_MAX];
	packet_send("c");
	int length = packet_receive(answer, packet_now() + seconds);
	bool late = length == -1;
	if (late) {
		packet_interrupt();
		length = packet_receive(answer, packet_now() + PACKET_SECONDS);
	}
	if (length < 0 || answer[0] == 'W' || answer[0] == 'X')
		return GDB_ENDED;
	take_stop(answer);
	return late ? GDB_TIMEOUT : GDB_STOPPED;
}

static uint64_t read_register(int number)
{
	char question[16], answer[PACKET_MAX];
	uint64_t value;
	snprintf(question, sizeof(question), "p%x", (unsigned)number);
	packet_ask(question, answer);
	if (packet_from_hex(answer, (uint8_t *)&value, sizeof(value)) != sizeof(value))
		die("QEMU does not say where the CPU is");
	return value;
}

/* RSP tells an IRETQ that comes to the same instruction on another stack. */
void gdb_step(void)
{
	char question[32], answer[PACKET_MAX];
	uint64_t rip = read_register(GDB_RIP), rsp = read_register(GDB_RSP);
	int tries = 0;
	snprintf(question, sizeof(question), "vCont;s:%x", (unsigned)stopped_cpu);
	do {
		if (tries++ == STEP_TRIES)
			die("the CPU does not step at %#lx", rip);
		packet_ask(question, answer);
		take_stop(answer);
	} while (read_register(GDB_RIP) == rip && read_register(GDB_RSP) == rsp);
}

int gdb_cpu(void)
{
	return stopped_cpu;
}

/* -- memory, breakpoints, the monitor -- */

bool gdb_read_memory(uint64_t address, void *data, size_t length)
{
	char question[64], answer[PACKET_MAX];
	snprintf(question, sizeof(question), "m%lx,%zx", address, length);
	packet_ask(question, answer);
	return answer[0] != 'E' && packet_from_hex(answer, data, length) == length;
}

void gdb_write_memory(uint64_t address, const void *data, size_t length)
{
	char question[256];
	int n = snprintf(question, sizeof(question), "M%lx,%zx:", address, length);
	if ((size_t)n + 2 * length >= sizeof(question))
		die("too much to write at once");
	packet_to_hex(question + n, data, length);
	packet_ask_ok(question);
}

void gdb_set_breakpoint(uint64_t address, bool set)
{
	char question[64];
	snprintf(question, sizeof(question), "%c1,%lx,1", set ? 'Z' : 'z', address);
	packet_ask_ok(question);
}

/* What the monitor prints comes as packets "O...". Nothing is expected. */
void gdb_monitor_ask(const char *command, char *text, size_t size)
{
	char question[256] = "qRcmd,", answer[PACKET_MAX];
	size_t length = 0;
	packet_to_hex(question + strlen(question), command, strlen(command));
	packet_ask(question, answer);
	while (answer[0] == 'O' && answer[1] != 'K') {
		size_t bytes = strlen(answer + 1) / 2;
		if (bytes > size - 1 - length)
			bytes = size - 1 - length;
		packet_from_hex(answer + 1, (uint8_t *)text + length, bytes);
		length += bytes;
		if (packet_receive(answer, packet_now() + PACKET_SECONDS) < 0)
			die("no answer to the monitor's command '%s'", command);
	}
	text[length] = '\0';
}

void gdb_monitor(const char *command)
{
	char text[256];
	gdb_monitor_ask(command, text, sizeof(text));
	if (strspn(text, "\r\n ") != strlen(text))
		die("the monitor answers '%s' to '%s'", text, command);
}

static uint64_t debug_register(const char *text, const char *name)
{
	const char *at = strstr(text, name);
	if (!at)
		die("the monitor does not tell %s", name);
	return strtoul(at + strlen(name), NULL, 16);
}

void gdb_read_debug(int cpu, uint64_t *dr0, uint64_t *dr7)
{
	char command[32], text[8192];
	snprintf(command, sizeof(command), "cpu %d", cpu - 1);
	gdb_monitor(command);
	gdb_monitor_ask("info registers", text, sizeof(text));
	*dr0 = debug_register(text, "DR0=");
	*dr7 = debug_register(text, "DR7=");
}

bool gdb_select(int cpu)
{
	char question[16], answer[PACKET_MAX];
	snprintf(question, sizeof(question), "Hg%x", (unsigned)cpu);
	packet_ask(question, answer);
	if (strcmp(answer, "OK") != 0)
		return false;
	stopped_cpu = cpu;
	return true;
}

void gdb_kill(void)
{
	packet_send("k");
}

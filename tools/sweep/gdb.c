/*
 * Packets are "$data#checksum"; each side acknowledges with '+'. Data and memory are hexadecimal, registers in the CPU's
 * byte order.
 */
#include "gdb.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

static const double ANSWER_SECONDS = 30;

enum { PACKET_MAX = 16384, STEP_TRIES = 1000 };

static int wire = -1;
static char received[PACKET_MAX];
static size_t received_length, received_used;
static int stopped_cpu;

void die(const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	fputs("sweep: ", stderr);
	vfprintf(stderr, format, arguments);
	fputc('\n', stderr);
	va_end(arguments);
	exit(2);
}

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void connect_socket(const char *path, double seconds)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	double end = now() + seconds;
	if (strlen(path) >= sizeof(address.sun_path))
		die("%s: too long for a socket's name", path);
	strcpy(address.sun_path, path);
	wire = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	while (connect(wire, (struct sockaddr *)&address, sizeof(address)) != 0) {
		if (now() > end)
			die("cannot connect to %s: %s", path, strerror(errno));
		usleep(10000);
	}
}

/* -- bytes -- */

/* The next byte; -1 when none comes until `end`, -2 at the end of the connection. */
static int next_byte(double end)
{
	if (received_used < received_length)
		return (uint8_t)received[received_used++];
	struct pollfd p = {.fd = wire, .events = POLLIN};
	double left = end - now();
	int ready = poll(&p, 1, left > 0 ? (int)(left * 1000) + 1 : 0);
	if (ready == 0)
		return -1;
	ssize_t n = ready < 0 ? -1 : read(wire, received, sizeof(received));
	if (n <= 0)
		return -2;
	received_length = (size_t)n;
	received_used = 0;
	return (uint8_t)received[received_used++];
}

static void send_bytes(const char *data, size_t length)
{
	while (length > 0) {
		ssize_t n = send(wire, data, length, MSG_NOSIGNAL);
		if (n < 0)
			die("the connection to QEMU broke: %s", strerror(errno));
		data += n;
		length -= (size_t)n;
	}
}

/* -- packets -- */

static void send_packet(const char *data)
{
	char packet[PACKET_MAX];
	unsigned sum = 0;
	for (const char *p = data; *p; p++)
		sum += (uint8_t)*p;
	int n = snprintf(packet, sizeof(packet), "$%s#%02x", data, sum & 0xff);
	if (n < 0 || (size_t)n >= sizeof(packet))
		die("a packet is too long");
	send_bytes(packet, (size_t)n);
}

/* The next packet's data, acknowledged. Its length, or what next_byte() said. */
static int receive_packet(char *data, double end)
{
	int c, length = 0;
	while ((c = next_byte(end)) != '$')
		if (c < 0)
			return c;
	while ((c = next_byte(end)) != '#') {
		if (c < 0)
			return c;
		if (length == PACKET_MAX - 1)
			die("QEMU sent too much");
		data[length++] = (char)c;
	}
	data[length] = '\0';
	/* NOLINTNEXTLINE(misc-redundant-expression): the checksum is two bytes. */
	if (next_byte(end) < 0 || next_byte(end) < 0)
		return -2;
	send_bytes("+", 1);
	return length;
}

/* Sends, and gives the answer. */
static int ask(const char *question, char *answer)
{
	send_packet(question);
	int length = receive_packet(answer, now() + ANSWER_SECONDS);
	if (length < 0)
		die("no answer from QEMU to '%.20s'", question);
	return length;
}

static void ask_ok(const char *question)
{
	char answer[PACKET_MAX];
	ask(question, answer);
	if (strcmp(answer, "OK") != 0)
		die("QEMU answers '%.40s' to '%.40s'", answer, question);
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Bytes from hexadecimal; how many. */
static size_t from_hex(const char *text, uint8_t *data, size_t room)
{
	size_t n = 0;
	while (n < room && hex_digit(text[0]) >= 0 && hex_digit(text[1]) >= 0) {
		data[n++] = (uint8_t)(hex_digit(text[0]) << 4 | hex_digit(text[1]));
		text += 2;
	}
	return n;
}

static void to_hex(char *text, const void *data, size_t length)
{
	const uint8_t *p = data;
	for (size_t i = 0; i < length; i++)
		sprintf(text + 2 * i, "%02x", p[i]);
}

void gdb_connect(const char *path, double seconds)
{
	char answer[PACKET_MAX];
	connect_socket(path, seconds);
	/* Registers can be written only by who has read their description. */
	ask("qSupported:qXfer:features:read+", answer);
	ask("qXfer:features:read:target.xml:0,1000", answer);
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
	send_packet("c");
	int length = receive_packet(answer, now() + seconds);
	bool late = length == -1;
	if (late) {
		send_bytes("\x03", 1);
		length = receive_packet(answer, now() + ANSWER_SECONDS);
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
	ask(question, answer);
	if (from_hex(answer, (uint8_t *)&value, sizeof(value)) != sizeof(value))
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
		ask(question, answer);
		take_stop(answer);
	} while (read_register(GDB_RIP) == rip && read_register(GDB_RSP) == rsp);
}

int gdb_cpu(void)
{
	return stopped_cpu;
}

/* -- registers -- */

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
	ask("g", answer);
	registers->length = from_hex(answer, registers->bytes, sizeof(registers->bytes));
	if (registers->length <= CR3_AT + 32)
		die("QEMU sends only %zu bytes of registers", registers->length);
}

void gdb_write_register(int number, uint64_t value)
{
	char question[64], hex[17];
	to_hex(hex, &value, sizeof(value));
	snprintf(question, sizeof(question), "P%x=%s", (unsigned)number, hex);
	ask_ok(question);
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

/* -- memory, breakpoints, the monitor -- */

bool gdb_read_memory(uint64_t address, void *data, size_t length)
{
	char question[64], answer[PACKET_MAX];
	snprintf(question, sizeof(question), "m%lx,%zx", address, length);
	ask(question, answer);
	return answer[0] != 'E' && from_hex(answer, data, length) == length;
}

void gdb_write_memory(uint64_t address, const void *data, size_t length)
{
	char question[256];
	int n = snprintf(question, sizeof(question), "M%lx,%zx:", address, length);
	if ((size_t)n + 2 * length >= sizeof(question))
		die("too much to write at once");
	to_hex(question + n, data, length);
	ask_ok(question);
}

void gdb_set_breakpoint(uint64_t address, bool set)
{
	char question[64];
	snprintf(question, sizeof(question), "%c1,%lx,1", set ? 'Z' : 'z', address);
	ask_ok(question);
}

/* What the monitor prints comes as packets "O...". Nothing is expected. */
void gdb_monitor(const char *command)
{
	char question[256] = "qRcmd,", answer[PACKET_MAX];
	to_hex(question + strlen(question), command, strlen(command));
	ask(question, answer);
	while (answer[0] == 'O' && answer[1] != 'K') {
		uint8_t text[256] = {0};
		from_hex(answer + 1, text, sizeof(text) - 1);
		if (strspn((char *)text, "\r\n ") != strlen((char *)text))
			die("the monitor answers '%s' to '%s'", text, command);
		if (receive_packet(answer, now() + ANSWER_SECONDS) < 0)
			die("no answer to the monitor's command '%s'", command);
	}
}

bool gdb_select(int cpu)
{
	char question[16], answer[PACKET_MAX];
	snprintf(question, sizeof(question), "Hg%x", (unsigned)cpu);
	ask(question, answer);
	if (strcmp(answer, "OK") != 0)
		return false;
	stopped_cpu = cpu;
	return true;
}

void gdb_kill(void)
{
	send_packet("k");
}

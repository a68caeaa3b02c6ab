#include "packet.h"

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

#include "gdb.h"

static int wire = -1;
static char received[PACKET_MAX];
static size_t received_length, received_used;

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

double packet_now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

void packet_connect(const char *path, double seconds)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	double end = packet_now() + seconds;
	if (strlen(path) >= sizeof(address.sun_path))
		die("%s: too long for a socket's name", path);
	strcpy(address.sun_path, path);
	wire = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	while (connect(wire, (struct sockaddr *)&address, sizeof(address)) != 0) {
		if (packet_now() > end)
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
	double left = end - packet_now();
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

void packet_send(const char *data)
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
int packet_receive(char *data, double end)
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
int packet_ask(const char *question, char *answer)
{
	packet_send(question);
	int length = packet_receive(answer, packet_now() + PACKET_SECONDS);
	if (length < 0)
		die("no answer from QEMU to '%.20s'", question);
	return length;
}

void packet_ask_ok(const char *question)
{
	char answer[PACKET_MAX];
	packet_ask(question, answer);
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
size_t packet_from_hex(const char *text, uint8_t *data, size_t room)
{
	size_t n = 0;
	while (n < room && hex_digit(text[0]) >= 0 && hex_digit(text[1]) >= 0) {
		data[n++] = (uint8_t)(hex_digit(text[0]) << 4 | hex_digit(text[1]));
		text += 2;
	}
	return n;
}

void packet_to_hex(char *text, const void *data, size_t length)
{
	const uint8_t *p = data;
	for (size_t i = 0; i < length; i++)
		sprintf(text + 2 * i, "%02x", p[i]);
}

void packet_interrupt(void)
{
	send_bytes("\x03", 1);
}

/*
 * Events: lines of JSON on the control port (docs/host-protocol.md). A line goes out in one buffer,
 * so lines of several threads never mix. It is made on the stack, because one of the events is that
 * memory ran out.
 */
#include "dev/console.h"
#include "dev/console_device.h"
#include "lib/errno.h"
#include "lib/format.h"

#define LOG_SUBSYSTEM "console"
#include "trace/log.h"

#define EVENT_MAX 1024

void console_event(const char *format, ...)
{
	struct port *control = console_port(CONSOLE_CONTROL);
	char line[EVENT_MAX];
	struct iobuf from;
	va_list args;

	va_start(args, format);
	int length = format_v(line, sizeof(line), format, args);
	va_end(args);
	if (length <= 0 || length >= EVENT_MAX - 1) {
		log_error("event of %d bytes dropped: %.64s", length, line);
		return;
	}
	if (line[length - 1] != '\n')
		line[length++] = '\n';
	if (control == NULL) {
		log_warn("no control port for event %.*s", length - 1, line);
		return;
	}
	iobuf_init_kernel(&from, line, (size_t)length);
	ssize_t n = port_write(control, &from, PORT_WAIT);
	if (n != length)
		log_warn("event lost (%ld): %.*s", n, length - 1, line);
}

/* The length of the well-formed UTF-8 sequence at s, or 0 (RFC 3629, section 4). */
static u32 utf8_length(const u8 *s)
{
	u32 length = s[0] < 0xc2 ? 0 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : s[0] < 0xf5 ? 4 : 0;

	for (u32 i = 1; i < length; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	/* Not the shortest form, a surrogate, or beyond the last character. */
	if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
		(s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
		return 0;
	return length;
}

/* One character of a JSON string (RFC 8259, section 7), NUL-terminated: how many bytes of s it
 * stands for. */
static u32 escape_one(const u8 *s, char out[8])
{
	u32 taken = 1;

	if (*s == '"' || *s == '\\') {
		format(out, 8, "\\%c", *s);
	} else if (*s < 0x20 || *s == 0x7f) {
		format(out, 8, "\\u%04x", *s);
	} else if (*s < 0x80) {
		format(out, 8, "%c", *s);
	} else if ((taken = utf8_length(s)) != 0) {
		format(out, 8, "%.*s", (int)taken, (const char *)s);
	} else {
		format(out, 8, "\\ufffd");
		taken = 1;
	}
	return taken;
}

const char *console_event_escape(char *buffer, size_t size, const char *string)
{
	const u8 *s = (const u8 *)string;
	size_t at = 0;
	char piece[8];

	buffer[0] = '\0';
	while (*s != '\0') {
		s += escape_one(s, piece);
		int length = format(buffer + at, size - at, "%s", piece);
		if (at + (size_t)length >= size) {
			/* What does not fit whole is left out: half an escape would break the
			 * line. */
			buffer[at] = '\0';
			break;
		}
		at += (size_t)length;
	}
	return buffer;
}

bool console_has_strace(void)
{
	return console_port(CONSOLE_STRACE) != NULL;
}

void console_strace(const char *bytes, size_t n)
{
	struct port *port = console_port(CONSOLE_STRACE);
	struct iobuf from;

	if (port == NULL || n == 0)
		return;
	/* The source is only read. */
	iobuf_init_kernel(&from, (char *)bytes, n);
	/* A host that has gone away reads nothing more, which is no loss. */
	(void)!port_write(port, &from, PORT_WAIT);
}

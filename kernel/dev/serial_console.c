/*
 * The console of a machine without virtio: four serial ports (docs/host-protocol.md).
 *
 * COM1 is the log's (arch/serial.h). The program's standard output goes to COM2, its standard error to COM3, events to COM4.
 * A serial line has no end of file, so standard input is not one of them: it is at its end from the start.
 */
#include "dev/console.h"
#include "dev/console_device.h"
#include "dev/serial_line.h"

#define LOG_SUBSYSTEM "console"
#include "trace/log.h"

static const u16 bases[CONSOLE_ROLES] = {
	[CONSOLE_STDOUT] = 0x2f8,
	[CONSOLE_STDERR] = 0x3e8,
	[CONSOLE_CONTROL] = 0x2e8,
};

/* Constant after start-up. */
static struct port ports[CONSOLE_ROLES];
static struct serial_line lines[CONSOLE_ROLES];

int console_init_serial(void)
{
	console_no_input();
	for (u32 i = 0; i < CONSOLE_ROLES; i++) {
		/* A role that has no serial port is one that the host does not offer. */
		if (!bases[i])
			continue;
		port_init(&ports[i]);
		ports[i].line = &lines[i];
		int err = serial_line_init(&lines[i], bases[i]);
		if (err) {
			log_error("there is no serial port at %#x", bases[i]);
			return err;
		}
		console_set_port(i, &ports[i]);
	}
	return 0;
}

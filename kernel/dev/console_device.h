/* The console device behind console.h: what console.c, stream.c and event.c share. */
#ifndef DEV_CONSOLE_DEVICE_H
#define DEV_CONSOLE_DEVICE_H

#include "dev/port.h"
#include "lib/compiler.h"

/* What a port is for, by its name on the host. */
enum console_role {
	CONSOLE_STDIN,
	CONSOLE_STDOUT,
	CONSOLE_STDERR,
	CONSOLE_CONTROL,
	CONSOLE_TRACE, /* only if asked for, as the next */
	CONSOLE_STRACE,
	CONSOLE_ROLES,
};

/* The port of a role, or NULL: the host gave none. Constant after console_init(). Any context. */
struct port *console_port(enum console_role role);

/* Gives a role its port, once. Start-up and the interrupt handler. */
void console_set_port(enum console_role role, struct port *p);

/* Finds the device on no bus but starts the one given: console_init()'s second half, and the unit
 * test's door. */
MUST_CHECK int console_start(struct virtio_device *d);

#endif

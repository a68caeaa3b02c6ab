/*
 * The host's side of the console, on fake_virtio: ports with names, and what a host does with them.
 * It answers the control channel as docs/host-protocol.md and virtio 1.2 (5.3) say; a test sets the
 * fields and calls the functions to play the rest.
 */
#ifndef FAKE_HOST_H
#define FAKE_HOST_H

#include "dev/fake_virtio.h"

#define FAKE_PORTS 8
#define FAKE_OUTPUT (1 << 20)

struct fake_port {
	const char *name; /* NULL: there is no such port */
	bool connected;	  /* PORT_OPEN(1) follows the name */
	bool guest_ready, guest_open, refused;
	bool stuck;   /* takes no output */
	char *output; /* FAKE_OUTPUT bytes */
	u32 output_length;
};

struct fake_host {
	struct fake_virtio device; /* first */
	struct fake_port port[FAKE_PORTS];
	/* Works inside the notification, as QEMU does under TCG; otherwise in fake_world(). */
	bool synchronous;
	bool mute; /* does not answer DEVICE_READY */
	u32 ready; /* DEVICE_READY messages */
};

extern struct fake_host fake_host;

/* Four ports 1 to 4 with the names of docs/host-protocol.md, connected; max_ports as the device
 * would say. */
void fake_host_init(u32 max_ports);
void fake_host_free(void);
/* Takes and answers all there is. True if there was anything. */
bool fake_host_work(void);

/* Sends a control message, with a name behind it if not NULL. False: the guest has no buffer for
 * it. */
bool fake_host_control(u32 id, u16 event, u16 value, const char *name);
/* Sends input to the port; how many bytes found room. */
u32 fake_host_input(u32 id, const void *from, u32 n);
void fake_host_interrupt(void);

/* Queue numbers. */
static inline u32 fake_rx_queue(u32 id)
{
	return id == 0 ? 0 : 2 * id + 2;
}

#endif

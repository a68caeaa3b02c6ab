#include "dev/fake_host.h"

#include <linux/virtio_console.h>
#include <stdlib.h>
#include <string.h>

#include "lib/assert.h"

#define CONTROL_RX 2
#define CONTROL_TX 3

struct fake_host fake_host;

static void on_notify(struct fake_virtio *f, u32 index)
{
	if (!fake_host.synchronous)
		return;
	fake_host_work();
}

void fake_host_init(u32 max_ports)
{
	static const char *const names[] = {
		"airlock.stdin", "airlock.stdout", "airlock.stderr", "airlock.control"};

	fake_host_free();
	memset(&fake_host, 0, sizeof(fake_host));
	fake_virtio_init(&fake_host.device,
		1UL << VIRTIO_F_VERSION_1 | 1UL << VIRTIO_CONSOLE_F_MULTIPORT |
			1UL << VIRTIO_CONSOLE_F_SIZE,
		128);
	fake_host.device.config[1] = max_ports;
	fake_host.device.on_notify = on_notify;
	fake_host.synchronous = true;
	for (u32 i = 0; i < 4; i++) {
		fake_host.port[i + 1].name = names[i];
		fake_host.port[i + 1].connected = true;
	}
}

void fake_host_free(void)
{
	for (u32 i = 0; i < FAKE_PORTS; i++) {
		free(fake_host.port[i].output);
		fake_host.port[i].output = NULL;
	}
}

bool fake_host_control(u32 id, u16 event, u16 value, const char *name)
{
	struct virtio_console_control head = {.id = id, .event = event, .value = value};
	size_t length = sizeof(head) + (name ? strlen(name) + 1 : 0);
	struct fake_buffer b;

	if (!fake_pop(&fake_host.device, CONTROL_RX, &b))
		return false;
	CHECK(b.writable);
	if (length > b.length)
		length = b.length;
	memcpy(b.data, &head, sizeof(head));
	if (name)
		memcpy((char *)b.data + sizeof(head), name, length - sizeof(head));
	fake_push(&fake_host.device, CONTROL_RX, b.id, (u32)length);
	return true;
}

static void announce_ports(void)
{
	for (u32 i = 0; i < FAKE_PORTS; i++)
		if (fake_host.port[i].name)
			CHECK(fake_host_control(i, VIRTIO_CONSOLE_PORT_ADD, 1, NULL));
}

static void answer(const struct virtio_console_control *m)
{
	if (m->event == VIRTIO_CONSOLE_DEVICE_READY) {
		CHECK(m->value == 1);
		fake_host.ready++;
		if (!fake_host.mute)
			announce_ports();
		return;
	}
	CHECK(m->id < FAKE_PORTS && fake_host.port[m->id].name);
	struct fake_port *p = &fake_host.port[m->id];
	switch (m->event) {
	case VIRTIO_CONSOLE_PORT_READY:
		p->guest_ready = m->value;
		p->refused = !m->value;
		if (p->refused)
			break;
		CHECK(fake_host_control(m->id, VIRTIO_CONSOLE_PORT_NAME, 1, p->name));
		if (p->connected)
			CHECK(fake_host_control(m->id, VIRTIO_CONSOLE_PORT_OPEN, 1, NULL));
		break;
	case VIRTIO_CONSOLE_PORT_OPEN:
		CHECK(p->guest_ready);
		p->guest_open = m->value;
		break;
	default:
		panic("a guest does not send control message %u", m->event);
	}
}

static bool take_output(u32 id)
{
	struct fake_port *p = &fake_host.port[id];
	struct fake_buffer b;

	if (p->stuck || !fake_pop(&fake_host.device, fake_rx_queue(id) + 1, &b))
		return false;
	CHECK(!b.writable);
	if (p->output == NULL)
		p->output = malloc(FAKE_OUTPUT);
	CHECK(p->output_length + b.length <= FAKE_OUTPUT);
	memcpy(p->output + p->output_length, b.data, b.length);
	p->output_length += b.length;
	fake_push(&fake_host.device, fake_rx_queue(id) + 1, b.id, 0);
	return true;
}

bool fake_host_work(void)
{
	bool worked = false, again;
	struct fake_buffer b;

	do {
		again = false;
		while (fake_pop(&fake_host.device, CONTROL_TX, &b)) {
			struct virtio_console_control m;
			CHECK(!b.writable && b.length == sizeof(m));
			memcpy(&m, b.data, sizeof(m));
			fake_push(&fake_host.device, CONTROL_TX, b.id, 0);
			answer(&m);
			again = true;
		}
		for (u32 i = 0; i < FAKE_PORTS; i++)
			if (fake_host.port[i].name)
				again |= take_output(i);
		worked |= again;
	} while (again);
	return worked;
}

u32 fake_host_input(u32 id, const void *from, u32 n)
{
	struct fake_buffer b;
	u32 done = 0;

	while (done < n && fake_host.port[id].guest_open &&
		fake_pop(&fake_host.device, fake_rx_queue(id), &b)) {
		u32 piece = MIN(n - done, b.length);
		CHECK(b.writable);
		memcpy(b.data, (const char *)from + done, piece);
		fake_push(&fake_host.device, fake_rx_queue(id), b.id, piece);
		done += piece;
	}
	return done;
}

void fake_host_interrupt(void)
{
	fake_interrupt(&fake_host.device);
}

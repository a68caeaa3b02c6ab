/*
 * The console against the real device, with several threads at once on every CPU.
 *
 * Seen to fail: port_tx.c with the bit of a claimed buffer left set (two threads fill one buffer: the
 * command cannot read the line); event.c sending a line in two writes (lines mix, likewise).
 */
#include "dev/console.h"

#include <asm/poll.h>

#include "dev/console_device.h"
#include "init/guest_test.h"
#include "lib/string.h"
#include "sched/tests/crew.h"

#define EVENTS_EACH 400
/* By a serial line 400 of each take two and a half minutes. */
#define EVENTS_EACH_SERIAL 20

/* Unknown to the command, which ignores it, but must be able to read the line as JSON. */
static void send_events(struct crew_member *m)
{
	char pad[900];
	u32 each = console_port(CONSOLE_CONTROL) ? EVENTS_EACH : EVENTS_EACH_SERIAL;

	memset(pad, 'a' + (int)m->index, sizeof(pad));
	for (u32 i = 0; i < each; i++) {
		int length = (int)crew_random(m, sizeof(pad));
		console_event("{\"event\":\"noise\",\"thread\":%u,\"number\":%u,\"pad\":\"%.*s\"}",
			m->index, i, length, pad);
		if (i % 16 == 0)
			crew_make_way();
	}
}

static struct crew writers;

GUEST_TEST(console_lines_of_many_threads_stay_whole)
{
	EXPECT(crew_run(&writers, 8, send_events));
	console_drain();
}

static void send_and_drain(struct crew_member *m)
{
	for (u32 i = 0; i < 100; i++) {
		console_event("{\"event\":\"noise\",\"thread\":%u}", m->index);
		console_drain();
	}
}

GUEST_TEST(console_drain_waits_for_the_device)
{
	struct port *p = console_port(CONSOLE_CONTROL);

	EXPECT(crew_run(&writers, 4, send_and_drain));
	console_drain();
	if (p == NULL)
		return;
	u64 flags = spin_lock_irqsave(&p->lock);
	EXPECT(virtq_outstanding(&p->tx) == 0);
	spin_unlock_irqrestore(&p->lock, flags);
}

/* Nothing is typed while the tests run, so a reader that may not wait is told so, and finds poll of
 * the same opinion; and that it could write. */
GUEST_TEST(console_without_waiting)
{
	struct port *in = console_port(CONSOLE_STDIN);
	struct port *out = console_port(CONSOLE_STDOUT);
	struct iobuf to;
	char byte;

	iobuf_init_kernel(&to, &byte, 1);
	ssize_t n = port_read(in, &to, PORT_NO_WAIT);
	EXPECT(n == -EAGAIN || n == 0);
	EXPECT((port_poll_input(in) & POLLHUP) != 0 || n == -EAGAIN);
	EXPECT(port_poll_output(out) & POLLOUT);
}

/*
 * The thread that sends the recorder's rings to the host, and the door for others to help (trace/stream.h).
 *
 * The lock makes one thread at a time read the rings and use the buffer. It is held while the port waits for the host, which
 * is how a slow host slows the program down. It ranks innermost of the sleeping locks, because a page fault in a user copy may
 * end up here whatever the caller holds; nothing that runs under it takes another. The thread wakes by time alone: no event
 * is waited for, so none can be missed.
 */
#include "dev/tracer.h"

#include "arch/clock.h"
#include "arch/cpu.h"
#include "dev/console_device.h"
#include "lib/assert.h"
#include "lib/errno.h"
#include "mm/slab.h"
#include "sched/mutex.h"
#include "sched/wait.h"
#include "trace/stream.h"

#define LOG_SUBSYSTEM "tracer"
#include "trace/log.h"

#define PERIOD_NS (10 * NS_PER_MS)
#define BATCH_RECORDS 510

/* What goes out in one piece, under the lock. */
struct outgoing {
	struct trace_batch head;
	struct trace_record record[BATCH_RECORDS];
};

static struct mutex lock;
static struct outgoing *out;
static struct port *port;

/* False: the host takes no more. */
static bool send(void)
{
	size_t size = sizeof(out->head) + out->head.count * sizeof(out->record[0]);
	struct iobuf from;

	iobuf_init_kernel(&from, (char *)out, size);
	return port_write(port, &from, PORT_WAIT) == (ssize_t)size;
}

static void drain_ring(u32 cpu, bool nmi)
{
	/* No further than what was there at the beginning, or sending would feed itself. */
	u64 end = trace_ring_count(cpu, nmi);

	while (trace_stream_take(cpu, nmi, &out->head, out->record, BATCH_RECORDS)) {
		if (!send() || out->head.first + out->head.count >= end)
			return;
	}
}

void tracer_drain(void)
{
	struct trace_batch mark;

	if (!port)
		return;
	mutex_lock(&lock);
	trace_stream_mark(&mark);
	for (u32 i = 0; i < 2 * cpu_count(); i++)
		drain_ring(i / 2, i % 2);
	out->head = mark;
	(void)send();
	mutex_unlock(&lock);
}

static void tracer_main(void *arg)
{
	for (;;) {
		int err = sleep_until(clock_now_ns() + PERIOD_NS);

		ASSERT(!err);
		tracer_drain();
	}
}

int tracer_start(void)
{
	struct thread *t;

	if (!console_port(CONSOLE_TRACE))
		return -ENODEV;
	mutex_init(&lock, RANK_TRACE);
	out = kmalloc(sizeof(*out));
	t = out ? thread_create_kernel("tracer", tracer_main, NULL) : NULL;
	if (!t) {
		kfree(out);
		return -ENOMEM;
	}
	port = console_port(CONSOLE_TRACE);
	trace_stream_start(tracer_drain);
	thread_start(t);
	thread_put(t);
	return 0;
}

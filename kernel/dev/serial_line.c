/*
 * Writing to a 16550 UART from threads.
 *
 * The port's transmitter is empty every 1.4 ms (sixteen bytes at 115200 baud), and a thread that has more to write looks
 * again after that time. Interrupts would need the two ISA lines that four ports share, and be no more than these looks: one
 * per sixteen bytes.
 *
 * One thread at a time has the port (busy). Why no wakeup is lost: who gives the port back stores busy and then wakes
 * `free`, where wait_event() has queued the others before they tried (sched/wait.h). `pause` has no waker; its deadline
 * ends the wait.
 *
 * A port whose other end takes nothing (flow control) holds its writers for ever, as a stopped terminal does; programs can be
 * killed there.
 */
#include "dev/serial_line.h"

#include "arch/clock.h"
#include "arch/io.h"
#include "lib/assert.h"
#include "lib/errno.h"

#define REG_DATA 0
#define REG_INTERRUPTS 1
#define REG_FIFO 2 /* written; read, it is the next */
#define REG_IDENTITY 2
#define REG_LINE 3
#define REG_MODEM 4
#define REG_STATUS 5

#define LINE_8N1 0x03
#define LINE_DIVISOR 0x80
#define FIFO_ON_CLEARED 0x07
#define IDENTITY_FIFO 0xc0
#define MODEM_DTR_RTS 0x03
#define STATUS_EMPTY 0x20
#define STATUS_ALL_SENT 0x40

#define FIFO_SIZE 16
#define BURST_NS (1400 * NS_PER_US)

int serial_line_init(struct serial_line *l, u16 base)
{
	*l = (struct serial_line){.base = base};
	waitq_init(&l->free);
	waitq_init(&l->pause);
	/* Nothing there reads as all ones. */
	if (io_in8(base + REG_STATUS) == 0xff)
		return -ENODEV;
	io_out8(base + REG_INTERRUPTS, 0);
	io_out8(base + REG_LINE, LINE_DIVISOR | LINE_8N1);
	io_out8(base + REG_DATA, 1);
	io_out8(base + REG_INTERRUPTS, 0);
	io_out8(base + REG_LINE, LINE_8N1);
	io_out8(base + REG_FIFO, FIFO_ON_CLEARED);
	io_out8(base + REG_MODEM, MODEM_DTR_RTS);
	/* Both bits: an 8250 has none, an early 16550 has one and a FIFO that does not work. */
	bool fifo = (io_in8(base + REG_IDENTITY) & IDENTITY_FIFO) == IDENTITY_FIFO;
	l->burst = fifo ? FIFO_SIZE : 1;
	return 0;
}

static bool status_has(const struct serial_line *l, u8 bits)
{
	return (io_in8(l->base + REG_STATUS) & bits) == bits;
}

/* Waits for bits of the status: 0, -EAGAIN, -EINTR. */
static int wait_status(struct serial_line *l, u8 bits, enum port_wait wait)
{
	while (!status_has(l, bits)) {
		if (wait == PORT_NO_WAIT)
			return -EAGAIN;
		int err = wait_event(&l->pause, status_has(l, bits),
			wait == PORT_WAIT ? THREAD_SLEEPING : THREAD_SLEEPING_INTERRUPTIBLE,
			clock_now_ns() + BURST_NS);
		if (err && err != -ETIME)
			return err;
	}
	return 0;
}

static bool take(struct serial_line *l)
{
	return atomic32_exchange(&l->busy, 1) == 0;
}

static int acquire(struct serial_line *l, enum port_wait wait)
{
	if (take(l))
		return 0;
	if (wait == PORT_NO_WAIT)
		return -EAGAIN;
	return wait_event(&l->free, take(l),
		wait == PORT_WAIT ? THREAD_SLEEPING : THREAD_SLEEPING_INTERRUPTIBLE, WAIT_FOREVER);
}

static void release(struct serial_line *l)
{
	atomic32_store(&l->busy, 0);
	waitq_wake_all(&l->free);
}

/* One load of the transmitter: bytes, or -errno. */
static ssize_t write_burst(struct serial_line *l, struct iobuf *from, enum port_wait wait)
{
	u8 bytes[FIFO_SIZE];

	int err = wait_status(l, STATUS_EMPTY, wait);
	if (err)
		return err;
	ssize_t n = iobuf_take(from, bytes, MIN(from->left, (size_t)l->burst));
	for (ssize_t i = 0; i < n; i++)
		io_out8(l->base + REG_DATA, bytes[i]);
	return n;
}

ssize_t serial_line_write(struct serial_line *l, struct iobuf *from, enum port_wait wait)
{
	ssize_t n, done = 0;

	n = acquire(l, wait);
	if (n)
		return n;
	while (from->left > 0) {
		n = write_burst(l, from, wait);
		if (n <= 0)
			break;
		done += n;
	}
	release(l);
	return done ? done : n;
}

void serial_line_drain(struct serial_line *l)
{
	int err = acquire(l, PORT_WAIT);

	if (!err)
		err = wait_status(l, STATUS_ALL_SENT, PORT_WAIT);
	/* Neither signals nor a deadline end these waits. */
	CHECK(err == 0);
	release(l);
}

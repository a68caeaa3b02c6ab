/*
 * A 16550 UART at I/O port 0x3f8: the PC's COM1, which every virtual machine monitor here has, too.
 *
 * A port that isn't there reads as all ones. One that is there but does not become ready (flow
 * control, a reader on the host that is not reading) is waited for about a second and then called
 * stuck: from there on a byte is only written if it can be at once, so that the machine goes on
 * without its log, and goes on with it if the reader does (trace/log.c keeps what was not taken). The bytes are written one at a time, each
 * after a look at the line status: not every model of the device has the FIFO it claims.
 *
 * The scratch register does nothing. The host writes it from outside to say what the NMI is about that it sends next.
 */
#include "arch/serial.h"

#include "arch/io.h"
#include "arch/irqflags.h"
#include "lib/compiler.h"

#define PORT 0x3f8
#define REG_DATA (PORT + 0)
#define REG_INTERRUPTS (PORT + 1)
#define REG_FIFO (PORT + 2)
#define REG_LINE (PORT + 3)
#define REG_MODEM (PORT + 4)
#define REG_STATUS (PORT + 5)
#define REG_SCRATCH (PORT + 7)

#define LINE_8N1 0x03
#define LINE_DIVISOR 0x80
#define FIFO_ON_CLEARED 0x07
#define MODEM_DTR_RTS 0x03
#define STATUS_CAN_SEND 0x20
#define STATUS_ALL_SENT 0x40
/* docs/host-protocol.md: what an NMI is about. */
#define SCRATCH_REPORT 0x52

/* A port read takes about a microsecond on real machines, and never less than some tens of
 * nanoseconds. */
#define POLLS_MAX 1000000

/* Constant after serial_init(). */
static bool present;
/* Not locked: who misses a change only polls longer, or once more. */
static bool stuck;

void serial_init(void)
{
	present = io_in8(REG_STATUS) != 0xff;
	if (!present)
		return;
	io_out8(REG_SCRATCH, 0);
	io_out8(REG_INTERRUPTS, 0);
	io_out8(REG_LINE, LINE_DIVISOR | LINE_8N1);
	io_out8(REG_DATA, 1);
	io_out8(REG_INTERRUPTS, 0);
	io_out8(REG_LINE, LINE_8N1);
	io_out8(REG_FIFO, FIFO_ON_CLEARED);
	io_out8(REG_MODEM, MODEM_DTR_RTS);
}

/* Waits until all bits of the line status are set; false if they don't come. */
static bool wait_for(u8 status)
{
	u32 polls = READ_ONCE(stuck) ? POLLS_MAX - 1 : 0;

	while ((io_in8(REG_STATUS) & status) != status) {
		if (++polls >= POLLS_MAX) {
			WRITE_ONCE(stuck, true);
			return false;
		}
		cpu_relax();
	}
	if (READ_ONCE(stuck))
		WRITE_ONCE(stuck, false);
	return true;
}

static bool put(u8 byte)
{
	if (!wait_for(STATUS_CAN_SEND))
		return false;
	io_out8(REG_DATA, byte);
	return true;
}

size_t serial_write(const char *bytes, size_t n)
{
	for (size_t i = 0; i < n && present; i++) {
		if (bytes[i] == '\n' && !put('\r'))
			return i;
		if (!put((u8)bytes[i]))
			return i;
	}
	return n;
}

bool serial_drain(void)
{
	return !present || wait_for(STATUS_ALL_SENT);
}

bool serial_host_asks(void)
{
	return present && io_in8(REG_SCRATCH) == SCRATCH_REPORT;
}

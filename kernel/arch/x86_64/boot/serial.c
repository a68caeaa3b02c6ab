/*
 * A 16550 UART at I/O port 0x3f8: the PC's COM1, which every virtual machine monitor here has, too.
 *
 * A port that isn't there reads as all ones. One that is there but never becomes ready (a stuck
 * flow control) is given up after about a second, so that the machine goes on without its log. The
 * bytes are written one at a time, each after a look at the line status: not every model of the
 * device has the FIFO it claims.
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

#define LINE_8N1 0x03
#define LINE_DIVISOR 0x80
#define FIFO_ON_CLEARED 0x07
#define MODEM_DTR_RTS 0x03
#define STATUS_CAN_SEND 0x20

/* A port read takes about a microsecond on real machines, and never less than some tens of
 * nanoseconds. */
#define POLLS_MAX 1000000

/* Not locked: goes from true to false once, and a writer that misses that only polls once more. */
static bool present;

void serial_init(void)
{
	present = io_in8(REG_STATUS) != 0xff;
	if (!present)
		return;
	io_out8(REG_INTERRUPTS, 0);
	io_out8(REG_LINE, LINE_DIVISOR | LINE_8N1);
	io_out8(REG_DATA, 1);
	io_out8(REG_INTERRUPTS, 0);
	io_out8(REG_LINE, LINE_8N1);
	io_out8(REG_FIFO, FIFO_ON_CLEARED);
	io_out8(REG_MODEM, MODEM_DTR_RTS);
}

static void put(u8 byte)
{
	u32 polls = 0;
	while (!(io_in8(REG_STATUS) & STATUS_CAN_SEND)) {
		if (++polls == POLLS_MAX) {
			WRITE_ONCE(present, false);
			return;
		}
		cpu_relax();
	}
	io_out8(REG_DATA, byte);
}

void serial_write(const char *bytes, size_t n)
{
	for (size_t i = 0; i < n && READ_ONCE(present); i++) {
		if (bytes[i] == '\n')
			put('\r');
		put((u8)bytes[i]);
	}
}

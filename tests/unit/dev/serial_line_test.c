/*
 * A serial line as a port's output, against a UART that is played here: what arrives, in which bursts, who waits.
 *
 * Seen to fail: a burst without a look at the status (bytes overrun); release() that does not store busy (the second writer
 * is asleep for ever); wait_status() that takes -ETIME for an error.
 */
// sources: kernel/proc/file.c kernel/lib/format.c kernel/lib/text.c tests/unit/dev/fake_wait.c
#include "unit.h"

#include <string.h>

/* The UART instead of the machine's I/O ports. */
#define ARCH_IO_H
#include "lib/types.h"

static u8 io_in8(u16 port);
static void io_out8(u16 port, u8 v);

#include "dev/serial_line.c"

#include "dev/fake_wait.h"
#include "fake_clock.h"

static struct {
	bool present, fifo, divisor_latch, stuck;
	u32 held;	 /* bytes in the transmitter */
	u64 empty_at_ns; /* when it has sent them */
	u32 longest_burst;
	char sent[4096];
	u32 length;
} uart;

static u8 io_in8(u16 port)
{
	assert_in_range(port, 0x2f8, 0x2ff);
	if (!uart.present)
		return 0xff;
	if (port == 0x2f8 + REG_IDENTITY)
		return uart.fifo ? 0xc1 : 0x01;
	assert_int_equal(port, 0x2f8 + REG_STATUS);
	if (!uart.stuck && fake_now_ns >= uart.empty_at_ns)
		uart.held = 0;
	return uart.held ? 0 : STATUS_EMPTY | STATUS_ALL_SENT;
}

static void io_out8(u16 port, u8 v)
{
	if (port == 0x2f8 + REG_LINE)
		uart.divisor_latch = v & LINE_DIVISOR;
	if (port != 0x2f8 + REG_DATA || uart.divisor_latch)
		return;
	/* No byte may be written over one that was not sent. */
	assert_true(uart.held < (uart.fifo ? FIFO_SIZE : 1));
	uart.held++;
	uart.longest_burst = MAX(uart.longest_burst, uart.held);
	uart.empty_at_ns = fake_now_ns + uart.held * 86805;
	uart.sent[uart.length++] = (char)v;
}

static struct serial_line line;
static struct iobuf from;

static int fresh(void **state)
{
	memset(&uart, 0, sizeof(uart));
	uart.present = uart.fifo = true;
	fake_world = NULL;
	fake_signal = false;
	fake_sleeps = 0;
	assert_int_equal(serial_line_init(&line, 0x2f8), 0);
	return 0;
}

static ssize_t write_text(const char *text, enum port_wait wait)
{
	iobuf_init_kernel(&from, (void *)text, strlen(text));
	return serial_line_write(&line, &from, wait);
}

static const char text[] = "forty-one bytes that need three loads ...";

static void all_bytes_in_bursts(void **state)
{
	assert_int_equal(write_text(text, PORT_WAIT), 41);
	assert_string_equal(uart.sent, text);
	assert_int_equal(uart.longest_burst, 16);
	assert_int_equal(fake_sleeps, 2);
	serial_line_drain(&line);
	assert_int_equal(fake_sleeps, 3);
	assert_int_equal(uart.held, 0);
}

static void without_a_fifo(void **state)
{
	uart.fifo = false;
	assert_int_equal(serial_line_init(&line, 0x2f8), 0);
	assert_int_equal(write_text(text, PORT_WAIT), 41);
	assert_string_equal(uart.sent, text);
	assert_int_equal(uart.longest_burst, 1);
}

static void not_there(void **state)
{
	uart.present = false;
	assert_int_equal(serial_line_init(&line, 0x2f8), -ENODEV);
}

static void without_waiting(void **state)
{
	assert_int_equal(write_text(text, PORT_NO_WAIT), 16);
	assert_int_equal(write_text(text, PORT_NO_WAIT), -EAGAIN);
	assert_int_equal(fake_sleeps, 0);
	assert_int_equal(uart.length, 16);
}

static void a_stuck_line_can_be_left(void **state)
{
	uart.stuck = true;
	assert_int_equal(write_text("sixteen and more bytes", PORT_NO_WAIT), 16);
	fake_signal = true;
	assert_int_equal(write_text("x", PORT_WAIT_INTERRUPTIBLE), -EINTR);
	/* It was given back. */
	assert_int_equal(atomic32_load(&line.busy), 0);
}

static bool give_back(void)
{
	if (!atomic32_load(&line.busy))
		return false;
	release(&line);
	return true;
}

/* Another thread is in the middle of its bytes. */
static void one_writer_at_a_time(void **state)
{
	assert_true(take(&line));
	assert_int_equal(write_text("x", PORT_NO_WAIT), -EAGAIN);
	fake_world = give_back;
	assert_int_equal(write_text("x", PORT_WAIT), 1);
	assert_int_equal(uart.length, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(all_bytes_in_bursts, fresh),
		cmocka_unit_test_setup(without_a_fifo, fresh),
		cmocka_unit_test_setup(not_there, fresh),
		cmocka_unit_test_setup(without_waiting, fresh),
		cmocka_unit_test_setup(a_stuck_line_can_be_left, fresh),
		cmocka_unit_test_setup(one_writer_at_a_time, fresh),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

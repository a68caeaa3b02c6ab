/*
 * Ending the machine: every way there is, best first, since none tells whether it exists.
 *
 * The debug-exit port alone carries a status. On a real machine nothing listens at 0xf4 and the
 * write does nothing. Each of the others ends the machine within microseconds if it works, so a
 * short pause is enough before the next is tried.
 */
#include "arch/power.h"

#include "arch/io.h"
#include "arch/irqflags.h"
#include "arch/serial.h"
#include "irq/acpi.h"
#include "sanitize/cov.h"

#define DEBUG_EXIT 0xf4
#define KEYBOARD_STATUS 0x64
#define KEYBOARD_BUSY 0x02
#define KEYBOARD_RESET 0xfe
#define POLLS_MAX 10000

static void pause(void)
{
	for (u32 i = 0; i < POLLS_MAX; i++)
		io_in8(0x80);
}

static void keyboard_reset(void)
{
	for (u32 i = 0; i < POLLS_MAX && (io_in8(KEYBOARD_STATUS) & KEYBOARD_BUSY); i++)
		cpu_relax();
	io_out8(KEYBOARD_STATUS, KEYBOARD_RESET);
}

/* With no IDT the first exception can't be delivered, nor can the one that follows from that. */
static NORETURN void triple_fault(void)
{
	static const struct PACKED {
		u16 limit;
		u64 base;
	} nothing;
	__asm__ volatile("lidt %0; int3" ::"m"(nothing));
	for (;;)
		__asm__ volatile("hlt");
}

void power_off(enum power_status status)
{
	irq_disable();
	serial_drain();
	cov_dump();
	io_out8(DEBUG_EXIT, (u8)status);
	acpi_power_off();
	pause();
	keyboard_reset();
	pause();
	triple_fault();
}

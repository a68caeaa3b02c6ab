/*
 * Reference counters: see reference.h.
 *
 * The PIT's counter 0 is used, in mode 0: its gate is always open, it counts down through all 65536
 * values for ever without interrupting again, and stops whatever periodic interrupt the firmware
 * had left on. Its interrupt is masked, and nobody else uses it: this CPU's ticks come from the
 * local APIC.
 */
#include "time/reference.h"

#include "arch/io.h"
#include "irq/acpi.h"
#include "time/tsc.h"

#define PIT_COUNTER0 0x40
#define PIT_CONTROL 0x43
#define PIT_MODE0_COUNTER0 0x30
#define PIT_LATCH_COUNTER0 0x00
#define PIT_LATCH_STATUS0 0xe2
#define PIT_STATUS_OUT 0x80

/* A step is due within 838 ns; a port read never takes less than some nanoseconds. */
#define STEP_POLLS_MAX 2000
#define SAMPLES 3

void reference_start_pit(void)
{
	io_out8(PIT_CONTROL, PIT_MODE0_COUNTER0);
	io_out8(PIT_COUNTER0, 0);
	io_out8(PIT_COUNTER0, 0);
}

static u32 pit_read(void)
{
	io_out8(PIT_CONTROL, PIT_LATCH_COUNTER0);
	u32 low = io_in8(PIT_COUNTER0);
	u32 high = io_in8(PIT_COUNTER0);
	return -(high << 8 | low) & 0xffff;
}

bool reference_pit_wrapped(void)
{
	io_out8(PIT_CONTROL, PIT_LATCH_STATUS0);
	return io_in8(PIT_COUNTER0) & PIT_STATUS_OUT;
}

static u32 pm_timer_read(void)
{
	return io_in32(acpi_pm_timer_port()) & 0xffffff;
}

bool reference_has_pm_timer(void)
{
	return acpi_pm_timer_port() != 0;
}

const struct reference reference_pit = {"PIT", 1193182, 16, pit_read};
const struct reference reference_pm_timer = {"ACPI timer", 3579545, 24, pm_timer_read};

static struct reference_sample sample_now(const struct reference *r)
{
	struct reference_sample s;
	s.tsc_before = tsc_read();
	s.count = r->read();
	s.tsc_after = tsc_read();
	return s;
}

static bool sample_step(const struct reference *r, struct reference_sample *out)
{
	struct reference_sample last = sample_now(r);
	for (u32 i = 0; i < STEP_POLLS_MAX; i++) {
		*out = sample_now(r);
		if (out->count != last.count) {
			/* The step came after the last look at the old value began. */
			out->tsc_before = last.tsc_before;
			return true;
		}
		last = *out;
	}
	return false;
}

bool reference_sample(const struct reference *r, struct reference_sample *out)
{
	if (!sample_step(r, out))
		return false;
	for (u32 i = 1; i < SAMPLES; i++) {
		struct reference_sample s;
		if (!sample_step(r, &s))
			return false;
		if (s.tsc_after - s.tsc_before < out->tsc_after - out->tsc_before)
			*out = s;
	}
	return true;
}

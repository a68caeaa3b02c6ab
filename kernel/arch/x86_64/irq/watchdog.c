/*
 * The IB700: a write to its port (re)starts it with 30 - 2n seconds, n in the low four bits. An NMI does not say who sent it, so
 * the clock is asked: an NMI that somebody else sent is none of ours.
 */
#include "arch/watchdog.h"

#include "arch/clock.h"
#include "arch/io.h"
#include "lib/compiler.h"

#define IB700_ENABLE 0x443
#define IB700_SECONDS_MAX 30

/* Time stamp until when the device keeps still, less a little; 0: never started. Written by any CPU and read by NMI handlers,
 * without a lock: of two that put it off at once either value will do. */
static u64 quiet_until;

void watchdog_device_put_off(u32 seconds)
{
	u32 used = MIN(ALIGN_UP(seconds, 2U), (u32)IB700_SECONDS_MAX);

	/* First, so that the NMI of a device that has just been put off finds it so. */
	WRITE_ONCE(quiet_until, clock_cycles() + (u64)used * clock_tsc_khz() * 900);
	io_out8(IB700_ENABLE, (u8)((IB700_SECONDS_MAX - used) / 2));
}

bool watchdog_device_expired(void)
{
	u64 until = READ_ONCE(quiet_until);

	return until && (s64)(clock_cycles() - until) > 0;
}

/* The host's clock: stands still unless the test moves it. */
#include "arch/clock.h"

#include "fake_clock.h"

u64 fake_now_ns;
u64 fake_armed_ns = UINT64_MAX;

u64 clock_now_ns(void)
{
	return fake_now_ns;
}

u64 clock_boot_realtime_ns(void)
{
	return 1700000000UL * NS_PER_SEC;
}

u64 clock_cycles(void)
{
	return fake_now_ns;
}

u64 clock_tsc_khz(void)
{
	return 1000000;
}

void clock_arm(u64 deadline_ns)
{
	fake_armed_ns = deadline_ns;
}

/* The battery-backed clock of the PC (CMOS). */
#ifndef TIME_RTC_H
#define TIME_RTC_H

#include "lib/types.h"

/* Registers 0 to 9 and B as the clock holds them: index is the register. */
struct rtc_registers {
	u8 second, minute, hour, day, month, year, status_b;
};

/* Seconds since 1970 UTC; 0 if the registers make no sense (no clock there). Pure. */
u64 rtc_decode(const struct rtc_registers *r);

/* Reads it: right to a second, or 0. At most some milliseconds, and that only if it is just being
 * updated. */
u64 rtc_read_seconds(void);

#endif

/*
 * The battery-backed clock.
 *
 * The clock is taken to run on UTC, as virtual machines' do by default. While it counts on (for
 * less than two milliseconds a second) its registers can't be used and it says so; but that may
 * begin in the middle of a reading, so two equal readings are needed.
 */
#include "time/rtc.h"

#include "arch/io.h"
#include "arch/irqflags.h"

#define CMOS_INDEX 0x70
#define CMOS_DATA 0x71
/* Keeps NMIs enabled: the index register's bit 7 masks them. */
#define REG_SECOND 0x00
#define REG_MINUTE 0x02
#define REG_HOUR 0x04
#define REG_DAY 0x07
#define REG_MONTH 0x08
#define REG_YEAR 0x09
#define REG_STATUS_A 0x0a
#define REG_STATUS_B 0x0b

#define STATUS_A_UPDATING 0x80
#define STATUS_B_24_HOURS 0x02
#define STATUS_B_BINARY 0x04
#define HOUR_PM 0x80

#define POLLS_MAX 10000

static u8 cmos_read(u8 reg)
{
	io_out8(CMOS_INDEX, reg);
	return io_in8(CMOS_DATA);
}

static u32 number(u8 v, bool binary)
{
	return binary ? v : (v >> 4) * 10U + (v & 15);
}

/* Days from 1970-01-01 to the given date of the Gregorian calendar. March counts as the first
 * month, so that the day that leap years add is a year's last. */
static u64 days_from_date(u32 year, u32 month, u32 day)
{
	u32 y = month <= 2 ? year - 1 : year;
	u32 m = month <= 2 ? month + 9 : month - 3;
	u64 days = 365UL * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1;
	/* The same for 1970-01-01. */
	return days - 719468;
}

u64 rtc_decode(const struct rtc_registers *r)
{
	bool binary = r->status_b & STATUS_B_BINARY;
	u32 hour = number(r->hour & ~HOUR_PM, binary);
	if (!(r->status_b & STATUS_B_24_HOURS))
		hour = hour % 12 + (r->hour & HOUR_PM ? 12 : 0);
	u32 second = number(r->second, binary), minute = number(r->minute, binary);
	u32 day = number(r->day, binary), month = number(r->month, binary);
	u32 year = 2000 + number(r->year, binary);
	if (second > 59 || minute > 59 || hour > 23 || day < 1 || day > 31 || month < 1 ||
		month > 12 || year > 2099)
		return 0;
	return ((days_from_date(year, month, day) * 24 + hour) * 60 + minute) * 60 + second;
}

static struct rtc_registers read_once(void)
{
	return (struct rtc_registers){
		.second = cmos_read(REG_SECOND),
		.minute = cmos_read(REG_MINUTE),
		.hour = cmos_read(REG_HOUR),
		.day = cmos_read(REG_DAY),
		.month = cmos_read(REG_MONTH),
		.year = cmos_read(REG_YEAR),
		.status_b = cmos_read(REG_STATUS_B),
	};
}

u64 rtc_read_seconds(void)
{
	u32 polls = 0;
	while (cmos_read(REG_STATUS_A) & STATUS_A_UPDATING) {
		/* Nothing there reads as all ones: always updating. */
		if (++polls == POLLS_MAX)
			return 0;
		cpu_relax();
	}
	u64 last = rtc_decode((struct rtc_registers[]){read_once()});
	for (u32 tries = 0; tries < 3; tries++) {
		u64 again = rtc_decode((struct rtc_registers[]){read_once()});
		if (again == last)
			return again;
		last = again;
	}
	return 0;
}

/*
 * This CPU's timer interrupt.
 *
 * By deadline: the interrupt comes when the TSC reaches a value. By counting: a counter runs down
 * once, at a rate that is measured against the TSC while the boot CPU does other start-up work.
 * That is not exact, and a long wait would add up its error; so a wait that could come out late by
 * more than 20 us is made shorter by the possible error, and the rest is waited for after that (the
 * interrupt may come early: arch/clock.h).
 *
 * Locking: what is written after start-up is this CPU's APIC, with IF=0.
 */
#define LOG_SUBSYSTEM "time"
#include "time/event.h"

#include "arch/clock.h"
#include "arch/features.h"
#include "arch/msr.h"
#include "arch/vectors.h"
#include "irq/lapic.h"
#include "lib/assert.h"
#include "lib/compiler.h"
#include "time/tsc.h"
#include "trace/log.h"

#define DIVIDE_BY_1 0xb
#define DIVIDE_BY_16 0x3
#define SLACK_NS (20 * NS_PER_US)
/* Longest single wait, so that no product overflows: twelve days. */
#define LONGEST_NS BIT(50)
/* Above this the counter, which has 32 bits, is slowed down. */
#define FAST_KHZ 200000
/* Shortest time to measure over. */
#define MEASURE_NS (20 * NS_PER_US)

RO_AFTER_INIT static u64 counter_khz;
RO_AFTER_INIT static u32 counter_divide;
/* The measured rate is right to 1 in so many. */
RO_AFTER_INIT static u64 counter_precision;

static INIT_DATA u64 start_before, start_after;

INIT_TEXT void event_start_calibration(void)
{
	if (cpu_features.tsc_deadline)
		return;
	lapic_write(LAPIC_TIMER_DIVIDE, DIVIDE_BY_1);
	start_before = tsc_read();
	lapic_write(LAPIC_TIMER_INITIAL, UINT32_MAX);
	start_after = tsc_read();
}

INIT_TEXT void event_init(void)
{
	if (cpu_features.tsc_deadline)
		return;
	u64 khz = clock_tsc_khz();
	u64 before, after, count;
	do {
		before = tsc_read();
		count = UINT32_MAX - lapic_read(LAPIC_TIMER_CURRENT);
		after = tsc_read();
	} while (mul_div(before - start_before, 1000000, khz) < MEASURE_NS);
	lapic_write(LAPIC_TIMER_INITIAL, 0);
	/* From the middle of one access to the middle of the other; half of both is the error. */
	u64 access = (start_after - start_before + after - before) / 2;
	u64 cycles = (before + after - start_before - start_after) / 2;
	counter_khz = mul_div(count, khz, cycles);
	counter_precision = cycles / (access + 1) + 1;
	counter_divide = DIVIDE_BY_1;
	if (counter_khz >= FAST_KHZ) {
		counter_khz /= 16;
		counter_divide = DIVIDE_BY_16;
	}
	if (counter_khz == 0)
		panic("the local APIC's timer does not count");
}

void event_init_cpu(void)
{
	if (cpu_features.tsc_deadline) {
		lapic_write(LAPIC_LVT_TIMER, LVT_TIMER_DEADLINE | VECTOR_TIMER);
		/* The mode is a store to device memory, a deadline a WRMSR, which could overtake it
		 * and be lost. */
		__asm__ volatile("mfence" ::: "memory");
		return;
	}
	lapic_write(LAPIC_TIMER_DIVIDE, counter_divide);
	lapic_write(LAPIC_LVT_TIMER, VECTOR_TIMER);
}

static void arm_deadline(u64 wait)
{
	/* Rounded up, so that the interrupt doesn't come a cycle before the time. */
	u64 cycles = mul_div(wait, clock_tsc_khz(), 1000000) + 1;
	msr_write(MSR_TSC_DEADLINE, tsc_read() + cycles);
}

static void arm_counter(u64 wait)
{
	u64 error = wait / counter_precision;
	if (error > SLACK_NS)
		wait -= error;
	u64 count = mul_div(wait, counter_khz, 1000000) + 1;
	lapic_write(LAPIC_TIMER_INITIAL, (u32)MIN(count, (u64)UINT32_MAX));
}

static void disarm(void)
{
	if (cpu_features.tsc_deadline)
		msr_write(MSR_TSC_DEADLINE, 0);
	else
		lapic_write(LAPIC_TIMER_INITIAL, 0);
}

void clock_arm(u64 deadline_ns)
{
	if (deadline_ns == UINT64_MAX) {
		disarm();
		return;
	}
	u64 now = clock_now_ns();
	u64 wait = deadline_ns > now ? MIN(deadline_ns - now, LONGEST_NS) : 0;
	if (cpu_features.tsc_deadline)
		arm_deadline(wait);
	else
		arm_counter(wait);
}

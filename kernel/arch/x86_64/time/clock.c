/*
 * The kernel's clock: nanoseconds since the first instruction.
 *
 * It is the TSC times a rate. Where the rate comes from, best first:
 *   - KVM says it (pvclock). If KVM does not vouch for one TSC on all CPUs, its clock is read
 * instead of ours.
 *   - CPUID says it (leaf 0x15, or a hypervisor's leaf 0x40000010).
 *   - It is measured. The PIT is started in the first lines of C and read here, some hundred
 * microseconds of other start-up work later, so that measuring costs no waiting. Both readings are
 * taken at a step of the counter; how long the accesses around the steps took bounds the error,
 * usually below 0.1 %, and it is kept in `error_ppm`. Then the same start is compared with the
 * counter 50 ms, 1 s and 16 s later: the bound falls to about 20, 1 and 0.1 ppm. The counter has 16
 * bits; how often it wrapped is told by the time itself, which by then is right to far less than
 *     half of the 55 ms that a round takes.
 * A better rate changes how fast the clock goes from some point in the future on, never the time
 * (time/line.h).
 *
 * Readers take no lock. There are two copies of the description; `version` says which is current
 * (its lowest bit) and is bumped after the other has been written. A reader that finds the version
 * changed reads again. An update takes microseconds and comes seconds after the last, so the copy
 * that a reader is reading is not rewritten under it without its noticing, and an NMI that
 * interrupts the writer still has a whole copy.
 *
 * The new line begins JOIN_NS after it is computed; it must be published before that. It is, unless
 * this CPU is stopped for that long between two instructions with IF=0 (by the host); then another
 * CPU's clock may go back once, by the difference of the rates times the excess.
 */
#define LOG_SUBSYSTEM "time"
#include "arch/clock.h"

#include "arch/boot_info.h"
#include "arch/cpu.h"
#include "arch/cpuid.h"
#include "arch/features.h"
#include "arch/vdso.h"
#include "irq/acpi.h"
#include "lib/atomic.h"
#include "lib/compiler.h"
#include "sync/spinlock.h"
#include "time/event.h"
#include "time/line.h"
#include "time/pvclock.h"
#include "time/reference.h"
#include "time/rtc.h"
#include "time/timer.h"
#include "trace/log.h"
#include "vdso/data.h"

#define JOIN_NS (100 * NS_PER_MS)
/* Shortest time to measure over, for about 0.1 %. */
#define MEASURE_NS (100 * NS_PER_US)
/* Each takes a fraction of a millisecond of the CPU's time, so even a very busy host lets one through. */
#define MEASURE_TRIES 100

#define CPUID_TSC 0x15
#define CPUID_FREQUENCY 0x16
#define CPUID_HYPERVISOR 0x40000000
#define CPUID_HYPERVISOR_TIMING 0x40000010

static struct clock_lines lines[2];
static atomic32_t version;
static u64 error_ppm = 1000000;

RO_AFTER_INIT static bool read_pvclock;
RO_AFTER_INIT static u64 pvclock_start;
/* One word: whoever reads it gets the old or the new one. */
static u64 boot_realtime;

/* Where the measurement began. */
static const struct reference *reference;
static struct reference_sample start;
static struct timer refine_timer;
static u32 refine_round;
static const u64 refine_at[] = {50 * NS_PER_MS, NS_PER_SEC, 16 * NS_PER_SEC};

u64 clock_cycles(void)
{
	return tsc_read();
}

static ALWAYS_INLINE u64 tsc_now_ns(void)
{
	u64 ns;
	u32 v;
	do {
		v = atomic32_load_acquire(&version);
		ns = clock_lines_ns(&lines[v & 1], tsc_read());
		/* The reads above come before this one. */
		__atomic_thread_fence(__ATOMIC_ACQUIRE);
	} while (atomic32_load_relaxed(&version) != v);
	return ns;
}

u64 clock_now_ns(void)
{
	return read_pvclock ? pvclock_now() - pvclock_start : tsc_now_ns();
}

/* -- what programs are told, see vdso/data.h -- */

/* Guards the page against two writers: the timer interrupt that corrects the rate, and who sets the time of day. */
static struct spinlock vdso_lock = SPINLOCK_INIT("vdso", RANK_CLOCK);
static struct vdso_data *vdso_data;

static void vdso_update(void)
{
	u64 flags = spin_lock_irqsave(&vdso_lock);
	struct vdso_data *d = vdso_data;

	if (d) {
		WRITE_ONCE(d->sequence, d->sequence + 1);
		/* The odd count is seen before what follows. */
		__atomic_thread_fence(__ATOMIC_RELEASE);
		d->lines = lines[atomic32_load_relaxed(&version) & 1];
		d->realtime = READ_ONCE(boot_realtime);
		d->usable =
			!read_pvclock && (cpu_features.invariant_tsc || cpu_features.hypervisor);
		/* Pairs with the acquire in the readers. */
		__atomic_store_n(&d->sequence, d->sequence + 1, __ATOMIC_RELEASE);
	}
	spin_unlock_irqrestore(&vdso_lock, flags);
}

INIT_TEXT void vdso_set_data_page(void *page)
{
	vdso_data = page;
	vdso_update();
}

static const struct clock_lines *current_lines(void)
{
	return &lines[atomic32_load_relaxed(&version) & 1];
}

/* Makes this the current description. Only the boot CPU changes it: in start-up, and in its timer
 * interrupt. */
static void publish(struct clock_lines new)
{
	u32 v = atomic32_load_relaxed(&version) + 1;
	lines[v & 1] = new;
	atomic32_store_release(&version, v);
	vdso_update();
}

u64 clock_tsc_khz(void)
{
	u64 mult = READ_ONCE(current_lines()->after.mult);
	return mult ? mul_div(1000000, 1UL << 32, mult) : 0;
}

u64 clock_ticks_to_ns(u64 ticks)
{
	return mul_div(ticks, READ_ONCE(current_lines()->after.mult), 1UL << 32);
}

u64 clock_boot_realtime_ns(void)
{
	return READ_ONCE(boot_realtime);
}

void clock_set_realtime_ns(u64 ns)
{
	u64 now = clock_now_ns();

	WRITE_ONCE(boot_realtime, ns > now ? ns - now : 0);
	vdso_update();
}

INIT_TEXT void clock_start_calibration(void)
{
	reference_start_pit();
	reference = reference_sample(&reference_pit, &start) ? &reference_pit : NULL;
}

/* The step happened somewhere between the two; half of that is the error. */
static u64 middle(const struct reference_sample *s)
{
	return s->tsc_before + (s->tsc_after - s->tsc_before) / 2;
}

static u64 ppm(u64 error_cycles, u64 cycles)
{
	return mul_div(error_cycles, 1000000, cycles) + 1;
}

/* The rate by a later sample, and its error. ticks: how far the reference came. */
static u64 measured_mult(const struct reference_sample *end, u64 ticks, u64 *error)
{
	u64 cycles = middle(end) - middle(&start);
	u64 unsure = (end->tsc_after - end->tsc_before + start.tsc_after - start.tsc_before) / 2;
	*error = ppm(unsure, cycles);
	return clock_mult(ticks, reference->hz, cycles);
}

/* Waits until the reference has counted long enough since the start. False if it does not count. */
static INIT_TEXT bool sample_end(struct reference_sample *end, u32 *ticks)
{
	do {
		if (!reference_sample(reference, end))
			return false;
		*ticks = (end->count - start.count) & (u32)(BIT(reference->bits) - 1);
	} while (*ticks < reference->hz / (NS_PER_SEC / MEASURE_NS));
	return true;
}

/*
 * The PIT comes round in 55 ms, and a busy host may take the CPU away for longer than that between the two samples. The ticks then say
 * nothing, and the rate would come out many times too high. So a measurement counts only if the counter, started before it, had not come
 * round when it ended.
 */
static INIT_TEXT bool sample_pit(struct reference_sample *end, u32 *ticks)
{
	for (u32 i = 0; i < MEASURE_TRIES; i++) {
		if (!sample_end(end, ticks))
			return false;
		if (!reference_pit_wrapped())
			return true;
		clock_start_calibration();
		if (!reference)
			return false;
	}
	return false;
}

/* Measures from clock_start_calibration() to now, or a little later. 0 if nothing counts. */
static INIT_TEXT u64 measure(void)
{
	struct reference_sample end;
	u32 ticks;
	if (reference == &reference_pit && sample_pit(&end, &ticks))
		return measured_mult(&end, ticks, &error_ppm);
	reference = NULL;
	/* Its 24 bits last for seconds. */
	if (reference_has_pm_timer() && reference_sample(&reference_pm_timer, &start))
		reference = &reference_pm_timer;
	if (!reference || !sample_end(&end, &ticks))
		return 0;
	return measured_mult(&end, ticks, &error_ppm);
}

static INIT_TEXT u64 mult_of_hz(u64 hz)
{
	return mul_div(NS_PER_SEC, 1UL << 32, hz);
}

static INIT_TEXT u64 cpuid_mult(void)
{
	if (cpu_features.hypervisor && cpuid(CPUID_HYPERVISOR, 0).eax >= CPUID_HYPERVISOR_TIMING) {
		u64 khz = cpuid(CPUID_HYPERVISOR_TIMING, 0).eax;
		if (khz)
			return mult_of_hz(khz * 1000);
	}
	if (cpuid(0, 0).eax < CPUID_TSC)
		return 0;
	struct cpuid r = cpuid(CPUID_TSC, 0);
	return r.eax && r.ebx && r.ecx ? mult_of_hz(mul_div(r.ecx, r.ebx, r.eax)) : 0;
}

/* What is left if nothing tells and nothing counts. */
static INIT_TEXT u64 guessed_mult(void)
{
	u64 mhz = cpuid(0, 0).eax >= CPUID_FREQUENCY ? cpuid(CPUID_FREQUENCY, 0).eax & 0xffff : 0;
	log_warn("no clock to measure the TSC with: taking it for %lu MHz", mhz ? mhz : 1000);
	return mult_of_hz((mhz ? mhz : 1000) * 1000000);
}

static INIT_TEXT u64 find_mult(bool pvclock)
{
	u64 mult = pvclock ? pvclock_mult() : cpuid_mult();
	if (mult) {
		error_ppm = 1;
		reference = NULL;
		return mult;
	}
	mult = measure();
	return mult ? mult : guessed_mult();
}

static INIT_TEXT u64 find_realtime(bool pvclock)
{
	u64 wall = pvclock ? pvclock_wall_ns() : 0;
	/* The host's time is that of its own clock's zero. */
	if (wall)
		return wall + pvclock_now() - clock_now_ns();
	u64 seconds = acpi_has_rtc() ? rtc_read_seconds() : 0;
	return seconds ? seconds * NS_PER_SEC - clock_now_ns() : 0;
}

INIT_TEXT void clock_init(void)
{
	bool pvclock = pvclock_detect();
	if (pvclock)
		pvclock_init_cpu(0);
	struct clock_line line = {boot_info.entry_tsc, 0, find_mult(pvclock)};
	publish((struct clock_lines){line, line, line.tsc});
	if (pvclock && !pvclock_tsc_is_stable()) {
		pvclock_start = pvclock_now() - tsc_now_ns();
		read_pvclock = true;
	} else if (!cpu_features.invariant_tsc && !cpu_features.hypervisor) {
		log_warn("this CPU's TSC changes its rate: time will not be exact");
	}
	boot_realtime = find_realtime(pvclock);
	event_init();
	event_init_cpu();
	log_info("TSC %lu kHz by %s, within %lu ppm", clock_tsc_khz(),
		reference ? reference->name
		: pvclock ? "the host"
			  : "the CPU",
		error_ppm);
}

void clock_init_cpu(void)
{
	if (read_pvclock)
		pvclock_init_cpu(this_cpu()->id);
	event_init_cpu();
}

/* How far the reference came until a sample: what its bits say, in the round that the time so far
 * says. */
static u64 total_ticks(const struct reference_sample *end)
{
	u64 round = BIT(reference->bits);
	u64 ns = clock_lines_ns(current_lines(), middle(end)) -
		 clock_lines_ns(current_lines(), middle(&start));
	u64 about = mul_div(ns, reference->hz, NS_PER_SEC);
	u64 ticks = (end->count - start.count) & (round - 1);
	/* The nearest number with those low bits. */
	if (about > ticks)
		ticks += (about - ticks + round / 2) / round * round;
	return ticks;
}

static void refine(struct timer *t)
{
	struct reference_sample end;
	u64 error;
	if (!reference_sample(reference, &end))
		return;
	u64 mult = measured_mult(&end, total_ticks(&end), &error);
	if (mult && error < error_ppm) {
		u64 join = tsc_read() + mul_div(JOIN_NS, clock_tsc_khz(), 1000000);
		publish(clock_lines_bend(current_lines(), join, mult));
		error_ppm = error;
		log_debug("TSC %lu kHz, within %lu ppm", clock_tsc_khz(), error_ppm);
	}
	if (++refine_round < ARRAY_SIZE(refine_at))
		timer_arm(t, refine_at[refine_round]);
}

void clock_start_refinement(void)
{
	if (!reference)
		return;
	timer_init(&refine_timer, refine);
	timer_arm(&refine_timer, refine_at[0]);
}

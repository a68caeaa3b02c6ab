/*
 * Starting the other CPUs.
 *
 * All are started at once, and nobody waits for them: INIT and the start-up interrupt go out, and
 * each CPU comes up by itself while the boot CPU goes on (the 10 ms that the MultiProcessor
 * Specification wants between the two were for separate APIC chips; since the Pentium 4 and the
 * Opteron INIT takes effect at once). A CPU counts from when it sets `online`. A timer sends the
 * second start-up interrupt of the specification to those that have not answered after a
 * millisecond, and warns of those that are still missing after some seconds.
 *
 * A starting CPU runs trampoline.S in a page below 1 MiB (which is never given to the frame
 * allocator), finds its number by its APIC id, and its stack in its CPU area. Nothing can interrupt
 * it before cpu_load() has given it GS, IDT, TSS and IST stacks: IF is 0, its APIC's LINT pins are
 * masked after INIT until lapic_init_cpu(), and NMIs by IPI are sent only to CPUs that are online
 * (hazard C8).
 */
#define LOG_SUBSYSTEM "smp"
#include "irq/smp.h"

#include "arch/boot_alloc.h"
#include "arch/boot_info.h"
#include "arch/clock.h"
#include "arch/cpu.h"
#include "arch/cpu_setup.h"
#include "arch/irqflags.h"
#include "arch/kernel_map.h"
#include "arch/pagetable.h"
#include "arch/smp.h"
#include "arch/upcalls.h"
#include "irq/lapic.h"
#include "irq/trampoline.h"
#include "lib/assert.h"
#include "lib/string.h"
#include "time/timer.h"
#include "trace/log.h"

#define SECOND_TRY_NS NS_PER_MS
/* Emulated on a busy host, a CPU can take more than a second. */
#define GIVE_UP_NS (5 * NS_PER_SEC)

/* Read by trampoline.S: APIC ids and stack tops by CPU number. */
RO_AFTER_INIT u32 smp_count;
RO_AFTER_INIT u32 smp_apic_id[MAX_CPUS];
RO_AFTER_INIT u64 smp_stack_top[MAX_CPUS];

static paddr_t trampoline;
static u64 started_ns;
static struct timer watch;

/* The stack of a CPU's first thread, which becomes its idle thread: in its area, between unmapped
 * pages. */
static INIT_TEXT void make_stack(u32 id)
{
	u64 base = CPU_AREA_BASE + (u64)id * CPU_AREA_SIZE + CPU_IDLE_STACK_PAGE * PAGE_SIZE;
	for (u64 at = 0; at < KERNEL_STACK_SIZE; at += PAGE_SIZE) {
		void *frame = boot_alloc(PAGE_SIZE, PAGE_SIZE);
		if (kernel_map_page((void *)(base + at), boot_physical(frame), PT_READ | PT_WRITE))
			refuse_start(
				"not enough memory to start; give the machine more with --memory");
	}
	smp_stack_top[id] = base + KERNEL_STACK_SIZE;
}

INIT_TEXT void smp_init(void)
{
	struct cpu *c;
	u32 i;
	cpu_for_each (c, i) {
		smp_apic_id[i] = c->apic_id;
		if (i > 0)
			make_stack(i);
	}
	smp_count = cpu_count();
}

/* A page of RAM below the firmware's areas at the end of the first 640 KiB, not the first page. */
static paddr_t find_trampoline(void)
{
	for (u32 i = 0; i < boot_info.range_count; i++) {
		const struct boot_range *r = &boot_info.range[i];
		u64 first = MAX(r->start.v, PAGE_SIZE), end = MIN(r->start.v + r->size, 0xa0000UL);
		if (r->type == BOOT_RAM && first + PAGE_SIZE <= end)
			return PADDR(end - PAGE_SIZE);
	}
	return PADDR(0);
}

static void place_trampoline(void)
{
	u8 *page = direct_map(trampoline);
	memcpy(page, trampoline_start, (size_t)(trampoline_end - trampoline_start));
	struct trampoline_data *data = (void *)(page + (trampoline_data - trampoline_start));
	u32 base = (u32)trampoline.v;
	data->gdt_base += base;
	data->long_mode_entry += base;
	data->root = (u32)kernel_map_ap_root().v;
}

static void send_all(u32 command)
{
	struct cpu *c;
	u32 i;
	u64 flags = irq_save();
	cpu_for_each (c, i)
		if (i > 0 && !atomic32_load(&c->online))
			lapic_send(c->apic_id, command);
	irq_restore(flags);
}

static u32 startup_command(void)
{
	return ICR_STARTUP | ICR_ASSERT | (u32)(trampoline.v >> PAGE_SHIFT);
}

static u32 missing_cpus(void)
{
	struct cpu *c;
	u32 i, missing = 0;
	cpu_for_each (c, i)
		missing += !atomic32_load(&c->online);
	return missing;
}

static void watch_fired(struct timer *t)
{
	u32 missing = missing_cpus();
	if (missing == 0)
		return;
	if (clock_now_ns() - started_ns >= GIVE_UP_NS) {
		log_warn("%u CPUs did not start", missing);
		return;
	}
	/* Ignored by a CPU that already runs. */
	send_all(startup_command());
	timer_arm(t, started_ns + GIVE_UP_NS);
}

void smp_start_all(void)
{
	if (cpu_count() == 1)
		return;
	trampoline = find_trampoline();
	if (trampoline.v == 0) {
		log_warn("no memory below 1 MiB: the other CPUs stay off");
		return;
	}
	place_trampoline();
	started_ns = clock_now_ns();
	send_all(ICR_INIT | ICR_ASSERT);
	send_all(startup_command());
	timer_init(&watch, watch_fired);
	timer_arm(&watch, started_ns + SECOND_TRY_NS);
}

void smp_wait_all(void)
{
	while (missing_cpus() != 0 && clock_now_ns() - started_ns < GIVE_UP_NS)
		cpu_relax();
}

void smp_ap_main(u32 id)
{
	cpu_load(id);
	/* Before the tables are loaded and everything older is flushed: a change of the kernel's
	 * mappings from now on waits for this CPU, too. */
	atomic32_store(&this_cpu()->online, 1);
	kernel_map_load();
	lapic_init_cpu();
	clock_init_cpu();
	CHECK(timer_init_cpu(id) == 0);
	/* An interrupt sent before the APIC was on is lost, but not its reason; and whoever comes
	 * later finds no reason pending and interrupts again. */
	smp_handle_ipi();
	upcall_start_cpu();
}

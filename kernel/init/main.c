/*
 * Start-up, in order. Each step says what it needs from those before; nothing here runs again.
 *
 * Until cpu_load() there is no IDT, so nothing may fault. Interrupts come on for the first time in the idle thread
 * (sched_start()); everything that may sleep happens in the init thread (init/program.c).
 */
#define LOG_SUBSYSTEM "init"

#include "arch/boot_alloc.h"
#include "arch/boot_info.h"
#include "arch/clock.h"
#include "arch/cpu.h"
#include "arch/cpu_setup.h"
#include "arch/image.h"
#include "arch/kernel_map.h"
#include "arch/platform.h"
#include "arch/pti.h"
#include "arch/serial.h"
#include "arch/smp.h"
#include "arch/upcalls.h"
#include "init/options.h"
#include "init/program.h"
#include "lib/assert.h"
#include "mm/frame.h"
#include "mm/mm.h"
#include "mm/slab.h"
#include "proc/process.h"
#include "sanitize/kcsan.h"
#include "sched/sched.h"
#include "time/timer.h"
#include "trace/log.h"
#include "trace/ring.h"

/* What ring 3's table must map besides the CPUs' areas: the doors, and the table that names them. */
static INIT_TEXT void map_crossing(void)
{
	int err = pti_map(__entry_text_start, (size_t)(__entry_text_end - __entry_text_start),
		PT_READ | PT_EXEC);
	if (!err)
		err = pti_map(cpu_idt_page, PAGE_SIZE, PT_READ);
	if (err)
		refuse_start("not enough memory to start; give the machine more with --memory");
}

static INIT_TEXT void start_memory(void)
{
	pti_init(options.pti);
	kernel_map_init();
	map_crossing();
}

static INIT_TEXT void start_boot_cpu(void)
{
	cpu_apply_mitigations();
	if (cpu_area_init(platform_boot_apic_id()))
		refuse_start("not enough memory to start; give the machine more with --memory");
	cpu_load(0);
}

static INIT_TEXT void start_allocators(void)
{
	int err = 0;

	/* Boot memory, so before the frame allocator has it. */
	for (u32 i = 0; i < cpu_count() && !err; i++)
		err = trace_ring_init(i);
	frame_init();
	slab_init();
	if (err || timer_init_cpu(0))
		refuse_start("not enough memory to start; give the machine more with --memory");
}

void upcall_main(void)
{
	serial_init();
	options_parse(boot_info.cmdline);
	options_warn(boot_info.cmdline);
	cpu_check_features();
	start_memory();
	start_boot_cpu();
	platform_init();
	start_allocators();
	mm_init();
	sched_init();
	if (options.schedfuzz)
		sched_fuzz(options.schedfuzz);
	if (options.hz)
		sched_set_tick_hz(options.hz);
	if (options.watchdog != UINT32_MAX)
		watchdog_set_limit(options.watchdog);
	process_set_aslr(options.aslr);
	process_init();
	log_info("%u CPUs, %lu MiB, isolation %s", cpu_count(),
		frame_total_count() * PAGE_SIZE / MIB, pti_enabled() ? "on" : "off");
	kcsan_start();
	smp_start_all();
	clock_start_refinement();
	program_start_init();
	sched_start();
}

/*
 * /proc/cpuinfo, stat, loadavg and uptime: the CPUs, and what they did so far.
 *
 * Times are those of sched_get_stats(): a CPU did nothing, executed programs' own instructions or those of nice programs, or worked in
 * the kernel. Time in interrupts is not told apart from that, and no hypervisor says what it took away. There are no software interrupts,
 * and nobody waits for a disk.
 */
#include "arch/clock.h"
#include "arch/cpu.h"
#include "arch/cpuinfo.h"
#include "fs/proc.h"
#include "proc/pid.h"
#include "proc/process.h"
#include "proc/user.h"
#include "sched/sched.h"

static void show_one(struct proc_text *t, const struct cpu_identity *c, u32 cpu)
{
	const char *name;
	u32 at = 0, apic = cpu_get(cpu)->apic_id;

	proc_print(t, "processor\t: %u\nvendor_id\t: %s\ncpu family\t: %u\nmodel\t\t: %u\n", cpu,
		c->vendor, c->family, c->model);
	proc_print(t, "model name\t: %s\nstepping\t: %u\ncpu MHz\t\t: %lu.%03lu\n", c->model_name,
		c->stepping, c->khz / 1000, c->khz % 1000);
	proc_print(t, "physical id\t: 0\nsiblings\t: %u\ncore id\t\t: %u\ncpu cores\t: %u\n",
		cpu_count(), cpu, cpu_count());
	proc_print(t, "apicid\t\t: %u\ninitial apicid\t: %u\n", apic, apic);
	proc_print(t,
		"fpu\t\t: yes\nfpu_exception\t: yes\ncpuid level\t: %u\nwp\t\t: yes\nflags\t\t:",
		c->level);
	while ((name = cpu_next_feature(&at)))
		proc_print(t, " %s", name);
	/* Twice the clock, where a loop of two instructions takes one tick of it. */
	proc_print(t, "\nbogomips\t: %lu.%02lu\nclflush size\t: %u\ncache_alignment\t: %u\n",
		c->khz / 500, c->khz * 2 % 1000 / 10, c->clflush_bytes, c->clflush_bytes);
	proc_print(t, "address sizes\t: %u bits physical, %u bits virtual\npower management:\n\n",
		c->physical_bits, c->virtual_bits);
}

void proc_show_cpuinfo(struct proc_text *t, struct process *p)
{
	struct cpu_identity c;

	cpu_identify(&c);
	for (u32 i = 0; i < cpu_count(); i++)
		show_one(t, &c, i);
}

static void add(struct sched_stats *to, const struct sched_stats *s)
{
	to->switches += s->switches;
	to->runnable += s->runnable;
	to->idle_ns += s->idle_ns;
	to->user_ns += s->user_ns;
	to->nice_ns += s->nice_ns;
	to->system_ns += s->system_ns;
}

static void all_stats(struct sched_stats *all)
{
	struct sched_stats s;

	*all = (struct sched_stats){0};
	for (u64 cpus = sched_online_cpus(); cpus; cpus &= cpus - 1) {
		sched_get_stats((u32)__builtin_ctzl(cpus), &s);
		add(all, &s);
	}
}

static void show_times(struct proc_text *t, const struct sched_stats *s)
{
	proc_print(t, " %lu %lu %lu %lu 0 0 0 0 0 0\n", proc_ticks(s->user_ns),
		proc_ticks(s->nice_ns), proc_ticks(s->system_ns), proc_ticks(s->idle_ns));
}

static u64 interrupts(void)
{
	struct cpu *c;
	u64 sum = 0;
	u32 i;

	cpu_for_each (c, i)
		sum += READ_ONCE(c->irq_count);
	return sum;
}

/* The lines of single CPUs add up to the first, which is that of a moment before. */
void proc_show_stat_system(struct proc_text *t, struct process *p)
{
	struct sched_stats all, s;

	all_stats(&all);
	proc_print(t, "cpu ");
	show_times(t, &all);
	for (u64 cpus = sched_online_cpus(); cpus; cpus &= cpus - 1) {
		u32 cpu = (u32)__builtin_ctzl(cpus);
		sched_get_stats(cpu, &s);
		proc_print(t, "cpu%u", cpu);
		show_times(t, &s);
	}
	proc_print(t, "intr %lu\nctxt %lu\nbtime %lu\nprocesses %lu\n", interrupts(), all.switches,
		clock_boot_realtime_ns() / NS_PER_SEC, process_threads_made());
	proc_print(t, "procs_running %lu\nprocs_blocked 0\nsoftirq 0 0 0 0 0 0 0 0 0 0 0\n",
		all.runnable);
}

/* Rounded to hundredths. */
static void show_load(struct proc_text *t, u64 load)
{
	u64 hundredths = (load * 100 + (1UL << (SCHED_LOAD_SHIFT - 1))) >> SCHED_LOAD_SHIFT;

	proc_print(t, "%lu.%02lu ", hundredths / 100, hundredths % 100);
}

void proc_show_loadavg(struct proc_text *t, struct process *p)
{
	u64 loads[SCHED_LOADS];
	struct sched_stats all;

	sched_get_load(loads);
	all_stats(&all);
	for (u32 i = 0; i < SCHED_LOADS; i++)
		show_load(t, loads[i]);
	proc_print(t, "%lu/%u %u\n", all.runnable, user_threads_total(), pid_last());
}

static void show_seconds(struct proc_text *t, u64 ns, char end)
{
	proc_print(t, "%lu.%02lu%c", ns / NS_PER_SEC, ns % NS_PER_SEC / (10 * NS_PER_MS), end);
}

void proc_show_uptime(struct proc_text *t, struct process *p)
{
	struct sched_stats all;

	all_stats(&all);
	show_seconds(t, clock_now_ns(), ' ');
	show_seconds(t, all.idle_ns, '\n');
}

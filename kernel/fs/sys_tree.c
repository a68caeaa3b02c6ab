/*
 * /sys, as far as programs look there: the state of transparent huge pages, and which CPUs there are, where C libraries count them. Made
 * of the same entries as /proc (fs/proc.h).
 */
#include "arch/cpu.h"
#include "fs/proc.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/huge.h"
#include "proc/process.h"
#include "sched/sched.h"

static const char *const modes[] = {
	[HUGE_ALWAYS] = "always", [HUGE_MADVISE] = "madvise", [HUGE_NEVER] = "never"};

/* All of them, with the one that holds in brackets. */
static void show_enabled(struct proc_text *t, struct process *p)
{
	for (u32 i = 0; i < ARRAY_SIZE(modes); i++) {
		bool on = huge_mode_get() == i;

		proc_print(t, "%s%s%s%s", on ? "[" : "", modes[i], on ? "]" : "",
			i + 1 < ARRAY_SIZE(modes) ? " " : "\n");
	}
}

static int store_enabled(struct process *p, const char *text)
{
	for (u32 i = 0; i < ARRAY_SIZE(modes); i++) {
		if (strcmp(text, modes[i]) != 0)
			continue;
		huge_mode_set(i);
		return 0;
	}
	return -EINVAL;
}

static void show_size(struct proc_text *t, struct process *p)
{
	proc_print(t, "%lu\n", (u64)LARGE_PAGE_SIZE);
}

/* A read of nothing gives single pages. */
static void show_zero(struct proc_text *t, struct process *p)
{
	proc_print(t, "0\n");
}

static const struct proc_entry huge[] = {
	{.name = "enabled",
		.mode = 0644,
		.kind = PROC_FILE,
		.show = show_enabled,
		.store = store_enabled},
	{.name = "hpage_pmd_size", .mode = 0444, .kind = PROC_FILE, .show = show_size},
	{.name = "use_zero_page", .mode = 0444, .kind = PROC_FILE, .show = show_zero},
};

static void show_cpus(struct proc_text *t, struct process *p)
{
	proc_print_ranges(t, ~0UL >> (64 - cpu_count()));
	proc_print(t, "\n");
}

static void show_online(struct proc_text *t, struct process *p)
{
	proc_print_ranges(t, sched_online_cpus());
	proc_print(t, "\n");
}

static void show_kernel_max(struct proc_text *t, struct process *p)
{
	proc_print(t, "%u\n", MAX_CPUS - 1);
}

/* None comes later. */
static const struct proc_entry cpu[] = {
	PROC_FILE_ENTRY("kernel_max", show_kernel_max),
	PROC_FILE_ENTRY("online", show_online),
	PROC_FILE_ENTRY("possible", show_cpus),
	PROC_FILE_ENTRY("present", show_cpus),
};

static const struct proc_entry mm[] = {PROC_DIRECTORY_ENTRY("transparent_hugepage", huge)};
static const struct proc_entry kernel[] = {PROC_DIRECTORY_ENTRY("mm", mm)};
static const struct proc_entry devices_system[] = {PROC_DIRECTORY_ENTRY("cpu", cpu)};
static const struct proc_entry devices[] = {PROC_DIRECTORY_ENTRY("system", devices_system)};
static const struct proc_entry root[] = {
	PROC_DIRECTORY_ENTRY("devices", devices),
	PROC_DIRECTORY_ENTRY("kernel", kernel),
};

const struct proc_entry sys_root_entry = PROC_DIRECTORY_ENTRY("", root);

/*
 * /sys, as far as programs look there for what concerns memory: the state of transparent huge pages. Made of
 * the same entries as /proc (fs/proc.h).
 */
#include "fs/proc.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/huge.h"
#include "proc/process.h"

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

static const struct proc_entry mm[] = {PROC_DIRECTORY_ENTRY("transparent_hugepage", huge)};
static const struct proc_entry kernel[] = {PROC_DIRECTORY_ENTRY("mm", mm)};
static const struct proc_entry root[] = {PROC_DIRECTORY_ENTRY("kernel", kernel)};

const struct proc_entry sys_root_entry = PROC_DIRECTORY_ENTRY("", root);

/*
 * /proc: the folder, the links to who reads, and what is told of memory and of the system as a whole. Files of their own make the rest, as
 * fs/proc.h says.
 *
 * There is no swap and no disk, so what Linux counts of paging is 0.
 */
#include "arch/boot_info.h"
#include "fs/content.h"
#include "fs/lock.h"
#include "fs/proc.h"
#include "lib/errno.h"
#include "lib/format.h"
#include "lib/string.h"
#include "mm/commit.h"
#include "mm/frame.h"
#include "mm/huge.h"
#include "proc/process.h"
#include "proc/uts.h"

static void show_kb(struct proc_text *t, const char *key, u64 pages)
{
	proc_print(t, "%-15s %8lu kB\n", key, pages * (PAGE_SIZE / KIB));
}

static void show_meminfo(struct proc_text *t, struct process *p)
{
	u64 free = frame_free_count(), shared = content_used();

	show_kb(t, "MemTotal:", frame_total_count());
	show_kb(t, "MemFree:", free);
	show_kb(t, "MemAvailable:", free);
	show_kb(t, "Buffers:", 0);
	show_kb(t, "Cached:", shared);
	show_kb(t, "SwapCached:", 0);
	show_kb(t, "SwapTotal:", 0);
	show_kb(t, "SwapFree:", 0);
	show_kb(t, "Dirty:", 0);
	show_kb(t, "Writeback:", 0);
	show_kb(t, "Shmem:", shared);
	show_kb(t, "CommitLimit:", commit_limit());
	show_kb(t, "Committed_AS:", commit_pages());
	show_kb(t, "AnonHugePages:", huge_total_bytes() / PAGE_SIZE);
	show_kb(t, "Hugepagesize:", LARGE_PAGE_SIZE / PAGE_SIZE);
}

static void show_vmstat(struct proc_text *t, struct process *p)
{
	proc_print(t, "nr_free_pages %lu\nnr_shmem %lu\nnr_anon_transparent_hugepages %lu\n",
		frame_free_count(), content_used(), huge_total_bytes() / LARGE_PAGE_SIZE);
	proc_print(t, "pgpgin 0\npgpgout 0\npswpin 0\npswpout 0\n");
}

/* What the kernel was told at its start. */
static void show_cmdline(struct proc_text *t, struct process *p)
{
	size_t n = strlen(boot_info.cmdline);
	char *to = proc_room(t, n + 1);

	if (!to)
		return;
	memcpy(to, boot_info.cmdline, n);
	to[n] = '\n';
	t->used += n + 1;
}

static void show_no_disks(struct proc_text *t, struct process *p)
{
}

static void show_swaps(struct proc_text *t, struct process *p)
{
	proc_print(t, "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n");
}

static void show_version(struct proc_text *t, struct process *p)
{
	struct new_utsname name;

	uts_get(&name);
	proc_print(t, "%s version %s (gcc %s) %s\n", name.sysname, name.release, __VERSION__,
		name.version);
}

static void show_locks(struct proc_text *t, struct process *p)
{
	lock_show(t);
}

static ssize_t read_self(struct process *p, char *out, size_t size)
{
	struct thread *t = current_thread();

	return t->process ? format(out, size, "%u", t->process->pid) : -ENOENT;
}

static ssize_t read_thread_self(struct process *p, char *out, size_t size)
{
	struct thread *t = current_thread();

	return t->process ? format(out, size, "%u/task/%u", t->process->pid, t->tid) : -ENOENT;
}

static ssize_t read_mounts(struct process *p, char *out, size_t size)
{
	return format(out, size, "self/mounts");
}

static const struct proc_entry root_children[] = {
#ifdef AIRLOCK_DEBUG
	{.name = "airlock-fail",
		.mode = 0644,
		.kind = PROC_FILE,
		.show = proc_show_fail,
		.store = proc_store_fail},
	{.name = "airlock-memory",
		.mode = 0644,
		.kind = PROC_FILE,
		.show = proc_show_memory,
		.store = proc_store_memory},
#endif
	PROC_FILE_ENTRY("cmdline", show_cmdline),
	PROC_FILE_ENTRY("cpuinfo", proc_show_cpuinfo),
	PROC_FILE_ENTRY("diskstats", show_no_disks),
	PROC_FILE_ENTRY("filesystems", proc_show_filesystems),
	PROC_FILE_ENTRY("loadavg", proc_show_loadavg),
	PROC_FILE_ENTRY("locks", show_locks),
	PROC_FILE_ENTRY("meminfo", show_meminfo),
	{.name = "mounts", .mode = 0777, .kind = PROC_LINK, .readlink = read_mounts},
	{.name = "self", .mode = 0777, .kind = PROC_LINK, .readlink = read_self},
	PROC_FILE_ENTRY("stat", proc_show_stat_system),
	PROC_FILE_ENTRY("swaps", show_swaps),
	{.name = "sys",
		.mode = 0555,
		.kind = PROC_DIRECTORY,
		.children = proc_sys_children,
		.count = PROC_SYS_CHILDREN},
	{.name = "thread-self", .mode = 0777, .kind = PROC_LINK, .readlink = read_thread_self},
	PROC_FILE_ENTRY("uptime", proc_show_uptime),
	PROC_FILE_ENTRY("version", show_version),
	PROC_FILE_ENTRY("vmstat", show_vmstat),
};

const struct proc_entry proc_root_entry = PROC_DIRECTORY_ENTRY("", root_children);

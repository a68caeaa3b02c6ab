/* /proc: what is told of the whole system. */
#include "arch/clock.h"
#include "arch/cpu.h"
#include "fs/content.h"
#include "fs/lock.h"
#include "fs/proc.h"
#include "ipc/epoll.h"
#include "lib/errno.h"
#include "lib/format.h"
#include "lib/string.h"
#include "mm/commit.h"
#include "mm/frame.h"
#include "mm/huge.h"
#include "mm/mm.h"
#include "proc/pid.h"
#include "proc/process.h"
#include "proc/uts.h"

static void show_meminfo(struct proc_text *t, struct process *p)
{
	u64 total = frame_total_count() * 4, free = frame_free_count() * 4;
	u64 shared = content_used() * 4;

	proc_print(t, "MemTotal:       %8lu kB\nMemFree:        %8lu kB\n", total, free);
	proc_print(t, "MemAvailable:   %8lu kB\nBuffers:        %8u kB\n", free, 0U);
	proc_print(t, "Cached:         %8lu kB\nSwapCached:     %8u kB\n", shared, 0U);
	proc_print(t, "Shmem:          %8lu kB\nSwapTotal:      %8u kB\n", shared, 0U);
	proc_print(t, "SwapFree:       %8u kB\nAnonHugePages:  %8lu kB\n", 0U,
		huge_total_bytes() / KIB);
	proc_print(t, "CommitLimit:    %8lu kB\nCommitted_AS:   %8lu kB\n",
		commit_limit() * (PAGE_SIZE / KIB), commit_pages() * (PAGE_SIZE / KIB));
}

static void show_cpuinfo(struct proc_text *t, struct process *p)
{
	for (u32 i = 0; i < cpu_count(); i++)
		proc_print(t,
			"processor\t: %u\nphysical id\t: 0\ncore id\t\t: %u\ncpu cores\t: %u\n\n",
			i, i, cpu_count());
}

static void show_uptime(struct proc_text *t, struct process *p)
{
	u64 now = clock_now_ns();

	proc_print(t, "%lu.%02lu 0.00\n", now / NS_PER_SEC, now % NS_PER_SEC / (10 * NS_PER_MS));
}

static void show_version(struct proc_text *t, struct process *p)
{
	proc_print(t, "Linux version 6.1.0-airlock #1 SMP Airlock\n");
}

static void show_filesystems(struct proc_text *t, struct process *p)
{
	proc_print(t, "nodev\tproc\nnodev\ttmpfs\n");
}

static void show_overcommit(struct proc_text *t, struct process *p)
{
	proc_print(t, "%u\n", commit_mode());
}

static int store_overcommit(struct process *p, const char *text)
{
	u64 n;

	if (!string_to_u64(text, &n) || n > COMMIT_NEVER)
		return -EINVAL;
	commit_set_mode(n);
	return 0;
}

static void show_ratio(struct proc_text *t, struct process *p)
{
	proc_print(t, "%lu\n", commit_ratio());
}

static int store_ratio(struct process *p, const char *text)
{
	u64 n;

	if (!string_to_u64(text, &n) || n > INT32_MAX)
		return -EINVAL;
	commit_set_ratio(n);
	return 0;
}

static void show_kbytes(struct proc_text *t, struct process *p)
{
	proc_print(t, "%lu\n", commit_kbytes());
}

static int store_kbytes(struct process *p, const char *text)
{
	u64 n;

	if (!string_to_u64(text, &n) || n > UINT64_MAX / KIB)
		return -EINVAL;
	commit_set_kbytes(n);
	return 0;
}

static void show_watches(struct proc_text *t, struct process *p)
{
	proc_print(t, "%lu\n", epoll_watch_limit());
}

static int store_watches(struct process *p, const char *text)
{
	u64 n;

	if (!string_to_u64(text, &n) || n > INT64_MAX)
		return -EINVAL;
	epoll_set_watch_limit(n);
	return 0;
}

static void show_map_count(struct proc_text *t, struct process *p)
{
	proc_print(t, "65530\n");
}

static void show_pid_max(struct proc_text *t, struct process *p)
{
	proc_print(t, "%u\n", PID_MAX);
}

static void show_ngroups(struct proc_text *t, struct process *p)
{
	proc_print(t, "%u\n", (u32)NGROUPS_MAX);
}

static void show_osrelease(struct proc_text *t, struct process *p)
{
	proc_print(t, "6.1.0-airlock\n");
}

static void show_ostype(struct proc_text *t, struct process *p)
{
	proc_print(t, "Linux\n");
}

static void show_hostname(struct proc_text *t, struct process *p)
{
	struct new_utsname name;

	uts_get(&name);
	proc_print(t, "%s\n", name.nodename);
}

static void show_domainname(struct proc_text *t, struct process *p)
{
	struct new_utsname name;

	uts_get(&name);
	proc_print(t, "%s\n", name.domainname);
}

/* Up to the end of the line. */
static int store_name(enum uts_name which, const char *text)
{
	const char *end = strchr(text, '\n');

	uts_set(which, text, end ? (size_t)(end - text) : strlen(text));
	return 0;
}

static int store_hostname(struct process *p, const char *text)
{
	return store_name(UTS_HOST, text);
}

static int store_domainname(struct process *p, const char *text)
{
	return store_name(UTS_DOMAIN, text);
}

static void show_pipe_max(struct proc_text *t, struct process *p)
{
	proc_print(t, "1048576\n");
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

static ssize_t read_mounts(struct process *p, char *out, size_t size)
{
	return format(out, size, "self/mounts");
}

#define FILE_ENTRY(entry_name, function)                                                  \
	{                                                                                 \
		.name = (entry_name), .mode = 0444, .kind = PROC_FILE, .show = (function) \
	}
#define SETTING_ENTRY(entry_name, show_it, store_it)                                      \
	{                                                                                 \
		.name = (entry_name), .mode = 0644, .kind = PROC_FILE, .show = (show_it), \
		.store = (store_it)                                                       \
	}
#define DIRECTORY_ENTRY(entry_name, list)                                                       \
	{                                                                                       \
		.name = (entry_name), .mode = 0555, .kind = PROC_DIRECTORY, .children = (list), \
		.count = ARRAY_SIZE(list)                                                       \
	}

static const struct proc_entry sys_kernel[] = {
	SETTING_ENTRY("domainname", show_domainname, store_domainname),
	SETTING_ENTRY("hostname", show_hostname, store_hostname),
	FILE_ENTRY("ngroups_max", show_ngroups),
	FILE_ENTRY("osrelease", show_osrelease),
	FILE_ENTRY("ostype", show_ostype),
	FILE_ENTRY("pid_max", show_pid_max),
};

static const struct proc_entry sys_vm[] = {
	FILE_ENTRY("max_map_count", show_map_count),
	SETTING_ENTRY("overcommit_kbytes", show_kbytes, store_kbytes),
	SETTING_ENTRY("overcommit_memory", show_overcommit, store_overcommit),
	SETTING_ENTRY("overcommit_ratio", show_ratio, store_ratio),
};

static const struct proc_entry sys_epoll[] = {
	SETTING_ENTRY("max_user_watches", show_watches, store_watches),
};

static const struct proc_entry sys_fs[] = {
	DIRECTORY_ENTRY("epoll", sys_epoll),
	FILE_ENTRY("pipe-max-size", show_pipe_max),
};

static const struct proc_entry sys_children[] = {
	DIRECTORY_ENTRY("fs", sys_fs),
	DIRECTORY_ENTRY("kernel", sys_kernel),
	DIRECTORY_ENTRY("vm", sys_vm),
};

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
	FILE_ENTRY("cpuinfo", show_cpuinfo),
	FILE_ENTRY("filesystems", show_filesystems),
	FILE_ENTRY("locks", show_locks),
	FILE_ENTRY("meminfo", show_meminfo),
	{.name = "mounts", .mode = 0777, .kind = PROC_LINK, .readlink = read_mounts},
	{.name = "self", .mode = 0777, .kind = PROC_LINK, .readlink = read_self},
	DIRECTORY_ENTRY("sys", sys_children),
	FILE_ENTRY("uptime", show_uptime),
	FILE_ENTRY("version", show_version),
};

const struct proc_entry proc_root_entry = DIRECTORY_ENTRY("", root_children);

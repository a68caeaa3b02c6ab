/* /proc/sys: what is said of the kernel's settings, and set. */
#include "fs/proc.h"
#include "ipc/epoll.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/commit.h"
#include "proc/pid.h"
#include "proc/process.h"
#include "proc/random.h"
#include "proc/user.h"
#include "proc/uts.h"

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

static void show_threads_max(struct proc_text *t, struct process *p)
{
	proc_print(t, "%u\n", user_threads_max());
}

static void show_last_cap(struct proc_text *t, struct process *p)
{
	proc_print(t, "%u\n", (u32)CAP_LAST_CAP);
}

static void show_osrelease(struct proc_text *t, struct process *p)
{
	struct new_utsname name;

	uts_get(&name);
	proc_print(t, "%s\n", name.release);
}

static void show_ostype(struct proc_text *t, struct process *p)
{
	struct new_utsname name;

	uts_get(&name);
	proc_print(t, "%s\n", name.sysname);
}

static void show_kernel_version(struct proc_text *t, struct process *p)
{
	struct new_utsname name;

	uts_get(&name);
	proc_print(t, "%s\n", name.version);
}

/* 128 bits as RFC 9562 writes and marks those that are random. */
static void show_id(struct proc_text *t, const u8 id[16])
{
	for (u32 i = 0; i < 16; i++) {
		u8 byte = i == 6 ? (id[i] & 0x0f) | 0x40 : i == 8 ? (id[i] & 0x3f) | 0x80 : id[i];
		proc_print(t, "%s%02x", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "", byte);
	}
	proc_print(t, "\n");
}

/* Another one at each look. */
static void show_uuid(struct proc_text *t, struct process *p)
{
	u8 id[16];

	random_bytes(id, sizeof(id));
	show_id(t, id);
}

/* The same one as long as the machine runs. */
static void show_boot_id(struct proc_text *t, struct process *p)
{
	show_id(t, random_boot_id);
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

static const struct proc_entry sys_random[] = {
	PROC_FILE_ENTRY("boot_id", show_boot_id),
	PROC_FILE_ENTRY("uuid", show_uuid),
};

static const struct proc_entry sys_kernel[] = {
	PROC_FILE_ENTRY("cap_last_cap", show_last_cap),
	PROC_SETTING_ENTRY("domainname", show_domainname, store_domainname),
	PROC_SETTING_ENTRY("hostname", show_hostname, store_hostname),
	PROC_FILE_ENTRY("ngroups_max", show_ngroups),
	PROC_FILE_ENTRY("osrelease", show_osrelease),
	PROC_FILE_ENTRY("ostype", show_ostype),
	PROC_FILE_ENTRY("pid_max", show_pid_max),
	PROC_DIRECTORY_ENTRY("random", sys_random),
	PROC_FILE_ENTRY("threads-max", show_threads_max),
	PROC_FILE_ENTRY("version", show_kernel_version),
};

static const struct proc_entry sys_vm[] = {
	PROC_FILE_ENTRY("max_map_count", show_map_count),
	PROC_SETTING_ENTRY("overcommit_kbytes", show_kbytes, store_kbytes),
	PROC_SETTING_ENTRY("overcommit_memory", show_overcommit, store_overcommit),
	PROC_SETTING_ENTRY("overcommit_ratio", show_ratio, store_ratio),
};

static const struct proc_entry sys_epoll[] = {
	PROC_SETTING_ENTRY("max_user_watches", show_watches, store_watches),
};

static const struct proc_entry sys_fs[] = {
	PROC_DIRECTORY_ENTRY("epoll", sys_epoll),
	PROC_FILE_ENTRY("pipe-max-size", show_pipe_max),
};

const struct proc_entry proc_sys_children[PROC_SYS_CHILDREN] = {
	PROC_DIRECTORY_ENTRY("fs", sys_fs),
	PROC_DIRECTORY_ENTRY("kernel", sys_kernel),
	PROC_DIRECTORY_ENTRY("vm", sys_vm),
};

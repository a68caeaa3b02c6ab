/*
 * /proc/PID: what is told of one process.
 *
 * Each word is read under the lock that it has, or as a single word; words of one line may be of
 * slightly different moments, as on Linux. A process that has died has no memory and no files.
 */
#include "arch/clock.h"
#include "fs/fs.h"
#include "fs/names.h"
#include "fs/opened.h"
#include "fs/proc.h"
#include "lib/errno.h"
#include "lib/format.h"
#include "lib/string.h"
#include "mm/slab.h"
#include "proc/fscontext.h"
#include "proc/group.h"
#include "proc/process.h"
#include "proc/ptrace.h"

/* As USER_HZ, in which times are told. */
#define TICKS_PER_SEC 100
#define STRINGS_MAX (128 * KIB)

static char state_of(struct process *p, u32 tid)
{
	char state = 'Z';
	struct thread *t;
	bool traced_stop;

	(void)!ptrace_tracer_of(p, tid, &traced_stop);
	if (traced_stop)
		return 't';
	if (atomic32_load(&p->stopped))
		return 'T';
	spin_lock(&p->lock);
	list_for_each_entry (t, &p->threads, process_link) {
		u32 s = atomic32_load_relaxed(&t->state);
		if (READ_ONCE(t->tid) != tid)
			continue;
		state = s == THREAD_RUNNABLE ? 'R' : s == THREAD_SLEEPING ? 'D' : 'S';
		break;
	}
	spin_unlock(&p->lock);
	return state;
}

static const char *state_name(char state)
{
	switch (state) {
	case 'R':
		return "running";
	case 'S':
		return "sleeping";
	case 'D':
		return "disk sleep";
	case 'T':
		return "stopped";
	case 't':
		return "tracing stop";
	default:
		return "zombie";
	}
}

/* What of its memory is told. */
struct memory {
	u64 size, resident, data, stack, locked;
	uaddr_t stack_start, arg_start, arg_end, env_start, env_end;
};

static void memory_of(struct process *p, struct memory *m)
{
	struct mm *mm = process_get_mm(p);

	*m = (struct memory){0};
	if (!mm)
		return;
	*m = (struct memory){
		.size = READ_ONCE(mm->mapped_pages),
		.resident = READ_ONCE(mm->pages),
		.data = READ_ONCE(mm->data_pages),
		.locked = READ_ONCE(mm->locked_pages),
		.stack_start = mm->stack_start,
		.arg_start = mm->arg_start,
		.arg_end = mm->arg_end,
		.env_start = mm->env_start,
		.env_end = mm->env_end,
	};
	mm_put_user(mm);
}

static void show_comm(struct proc_text *t, struct process *p)
{
	proc_print(t, "%s\n", p->name);
}

static void show_strings(struct proc_text *t, struct process *p, bool environment)
{
	struct memory m;
	struct mm *mm = process_get_mm(p);

	memory_of(p, &m);
	uaddr_t start = environment ? m.env_start : m.arg_start;
	size_t n = (environment ? m.env_end : m.arg_end) - start;
	n = MIN(n, STRINGS_MAX);
	char *to = mm && n ? proc_room(t, n) : NULL;
	if (to && mm_read(mm, to, start, n) == 0)
		t->used += n;
	if (mm)
		mm_put_user(mm);
}

static void show_cmdline(struct proc_text *t, struct process *p)
{
	show_strings(t, p, false);
}

static void show_environ(struct proc_text *t, struct process *p)
{
	show_strings(t, p, true);
}

static void show_auxv(struct proc_text *t, struct process *p)
{
	struct mm *mm = process_get_mm(p);

	if (!mm)
		return;
	size_t n = mm->auxv_end - mm->auxv_start;
	char *to = n ? proc_room(t, n) : NULL;
	if (to && ptrace_may_access(p, false) == 0 && mm_read(mm, to, mm->auxv_start, n) == 0)
		t->used += n;
	mm_put_user(mm);
}

static void show_statm(struct proc_text *t, struct process *p)
{
	struct memory m;

	memory_of(p, &m);
	proc_print(t, "%lu %lu 0 0 0 %lu 0\n", m.size, m.resident, m.data);
}

static void show_stat(struct proc_text *t, struct process *p)
{
	u64 ticks = process_runtime(p) / (NS_PER_SEC / TICKS_PER_SEC);
	struct session_terminal terminal;
	struct memory m;

	memory_of(p, &m);
	process_terminal(p, &terminal);
	proc_print(t, "%u (%s) %c %u %u %u ", t->tid, p->name, state_of(p, t->tid),
		process_parent_pid(p), READ_ONCE(p->group), READ_ONCE(p->session));
	proc_print(t, "%lu %d 0 0 0 0 0 ", encode_device(terminal.major, terminal.minor),
		terminal.group);
	proc_print(t, "%lu 0 0 0 20 0 %u 0 %lu %lu %lu ", ticks, READ_ONCE(p->thread_count),
		p->start_ns / (NS_PER_SEC / TICKS_PER_SEC), m.size * PAGE_SIZE, m.resident);
	proc_print(t, "18446744073709551615 0 0 %lu 0 0 0 0 0 0 0 0 0 17 0 0 0 0 0 0 0 0 0 ",
		m.stack_start);
	proc_print(t, "%lu %lu %lu %lu 0\n", m.arg_start, m.arg_end, m.env_start, m.env_end);
}

static void show_group(void *text, u32 gid)
{
	proc_print(text, "%u ", gid);
}

static void show_status(struct proc_text *t, struct process *p)
{
	char state = state_of(p, t->tid);
	bool stopped;
	struct credentials c;
	struct memory m;

	memory_of(p, &m);
	spin_lock(&p->lock);
	c = p->cred;
	spin_unlock(&p->lock);
	proc_print(t, "Name:\t%s\nState:\t%c (%s)\nTgid:\t%u\nNgid:\t0\nPid:\t%u\nPPid:\t%u\n",
		p->name, state, state_name(state), p->pid, t->tid, process_parent_pid(p));
	proc_print(t, "TracerPid:\t%u\nUid:\t%u\t%u\t%u\t%u\nGid:\t%u\t%u\t%u\t%u\n",
		ptrace_tracer_of(p, t->tid, &stopped), c.uid, c.euid, c.suid, c.fsuid, c.gid,
		c.egid, c.sgid, c.fsgid);
	proc_print(t, "Groups:\t");
	groups_for_each(&p->groups, show_group, t);
	proc_print(t, "\nVmPeak:\t%8lu kB\nVmSize:\t%8lu kB\nVmLck:\t%8lu kB\n", m.size * 4,
		m.size * 4, m.locked * 4);
	proc_print(t, "VmHWM:\t%8lu kB\nVmRSS:\t%8lu kB\nVmData:\t%8lu kB\n",
		process_peak_pages(p) * 4, m.resident * 4, m.data * 4);
	proc_print(t, "Threads:\t%u\n", READ_ONCE(p->thread_count));
	proc_print(t,
		"CapInh:\t%016lx\nCapPrm:\t%016lx\nCapEff:\t%016lx\nCapBnd:\t%016lx\nCapAmb:\t%016lx\n",
		c.inheritable, c.permitted, c.effective, c.bounding, c.ambient);
	proc_print(t, "NoNewPrivs:\t%u\n", READ_ONCE(p->no_new_privs));
}

static void show_limits(struct proc_text *t, struct process *p)
{
	static const char *const names[RLIM_NLIMITS] = {"Max cpu time", "Max file size",
		"Max data size", "Max stack size", "Max core file size", "Max resident set",
		"Max processes", "Max open files", "Max locked memory", "Max address space",
		"Max file locks", "Max pending signals", "Max msgqueue size", "Max nice priority",
		"Max realtime priority", "Max realtime timeout"};

	proc_print(
		t, "Limit                     Soft Limit           Hard Limit           Units\n");
	for (u32 i = 0; i < RLIM_NLIMITS; i++) {
		spin_lock(&p->lock);
		struct rlimit64 l = p->limits[i];
		spin_unlock(&p->lock);
		size_t before = t->used;
		proc_print(t, "%s", names[i]);
		while (t->used - before < 26 && !t->failed)
			proc_print(t, " ");
		if (l.rlim_cur == RLIM64_INFINITY)
			proc_print(t, "unlimited            ");
		else
			proc_print(t, "%-20lu ", (u64)l.rlim_cur);
		if (l.rlim_max == RLIM64_INFINITY)
			proc_print(t, "unlimited\n");
		else
			proc_print(t, "%lu\n", (u64)l.rlim_max);
	}
}

/* The place that a process holds, with a reference: its working directory or root. */
static struct dentry *held(struct process *p, struct dentry *(*get)(struct fs_context *c))
{
	spin_lock(&p->lock);
	struct fs_context *c = p->fs;
	if (c)
		fs_context_get(c);
	spin_unlock(&p->lock);
	if (!c)
		return NULL;
	struct dentry *d = get(c);
	fs_context_put(c);
	return d ? d : fs_root();
}

static ssize_t path_and_put(struct dentry *d, char *out, size_t size)
{
	if (!d)
		return -ENOENT;
	ssize_t n = proc_place_text(d, out, size);
	dentry_put(d);
	return n;
}

static ssize_t read_cwd(struct process *p, char *out, size_t size)
{
	return path_and_put(held(p, fs_context_cwd), out, size);
}

static ssize_t read_root(struct process *p, char *out, size_t size)
{
	return path_and_put(held(p, fs_context_root), out, size);
}

/* The file that the process runs, with a reference, or NULL. */
static struct dentry *program_of(struct process *p)
{
	spin_lock(&p->lock);
	struct file *f = p->program;
	struct dentry *d = f && f->place ? dentry_get(f->place) : NULL;
	spin_unlock(&p->lock);
	return d;
}

static ssize_t read_exe(struct process *p, char *out, size_t size)
{
	return path_and_put(program_of(p), out, size);
}

static int follow_exe(struct process *p, struct dentry **out)
{
	*out = program_of(p);
	return *out ? 0 : -ENOENT;
}

static int follow_cwd(struct process *p, struct dentry **out)
{
	*out = held(p, fs_context_cwd);
	return *out ? 0 : -ENOENT;
}

static int follow_root(struct process *p, struct dentry **out)
{
	*out = held(p, fs_context_root);
	return *out ? 0 : -ENOENT;
}

static void show_mounts(struct proc_text *t, struct process *p)
{
	proc_print(t, "none / tmpfs rw,relatime 0 0\nproc /proc proc rw,relatime 0 0\n");
}

static const struct proc_entry process_children[] = {
	{.name = "auxv", .mode = 0400, .kind = PROC_FILE, .show = show_auxv},
	{.name = "cmdline", .mode = 0444, .kind = PROC_FILE, .show = show_cmdline},
	{.name = "comm", .mode = 0444, .kind = PROC_FILE, .show = show_comm},
	{.name = "cwd",
		.mode = 0777,
		.kind = PROC_MAGIC,
		.readlink = read_cwd,
		.follow = follow_cwd},
	{.name = "environ", .mode = 0400, .kind = PROC_FILE, .show = show_environ},
	{.name = "exe",
		.mode = 0777,
		.kind = PROC_MAGIC,
		.readlink = read_exe,
		.follow = follow_exe},
#ifdef AIRLOCK_DEBUG
	{.name = "fail-nth",
		.mode = 0644,
		.kind = PROC_FILE,
		.show = proc_show_fail_nth,
		.store = proc_store_fail_nth},
#endif
	{.name = "fd", .mode = 0500, .kind = PROC_DESCRIPTORS},
	{.name = "fdinfo", .mode = 0555, .kind = PROC_DESCRIPTOR_INFOS},
	{.name = "oom_adj",
		.mode = 0644,
		.kind = PROC_FILE,
		.show = proc_show_oom_adj,
		.store = proc_store_oom_adj},
	{.name = "oom_score", .mode = 0444, .kind = PROC_FILE, .show = proc_show_oom_score},
	{.name = "oom_score_adj",
		.mode = 0644,
		.kind = PROC_FILE,
		.show = proc_show_oom_score_adj,
		.store = proc_store_oom_score_adj},
	{.name = "limits", .mode = 0444, .kind = PROC_FILE, .show = show_limits},
	{.name = "maps", .mode = 0444, .kind = PROC_FILE, .show = proc_show_maps},
	{.name = "mem", .mode = 0600, .kind = PROC_MEMORY},
	{.name = "mounts", .mode = 0444, .kind = PROC_FILE, .show = show_mounts},
	{.name = "root",
		.mode = 0777,
		.kind = PROC_MAGIC,
		.readlink = read_root,
		.follow = follow_root},
	{.name = "smaps", .mode = 0444, .kind = PROC_FILE, .show = proc_show_smaps},
	{.name = "smaps_rollup", .mode = 0444, .kind = PROC_FILE, .show = proc_show_smaps_rollup},
	{.name = "stat", .mode = 0444, .kind = PROC_FILE, .show = show_stat},
	{.name = "statm", .mode = 0444, .kind = PROC_FILE, .show = show_statm},
	{.name = "status", .mode = 0444, .kind = PROC_FILE, .show = show_status},
	/* The last: threads have no threads. */
	{.name = "task", .mode = 0555, .kind = PROC_THREADS},
};

const struct proc_entry proc_process_entry = {
	.name = "",
	.mode = 0555,
	.kind = PROC_DIRECTORY,
	.children = process_children,
	.count = ARRAY_SIZE(process_children),
};

const struct proc_entry proc_thread_entry = {
	.name = "",
	.mode = 0555,
	.kind = PROC_DIRECTORY,
	.children = process_children,
	.count = ARRAY_SIZE(process_children) - 1,
};

/*
 * /proc/PID, and /proc/PID/task/TID: the folder, and in it the links to places (cwd, root, exe). What its files say is made by files of their
 * own, named in fs/proc.h.
 */
#include "fs/fs.h"
#include "fs/names.h"
#include "fs/proc.h"
#include "lib/errno.h"
#include "proc/fscontext.h"
#include "proc/process.h"

struct dentry *proc_held(struct process *p, struct dentry *(*get)(struct fs_context *c))
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
	return path_and_put(proc_held(p, fs_context_cwd), out, size);
}

static ssize_t read_root(struct process *p, char *out, size_t size)
{
	return path_and_put(proc_held(p, fs_context_root), out, size);
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
	*out = proc_held(p, fs_context_cwd);
	return *out ? 0 : -ENOENT;
}

static int follow_root(struct process *p, struct dentry **out)
{
	*out = proc_held(p, fs_context_root);
	return *out ? 0 : -ENOENT;
}

static const struct proc_entry process_children[] = {
	{.name = "auxv", .mode = 0400, .kind = PROC_FILE, .show = proc_show_auxv},
	PROC_FILE_ENTRY("cmdline", proc_show_cmdline),
	{.name = "comm",
		.mode = 0644,
		.kind = PROC_FILE,
		.show = proc_show_comm,
		.write = proc_write_comm},
	{.name = "cwd",
		.mode = 0777,
		.kind = PROC_MAGIC,
		.readlink = read_cwd,
		.follow = follow_cwd},
	{.name = "environ", .mode = 0400, .kind = PROC_FILE, .show = proc_show_environ},
	{.name = "exe",
		.mode = 0777,
		.kind = PROC_MAGIC,
		.readlink = read_exe,
		.follow = follow_exe},
#ifdef AIRLOCK_DEBUG
	PROC_SETTING_ENTRY("fail-nth", proc_show_fail_nth, proc_store_fail_nth),
#endif
	{.name = "fd", .mode = 0500, .kind = PROC_DESCRIPTORS},
	{.name = "fdinfo", .mode = 0555, .kind = PROC_DESCRIPTOR_INFOS},
	{.name = "io", .mode = 0400, .kind = PROC_FILE, .show = proc_show_io},
	PROC_SETTING_ENTRY("oom_adj", proc_show_oom_adj, proc_store_oom_adj),
	PROC_FILE_ENTRY("oom_score", proc_show_oom_score),
	PROC_SETTING_ENTRY("oom_score_adj", proc_show_oom_score_adj, proc_store_oom_score_adj),
	PROC_FILE_ENTRY("limits", proc_show_limits),
	PROC_FILE_ENTRY("maps", proc_show_maps),
	{.name = "mem", .mode = 0600, .kind = PROC_MEMORY},
	PROC_FILE_ENTRY("mountinfo", proc_show_mountinfo),
	PROC_FILE_ENTRY("mounts", proc_show_mounts),
	{.name = "root",
		.mode = 0777,
		.kind = PROC_MAGIC,
		.readlink = read_root,
		.follow = follow_root},
	PROC_FILE_ENTRY("smaps", proc_show_smaps),
	PROC_FILE_ENTRY("smaps_rollup", proc_show_smaps_rollup),
	PROC_FILE_ENTRY("stat", proc_show_stat),
	PROC_FILE_ENTRY("statm", proc_show_statm),
	PROC_FILE_ENTRY("status", proc_show_status),
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

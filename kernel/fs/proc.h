/*
 * /proc (proc(5)): processes and the system as files whose text is made when they are read.
 *
 * Names are made up for each look: an inode and a dentry live as long as somebody uses them. What
 * they are about is in struct proc_ref; a process that ends meanwhile is seen as what is left of it.
 */
#ifndef FS_PROC_H
#define FS_PROC_H

#include "fs/tree.h"
#include "lib/compiler.h"
#include "proc/text.h"

struct process;

#define PROC_STORE_MAX 96
/* In which times are told: USER_HZ, as sysconf(_SC_CLK_TCK) says. */
#define PROC_TICKS_PER_SEC 100
static inline u64 proc_ticks(u64 ns)
{
	return ns / (NS_PER_SEC / PROC_TICKS_PER_SEC);
}

struct fs_context;
struct iobuf;
struct proc_ref;

enum proc_kind {
	PROC_DIRECTORY,
	PROC_FILE,
	PROC_LINK,  /* leads where its text says */
	PROC_MAGIC, /* leads to a place, whatever its text says */
	PROC_DESCRIPTORS,
	PROC_DESCRIPTOR,
	PROC_DESCRIPTOR_INFOS,
	PROC_DESCRIPTOR_INFO,
	PROC_THREADS,
	PROC_MEMORY,
};

/* One name; constant. */
struct proc_entry {
	const char *name;
	u32 mode; /* permission bits */
	enum proc_kind kind;
	/* A file's text. p is NULL for what is about the system. */
	void (*show)(struct proc_text *t, struct process *p);
	/* Takes what was written at once, of PROC_STORE_MAX bytes at most; NULL: nothing can be. */
	int (*store)(struct process *p, const char *text);
	/* The same for a file that is about one thread, or takes more: bytes, or -errno. */
	ssize_t (*write)(const struct proc_ref *r, struct iobuf *from);
	/* A link's text: bytes, or -errno. */
	ssize_t (*readlink)(struct process *p, char *out, size_t size);
	int (*follow)(struct process *p, struct dentry **out);
	const struct proc_entry *children;
	u32 count;
};

#define PROC_FILE_ENTRY(entry_name, function)                                             \
	{                                                                                 \
		.name = (entry_name), .mode = 0444, .kind = PROC_FILE, .show = (function) \
	}
#define PROC_SETTING_ENTRY(entry_name, show_it, store_it)                                 \
	{                                                                                 \
		.name = (entry_name), .mode = 0644, .kind = PROC_FILE, .show = (show_it), \
		.store = (store_it)                                                       \
	}
#define PROC_DIRECTORY_ENTRY(entry_name, list)                                                  \
	{                                                                                       \
		.name = (entry_name), .mode = 0555, .kind = PROC_DIRECTORY, .children = (list), \
		.count = ARRAY_SIZE(list)                                                       \
	}

/* What an inode is about; its private. */
struct proc_ref {
	const struct proc_entry *entry;
	struct process *process; /* with a reference, or NULL */
	s32 fd;
	u32 tid; /* 0: the process's first thread, and all of it */
};

/* Debug kernels, proc_debug.c: /proc/PID/fail-nth, /proc/airlock-fail, /proc/airlock-memory. */
void proc_show_fail(struct proc_text *t, struct process *p);
MUST_CHECK int proc_store_fail(struct process *p, const char *text);
void proc_show_fail_nth(struct proc_text *t, struct process *p);
MUST_CHECK int proc_store_fail_nth(struct process *p, const char *text);
void proc_show_memory(struct proc_text *t, struct process *p);
MUST_CHECK int proc_store_memory(struct process *p, const char *text);

/* proc_image.c: what a process runs */
void proc_show_comm(struct proc_text *t, struct process *p);
MUST_CHECK ssize_t proc_write_comm(const struct proc_ref *r, struct iobuf *from);
void proc_show_cmdline(struct proc_text *t, struct process *p);
void proc_show_environ(struct proc_text *t, struct process *p);
void proc_show_auxv(struct proc_text *t, struct process *p);

/* proc_stat.c and proc_status.c: what it is and uses */
void proc_show_stat(struct proc_text *t, struct process *p);
void proc_show_statm(struct proc_text *t, struct process *p);
void proc_show_io(struct proc_text *t, struct process *p);
void proc_show_status(struct proc_text *t, struct process *p);
/* A set of numbers: "0-3,7". */
void proc_print_ranges(struct proc_text *t, u64 set);

/* proc_limits.c */
void proc_show_limits(struct proc_text *t, struct process *p);

/* proc_mounts.c */
void proc_show_mounts(struct proc_text *t, struct process *p);
void proc_show_mountinfo(struct proc_text *t, struct process *p);
void proc_show_filesystems(struct proc_text *t, struct process *p);

/* proc_cpu.c */
void proc_show_cpuinfo(struct proc_text *t, struct process *p);
void proc_show_stat_system(struct proc_text *t, struct process *p);
void proc_show_loadavg(struct proc_text *t, struct process *p);
void proc_show_uptime(struct proc_text *t, struct process *p);

/* proc_oom.c */
void proc_show_oom_score(struct proc_text *t, struct process *p);
void proc_show_oom_score_adj(struct proc_text *t, struct process *p);
void proc_show_oom_adj(struct proc_text *t, struct process *p);
MUST_CHECK int proc_store_oom_score_adj(struct process *p, const char *text);
MUST_CHECK int proc_store_oom_adj(struct process *p, const char *text);

/* proc_maps.c */
void proc_show_maps(struct proc_text *t, struct process *p);
void proc_show_smaps(struct proc_text *t, struct process *p);
void proc_show_smaps_rollup(struct proc_text *t, struct process *p);

/* The directory of one process, and what is about the system. */
extern const struct proc_entry proc_process_entry;
/* That of one thread. */
extern const struct proc_entry proc_thread_entry;
extern const struct proc_entry proc_root_entry;
/* What is in /proc/sys: proc_sysctl.c. */
#define PROC_SYS_CHILDREN 3
extern const struct proc_entry proc_sys_children[PROC_SYS_CHILDREN];
/* /sys: sys_tree.c. */
extern const struct proc_entry sys_root_entry;

/* An inode about something, of the file system dev (fs/mounts.h): with a reference, or NULL. */
MUST_CHECK struct inode *proc_create_inode(
	const struct proc_entry *e, struct process *p, s32 fd, u32 dev);

/* Opens a file: proc_file.c. */
MUST_CHECK int proc_open_file(struct inode *i, u32 flags, struct file **out);

/* -- proc_tree.c -- */

/* The position of a folder's first entry, after "." and "..". */
#define PROC_FIRST 2
/* The same number for the same thing as long as it is there. */
u64 proc_ino(const struct proc_entry *e, const struct process *p, s32 fd);
/* The number that a name is, or -1. */
s64 proc_number(const char *name, size_t length);
MUST_CHECK int proc_make(struct dentry *dir, const char *name, size_t length,
	const struct proc_entry *e, struct process *p, s32 fd, struct dentry **out);
/* The entry at pos of a folder, whose name is a number: 1. */
int proc_put_number(struct tree_entry *e, u64 number, u64 pos, u32 mode, u64 ino);

/* -- proc_fd.c: the operations of proc_tree.c for descriptors -- */

MUST_CHECK int proc_fd_lookup(
	struct dentry *dir, const char *name, size_t length, struct dentry **out);
int proc_fd_next(const struct proc_ref *r, u64 pos, struct tree_entry *e);
ssize_t proc_fd_read(const struct proc_ref *r, char *out, size_t size);
MUST_CHECK int proc_fd_follow(const struct proc_ref *r, struct dentry **out);
void proc_fd_show_info(struct proc_text *t, const struct proc_ref *r);

/* Opens a process's memory: proc_memory.c. -EACCES for who may not look into it. */
MUST_CHECK int proc_open_memory(struct process *p, u32 flags, struct file **out);

/* The place that a process holds, its working directory or root, with a reference; NULL if it has none any more. */
struct dentry *proc_held(struct process *p, struct dentry *(*get)(struct fs_context *c));
/* What links to a place say: its path from the reader's root, and that it is gone: bytes, or -ERANGE. Needs tree_lock. */
MUST_CHECK ssize_t proc_place_text(const struct dentry *place, char *out, size_t size);
/* What the link to it says: "pipe:[7]". */
ssize_t proc_describe(struct file *f, char *out, size_t size);

#endif

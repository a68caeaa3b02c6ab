/*
 * Open files and descriptor tables. Everything with a descriptor is a struct file with an
 * operations table.
 *
 * The operations are called in thread context and may sleep. Buffers are user addresses, moved
 * through struct iovec iterators so that one implementation serves read, readv, pread and the
 * kernel's own reads.
 */
#ifndef PROC_FILE_H
#define PROC_FILE_H

#include "lib/compiler.h"
#include "lib/list.h"
#include "lib/refcount.h"
#include "lib/types.h"
#include "sched/mutex.h"
#include "sync/spinlock.h"

struct dentry;
struct file;
struct files;
struct page_source;
struct stat;
struct iobuf;
struct proc_text;
struct waitq;

/* What stat(2) says that calls can change: each a chmod(2), a chown(2) (and the mode with it), or a utimensat(2). */
enum file_attribute { FILE_MODE, FILE_OWNER, FILE_TIMES };
struct file_attributes {
	u32 mode, uid, gid;	 /* of the mode its permission bits */
	s64 atime, mtime, ctime; /* ns since 1970 */
};

/*
 * The caller holds pos_lock when it passes &f->pos to read or write, and around seek and getdents,
 * which use f->pos; it holds no lock otherwise.
 */
struct file_ops {
	/* Bytes moved (0: end of file), or -errno. *pos is updated; NULL for files without a
	 * position. */
	ssize_t (*read)(struct file *f, struct iobuf *to, u64 *pos);
	ssize_t (*write)(struct file *f, struct iobuf *from, u64 *pos);
	/* Seeking, reading at &f->pos and getdents are called with pos_lock held. */
	s64 (*seek)(struct file *f, s64 offset, int whence);
	int (*stat)(struct file *f, struct stat *out); /* kernel's struct stat of <asm/stat.h> */
	/* Sets one of them, of a file without a place that keeps them. */
	void (*set_stat)(struct file *f, enum file_attribute what, const struct file_attributes *a);
	ssize_t (*getdents)(struct file *f, struct iobuf *to);
	int (*ioctl)(struct file *f, u32 command, u64 argument);
	/*
	 * POLL* that hold now. Waits for nothing that they stand for; it may take locks of ranks above
	 * RANK_EPOLL. Without the operation reads and writes never wait, and epoll(7) refuses the file.
	 */
	u32 (*poll)(struct file *f);
	/*
	 * The n-th wait queue (n from 0) that is woken when poll's answer may have changed; NULL
	 * past the last. Without the operation the answer never changes, as for a regular file.
	 */
	struct waitq *(*poll_queue)(struct file *f, u32 n);
	/*
	 * For a file whose queues are not its own and may go before it (signalfd: the asking process's):
	 * keeps them for one who stays in them after the call, until unpin. Without it they live as long
	 * as the file.
	 */
	void *(*poll_pin)(struct file *f);
	void (*poll_unpin)(void *pin);
	/* The source of its pages for mmap and exec, with a reference; NULL operation: -ENODEV, unless it maps zeros, that is memory without
	 * a file. */
	int (*page_source)(struct file *f, struct page_source **out);
	/* fsync(2) and fdatasync(2), of a file that can be written back. */
	int (*sync)(struct file *f);
	/* ftruncate(2); the file is open for writing. */
	int (*truncate)(struct file *f, u64 size);
	/* fallocate(2); start + length fits. */
	int (*allocate)(struct file *f, u32 mode, u64 start, u64 length);
	void (*release)(struct file *f); /* the last reference went */
	/* Its lines of /proc/PID/fdinfo/FD that others don't have. */
	void (*show_info)(struct file *f, struct proc_text *to);
	/* What /proc/PID/fd/FD says, of a file that has no name: "anon_inode:[eventfd]". */
	const char *name;
	/* Has no position, although lseek(2) is no error: pread(2) is. */
	bool stream;
	/* A regular file to stat(2), but without contents: of an offset, too, that is what is said. */
	bool no_contents;
	/* What pwrite(2) can't write, but write(2) can. */
	bool no_pwrite;
	/* As Linux's drivers that have a write for one range only: writev(2) is several writes, RWF_ flags are refused, and sendfile(2)
	 * does not write there. */
	bool plain_write;
	bool maps_zeros;
	/* May be asked for O_DIRECT. */
	bool direct;
	/* sendfile(2) does not read there. */
	bool no_send;
};

/* Most queues that a file's poll_queue has. */
#define POLL_QUEUES 2

/* Locking key: (c) constant after open; (m) pos_lock; (a) atomic; (w) watches_lock of
 * ipc/epoll_item.c. */
struct file {
	const struct file_ops *ops; /* (c) */
	struct refcount refs;	    /* (a) */
	atomic32_t flags;	    /* (a) O_* */
	struct mutex pos_lock;
	u64 pos;	      /* (m) */
	struct dentry *place; /* (c) fs/: the name it was opened under, with a reference, or NULL */
	void *private;	      /* (c) the implementation's */
	void *private2;	      /* (c) */
	struct list watches;  /* (w) epoll items that watch it */
	bool watched;	      /* (w) there was one once; never cleared */
	s32 owner;	      /* fcntl(2) F_SETOWN: one word, any value is right */
	u32 owner_signal;     /* F_SETSIG, likewise */
	bool locked; /* had a lock of its own once; never cleared. Set by who has a reference, so seen by who drops the last */
};

/* NULL if memory ran out. */
MUST_CHECK struct file *file_create(const struct file_ops *ops, u32 flags, void *private);
/* The same in two steps, the second of which can't fail; file_discard() instead of it. */
MUST_CHECK struct file *file_alloc(void);
void file_fill(struct file *f, const struct file_ops *ops, u32 flags, void *private);
void file_discard(struct file *f);
void file_get(struct file *f);

/* References on places, whose contents are fs/'s affair. fs/ registers how, at start-up. */
struct place_ops {
	struct dentry *(*get)(struct dentry *d);
	void (*put)(struct dentry *d);
};
void file_set_place_ops(const struct place_ops *ops);
void place_get(struct dentry *d);
void place_put(struct dentry *d);

void file_put(struct file *f);

/* Called before a file that was watched is released: nobody has a reference any more. Registered by
 * ipc/ at start-up. */
void file_set_unwatch(void (*fn)(struct file *f));

/*
 * Locks on files (fs/lock.h), registered by fs/ at start-up. A descriptor was closed, of a table that had record locks once; a file
 * that was locked is released.
 */
struct file_lock_ops {
	void (*descriptor_closed)(struct files *t, struct file *f);
	void (*file_released)(struct file *f);
};
void file_set_lock_ops(const struct file_lock_ops *ops);
void file_descriptor_closed(struct files *t, struct file *f);

/*
 * A place that bytes come from or go to: a list of user ranges, or one kernel range. Both
 * directions return how much was moved before a fault; -EFAULT if nothing was and n > 0.
 */
struct iobuf_segment {
	uaddr_t base;
	size_t length;
};
struct iobuf {
	const struct iobuf_segment *segments; /* user ranges; or NULL */
	u32 count;
	u32 index;     /* current segment */
	size_t offset; /* in it */
	size_t left;   /* bytes in all that remain */
	char *kernel;  /* used when segments is NULL */
	bool append; /* to be written behind what the file has, whatever the position: RWF_APPEND */
	struct iobuf_segment single;
};
void iobuf_init_user(struct iobuf *b, uaddr_t base, size_t length);
void iobuf_init_kernel(struct iobuf *b, void *base, size_t length);
void iobuf_init_segments(struct iobuf *b, const struct iobuf_segment *segments, u32 count);
MUST_CHECK ssize_t iobuf_put(struct iobuf *b, const void *from, size_t n);
MUST_CHECK ssize_t iobuf_take(struct iobuf *b, void *to, size_t n);

/*
 * Reads n bytes at offset into kernel memory, as many calls as that takes: bytes read (less than n
 * only at the end of the file), or -errno. For exec.
 */
MUST_CHECK ssize_t file_read_kernel(struct file *f, void *to, size_t n, u64 offset);

/* Descriptor tables, shared by the threads of a process. No more than FILES_MAX descriptors,
 * whatever the limit. */
#define FILES_MAX 65536U
#define FILES_DEFAULT_LIMIT 1024U
#define FILES_DEFAULT_HARD_LIMIT 4096U

struct files {
	struct refcount refs;
	struct spinlock lock; /* RANK_FILES */
	struct file **slot;   /* lock */
	u32 capacity;	      /* lock */
	u64 *cloexec;	      /* lock: bitmap */
	u64 *taken;	      /* lock: bitmap of what is open or reserved; behind cloexec */
	u32 limit;	      /* lock: RLIMIT_NOFILE */
	bool record_locks; /* had one once; never cleared. Read without the lock: fs/lock_table.c says why */
};

MUST_CHECK struct files *files_create(void);
/* A table of its own with the same open files: 0 or -ENOMEM. */
MUST_CHECK int files_copy(struct files *from, struct files **out);
/* Closes what is marked so. */
void files_close_on_exec(struct files *t);
void files_get(struct files *t);
void files_put(struct files *t);
/* The open file with a reference, or NULL. */
MUST_CHECK struct file *files_lookup(struct files *t, int fd);
/* True if the descriptor is open and is this file. */
MUST_CHECK bool files_has(struct files *t, int fd, const struct file *f);
/* Puts f (the reference is taken over on success) in the lowest free slot at or above from: the
 * descriptor, -EMFILE, -ENOMEM. */
MUST_CHECK int files_install(struct files *t, struct file *f, int from, bool cloexec);
/*
 * Two steps, for calls that can fail after the number is known: the lowest free number, which only
 * files_fill() (takes over the reference) or files_unreserve() makes visible or free again.
 */
MUST_CHECK int files_reserve(struct files *t, bool cloexec);
void files_fill(struct files *t, int fd, struct file *f);
void files_unreserve(struct files *t, int fd);
/* Puts f at fd, closing what was there: fd, -EBADF, -EBUSY (reserved), -ENOMEM. */
MUST_CHECK int files_install_at(struct files *t, struct file *f, int fd, bool cloexec);
MUST_CHECK int files_close(struct files *t, int fd);
/* Closes first..last; with cloexec_only they are marked close-on-exec instead. As
 * close_range(2). */
void files_close_range(struct files *t, u32 first, u32 last, bool cloexec_only);
/* The close-on-exec flag: 0 or 1, or -EBADF. */
MUST_CHECK int files_get_cloexec(struct files *t, int fd);
MUST_CHECK int files_set_cloexec(struct files *t, int fd, bool cloexec);
void files_set_limit(struct files *t, u64 limit);
/* All open descriptors are below this. */
u32 files_capacity(struct files *t);
/* How many descriptors are open. */
u32 files_count(struct files *t);

#endif

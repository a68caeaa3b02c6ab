/*
 * Pipes (pipe(7)): the anonymous ones of pipe2(2), and what stands behind a FIFO.
 *
 * A pipe is a ring of slots, each with one page and the bytes written into it. As on Linux, what
 * can be waited for and how much fits is told by slots, not by bytes: a pipe is full when no slot
 * is free, although a short write may still fit behind the last one.
 */
#ifndef IPC_PIPE_H
#define IPC_PIPE_H

#include "lib/compiler.h"
#include "lib/refcount.h"
#include "lib/types.h"
#include "proc/file.h"
#include "sched/mutex.h"
#include "sched/wait.h"

#define PIPE_SLOTS_DEFAULT 16U
/* /proc/sys/fs/pipe-max-size: more than this needs a privilege. */
#define PIPE_SIZE_MAX (1UL << 20)

struct pipe_slot {
	struct page *page;
	u32 start, length; /* what is still to be read */
	bool packet;	   /* written with O_DIRECT: read alone, and whole or not at all */
};

/*
 * Locking key: (l) lock, a mutex, because it is held across user copies; (w) the same, and read
 * without it by poll and by the conditions of waits; (a) atomic; (c) constant.
 */
struct pipe {
	struct refcount refs; /* (a) each open file, and the inode of a FIFO */
	struct mutex lock;    /* RANK_PIPE */
	struct pipe_slot *slots;
	u32 slot_count;			   /* (w) a power of two */
	u32 head, tail;			   /* (w) slots written and read so far */
	u32 readers, writers;		   /* (w) open files */
	u32 reader_opens, writer_opens;	   /* (w) how often there was a new one */
	struct page *spare;		   /* (l) one page kept for the next write */
	u64 ino;			   /* (c) */
	struct file_attributes attributes; /* (w) of one without a name; single words */
	struct waitq readable; /* something written, or the last writer gone, or a first one come */
	struct waitq writable; /* the same for readers */
};

/* A pipe with one reference; NULL if memory ran out. */
MUST_CHECK struct pipe *pipe_create(void);
void pipe_get(struct pipe *p);
void pipe_put(struct pipe *p);

/* pipe2(2): flags may have O_NONBLOCK and O_DIRECT. 0, or -ENOMEM. */
MUST_CHECK int pipe_open_pair(u32 flags, struct file **read_end, struct file **write_end);

/*
 * fifo(7): opens one end, waiting for the other if flags say so. 0, -ENXIO, -EINTR, -ENOMEM.
 */
MUST_CHECK int pipe_open_fifo(struct pipe *p, u32 flags, struct file **out);

/* The pipe behind an open file, or NULL. */
struct pipe *pipe_of(const struct file *f);
/* fcntl(2) F_GETPIPE_SZ, F_SETPIPE_SZ. privileged: may exceed PIPE_SIZE_MAX. */
u64 pipe_capacity(struct pipe *p);
MUST_CHECK s64 pipe_set_capacity(struct pipe *p, u64 bytes, bool privileged);

/* Between pipe.c and pipe_file.c; all need the lock. */
static inline bool pipe_is_empty(const struct pipe *p)
{
	return READ_ONCE(p->head) == READ_ONCE(p->tail);
}
static inline bool pipe_is_full(const struct pipe *p)
{
	return READ_ONCE(p->head) - READ_ONCE(p->tail) >= READ_ONCE(p->slot_count);
}
/*
 * Move bytes until the pipe is full (empty) or the buffer is used up: 0, -EFAULT or -ENOMEM; *done is
 * added to, whatever the result. fill() puts the odd part behind the last slot's bytes only if
 * merge is set: once for each write, at its start.
 */
MUST_CHECK int pipe_fill(
	struct pipe *p, struct iobuf *from, bool merge, bool packet, ssize_t *done);
MUST_CHECK int pipe_drain(struct pipe *p, struct iobuf *to, ssize_t *done);
/* Bytes that can be read. */
u64 pipe_bytes_locked(struct pipe *p);
void pipe_discard_locked(struct pipe *p);

#endif

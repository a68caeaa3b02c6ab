/* What calls that move bytes share. */
#ifndef SYS_RW_H
#define SYS_RW_H

#include "proc/file.h"

enum direction { READ_IT, WRITE_IT };

static inline bool file_has_position(const struct file *f)
{
	return f->ops->seek != NULL && !f->ops->stream;
}

/* At the file's own position, whose lock is held meanwhile: bytes, or -errno. */
MUST_CHECK ssize_t rw_move_here(struct file *f, struct iobuf *b, enum direction d);
/* For /proc/PID/io: the running thread made a call, whatever came of it; and what that moved, which is returned. */
s64 rw_count(s64 moved, enum direction d);

#endif

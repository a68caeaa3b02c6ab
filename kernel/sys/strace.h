/* `airlock run --strace`: decoded calls as lines for the host. */
#ifndef SYS_STRACE_H
#define SYS_STRACE_H

#include "lib/compiler.h"
#include "sys/watch.h"

/* Begins it, over the port airlock.strace. Thread context, after console_init(). 0 or -ENODEV. */
MUST_CHECK int strace_start(void);
/* Around each call; nothing if strace_start() was not called. Thread context of the caller. */
void strace_begin(struct watch *w);
void strace_end(const struct watch *w, s64 result);

#endif

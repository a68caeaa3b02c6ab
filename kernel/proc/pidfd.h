/* Descriptors that stand for a process. Thread context. */
#ifndef PROC_PIDFD_H
#define PROC_PIDFD_H

#include "lib/compiler.h"
#include "lib/types.h"
#include "proc/file.h"

struct process;

/* A file that refers to p: 0 or -ENOMEM. */
MUST_CHECK int pidfd_create(struct process *p, u32 flags, struct file **out);
/* The same, as a descriptor of the running process, close-on-exec. */
MUST_CHECK int pidfd_install(struct process *p, u32 flags);
/* The process with a reference; NULL if the file is something else. */
MUST_CHECK struct process *pidfd_process(const struct file *f);

#endif

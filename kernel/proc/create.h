/* Between the files of proc/ that make processes: not for others. */
#ifndef PROC_CREATE_H
#define PROC_CREATE_H

#include "lib/compiler.h"
#include "lib/types.h"

struct process;
struct thread;

/* A process without memory, descriptors and threads, and with a pid. NULL if memory or pids ran
 * out. */
MUST_CHECK struct process *process_create(const char *path, const char *cwd);

/* Adds a thread that has not been started; the thread takes a reference on the process and is a
 * user of its memory. */
void process_add_thread(struct process *p, struct thread *t);

#endif

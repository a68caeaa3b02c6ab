/* Between the files of proc/ that make processes: not for others. */
#ifndef PROC_CREATE_H
#define PROC_CREATE_H

#include "lib/compiler.h"
#include "lib/types.h"
#include "proc/pid.h"

struct process;
struct thread;

/* A process without memory, descriptors, signal actions, directory and threads, and with a pid; exe
 * is its program's path. -ENOMEM; -EAGAIN if there is no number left. */
MUST_CHECK int process_create(const char *exe, struct process **out);
/* The name that ps shows: the last part of a path. */
void process_set_name(struct process *p, const char *path);

/* Adds a thread that has not been started and has its number; the thread takes a reference on the
 * process and is a user of its memory. */
void process_add_thread_locked(struct process *p, struct thread *t) REQUIRES(&pid_table_lock);
/* Makes a complete process with its first thread visible to all others. */
void process_publish_locked(struct process *p, struct process *parent, struct thread *t)
	REQUIRES(&pid_table_lock);

#endif

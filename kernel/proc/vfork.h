/*
 * vfork(2): the parent sleeps until the child has no more use for the parent's memory, because it
 * has called execve(2) or has ended. Thread context.
 */
#ifndef PROC_VFORK_H
#define PROC_VFORK_H

#include "lib/compiler.h"
#include "lib/types.h"

struct thread;
struct vfork;

/* One reference for each side; NULL if memory ran out. */
MUST_CHECK struct vfork *vfork_create(void);
/* Gives the child its side; before it is started. */
void vfork_give(struct vfork *v, struct thread *child);
/* The parent's side: sleeps until the child is done with the memory, or the calling thread is to
 * end. Gives the reference back. */
void vfork_wait(struct vfork *v);
/* Gives back both sides: the child was not started. */
void vfork_cancel(struct vfork *v);
/* The child's side, if the thread has one. */
void vfork_release(struct thread *t);

#endif

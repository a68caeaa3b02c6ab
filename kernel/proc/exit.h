/* Between exit.c and execve.c. */
#ifndef PROC_EXIT_H
#define PROC_EXIT_H

struct thread;

/* The running thread has no more use for its memory: tells those who wait for words in it. */
void thread_leave_memory(struct thread *t);

#endif

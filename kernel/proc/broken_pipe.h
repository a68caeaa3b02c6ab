/* For whoever writes to where nobody reads. Thread context. */
#ifndef PROC_BROKEN_PIPE_H
#define PROC_BROKEN_PIPE_H

/* Sends SIGPIPE to the running thread; what the write returns then, -EPIPE. */
int signal_broken_pipe(void);

#endif

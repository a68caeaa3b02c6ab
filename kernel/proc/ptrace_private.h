/* Between the files of proc/ptrace*.c: not for others. */
#ifndef PROC_PTRACE_PRIVATE_H
#define PROC_PTRACE_PRIVATE_H

#include <linux/ptrace.h>

#include "proc/process.h"
#include "proc/ptrace.h"
#include "proc/signal.h"

/* -- ptrace_stop.c -- */

/* Why a thread stops. */
struct ptrace_stop {
	s32 code;		  /* what a wait tells: a signal, and an event above it */
	s32 why;		  /* CLD_TRAPPED or CLD_STOPPED, for the tracer's SIGCHLD */
	u64 message;		  /* of the event */
	struct signal_info *info; /* or NULL */
	s64 call;		  /* the call that it is in or has made, or -1 */
	u8 call_stop;		  /* PTRACE_SYSCALL_INFO_ENTRY, _EXIT or 0 */
	bool in_group_stop;	  /* the stop is the process's */
	bool leaving;		  /* the thread is ending: only another reason for that counts */
	u32 ends;		  /* when leaving: ptrace_ends() when it began to */
};

/* The running thread stops until its tracer lets it go on, or is gone, or it must end: what the
 * tracer gave it to go on with. If it is not traced, or must end already, it does not stop. */
s32 ptrace_stop(const struct ptrace_stop *s);
/* The same for what is no signal: siginfo says the code. */
s32 ptrace_stop_notify(const struct ptrace_stop *s);
/* The reasons that the thread has to end: bits. */
u32 ptrace_ends(const struct thread *t);
/* An event in the call that is being made. */
void ptrace_stop_event(u32 event, u64 message);
/* The call that the running thread is in or has just made, or -1. */
s64 ptrace_current_call(void);

/* -- ptrace_link.c -- */

/* Finds a tracee of the running thread, or NULL. */
struct thread *ptrace_find_locked(u32 tid) REQUIRES(&pid_table_lock);
/* Begins to trace t, which is not traced: for the tracer thread. */
void ptrace_link_locked(struct thread *t, struct thread *tracer, u32 options, bool seize)
	REQUIRES(&pid_table_lock);
/* Ends it; a thread in a stop goes on. What is left of a thread that has ended goes to *dropped. */
void ptrace_unlink_locked(struct thread *t, struct ptrace_dropped *dropped)
	REQUIRES(&pid_table_lock);
/* Stops that the tracer has coming: SIGNAL_TRAP_*. */
void ptrace_set_trap(struct thread *t, u8 trap);

#endif

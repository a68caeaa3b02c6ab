/*
 * What proc/ptrace*.c keeps for a user thread that another one traces. It lies here because it is
 * part of struct thread; sched/ only zeroes it in a new one.
 *
 * Locking key: (p) pid_table_lock; (s) the process's signals.lock; (t) the thread itself, or its
 * tracer while that holds it in a stop.
 */
#ifndef SCHED_THREAD_TRACE_H
#define SCHED_THREAD_TRACE_H

#include "lib/list.h"
#include "lib/types.h"

struct process;
struct signal_info;
struct thread;

/* How a tracer let a thread go on. */
enum trace_mode { TRACE_FREELY, TRACE_CALLS, TRACE_EMULATE };

struct thread_trace {
	struct list link;	/* (p) the tracer's process's family.tracees; with references on the
			     thread and its process */
	struct process *tracer; /* (p) NULL: not traced; read without by who only wants to know */
	struct thread *tracer_thread; /* (p) the one that may make requests */
	u32 options;		      /* (p) PTRACE_O_*; read without by the thread itself */
	bool seized;		      /* written under (p) and (s), read under either */
	bool by_root;		      /* (p) its tracer may see what set-user-id programs do */
	bool gone;	    /* (p) the thread has ended; what is left is for the tracer's wait */
	bool stopped;	    /* (p) in a stop; read without by the thread, which looks again */
	bool held;	    /* (p) its tracer works on it: it stays in the stop whatever happens */
	bool listening;	    /* (p) PTRACE_LISTEN: in a stop that a new one may follow */
	bool in_group_stop; /* (p) the stop is the process's */
	u32 end;	    /* (p) when gone: as wait4(2) tells it */
	s32 code;    /* (p) what a wait of the tracer tells, 0 once it has; then what it is let go
			  with */
	u64 message; /* (p) PTRACE_GETEVENTMSG */
	struct signal_info *info; /* (t) PTRACE_GETSIGINFO; NULL: there is none */
	s64 call; /* (t) in a stop: the number of the call that it is in or has just made, or -1 */
	enum trace_mode mode; /* (t) */
	bool step;	      /* (t) */
	bool in_call;	      /* (t) a stop at the end of the call may be due */
	u8 call_stop;	      /* (t) in a stop at a call: PTRACE_SYSCALL_INFO_ENTRY or _EXIT */
};

#endif

/*
 * What proc/signal*.c keeps for a user thread. It lies here because it is part of struct thread;
 * sched/ only zeroes it in a new one. Sets of signals have bit n-1 for signal n.
 *
 * Locking key: (s) the process's signals.lock; (t) the thread itself.
 */
#ifndef SCHED_THREAD_SIGNALS_H
#define SCHED_THREAD_SIGNALS_H

#include "lib/list.h"
#include "lib/types.h"

/* Signals that have been sent and not yet acted on: a bit each, and what is known about them. */
struct signal_entry;
struct signal_queue {
	u64 pending;		    /* (s) written; read by signal_pending() without */
	struct list entries;	    /* (s) in the order of sending; a signal may lack its entry */
	struct signal_entry *spare; /* (s) one that was used, for the next */
};

/* How restart_syscall(2) goes on with a call that a signal interrupted: proc/restart.h. */
struct restart {
	s64 (*fn)(struct restart *r); /* NULL: it gives -EINTR */
	u64 arg[6];
};

struct thread_signals {
	struct list link;  /* (s) struct process_signals: threads */
	u64 blocked;	   /* written by (t) under (s) */
	u64 saved_blocked; /* (t) to be put back when the call's signals have acted */
	bool has_saved;	   /* (t) */
	bool stop_taken;   /* (s) a stopping signal was taken, and no SIGCONT has come since */
	bool must_rest;	   /* (s) the process waits for it before it counts as stopped */
	bool resting;	   /* (s) it rests with its process, or is about to */
	bool stop_over;	   /* (s) its tracer let it go on although the process is stopped */
	u8 traps;	   /* (s) SIGNAL_TRAP_*: stops that its tracer has coming */
	u64 waited_for;	   /* written by (t) under (s): sigtimedwait(2)'s set */
	struct signal_queue queue; /* sent to this thread alone */
	uaddr_t altstack;	   /* (t) sigaltstack(2) */
	u64 altstack_size;	   /* (t) */
	u32 altstack_flags;	   /* (t) as the program gave them */
	s32 fault_signal;	   /* (t) what upcall_page_fault() found out, for the exception that
				      follows; 0: nothing */
	s32 fault_code;		   /* (t) */
	const char *forced_reason; /* (t) why the last forced signal was sent, for the report */
	u64 trap, error, cr2;	   /* (t) of the last fault, for signal frames */
	s32 interrupted; /* (t) how the call that is being left ended, an errno of proc/restart.h; 0:
			    not by a signal */
	struct restart restart; /* (t) */
};

#endif

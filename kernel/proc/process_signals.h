/*
 * What proc/signal*.c keeps for a process: part of struct process. By itself, so that those who only
 * want the structure don't get Linux's names of signals, too.
 */
#ifndef PROC_PROCESS_SIGNALS_H
#define PROC_PROCESS_SIGNALS_H

#include "lib/list.h"
#include "lib/types.h"
#include "proc/timers.h"
#include "sched/thread_signals.h"
#include "sched/wait.h"
#include "sync/spinlock.h"

struct signal_actions;

/* A stop or continue of the process as a whole, of which its parent's wait may hear. */
enum wait_event_kind { WAIT_EVENT_NONE, WAIT_EVENT_STOPPED, WAIT_EVENT_CONTINUED };

/*
 * A process's part. The lock may be taken in interrupts, so that timers can send. A thread is in the
 * list from signal_thread_join() until signal_thread_leave(), which its process's lock does not
 * guard: here whoever may be chosen to act on a signal.
 */
struct process_signals {
	struct spinlock lock;		/* RANK_SIGNALS */
	struct list threads;		/* lock; the oldest first */
	struct signal_queue queue;	/* sent to the process */
	struct signal_actions *actions; /* lock; changed by exec only */
	struct process_timers timers;	/* proc/timers.h */
	u32 stop_signal;		/* lock: what the process is being stopped by */
	u32 unrested;			/* lock: threads that have not come to rest yet */
	enum wait_event_kind event;	/* lock: what the parent may hear of */
	bool stop_due;			/* lock: all rest, and the event does not say so yet */
	u32 group_signals;		/* pid_table_lock: how many came to a group that it is in */
	struct waitq arrivals; /* woken when a signal becomes pending for anybody of the process */
};

#endif

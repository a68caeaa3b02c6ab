/*
 * The order of locks, outermost first. A CPU that holds a lock takes only locks of higher rank.
 *
 * What each guards is said where it is declared. [irq]: taken by interrupt handlers, so always with interrupts off.
 * Since every lock has a rank and ranks are numbers, no cycle of locks can exist while the order is kept; debug kernels
 * check it at every acquisition (sync/spinlock_debug.c, sched/mutex.c) and name both locks where it is broken.
 */
#ifndef SYNC_RANK_H
#define SYNC_RANK_H

enum lock_rank {
	RANK_NONE = 0,
	/* Sleeping locks (sched/mutex.h) come first: no spinlock may be held when one is taken. */
	RANK_TTY_OFFER, /* dev/tty_control.c: a session gets a terminal */
	RANK_FILE, /* one open file's position; held across user copies, so outside RANK_MM_MAP */
	RANK_PROC_TEXT, /* fs/proc_file.c: what an open file of /proc tells; nearly anything is taken while it is made */
	RANK_TREE,  /* fs/: all names; what a walk sees stays */
	RANK_INODE, /* fs/: contents and attributes of one file; held across user copies, too */
	RANK_PIPE,  /* one pipe or socket: its queue; held across user copies, too */
	RANK_EPOLL_GRAPH, /* ipc/epoll_graph.c: which epoll sets watch which */
	RANK_EPOLL, /* one epoll set: its items; the sets that it watches come after it; held across user copies, too */
	RANK_MM_MAP,	 /* struct mm: areas and tables */
	RANK_FILE_LOCKS, /* fs/lock.h: the locks of all files and who waits for them */
	RANK_TRACE, /* the stream of trace records; taken in page faults of user copies, so innermost */
	/* Spinlocks. */
	RANK_PID_TABLE, /* proc/pid.c */
	RANK_PROCESS,	/* struct process: children, exit */
	RANK_USERS,	/* proc/user.c */
	RANK_FILES,	/* descriptor table */
	RANK_SHM,	/* ipc/shm_table.c: the table of segments */
	RANK_SOURCE,	/* mm/reverse.c: the areas of a source */
	RANK_STORE,	/* one page store */
	RANK_CLOCK_SET, /* sched/clock_wait.c: who hears that the time of day was set */
	RANK_WATCHES,	/* ipc/epoll_item.c: which items watch a file */
	RANK_TTY_TABLE, /* dev/tty_table.c */
	RANK_TTY,	/* one terminal */
	RANK_IPC,	/* one eventfd: its state */
	RANK_FUTEX,	/* a futex bucket; two are taken in the order of their addresses */
	RANK_FUTEX_PI,	/* who owns and waits for which PI futex */
	RANK_UTS,	/* proc/uts.h: the names of the system. Nothing is taken inside */
	RANK_GROUPS, /* proc/groups.h: which list of groups a process has. Nothing is taken inside */
	RANK_DEVICE,  /* [irq] a device's queues */
	RANK_SIGNALS, /* [irq] struct process_signals: queues, masks, the threads to choose from */
	RANK_ACTIONS, /* [irq] struct signal_actions */
	RANK_WAITQ,   /* [irq] a wait queue */
	RANK_WAITQ_INNER, /* [irq] a queue that is woken under another's lock, with its owner's state: an epoll set's, a
			     timerfd's. Several are taken in the order of who watches whom (ipc/epoll_graph.c) */
	RANK_RUNQ, /* [irq] a CPU's run queue; two are taken in CPU order */
	RANK_TIMERQ, /* [irq] a CPU's timers; callbacks run without it. After RUNQ, which arms ticks */
	RANK_RANDOM,	   /* [irq] proc/random.c: the generator. Nothing is taken inside */
	RANK_CLOCK,	   /* [irq] the page that tells programs the time */
	RANK_KERNEL_MAP,   /* the kernel's own tables, vmalloc's free list */
	RANK_SIGNAL_COUNT, /* [irq] how many signals are queued for each user */
	RANK_SLAB,	   /* [irq] one slab cache */
	RANK_FRAMES,	   /* [irq] the buddy allocator */
	RANK_KERNEL_THREADS, /* [irq] sched/thread.c: the list of kernel threads. Nothing is taken inside */
	RANK_LOG, /* [irq] the serial port's register set; tried, never waited for, in NMI and panic */
};

/*
 * The first lock of handlers. Whoever takes this or one behind it has interrupts off: a handler that came meanwhile would take one of
 * those before it. Debug kernels refuse the lock itself, without waiting for such a handler.
 */
#define RANK_FIRST_IRQ RANK_DEVICE

/* The first rank that belongs to a spinlock: everything below is a mutex. */
#define RANK_FIRST_SPIN RANK_PID_TABLE

#endif

/*
 * What a trace record says, in numbers only: the kernel writes them (trace/ring.h, trace/stream.h), the host reads them
 * (cli/tracestream.c, cli/tracefile.c), and the debugger's commands do (tools/gdb).
 */
#ifndef TRACE_KINDS_H
#define TRACE_KINDS_H

/* What the other members mean is said at each; `tid` is a thread's number. */
enum trace_kind {
	TRACE_SYSCALL, /* a call and its return by SYSRET. address: RIP; number: call; extra: low half of the time it
			* began; word: root loaded */
	TRACE_ENTRY, /* ring 3 to kernel. address: RIP; number: error code; extra: vector; word: root ring 3 ran on */
	TRACE_EXIT, /* kernel to ring 3. address: RIP; number: frame of the kernel's root; extra: vector or
			* VECTOR_*; word: root loaded */
	TRACE_NMI,    /* a paranoid door. address: RIP; number: error; extra: vector; word: RSP */
	TRACE_FAULT,  /* an exception in kernel mode, as TRACE_ENTRY; word: the kernel's root */
	TRACE_SWITCH, /* another thread. number: tid left; extra: tid entered; word: kernel's root; flags: state left in */
	TRACE_WAKE, /* number: tid woken; extra: tid of the waker (it runs here); word: CPU it is queued on */
	TRACE_MIGRATE, /* number: tid; extra: CPU from; word: CPU to */
	TRACE_BLOCK, /* about to sleep. address: who waits (a kernel function); number: tid; extra: state; word: deadline */
	TRACE_PAGE, /* a page fault of a program. address: RIP or 0; number: FAULT_*; extra: tid; word: address */
	TRACE_SHOOT, /* translations dropped elsewhere. number: pages; extra: CPUs (low 32); word: start */
	TRACE_LOCK, /* a spinlock was not free. address: who; number: rank; extra: cycles waited; word: the lock */
	TRACE_TIMER, /* a timer's callback. address: function; word: deadline in ns */
	TRACE_IRQ,   /* the kernel was interrupted. address: RIP; extra: vector */
	/* Only while a host listens (trace/stream.h). */
	TRACE_CALL, /* a call begins. number: call; extra: tid; word: first argument */
	TRACE_WORDS, /* of the record before: tsc, word and number with extra are the next three arguments */
	TRACE_RESULT, /* a call ends. number: call; extra: tid; word: result */
	TRACE_NAME,   /* of a thread. number: tid; extra: pid; tsc and word: 16 bytes of name */
	TRACE_CLOCK,  /* tsc: now; word: the same moment in ns since start; number: kHz */
};

#define TRACE_SYSRET 1	/* the exit used SYSRET, not IRET */
#define TRACE_IF 2	/* IF was 1 when the record was made: never so on an exit */
#define TRACE_LATE 4	/* a work flag was set when the record was made: never so on an exit */
#define TRACE_USER 8	/* the NMI interrupted ring 3 */
#define TRACE_LOOKED 16 /* TRACE_IF and TRACE_LATE were looked at (not on release's SYSRET) */
#define TRACE_IRET 32	/* of a TRACE_SYSCALL: it came back by IRET after all */

/* Added to the number of a thread that is not a program's. */
#define TRACE_KERNEL_THREAD 0x40000000U

#define TRACE_BATCH_MAGIC 0x3130454341525441UL /* "ATRACE01" */
#define TRACE_BATCH_NMI 0x80000000U
/* As `cpu`: a mark without records. Whatever has a time before its tsc has been sent. */
#define TRACE_BATCH_MARK 0xffffffffU

#endif

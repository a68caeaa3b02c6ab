/*
 * Signals: dispositions, masks, sending, and what happens at the return to ring 3.
 *
 * Handlers can be registered and are remembered, but none is run yet. A signal that has a handler
 * acts as if it had none, and the log says so: a program that counts on the handler would go wrong
 * silently otherwise.
 */
#ifndef PROC_SIGNAL_H
#define PROC_SIGNAL_H

#include <asm/signal.h>

#include "arch/frame.h"
#include "lib/compiler.h"
#include "lib/refcount.h"
#include "lib/types.h"

struct process;
struct thread;

#define SIGNAL_COUNT 64U
#define SIGNAL_BIT(n) BIT((n)-1)
/* These can be neither blocked, nor ignored, nor handled. */
#define SIGNAL_ABSOLUTE (SIGNAL_BIT(SIGKILL) | SIGNAL_BIT(SIGSTOP))

/* Dispositions as the program gave them, by signal - 1. Guarded by the process's lock. */
struct signal_actions {
	struct refcount refs;
	struct sigaction action[SIGNAL_COUNT];
};

/* NULL if memory ran out. All default. */
MUST_CHECK struct signal_actions *signal_actions_create(void);
/* A copy with a reference of its own (fork). NULL if memory ran out. */
MUST_CHECK struct signal_actions *signal_actions_copy(struct signal_actions *from);
/* Handlers become the default action; what is ignored stays so. */
void signal_actions_clear(struct signal_actions *a);
void signal_actions_get(struct signal_actions *a);
void signal_actions_put(struct signal_actions *a);

/* For a thread that has not been started: like the running one's, with nothing pending. keep_stack:
 * the alternate stack, too. */
void signal_thread_inherit(struct thread *t, bool keep_stack);
/* exec, in two steps: actions of its own, which may fail with -ENOMEM; and, when nothing can fail
 * any more and no other thread is left, handlers back to default, no alternate stack. */
MUST_CHECK int signal_exec_prepare(void);
void signal_exec_commit(void);

/* Sends to a process, or to the thread tid of it alone (tid 0: any). Signal 0 sends nothing. 0, or
 * -ESRCH if there is no such thread. Thread context. */
MUST_CHECK int signal_send(struct process *p, u32 tid, u32 signal);

/* True if an interruptible sleep of this thread must end. Called by the thread itself, or for
 * another under no lock. */
bool signal_pending(struct thread *t);

/* rt_sigaction(2): reads the old one, sets the new one; either may be NULL. 0 or -EINVAL. */
MUST_CHECK int signal_action(u32 signal, const struct sigaction *act, struct sigaction *old);
/* Replaces the running thread's mask; absolute signals stay unblocked. Returns the old one. */
u64 signal_set_blocked(u64 blocked);
/* What is pending for the running thread and blocked: rt_sigpending(2). */
u64 signal_pending_set(void);

/* The part of the exit work that concerns signals: ends the thread if its process is being killed,
 * stops it, or acts on a pending signal. Thread context, before a return to ring 3. */
void signal_exit_work(struct trap_frame *frame);

/* A signal that the program can't refuse, for a fault of its own: the process will end. */
void signal_force(u32 signal, const char *reason, uaddr_t address, uaddr_t ip);

/* "SIGSEGV"; real-time signals are "SIGRTn". */
const char *signal_name(u32 signal);

#endif

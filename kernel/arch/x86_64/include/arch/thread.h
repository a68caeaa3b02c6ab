/*
 * The machine's part of a thread, embedded first in struct thread (sched/thread.h), so that a
 * struct thread * is also a struct arch_thread *.
 */
#ifndef ARCH_THREAD_H
#define ARCH_THREAD_H

#include "arch/debug.h"
#include "arch/frame.h"
#include "arch/layout.h"
#include "lib/atomic.h"
#include "lib/compiler.h"
#include "lib/types.h"

/* Bits of the work word: why the thread must not go back to ring 3 yet. Set by anyone, cleared by
 * the thread. */
#define WORK_RESCHEDULE BIT(0)
#define WORK_SIGNAL BIT(1)
#define WORK_STOP BIT(2)
#define WORK_CPU_LIMIT BIT(3)
#define WORK_RSEQ BIT(4)

struct fpu_state;

/* Locking key: (t) only the thread itself, or the scheduler while it is switched out; (a)
 * atomic. */
struct arch_thread {
	u64 kernel_rsp; /* (t) saved stack pointer while switched out */
	u64 stack_top; /* (t) KERNEL_STACK_SIZE above the lowest byte; the user frame lies right below */
	u64 fs_base;		      /* (t) the program's; current only while switched out */
	u64 gs_base;		      /* (t) likewise */
	struct fpu_state *fpu;	      /* (t) XSAVE area, NULL for kernel threads */
	atomic32_t work;	      /* (a) WORK_* */
	u16 ds, es, fs, gs;	      /* (t) the program's selectors, while switched out */
	bool step_forced;	      /* (t) TF in the frame is a tracer's: arch/registers.h */
	bool stepping;		      /* (t) a tracer's last request was a step */
	struct fpu_state *fpu_parked; /* (t) fpu while parked: arch_thread_park() */
	u64 live_dr7;		      /* (t) what DR7 holds while it runs; 0: nothing */
	struct arch_debug debug;      /* (t), or of its tracer while parked */
};

/* The frame of a user thread's last entry from ring 3: always at the top of its kernel stack. */
static inline struct trap_frame *thread_user_frame(struct arch_thread *t)
{
	return (struct trap_frame *)t->stack_top - 1;
}

/* True if the program's last entry was a system call. */
static inline bool thread_in_call(const struct arch_thread *t)
{
	return ((const struct trap_frame *)t->stack_top - 1)->vector == VECTOR_SYSCALL;
}

/* Prepares a switched-out kernel thread that will call fn(arg) with interrupts on; fn must not
 * return. stack is the lowest address of KERNEL_STACK_SIZE mapped bytes. */
void arch_thread_init_kernel(struct arch_thread *t, void *stack, void (*fn)(void *), void *arg);

/* Prepares a switched-out thread that will go to ring 3 with *frame through the exit path.
 * Allocates the FPU state (clean for exec; copied from the running thread if fork). 0 or
 * -ENOMEM. */
int arch_thread_init_user(
	struct arch_thread *t, void *stack, const struct trap_frame *frame, bool copy_fpu);

/* Gives a thread that has not run the running thread's selectors and bases: clone(2). */
void arch_thread_inherit(struct arch_thread *t);

/* Makes the running user thread look as if it had never run, for execve(2): it enters ring 3 at rip
 * with rsp and nothing else of what it was. */
void arch_thread_reset(struct arch_thread *t, u64 rip, u64 rsp);

/*
 * A parked thread's registers lie in memory and stay there: switching it in and out neither loads nor
 * stores vector state, selectors, bases and breakpoints, so somebody else may read and write them
 * (arch/registers.h). The running user thread, in thread context; it must not touch ring 3's state
 * until it has unparked, which loads what is there then.
 */
void arch_thread_park(struct arch_thread *t);
void arch_thread_unpark(struct arch_thread *t);

/* Frees what init allocated; not the stack. */
void arch_thread_destroy(struct arch_thread *t);

/* Switches stacks and the machine state from one thread to another. IF=0. Returns, on prev's stack,
 * when prev is switched to again; the return value is the thread that ran before it then. Caller:
 * sched/sched.c only. */
struct arch_thread *arch_thread_switch(struct arch_thread *prev, struct arch_thread *next);

/* What context_switch() has pushed on the stack of a thread that is switched out, in words; and where that goes on: the address,
 * and the caller's frame pointer. For reports. */
#define CONTEXT_WORDS 7
u64 arch_thread_switched_out(const struct arch_thread *t, u64 *ip);

/* TSC just before the very first return to ring 3, 0 until then: for the figure of how long
 * start-up takes. */
extern u64 arch_first_user_tsc;

/* The program's FS and GS bases of the running thread. Setting checks nothing: callers keep base <
 * USER_END. */
u64 arch_get_fs_base(void);
u64 arch_get_gs_base(void);
void arch_set_fs_base(u64 base);
void arch_set_gs_base(u64 base);

#endif

/*
 * What the machine layer calls above itself. These are bound at link time rather than through
 * pointers: a direct call can't be mispredicted into somebody else's code (hazard M7), and a reader
 * can follow it. The layer check allows an undefined symbol of arch/ only if its name begins with
 * upcall_.
 *
 * Context of each is said here; IF is the interrupt flag at the call. All run on the thread's own
 * kernel stack (or the interrupted kernel code's), with kernel GS and a kernel-side root, except
 * where it says IST.
 */
#ifndef ARCH_UPCALLS_H
#define ARCH_UPCALLS_H

#include "arch/frame.h"
#include "lib/compiler.h"

/* The first code above the machine layer, on the boot CPU. IF=0, the provisional tables are live:
 * the first GiB at its own address, at DIRECT_MAP_BASE and at KERNEL_BASE. Defined in
 * init/main.c. */
NORETURN void upcall_main(void);

/* A system call. IF=1; may sleep. The result goes to frame->rax. Defined in sys/dispatch.c. */
void upcall_syscall(struct trap_frame *frame);

/* An external interrupt that is none of arch's own (timer, IPI, spurious). IF=0. The EOI is arch's.
 * Defined in irq/irq.c. */
void upcall_irq(u32 vector);

/* The local timer fired. IF=0, after the EOI. Defined in time/timer.c. */
void upcall_timer(void);

/* Another CPU asked this one to look at its run queue. IF=0. Defined in sched/sched.c. */
void upcall_reschedule(void);

/* A page fault. IF=1 if it was in the interrupted context (always so from ring 3); may sleep then.
 * access is a set of FAULT_* bits. Returns true if the access may be tried again. If not, a fault
 * from ring 3 becomes a signal through upcall_user_exception(), one in a user copy makes the copy
 * fail, any other is a kernel bug. Called only for addresses in the program's half. Defined in
 * proc/fault.c. */
#define FAULT_WRITE 1U
#define FAULT_EXEC 2U
#define FAULT_USER 4U	 /* from ring 3; otherwise from a user copy */
#define FAULT_PRESENT 8U /* the page was mapped, the permission was missing */
bool upcall_page_fault(u64 address, u32 access);

/* Ring 3 raised an exception that becomes a signal. IF=1. signal and code as in siginfo, address is
 * si_addr. Defined in proc/signal.c. */
void upcall_user_exception(struct trap_frame *frame, int signal, int code, u64 address);

/*
 * Work before returning to ring 3, when the thread's work word (struct arch_thread) is not zero.
 * IF=1; may sleep and switch threads; may not return if the process is being killed. Afterwards the
 * exit path looks again with IF=0. Defined in proc/exitwork.c.
 */
void upcall_exit_work(struct trap_frame *frame, u32 work);

/* The thread whose first code this is has just been switched to: finishes the switch. prev ran
 * before it. IF=0. Defined in sched/sched.c. */
struct arch_thread;
void upcall_thread_started(struct arch_thread *prev);

/* arch_first_user_tsc is set: a thread is about to be in ring 3 for the first time since start-up. IF=1, no lock held;
 * may be called by two CPUs. Defined in init/program.c. */
void upcall_first_user(void);

/* A kernel thread's function returned. IF=1. Defined in sched/thread.c. */
NORETURN void upcall_thread_finished(void);

/* 2^order adjacent zeroed frames for page tables; v == 0 if memory ran out. program: for a
 * program's tables, so the kernel's reserve is not touched. Any context but NMI. Defined in
 * mm/frame.c. */
paddr_t upcall_table_alloc(u32 order, bool program);
/* Gives them back. */
void upcall_table_free(paddr_t pa);

/* Frames that start-up needed and that are now free. Defined in mm/frame.c. */
void upcall_memory_add(paddr_t start, paddr_t end);

/* Zeroed memory for a thread's XSAVE area: cpu_features.xsave_size bytes, aligned to 64. NULL if
 * memory ran out. Any context except NMI. Both defined in sched/thread.c. */
void *upcall_fpu_alloc(void);
void upcall_fpu_free(void *area);

/* Debug kernels: a copy of n bytes from or to a program's memory is to fail. Any context in which such copies are
 * made. Defined in mm/inject.c. */
bool upcall_copy_fails(u64 n, const void *caller);

/* A CPU that smp_start_all() started can run threads: its registers, local APIC, clock and timer
 * queue are set up; it is on the stack of what becomes its idle thread. IF=0. Defined in
 * sched/sched.c. */
NORETURN void upcall_start_cpu(void);

#endif

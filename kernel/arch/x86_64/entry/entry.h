/*
 * What the assembly of the crossing and its C half know of each other.
 *
 * The doors into the kernel:
 *   syscall.S   SYSCALL
 *   vectors.S   one stub for each of the 256 vectors; all but four go to
 *   trap.S      faults, traps and interrupts, from ring 3 or from the kernel
 *   paranoid.S  NMI, #DB, #MC, #DF: may arrive at any instruction, even between a SWAPGS and a CR3 load
 * The one way out to ring 3 is exit.S. Their macros are in macros.inc.
 */
#ifndef ENTRY_ENTRY_H
#define ENTRY_ENTRY_H

#include "arch/frame.h"
#include "entry/contract.h"
#include "lib/compiler.h"

/*
 * A system call has been saved. Runs it and everything that must happen before the return.
 * IF=0 at the call and at return. True: this frame may go back by SYSRET.
 */
u32 entry_syscall(struct trap_frame *frame);
CONTRACT(entry_syscall,
	"in GS=kernel CR3=kernel RSP=thread IF=0 DF=0 AC=0; out IF=0; irq; switch; frame;"
	" writes kernel_cr3 user_cr3 thread_rsp; touches kernel user; result sysret");

/* The same for a fault, trap or interrupt from ring 3. */
u32 entry_trap_user(struct trap_frame *frame);
CONTRACT(entry_trap_user,
	"in GS=kernel CR3=kernel RSP=thread IF=0 DF=0 AC=0; out IF=0; irq; switch; frame;"
	" writes kernel_cr3 user_cr3 thread_rsp; touches kernel user; result sysret");

/* The first return of a new thread: finishes the context switch from prev, then as above. */
struct arch_thread;
u32 entry_first_return(struct trap_frame *frame, struct arch_thread *prev);
CONTRACT(entry_first_return,
	"in GS=kernel CR3=kernel RSP=thread IF=0 DF=0 AC=0; out IF=0; irq; switch; frame;"
	" writes kernel_cr3 user_cr3 thread_rsp; touches kernel user; result sysret; keeps-sane rdi");

/*
 * A fault, trap or interrupt from the kernel's own code, at any place where IF was 1 or that touches user
 * memory. May sleep in a fault of a user copy. The frame's rip may be changed to a fixup.
 */
void entry_trap_kernel(struct trap_frame *frame);
CONTRACT(entry_trap_kernel,
	"in GS=kernel CR3=kernel RSP=kernel IF=0 DF=0 AC=0; out IF=0; irq; switch; fixup;"
	" writes kernel_cr3 user_cr3 thread_rsp; touches kernel user");

/*
 * NMI, #DB, #MC, #DF, on its IST stack, with the kernel's own root. Never sleeps, faults, or turns interrupts on. True:
 * came from ring 3 and has to go on as an ordinary trap on the thread's stack. found_cr3: the root that was interrupted.
 */
u32 entry_paranoid(struct trap_frame *frame, u64 found_cr3);
CONTRACT(entry_paranoid,
	"in GS=kernel CR3=kernel RSP=ist IF=0 DF=0 AC=0; out IF=0; touches kernel; error;"
	" dies nmi; never df; result to_thread 1");

/* Labels of the assembly that the C half compares RIP with. */
extern const char syscall_entry[], syscall_entry_stack_set[], exit_sysret_stack_gone[],
	exit_sysret_end[];
extern const char exit_iretq[], thread_first_return[];
extern const char exit_verw_iret[], exit_verw_sysret[];
/* One 16-byte stub for each vector. */
extern const char entry_vectors[256][16];

#endif

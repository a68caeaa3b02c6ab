/*
 * Signal frames: what a handler finds on its stack, and the way back through rt_sigreturn(2).
 *
 * The layout is Linux's (struct rt_sigframe, with asm/sigcontext.h, asm/ucontext.h):
 *
 *        interrupted RSP ->  +----------------------------+
 *                            | red zone, 128 bytes        |  left alone; not on an alternate stack
 *                            +----------------------------+
 *                            | FP_XSTATE_MAGIC2           |
 *                            | XSAVE area, standard form  |  aligned to 64
 *                            +----------------------------+
 *                            | siginfo, 128 bytes         |
 *                            | struct ucontext            |
 *         handler's RSP ->   | address of the restorer    |  RSP + 8 is aligned to 16
 *                            +----------------------------+
 *
 * All of it is the program's memory, so nothing that comes back is believed: the flags and
 * selectors go through frame_sanitize(), the XSAVE area is loaded with an instruction that may
 * fault.
 */
#ifndef ARCH_SIGNAL_FRAME_H
#define ARCH_SIGNAL_FRAME_H

#include <linux/signal.h>

#include "arch/frame.h"
#include "lib/compiler.h"
#include "lib/signal_info.h"
#include "lib/types.h"

/* What goes into a frame besides the registers. */
struct signal_setup {
	const struct sigaction *action;
	const struct signal_info *info;
	u64 blocked;	 /* for uc_sigmask */
	stack_t stack;	 /* for uc_stack: sigaltstack(2) as the program set it */
	u64 trap, error; /* of the thread's last fault */
	u64 cr2;
};

/* What comes out of a frame besides the registers. */
struct signal_restored {
	bool read; /* the frame could be read; the rest means something */
	u64 blocked;
	stack_t stack;
	/* The context can't be entered: the program gets a SIGSEGV with this code and address as if
	 * the return instruction had raised it. 0: it can. */
	s32 segv_code;
	u64 segv_address;
	u64 trap, error;
};

/* True if sp lies on the alternate stack. */
bool signal_stack_contains(const stack_t *stack, u64 sp);

/*
 * Builds a frame on the program's stack and makes *f enter the handler, wherever the program said that it is: *f must go through
 * frame_sanitize() before ring 3. 0, or -EFAULT if the stack can't take it or the action has no restorer; *f is then as before.
 * Thread context, IF=1.
 */
MUST_CHECK int arch_signal_enter(struct trap_frame *f, const struct signal_setup *s);

/*
 * Takes the frame that RSP points behind off the stack into *f and the vector state. 0, or -EFAULT
 * if the frame can't be read (*f is as before) or its XSAVE area is bad (the registers are those of
 * the frame, the vector state is clean). Until frame_sanitize() *f must not go to ring 3: for the
 * report of a bad one it holds what the program wrote. Thread context, IF=1.
 */
MUST_CHECK int arch_signal_return(struct trap_frame *f, struct signal_restored *out);

/* Bytes of the largest frame: AT_MINSIGSTKSZ. */
u64 arch_signal_frame_size(void);

#endif

/*
 * A program's hardware breakpoints and watchpoints, which its tracer sets (struct user's u_debugreg).
 *
 * Nothing that ring 3 or a tracer says reaches a debug register unchecked: addresses end below
 * USER_END, and DR7 is made anew from the bits that mean something (hazard P12). So what the kernel
 * itself touches can hit one in user copies alone; that #DB is swallowed (hazard P13).
 */
#ifndef ARCH_DEBUG_H
#define ARCH_DEBUG_H

#include "lib/compiler.h"
#include "lib/types.h"

#define DEBUG_ADDRESSES 4

struct arch_debug {
	u64 address[DEBUG_ADDRESSES];
	u64 control; /* as the tracer wrote it */
	u64 status;  /* what the last #DB found: bits of DR6 */
};

struct arch_thread;

/* Register n of 0..7 of a parked thread, as Linux shows it. 0, -EIO (there is none such) or -EINVAL. */
MUST_CHECK u64 arch_debug_get(const struct arch_thread *t, u32 n);
MUST_CHECK int arch_debug_set(struct arch_thread *t, u32 n, u64 value);

/* For the switch of threads: DR7 is to be t's. IF=0. */
void arch_debug_load(struct arch_thread *t);
/* A #DB of the running thread's in ring 3; status is DR6 with its inverted bits turned. */
void arch_debug_note(u64 status);

#endif

/* The vector state of the running thread, to and from the program's memory. Thread context, IF=1. */
#ifndef SIGNAL_XSTATE_H
#define SIGNAL_XSTATE_H

#include <asm/sigcontext.h>

#include "arch/features.h"
#include "lib/compiler.h"
#include "lib/types.h"

/* Bytes that xstate_save_user() writes: the XSAVE area and the second magic word. */
static inline u32 xstate_frame_size(void)
{
	return cpu_features.xsave_size + FP_XSTATE_MAGIC2_SIZE;
}

/* Once the CPU's features are known. */
void xstate_init(void);

/* The state with Linux's magic words and description, to an address aligned to 64, in a range that the caller has checked. 0 or
 * -EFAULT. */
MUST_CHECK int xstate_save_user(uaddr_t to);

/*
 * The opposite; from may be 0 (the clean state). An area without the magic words is taken for the
 * 512 bytes of FXSAVE. 0, or -EFAULT if it can't be read or holds what the CPU refuses; the state is
 * then clean.
 */
MUST_CHECK int xstate_restore_user(uaddr_t from);

#endif

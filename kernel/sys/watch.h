/* Calls that somebody outside sees: the trace (trace/stream.h) and --strace. */
#ifndef SYS_WATCH_H
#define SYS_WATCH_H

#include "arch/frame.h"
#include "lib/compiler.h"
#include "lib/types.h"

/* One call being made, on its stack. */
struct watch {
	u32 number;
	u64 args[6];
	u8 shown; /* how many --strace has shown already */
};

/* Around the call, in thread context. The end is missing if the call does not return. */
void watch_begin(struct watch *w, u32 number, const struct trap_frame *frame);
void watch_end(struct watch *w, s64 result);

#endif

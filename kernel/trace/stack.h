/* Walking a kernel stack by frame pointers, for reports. */
#ifndef TRACE_STACK_H
#define TRACE_STACK_H

#include "lib/types.h"

/* A stretch of memory that is a stack and can be read. */
struct stack_bounds {
	u64 low, high; /* high exclusive; equal: none */
};

/* The stack of this CPU that the address lies on: its current thread's, entry or IST stack, or the boot stack in the image. */
struct stack_bounds stack_find(u64 address);
/* The same of any CPU: one that is stopped, or what is found may be gone. */
struct cpu;
struct stack_bounds stack_find_on(const struct cpu *c, u64 address);

/* One step: *frame_pointer becomes the caller's, *ip the address it returns to. False at the end of the stack, or if the
 * frame does not lie in bounds above the last one. */
bool stack_step(const struct stack_bounds *bounds, u64 *frame_pointer, u64 *ip);

#endif

/* Debug registers and parking: between the files of cpu/. IF=0. */
#ifndef CPU_DEBUG_SWITCH_H
#define CPU_DEBUG_SWITCH_H

struct arch_thread;

/* From here on the thread runs without breakpoints; or with what debug says now. */
void debug_park(struct arch_thread *t);
void debug_unpark(struct arch_thread *t);
/* The running thread has none any more. */
void debug_reset(struct arch_thread *t);

#endif

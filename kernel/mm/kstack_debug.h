/* Debug kernels: how deep a kernel stack was used, seen when its thread has ended. A use that came near the guard page is reported before
 * one reaches it. */
#ifndef MM_KSTACK_DEBUG_H
#define MM_KSTACK_DEBUG_H

/* What every thread must leave unused. */
#define KSTACK_SPARE 2048

#if defined(AIRLOCK_DEBUG) && !defined(AIRLOCK_HOST_TEST)
/* Nobody runs on it. */
void kstack_debug_paint(void *stack);
void kstack_debug_check(const void *stack);
#else
static inline void kstack_debug_paint(void *stack)
{
}

static inline void kstack_debug_check(const void *stack)
{
}
#endif
#endif

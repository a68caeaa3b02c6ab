/*
 * Fault injection: allocations and device requests that fail although nothing is wrong, so that what follows a failure can be
 * tested (docs/fault-injection.md). Debug kernels and those made of them only; elsewhere all of this is constant and compiled to
 * nothing.
 *
 * A site asks inject_fails() before it does its work, and behaves as if that had failed when the answer is yes. Who is to fail is
 * said in two ways:
 *   for a thread    /proc/PID/fail-nth: the n-th site that it passes from now on, once. Interrupt handlers do not count
 *   for the system  `fail=` on the kernel's command line: the n-th site, or one in so many, chosen by a seed; of programs, and
 *                   of the interrupts that come once programs run
 * A thread with a fail-nth of its own is left alone by the system's choice until that has come true, as on Linux.
 *
 * What must not fail says so with its reason: inject_exempt_begin(). Start-up is before inject_start(), so nothing of it fails.
 */
#ifndef MM_INJECT_H
#define MM_INJECT_H

#include "lib/compiler.h"
#include "lib/types.h"

struct thread;

enum inject_kind {
	INJECT_FRAME,  /* frame_alloc(), and kmalloc() of more than a page's half */
	INJECT_TABLE,  /* a page for page tables */
	INJECT_STACK,  /* a kernel stack */
	INJECT_SLAB,   /* slab_alloc(), kmalloc() */
	INJECT_DEVICE, /* a request to a device: -EIO */
	INJECT_COPY,   /* a copy from or to a program's memory: -EFAULT. Not meant by "all" */
	INJECT_KINDS,
};

/* What struct thread has. */
struct inject_thread {
	u32 nth; /* sites until one fails, 0: none. Its own thread counts down; any may set it, so READ_ONCE() */
	u32 exempt; /* the thread itself: nested stretches in which nothing fails */
	u32 failed; /* the thread itself: how many sites have failed */
	u32 seen;   /* the thread itself: of these, how many inject_take() has told */
};

struct inject_figures {
	u64 asked, failed;
};

#if defined(AIRLOCK_DEBUG) && !defined(AIRLOCK_HOST_TEST)
#define INJECT true

/* True: behave as if this had failed. what and size are for the log, caller is the site. Any context but NMI, any locks. */
bool inject_fails(enum inject_kind kind, const char *what, u64 size, const void *caller);

/* The running thread, until the end: what is allocated must be there, for the reason given, which is a literal. They nest. */
void inject_exempt_begin(const char *reason);
void inject_exempt_end(void);

/* How many sites have failed in the running thread. */
u32 inject_count(void);
/* True once after a site has failed in the running thread: memory has not really run out. */
bool inject_take(void);

/* The value of `fail=`, in place of the one before: docs/fault-injection.md has its grammar. False if it makes no sense; then what
 * came before the mistake holds. One caller at a time. */
MUST_CHECK bool inject_parse(const char *text);
/* From now on sites fail. */
void inject_start(void);
void inject_figures(struct inject_figures *out);

/* /proc/PID/fail-nth. */
u32 inject_get_nth(const struct thread *t);
void inject_set_nth(struct thread *t, u32 nth);

#else
#define INJECT false

static inline bool inject_fails(
	enum inject_kind kind, const char *what, u64 size, const void *caller)
{
	return false;
}

static inline void inject_exempt_begin(const char *reason)
{
}

static inline void inject_exempt_end(void)
{
}

static inline u32 inject_count(void)
{
	return 0;
}

static inline bool inject_take(void)
{
	return false;
}

static inline bool inject_parse(const char *text)
{
	return false;
}

static inline void inject_start(void)
{
}

static inline void inject_figures(struct inject_figures *out)
{
	*out = (struct inject_figures){0};
}

#endif
#endif

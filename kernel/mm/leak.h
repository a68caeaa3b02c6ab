/*
 * Debug kernels: what was allocated since a moment and not given back, with who allocated it. Frames and blocks of frames in
 * every debug kernel; heap objects where each has a note (variant kasan).
 */
#ifndef MM_LEAK_H
#define MM_LEAK_H

#include "lib/types.h"

/* What is counted beside the objects of each slab cache. */
enum leak_kind {
	LEAK_TABLES,	  /* frames of programs' page tables */
	LEAK_SLABS,	  /* frames of slabs */
	LEAK_STACKS,	  /* kernel stacks in use */
	LEAK_STACKS_MADE, /* the same, and those that are kept for the next */
	LEAK_KINDS,
};

/* From now on. Thread context; one user at a time. */
void leak_begin(void);
/* An error in the log for each; how many. Allocations by threads that run meanwhile count, too. */
u32 leak_report(void);

#if defined(AIRLOCK_DEBUG) && !defined(AIRLOCK_HOST_TEST)
/* Any context: so many more, or less. */
void leak_count(enum leak_kind kind, s64 change);
u64 leak_counted(enum leak_kind kind);
/* Frames in use that are none of the above: programs' pages, buffers. Exact when nothing else runs. */
u64 leak_counted_frames(void);
/* Start-up: after the array of struct page, before boot memory ends. */
void leak_init(u64 count);
/* The allocator's: a block was handed out by the caller's caller, or comes back. */
void leak_note_frame(u64 frame, u64 caller);
void leak_forget_frame(u64 frame);
#else
static inline void leak_count(enum leak_kind kind, s64 change)
{
}

static inline void leak_init(u64 count)
{
}

static inline void leak_note_frame(u64 frame, u64 caller)
{
}

static inline void leak_forget_frame(u64 frame)
{
}
#endif

/* slab_kasan.c: heap objects of an epoch. */
u32 leak_epoch(void);
#endif

/* For tests: a kernel thread that has a program's address space, so that user copies and page
 * faults work in it. */
#ifndef MM_TESTS_SPACE_H
#define MM_TESTS_SPACE_H

#include "mm/mm.h"

/* The running thread uses mm from now on (with a reference of its own) / no longer. */
void space_enter(struct mm *mm);
void space_leave(void);

/* The running thread, which has entered one space, goes on with another that somebody else has a
 * reference to; before space_leave() it goes back. */
void space_switch(struct mm *mm);

/* An area of n pages at a place that mm chooses; 0 if that failed. */
uaddr_t space_map(struct mm *mm, u64 n, u32 prot);

/* Free frames when everything that may come back has come back: threads that have ended are gone,
 * stacks cached for reuse are given up. Sleeps. */
u64 space_free_frames(void);

#endif

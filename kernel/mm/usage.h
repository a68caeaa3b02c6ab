/* What of an area is in memory, and with how many it is shared: what /proc/PID/smaps shows. See usage.c. */
#ifndef MM_USAGE_H
#define MM_USAGE_H

#include "mm/mm.h"

/* Bytes; a share (pss) is in 1/4096 of a byte. */
struct mm_usage {
	u64 resident;
	u64 pss_anon, pss_file, pss_store, pss_dirty, pss_locked;
	u64 shared_clean, shared_dirty, private_clean, private_dirty;
	u64 referenced, anonymous, anon_huge;
};
#define MM_PSS_SHIFT 12U

/* Adds those of one area. mm->lock held; may sleep, and lets others go first. */
void mm_usage_add(struct mm *mm, const struct area *a, struct mm_usage *u) REQUIRES(&mm->lock);
/* Whether the area could have huge pages: the right kind, asked for, and long enough. mm->lock held. */
bool mm_huge_eligible(const struct mm *mm, const struct area *a) REQUIRES(&mm->lock);

#endif

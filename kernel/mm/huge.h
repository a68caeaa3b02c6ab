/* Transparent huge pages: who gets them, and how many there are. See huge.c. */
#ifndef MM_HUGE_H
#define MM_HUGE_H

#include "lib/types.h"

enum huge_mode { HUGE_ALWAYS, HUGE_MADVISE, HUGE_NEVER };

/* Of the whole system. Any context. */
enum huge_mode huge_mode_get(void);
void huge_mode_set(enum huge_mode mode);
/* Of all programs, at this moment. */
u64 huge_total_bytes(void);

#endif

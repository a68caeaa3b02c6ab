/* Between the files of the race detector. None of them is instrumented. */
#ifndef KCSAN_PRIVATE_H
#define KCSAN_PRIVATE_H

#include "lib/types.h"

struct kcsan_access {
	u64 address, ip;
	u32 size, cpu;
	bool write, marked;
};

/* An access that is about to be made. */
void kcsan_check(u64 address, u32 size, bool write, bool marked, u64 ip);
/* Both were made at the same time; mine has the given frame. IF=0. */
void kcsan_report(
	const struct kcsan_access *mine, const struct kcsan_access *other, u64 frame_pointer);

#endif

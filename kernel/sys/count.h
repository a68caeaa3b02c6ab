/* How often each system call was made, by name. */
#ifndef SYS_COUNT_H
#define SYS_COUNT_H

#include "lib/compiler.h"
#include "lib/types.h"

struct syscall_count {
	const char *name;
	u32 number; /* UINT32_MAX for numbers beyond the table, taken together as "unknown" */
	u64 calls;
	bool enosys; /* it is not built: each call got -ENOSYS */
};

/* Counts a call. Thread context. */
void syscall_count(u32 number);

/* Steps through the calls that were made at least once, in order of numbers: *index starts at 0.
 * False after the last. Any context; calls that are being made at this moment may be missing. */
bool syscall_count_next(u32 *index, struct syscall_count *out);

/* "read"; NULL if Linux has no such number. */
const char *syscall_name(u64 number);

#endif

/* How often each system call was made, by name. */
#ifndef SYS_COUNT_H
#define SYS_COUNT_H

#include <asm/unistd_64.h>

#include "arch/cpu.h"
#include "lib/compiler.h"
#include "lib/types.h"

struct syscall_count {
	const char *name;
	u32 number; /* UINT32_MAX for numbers beyond the table, taken together as "unknown" */
	u64 calls;
	bool enosys; /* it is not built: each call got -ENOSYS */
};

/* One past the largest number of the table. */
#define SYSCALL_NUMBERS (__NR_set_mempolicy_home_node + 1UL)

/* From now on calls are watched. Any time; calls that are being made may still go unwatched. */
void syscall_watch(void);

/* By CPU; each is its CPU's own. NULL: ask syscall_count_slowly(). */
extern u64 *syscall_fast_counts[MAX_CPUS];
bool syscall_count_slowly(u32 number);

/* Where a number is counted: all beyond the table in slot 0. */
static inline u64 syscall_slot(u32 number)
{
	u64 slot = number + 1UL;

	/* Without a branch that could be mispredicted: lib/nospec.h. Nothing has compared the number before. */
	return slot & ~(u64)((s64)(SYSCALL_NUMBERS - slot) >> 63);
}

/* Counts a call. False: calls are watched. Thread context. */
static inline bool syscall_count(u32 number)
{
	u64 *own = READ_ONCE(syscall_fast_counts[this_cpu()->id]);

	if (UNLIKELY(!own))
		return syscall_count_slowly(number);
	own[syscall_slot(number)]++;
	return true;
}

/* Steps through the calls that were made at least once, in order of numbers: *index starts at 0.
 * False after the last. Any context; calls that are being made at this moment may be missing. */
bool syscall_count_next(u32 *index, struct syscall_count *out);

/* "read"; NULL if Linux has no such number. */
const char *syscall_name(u64 number);

#endif

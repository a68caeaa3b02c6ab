/*
 * Counting calls, and the question whether somebody watches them.
 *
 * There is one array for each CPU, made at its first call and written only by that CPU in thread
 * context. The kernel is not preempted, so a plain increment is whole; readers add the arrays up
 * without a lock and may miss a call that is being made. Numbers beyond the table share the first
 * slot. Without memory for the array nothing is counted, and the call goes on.
 *
 * The pointer that the fast path looks at is not there before the first call, and never while calls
 * are watched (sys/watch.c): one look answers both questions.
 */
#include "sys/count.h"

#include <asm/unistd_64.h>

#include "arch/cpu.h"
#include "lib/nospec.h"
#include "mm/slab.h"

struct syscall_entry {
	const char *name;
	bool built;
};

static const struct syscall_entry entries[] = {
#define CALL(call) [__NR_##call] = {.name = #call, .built = true},
#define NONE(call) [__NR_##call] = {.name = #call},
#include "sys/table.def"
};

#define NUMBERS ARRAY_SIZE(entries)
#define SLOTS (NUMBERS + 1)

_Static_assert(NUMBERS == SYSCALL_NUMBERS, "count.h knows the table's size");

/* Set once by its CPU, with release; read by all with acquire, so that the zeros come first. */
static u64 *counts[MAX_CPUS];
u64 *syscall_fast_counts[MAX_CPUS];
static bool watched;

/*
 * A CPU may be about to take its fast way: it looks at `watched` once more after it has set its
 * pointer. Either it sees that it is set, or its pointer is cleared here after it was set; the full
 * barriers on both sides lie between the store and the load or store that follows.
 */
void syscall_watch(void)
{
	if (READ_ONCE(watched))
		return;
	WRITE_ONCE(watched, true);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	for (u32 i = 0; i < cpu_count(); i++)
		WRITE_ONCE(syscall_fast_counts[i], NULL);
}

bool syscall_count_slowly(u32 number)
{
	u32 cpu = this_cpu()->id;
	u64 *own = counts[cpu];

	if (!own) {
		own = kzalloc(SLOTS * sizeof(u64));
		__atomic_store_n(&counts[cpu], own, __ATOMIC_RELEASE);
	}
	WRITE_ONCE(syscall_fast_counts[cpu], own);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (READ_ONCE(watched))
		WRITE_ONCE(syscall_fast_counts[cpu], NULL);
	if (own)
		own[syscall_slot(number)]++;
	return !READ_ONCE(watched);
}

const char *syscall_name(u64 number)
{
	if (number >= NUMBERS)
		return NULL;
	return entries[index_nospec(number, NUMBERS)].name;
}

static u64 syscall_sum(u32 slot)
{
	u64 sum = 0;

	for (u32 i = 0; i < cpu_count(); i++) {
		u64 *c = __atomic_load_n(&counts[i], __ATOMIC_ACQUIRE);
		if (c)
			sum += READ_ONCE(c[slot]);
	}
	return sum;
}

bool syscall_count_next(u32 *index, struct syscall_count *out)
{
	while (*index < SLOTS) {
		u32 slot = (*index)++;
		u64 calls = syscall_sum((u32)syscall_slot(slot));
		if (calls == 0)
			continue;
		*out = (struct syscall_count){
			.name = slot < NUMBERS ? entries[slot].name : NULL,
			.number = slot < NUMBERS ? slot : UINT32_MAX,
			.calls = calls,
			.enosys = slot >= NUMBERS || !entries[slot].built,
		};
		if (!out->name)
			out->name = "unknown";
		return true;
	}
	return false;
}

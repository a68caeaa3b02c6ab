/*
 * Memory before there is an allocator: first fit in what boot_info calls RAM, minus a sorted list
 * of what is taken.
 *
 * First fit from the bottom keeps everything that start-up takes together, right above the image,
 * so that the frame allocator gets the rest in few and large pieces. Neighbours in the list are
 * merged, so it stays short. Single-threaded: the boot CPU alone runs, and boot_alloc_finish() ends
 * it.
 */
#define LOG_SUBSYSTEM "mm"
#include "arch/boot_alloc.h"

#include "arch/boot_info.h"
#include "arch/image.h"
#include "lib/assert.h"
#include "lib/string.h"
#include "pte.h"
#include "trace/log.h"

#define TAKEN_MAX 64
/* What the firmware may still use, and where started CPUs begin. */
#define LOW_MEMORY MIB

struct span {
	u64 start, end;
};

/* Sorted; neither overlapping nor touching. */
INIT_DATA static struct span taken[TAKEN_MAX];
INIT_DATA static u32 taken_count;
RO_AFTER_INIT static bool finished;

static INIT_TEXT void insert_at(u32 i, struct span s)
{
	CHECK(taken_count < TAKEN_MAX);
	for (u32 k = taken_count; k > i; k--)
		taken[k] = taken[k - 1];
	taken[i] = s;
	taken_count++;
}

static INIT_TEXT void remove_at(u32 i)
{
	taken_count--;
	for (u32 k = i; k < taken_count; k++)
		taken[k] = taken[k + 1];
}

static INIT_TEXT void take(u64 start, u64 end)
{
	u32 i = 0;

	while (i < taken_count && taken[i].end < start)
		i++;
	while (i < taken_count && taken[i].start <= end) {
		start = MIN(start, taken[i].start);
		end = MAX(end, taken[i].end);
		remove_at(i);
	}
	insert_at(i, (struct span){start, end});
}

static INIT_TEXT void take_fixed(void)
{
	if (taken_count > 0)
		return;
	take(0, LOW_MEMORY);
	take(image_physical(__image_start).v, image_physical(__image_end).v);
	if (boot_info.archive_size > 0)
		take(boot_info.archive.v & PAGE_MASK,
			ALIGN_UP(boot_info.archive.v + boot_info.archive_size, PAGE_SIZE));
}

/* The free part of a RAM range that begins at or after from; false if there is none. */
static INIT_TEXT bool next_in_range(const struct boot_range *r, u64 from, struct span *out)
{
	u64 end = r->start.v + r->size;
	u64 start = MAX(from, r->start.v);

	for (u32 i = 0; i < taken_count; i++) {
		if (taken[i].end <= start)
			continue;
		if (taken[i].start > start) {
			end = MIN(end, taken[i].start);
			break;
		}
		start = taken[i].end;
	}
	*out = (struct span){start, end};
	return start < end;
}

static INIT_TEXT bool next_free(u64 from, struct span *out)
{
	take_fixed();
	for (u32 i = 0; i < boot_info.range_count; i++) {
		const struct boot_range *r = &boot_info.range[i];

		if (r->type == BOOT_RAM && r->start.v + r->size > from &&
			next_in_range(r, from, out))
			return true;
	}
	return false;
}

INIT_TEXT paddr_t boot_alloc_physical(size_t size, size_t align, u64 remainder)
{
	struct span s;

	CHECK(!finished && size > 0 && IS_ALIGNED(align, 8));
	for (u64 from = 0; next_free(from, &s); from = s.end) {
		u64 start = ALIGN_UP(s.start - MIN(s.start, remainder), align) + remainder;
		u64 end = MIN(s.end, kernel_map_boot_limit());

		if (start < end && size <= end - start) {
			take(start, start + size);
			return PADDR(start);
		}
	}
	refuse_start(
		"the machine has too little memory: %lu KiB more were needed at start-up; give "
		"it 16 MiB and the size of the program's files at least (--memory)",
		size / KIB + 1);
}

INIT_TEXT void *boot_alloc(size_t size, size_t align)
{
	return memset(direct_map(boot_alloc_physical(size, align, 0)), 0, size);
}

INIT_TEXT bool boot_next_free(paddr_t *cursor, paddr_t *start, paddr_t *end)
{
	struct span s;

	for (u64 from = cursor->v; next_free(from, &s); from = s.end) {
		start->v = ALIGN_UP(s.start, PAGE_SIZE);
		end->v = s.end & PAGE_MASK;
		cursor->v = s.end;
		if (start->v < end->v)
			return true;
	}
	return false;
}

INIT_TEXT void boot_alloc_finish(void)
{
	finished = true;
}

bool boot_alloc_finished(void)
{
	return finished;
}

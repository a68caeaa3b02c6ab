/*
 * Start-up of the frame allocator: the array of struct page, and which frames are free.
 *
 * The array is mapped for RAM only, in whole largest blocks, so that looking at a buddy never
 * faults. It is not cleared as a whole: at 32 bytes a frame that would be a good part of the boot.
 * Only blocks that are not free as a whole need it (see buddy.c).
 */
#define LOG_SUBSYSTEM "mm"
#include "arch/boot_alloc.h"
#include "arch/boot_info.h"
#include "arch/kernel_map.h"
#include "arch/pagetable.h"
#include "lib/string.h"
#include "mm/frame_private.h"
#include "mm/leak.h"
#include "trace/log.h"

#define BLOCK_BYTES (PAGE_SIZE << (FRAME_ORDERS - 1))
/* Less than this to hand out, and no program could run. */
#define FREE_MIN (4 * MIB)

/* A stretch of largest blocks that all have some RAM. */
struct region {
	u64 start, end;
};

/* The first region at or after from; false after the last. */
static INIT_TEXT bool next_region(u64 from, struct region *r)
{
	*r = (struct region){0};
	for (u32 i = 0; i < boot_info.range_count; i++) {
		const struct boot_range *range = &boot_info.range[i];
		u64 start = MAX(from, ALIGN_DOWN(range->start.v, BLOCK_BYTES));
		u64 end = ALIGN_UP(range->start.v + range->size, BLOCK_BYTES);

		if (range->type != BOOT_RAM || end <= from)
			continue;
		if (r->end && start > r->end)
			break;
		r->start = r->end ? r->start : start;
		r->end = MAX(r->end, end);
	}
	return r->end != 0;
}

static INIT_TEXT void map_array(const struct region *r)
{
	struct page *first = page_of(PADDR(r->start));
	u64 bytes = (r->end - r->start) / PAGE_SIZE * sizeof(struct page);
	/* A large array gets frames that fit large pages. */
	u64 align = bytes >= 2 * MIB ? 2 * MIB : PAGE_SIZE;
	paddr_t pa = boot_alloc_physical(bytes, align, (u64)first % align);

	kernel_map_early(first, pa, bytes, PT_READ | PT_WRITE);
}

static INIT_TEXT void clear_array(u64 start, u64 end)
{
	if (start < end)
		memset(page_of(PADDR(start)), 0, (end - start) / PAGE_SIZE * sizeof(struct page));
}

/* Clears what belongs to blocks that are not free as a whole. */
static INIT_TEXT void clear_partial_blocks(const struct region *r)
{
	paddr_t cursor = PADDR(r->start), start, end;
	u64 done = r->start;

	while (boot_next_free(&cursor, &start, &end) && start.v < r->end) {
		u64 whole_start = ALIGN_UP(start.v, BLOCK_BYTES),
		    whole_end = ALIGN_DOWN(end.v, BLOCK_BYTES);

		if (whole_start >= whole_end)
			continue;
		clear_array(done, whole_start);
		done = whole_end;
	}
	clear_array(done, r->end);
}

/* One past the last frame that has a struct page. */
static INIT_TEXT u64 array_end(void)
{
	struct region r;
	u64 end = 0;

	for (u64 from = 0; next_region(from, &r); from = r.end)
		end = r.end;
	return end / PAGE_SIZE;
}

static INIT_TEXT void keep_archive(void)
{
	u64 end = boot_info.archive.v + boot_info.archive_size;

	for (u64 pa = boot_info.archive.v & PAGE_MASK; pa < end; pa += PAGE_SIZE)
		refcount_init(&page_of(PADDR(pa))->refs);
}

INIT_TEXT void frame_init(void)
{
	struct region r;

	for (u64 from = 0; next_region(from, &r); from = r.end)
		map_array(&r);
	for (u64 from = 0; next_region(from, &r); from = r.end)
		if (FRAME_DEBUG)
			clear_array(r.start, r.end);
		else
			clear_partial_blocks(&r);
	keep_archive();
	leak_init(array_end());
	boot_alloc_finish();

	paddr_t cursor = PADDR(0), start, end;
	while (boot_next_free(&cursor, &start, &end))
		frame_add(start, end);
	if (frame_total_count() < FREE_MIN / PAGE_SIZE)
		refuse_start(
			"the machine has too little memory: %lu KiB are left for programs; give it "
			"16 MiB and the size of the program's files at least (--memory)",
			frame_total_count() * PAGE_SIZE / KIB);
	log_info("%lu MiB in %lu frames", frame_total_count() * PAGE_SIZE / MIB,
		frame_total_count());
}

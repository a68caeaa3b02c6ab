/*
 * See mm/leak.h. For each frame a word: the low half of the allocation's return address, and 0 while the frame is free or inside
 * a block; and the epoch, a number that leak_begin() counts up. Both belong to who owns the frame, like its struct page.
 */
#define LOG_SUBSYSTEM "leak"
#include "mm/leak.h"

#include "arch/boot_alloc.h"
#include "arch/layout.h"
#include "lib/atomic.h"
#include "lib/compiler.h"
#include "mm/frame.h"
#include "mm/slab_private.h"
#include "trace/ksyms.h"
#include "trace/log.h"

#if defined(AIRLOCK_DEBUG) && !defined(AIRLOCK_HOST_TEST)

struct allocation {
	s32 caller;
	u32 epoch;
};

RO_AFTER_INIT static struct allocation *allocations;
RO_AFTER_INIT static u64 frames;
static u32 epoch = 1;
static atomic64_t counted[LEAK_KINDS];

void leak_count(enum leak_kind kind, s64 change)
{
	atomic64_fetch_add(&counted[kind], (u64)change);
}

u64 leak_counted(enum leak_kind kind)
{
	return atomic64_load(&counted[kind]);
}

u64 leak_counted_frames(void)
{
	return frame_total_count() - frame_free_count() - leak_counted(LEAK_TABLES) -
	       leak_counted(LEAK_SLABS) -
	       leak_counted(LEAK_STACKS_MADE) * (KERNEL_STACK_SIZE / PAGE_SIZE);
}

INIT_TEXT void leak_init(u64 count)
{
	allocations = boot_alloc(count * sizeof(*allocations), PAGE_SIZE);
	frames = count;
}

u32 leak_epoch(void)
{
	return READ_ONCE(epoch);
}

void leak_note_frame(u64 frame, u64 caller)
{
	if (frame < frames)
		allocations[frame] = (struct allocation){(s32)caller, READ_ONCE(epoch)};
}

void leak_forget_frame(u64 frame)
{
	if (frame < frames)
		allocations[frame] = (struct allocation){0, 0};
}

void leak_begin(void)
{
	WRITE_ONCE(epoch, epoch + 1);
}

static u32 report_frames(void)
{
	char where[96];
	u32 n = 0;

	for (u64 i = 0; i < frames; i++) {
		const struct allocation *a = &allocations[i];

		/* A look without the owner's consent: the words may be about to change, which only makes a report old. */
		if (READ_ONCE(a->epoch) != epoch || page_array()[i].state != PAGE_USED)
			continue;
		u64 caller = (u64)(s64)READ_ONCE(a->caller);
		log_error("leaked frame %#lx, allocated at %016lx %s", i * PAGE_SIZE, caller,
			ksym_format(where, sizeof(where), caller));
		n++;
	}
	return n;
}

u32 leak_report(void)
{
	u32 n = report_frames();

	for (u64 i = 0; i < frames; i++)
		if (page_array()[i].state == PAGE_SLAB && READ_ONCE(allocations[i].epoch))
			n += slab_kasan_leaks(&page_array()[i]);
	return n;
}

#else

void leak_begin(void)
{
}

u32 leak_report(void)
{
	return 0;
}

#endif

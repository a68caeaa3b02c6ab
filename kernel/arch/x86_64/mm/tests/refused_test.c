/*
 * What page tables answer where nothing is mapped, and when there is no memory for a table.
 *
 * Seen to fail: with a pagetable_protect() that says yes; with a make_tables() that overlooks what failed; with a
 * kernel_map_firmware() that loses the offset in the page.
 */
#include "arch/kernel_map.h"
#include "arch/page.h"
#include "arch/pagetable.h"
#include "arch/tlb.h"
#include "init/guest_test.h"
#include "lib/errno.h"
#include "mm/inject.h"
#include "sched/thread.h"

#define HERE 0x7f0000000000UL
#define ELSEWHERE 0x600000000000UL

GUEST_TEST(tables_say_that_nothing_is_mapped)
{
	struct tlb_state tlb;
	struct pagetable pt;
	paddr_t pa, old;
	u32 flags;

	tlb_state_init(&tlb);
	EXPECT(pagetable_create(&pt, &tlb) == 0);
	/* Without a table of the last level, and with one. */
	for (u32 i = 0; i < 2; i++) {
		EXPECT(!pagetable_protect(&pt, HERE, PT_READ));
		EXPECT(!pagetable_lookup(&pt, HERE, &pa, &flags));
		EXPECT(!pagetable_unmap(&pt, HERE, &pa, &flags));
		EXPECT(pagetable_map(&pt, HERE + PAGE_SIZE, kernel_root(), PT_READ, &old) == 0);
	}
	pagetable_destroy(&pt);
}

/* Every table on the way fails once; then nothing has moved, and the next attempt gets on. */
GUEST_TEST(tables_are_moved_when_there_is_memory_for_it)
{
	struct thread *self = current_thread();
	struct tlb_state tlb;
	struct pagetable pt;
	paddr_t pa, old;
	u32 flags, refused = 0;
	bool moved = false;
	int err;

	tlb_state_init(&tlb);
	EXPECT(pagetable_create(&pt, &tlb) == 0);
	EXPECT(pagetable_map(&pt, HERE, kernel_root(), PT_READ, &old) == 0);
	do {
		inject_set_nth(self, refused + 1);
		err = pagetable_move_range(&pt, HERE, HERE + PAGE_SIZE, ELSEWHERE, &moved);
		refused += err != 0;
		EXPECT(err == 0 || (err == -ENOMEM && pagetable_lookup(&pt, HERE, &pa, &flags)));
	} while (err && inject_take() && refused < 10);
	inject_set_nth(self, 0);
	EXPECT(refused > 0 && refused < 4);
	EXPECT(moved && !pagetable_lookup(&pt, HERE, &pa, &flags));
	EXPECT(pagetable_lookup(&pt, ELSEWHERE, &pa, &flags) && pa.v == kernel_root().v);
	pagetable_destroy(&pt);
}

/* The last page below 4 GiB is the machine's firmware, which no direct map has; a byte of it stays where it is in its page. */
GUEST_TEST(firmware_is_mapped_wherever_it_is)
{
	paddr_t reset = PADDR(4 * GIB - 16);
	paddr_t pa;
	u32 flags;

	const void *first = kernel_map_firmware(reset, 16);
	EXPECT(first && ((u64)first & ~PAGE_MASK) == (reset.v & ~PAGE_MASK));
	EXPECT(first && kernel_lookup(first, &pa, &flags) && pa.v == reset.v);
	EXPECT(first && !(flags & (PT_WRITE | PT_EXEC)));
	EXPECT(kernel_map_firmware(kernel_root(), PAGE_SIZE) == direct_map(kernel_root()));
}

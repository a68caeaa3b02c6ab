/*
 * A large page that is cut: 512 entries that say what it said, and no CPU that still has it in its TLB when they appear.
 *
 * Seen to fail: with a pte_split() that flushes nothing.
 */
#include "arch/pagetable.h"
#include "arch/tlb.h"
#include "init/guest_test.h"

#define HERE 0x7f0000000000UL
/* Only written into entries. */
#define FRAMES LARGE_PAGE_SIZE
#define PAGES (LARGE_PAGE_SIZE / PAGE_SIZE)

static u64 flushes(const struct tlb_state *tlb)
{
	return atomic64_load_relaxed(&tlb->generation);
}

GUEST_TEST(large_pages_are_dropped_before_they_are_cut)
{
	struct tlb_state tlb;
	struct pagetable pt;
	paddr_t pa;
	u32 flags;

	tlb_state_init(&tlb);
	EXPECT(pagetable_create(&pt, &tlb) == 0);
	EXPECT(pagetable_map_large(&pt, HERE, PADDR(FRAMES), PT_READ | PT_WRITE) == 0);
	u64 before = flushes(&tlb);
	EXPECT(pagetable_lookup_large(&pt, HERE + PAGE_SIZE, &pa, &flags) && pa.v == FRAMES);
	EXPECT(flushes(&tlb) == before);
	EXPECT(pagetable_protect(&pt, HERE + PAGE_SIZE, PT_READ));
	EXPECT(flushes(&tlb) == before + 1);
	EXPECT(!pagetable_lookup_large(&pt, HERE, &pa, &flags) && pt.large_pages == 0);
	for (u64 i = 0; i < PAGES; i++) {
		EXPECT(pagetable_lookup(&pt, HERE + i * PAGE_SIZE, &pa, &flags));
		EXPECT(pa.v == FRAMES + i * PAGE_SIZE && !(flags & PT_WRITE) == (i == 1));
		EXPECT(pagetable_unmap(&pt, HERE + i * PAGE_SIZE, &pa, &flags));
	}
	EXPECT(flushes(&tlb) == before + 1);
	pagetable_destroy(&pt);
}

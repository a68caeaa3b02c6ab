/*
 * Giving one address space the pages of another: fork's part of the page tables.
 *
 * Table by table: the other side's table is made when the first page of it is met, then 512 entries
 * are gone through without another walk. A page that was writable loses that in both spaces (copy
 * on write); entries that PROT_NONE hides have no permissions to lose and are copied as they are.
 *
 * The caller holds the lock of `from`, and nobody else can reach `to`. CPUs may be running on
 * `from` and set A and D meanwhile, so the write permission is taken away by a locked operation
 * that keeps what they set; their translations are the caller's to flush, once for the whole range.
 */
#include "arch/pagetable.h"
#include "lib/errno.h"
#include "pte.h"

#define BATCH 64

struct batch {
	struct pagetable_share *share;
	u32 n;
	paddr_t frames[BATCH];
};

static void batch_report(struct batch *b)
{
	if (b->n)
		b->share->frames(b->share->arg, b->frames, b->n);
	b->n = 0;
}

static ALWAYS_INLINE void batch_add(struct batch *b, paddr_t frame)
{
	b->frames[b->n++] = frame;
	if (UNLIKELY(b->n == BATCH))
		batch_report(b);
}

static pte_t tighten(pte_t *slot, struct pagetable_share *share)
{
	share->tightened = true;
	return __atomic_fetch_and(slot, ~PTE_W, __ATOMIC_RELAXED) & ~PTE_W;
}

/* Slots [i, end); i has something. */
static void share_slots(pte_t *to, pte_t *from, u32 i, u32 end, struct batch *b)
{
	bool copy_on_write = b->share->copy_on_write;

	for (; i < end; i = pte_next_used(from, i + 1, end)) {
		pte_t e = pte_get(&from[i]);

		if (copy_on_write && (e & PTE_W))
			e = tighten(&from[i], b->share);
		pte_set(&to[i], e);
		batch_add(b, pte_address(e));
	}
}

/* The part of [va, end) that one table serves. */
static int share_table(struct pagetable *to, pte_t *table, u64 va, u64 end, struct batch *b)
{
	u32 first = (u32)pte_index(va, 1), last = first + (u32)((end - va) / PAGE_SIZE);

	/* No table is made for nothing. */
	first = pte_next_used(table, first, last);
	if (first == last)
		return 0;
	pte_t *slot = pte_make_slot(to, va);
	if (!slot)
		return -ENOMEM;
	share_slots(slot - pte_index(va, 1), table, first, last, b);
	return 0;
}

/* A large page, which stays one on both sides. */
static int share_large(struct pagetable *to, struct pagetable *from, u64 va, struct batch *b)
{
	pte_t *slot = pte_find_large(from, va);
	pte_t e = pte_get(slot);

	if (b->share->copy_on_write && (e & PTE_W))
		e = tighten(slot, b->share);
	int err = pte_share_large(to, va, e);
	for (u64 at = 0; !err && at < LARGE_PAGE_SIZE; at += PAGE_SIZE)
		batch_add(b, PADDR(pte_address(e).v + at));
	return err;
}

int pagetable_share_range(struct pagetable *to, struct pagetable *from, uaddr_t start, uaddr_t end,
	struct pagetable_share *share)
{
	struct batch b = {.share = share};
	u64 va = start, shift;
	int err = 0;

	while (va < end && !err) {
		pte_t *table = pte_find_table(from, va, &shift);
		bool large = !table && shift == 0;

		if (large && (!IS_ALIGNED(va, LARGE_PAGE_SIZE) || end - va < LARGE_PAGE_SIZE)) {
			table = pte_split(from, va);
			large = false;
		}
		u64 next = table || large ? (va | (PTE_COUNT * PAGE_SIZE - 1)) + 1
					  : ((va >> shift) + 1) << shift;

		if (large)
			err = share_large(to, from, va, &b);
		else if (table)
			err = share_table(to, table, va, MIN(next, end), &b);
		va = next;
	}
	batch_report(&b);
	return err;
}

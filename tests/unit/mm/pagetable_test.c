/*
 * Page tables by themselves: what they answer where nothing is mapped or no memory is left, and large pages of which a part gets other
 * permissions, or is shared.
 *
 * Seen to fail: with a large page that stays one although a page differs; with one that is shared whole although a part was asked for; with
 * a pagetable_protect() that says yes to an empty slot; with one that is mapped over small ones; with a make_tables() that overlooks what
 * failed; with a large page that nobody may reach.
 */
// sources: kernel/mm/mm.c kernel/mm/area.c kernel/mm/area_edit.c kernel/mm/map.c
// sources: kernel/mm/brk.c kernel/mm/advise.c kernel/mm/fork.c kernel/mm/store.c kernel/mm/reverse.c
// sources: kernel/mm/remap.c kernel/mm/populate.c kernel/mm/lock.c kernel/mm/limits.c
// sources: kernel/arch/x86_64/mm/move.c kernel/arch/x86_64/mm/large.c kernel/arch/x86_64/mm/range.c
// sources: kernel/mm/page_tree.c kernel/mm/fault.c kernel/mm/fault_around.c kernel/mm/huge.c kernel/mm/commit.c kernel/mm/zap.c kernel/mm/copy.c kernel/mm/oom.c
// sources: kernel/lib/rbtree.c kernel/arch/x86_64/mm/pagetable.c
// sources: kernel/arch/x86_64/mm/prune.c kernel/arch/x86_64/mm/share.c tests/unit/mm/fake_mm.c
#include "unit.h"

#include "arch/pagetable.h"
#include "arch/tlb.h"
#include "fail_alloc.h"
#include "fake_mm.h"
#include "lib/errno.h"
#include "mm/frame.h"
#include "mm/mm_private.h"

#define HERE (1UL << 40)
#define SMALL_PAGES (LARGE_PAGE_SIZE / PAGE_SIZE)
#define SOME_FRAME PADDR(0x123000)
#define LARGE_FRAME PADDR(64 * LARGE_PAGE_SIZE)

/* Address spaces without areas: only their tables are used. */
static struct mm *mm, *other;

static int make(void **state)
{
	return mm_create(&mm) || mm_create(&other);
}

static void count_page(void *arg, uaddr_t va, paddr_t pa)
{
	*(u64 *)arg += 1;
}

static int drop(void **state)
{
	u64 pages = 0;

	pagetable_unmap_range(&mm->tables, 0, USER_END, count_page, &pages);
	pagetable_unmap_range(&other->tables, 0, USER_END, count_page, &pages);
	mm_put_user(mm);
	mm_put_user(other);
	return 0;
}

static u32 prot_at(struct mm *of, uaddr_t va, u64 frame)
{
	paddr_t pa;
	u32 flags;

	assert_true(pagetable_lookup(&of->tables, va, &pa, &flags));
	assert_int_equal(pa.v, frame);
	return flags & (PT_READ | PT_WRITE | PT_EXEC);
}

static void test_nothing_is_mapped(void **state)
{
	struct pagetable *pt = &mm->tables;
	paddr_t pa, old;
	u32 flags;

	/* Without a table, and with one. */
	for (u32 i = 0; i < 2; i++) {
		assert_false(pagetable_unmap(pt, HERE, &pa, &flags));
		assert_false(pagetable_protect(pt, HERE, PT_READ));
		assert_false(pagetable_lookup(pt, HERE, &pa, &flags));
		assert_int_equal(pagetable_map(pt, HERE + PAGE_SIZE, SOME_FRAME, PT_READ, &old), 0);
	}
	assert_true(pagetable_protect(pt, HERE + PAGE_SIZE, PT_READ | PT_WRITE));
	assert_int_equal(prot_at(mm, HERE + PAGE_SIZE, SOME_FRAME.v), PT_READ | PT_WRITE);
	assert_true(pagetable_unmap(pt, HERE + PAGE_SIZE, &pa, &flags));
	assert_int_equal(pa.v, SOME_FRAME.v);
}

static void map_large(void)
{
	assert_int_equal(
		pagetable_map_large(&mm->tables, HERE, LARGE_FRAME, PT_READ | PT_WRITE), 0);
}

static bool is_large(struct mm *of)
{
	paddr_t pa;
	u32 flags;

	return pagetable_lookup_large(&of->tables, HERE, &pa, &flags);
}

/* The permissions that the frame with this number gets are others. */
static u32 one_differs(void *arg, paddr_t pa)
{
	u64 n = *(u64 *)arg;

	return pa.v == LARGE_FRAME.v + n * PAGE_SIZE ? PT_READ | PT_WRITE : PT_READ;
}

static void test_one_page_differs(void **state)
{
	u64 n = 300;

	map_large();
	assert_true(pagetable_protect_range(
		&mm->tables, HERE, HERE + LARGE_PAGE_SIZE, one_differs, &n));
	assert_false(is_large(mm));
	for (u64 i = 0; i < SMALL_PAGES; i++)
		assert_int_equal(prot_at(mm, HERE + i * PAGE_SIZE, LARGE_FRAME.v + i * PAGE_SIZE),
			i == n ? PT_READ | PT_WRITE : PT_READ);
}

static void test_all_pages_agree(void **state)
{
	u64 n = SMALL_PAGES;

	map_large();
	assert_true(pagetable_protect_range(
		&mm->tables, HERE, HERE + LARGE_PAGE_SIZE, one_differs, &n));
	assert_true(is_large(mm));
	assert_int_equal(prot_at(mm, HERE, LARGE_FRAME.v), PT_READ);
}

static u32 nothing_is_allowed(void *arg, paddr_t pa)
{
	return 0;
}

/* An entry of a large page that may not be reached would say nothing of its frame, so it does not stay one. */
static void test_no_page_may_be_reached(void **state)
{
	map_large();
	assert_true(pagetable_protect_range(
		&mm->tables, HERE, HERE + LARGE_PAGE_SIZE, nothing_is_allowed, NULL));
	assert_false(is_large(mm));
	for (u64 i = 0; i < SMALL_PAGES; i++)
		assert_int_equal(
			prot_at(mm, HERE + i * PAGE_SIZE, LARGE_FRAME.v + i * PAGE_SIZE), 0);
}

static void test_large_only_where_nothing_is(void **state)
{
	struct pagetable *pt = &mm->tables;
	paddr_t old;

	assert_int_equal(pagetable_map(pt, HERE + PAGE_SIZE, SOME_FRAME, PT_READ, &old), 0);
	assert_int_equal(pagetable_map_large(pt, HERE, LARGE_FRAME, PT_READ), -EEXIST);
	assert_int_equal(prot_at(mm, HERE + PAGE_SIZE, SOME_FRAME.v), PT_READ);
	assert_false(pagetable_large_fits(pt, HERE));
	assert_true(pagetable_large_fits(pt, HERE + LARGE_PAGE_SIZE));
}

/* Each table on the way to a new page is refused once, in a space of its own. */

static int map_small(struct pagetable *pt)
{
	paddr_t old;

	return pagetable_map(pt, HERE, SOME_FRAME, PT_READ, &old);
}

static int map_some(struct pagetable *pt)
{
	const paddr_t frames[] = {SOME_FRAME};

	return pagetable_map_some(pt, HERE, 1, frames, PT_READ);
}

static int map_large_read(struct pagetable *pt)
{
	return pagetable_map_large(pt, HERE, LARGE_FRAME, PT_READ);
}

static int map_and_move(struct pagetable *pt)
{
	uaddr_t from = HERE + 512 * GIB;
	paddr_t old;
	bool moved = false;
	int err = pagetable_map(pt, from, SOME_FRAME, PT_READ, &old);

	if (!err)
		err = pagetable_move_range(pt, from, from + PAGE_SIZE, HERE, &moved);
	assert_true(moved == !err);
	return err;
}

static void refuse_each(void *way)
{
	int (*map)(struct pagetable *) = *(int (**)(struct pagetable *))way;
	struct mm *one;
	paddr_t pa;
	u32 flags;
	u64 pages = 0;

	if (mm_create(&one))
		return;
	int err = map(&one->tables);
	assert_int_equal(err, fail_alloc_happened() ? -ENOMEM : 0);
	assert_true(pagetable_lookup(&one->tables, HERE, &pa, &flags) == !err);
	pagetable_unmap_range(&one->tables, 0, USER_END, count_page, &pages);
	mm_put_user(one);
}

static void test_no_memory_for_tables(void **state)
{
	int (*ways[])(struct pagetable *) = {map_small, map_some, map_large_read, map_and_move};

	for (u32 i = 0; i < 4; i++)
		fail_alloc_each(refuse_each, &ways[i]);
}

static void count_frames(void *arg, const paddr_t *frames, u32 n)
{
	*(u64 *)arg += n;
}

/* A part of a large page goes to a child (the rest is MADV_DONTFORK's). */
static void test_a_part_is_shared(void **state)
{
	u64 frames = 0, end = HERE + 5 * PAGE_SIZE;
	struct pagetable_share share = {
		.copy_on_write = true, .frames = count_frames, .arg = &frames};
	paddr_t pa;
	u32 flags;

	map_large();
	assert_int_equal(
		pagetable_share_range(&other->tables, &mm->tables, HERE + PAGE_SIZE, end, &share),
		0);
	assert_true(share.tightened);
	assert_int_equal(frames, 4);
	assert_false(is_large(mm) || is_large(other));
	assert_int_equal(prot_at(mm, HERE, LARGE_FRAME.v), PT_READ | PT_WRITE);
	assert_int_equal(prot_at(mm, HERE + PAGE_SIZE, LARGE_FRAME.v + PAGE_SIZE), PT_READ);
	assert_int_equal(prot_at(other, HERE + PAGE_SIZE, LARGE_FRAME.v + PAGE_SIZE), PT_READ);
	assert_false(pagetable_lookup(&other->tables, HERE, &pa, &flags));
	assert_false(pagetable_lookup(&other->tables, end, &pa, &flags));
}

static int set_up(void **state)
{
	fake_mm_init();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_nothing_is_mapped, make, drop),
		cmocka_unit_test_setup_teardown(test_one_page_differs, make, drop),
		cmocka_unit_test_setup_teardown(test_all_pages_agree, make, drop),
		cmocka_unit_test_setup_teardown(test_no_page_may_be_reached, make, drop),
		cmocka_unit_test_setup_teardown(test_large_only_where_nothing_is, make, drop),
		cmocka_unit_test(test_no_memory_for_tables),
		cmocka_unit_test_setup_teardown(test_a_part_is_shared, make, drop),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}

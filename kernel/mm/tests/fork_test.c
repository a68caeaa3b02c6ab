/*
 * Copies of address spaces: what the two share, what they do not, and that everything comes back.
 *
 * Seen to fail: with the write permission left in the parent's entries (fork_copies_on_write), with
 * the flush left out (fork_storm, fork_sole_owner_keeps_the_page), with
 * references not counted (a check in the frame allocator), with shared areas shared copy-on-write
 * (fork_shares_shared_memory).
 */
#include "arch/clock.h"
#include "arch/irqflags.h"
#include "arch/ucopy.h"
#include "init/guest_test.h"
#include "lib/errno.h"
#include "mm/mm_private.h"
#include "mm/slab.h"
#include "mm/tests/space.h"
#include "sched/sched.h"
#include "sched/tests/crew.h"

#define PAGES 700UL
#define STORM_NS (300 * NS_PER_MS)

static u64 get(uaddr_t at)
{
	u64 word = ~0UL;

	EXPECT(get_user_u64(&word, at) == 0);
	return word;
}

static void put(uaddr_t at, u64 word)
{
	EXPECT(put_user_u64(at, word) == 0);
}

static uaddr_t map_flags(struct mm *mm, u64 pages, u32 flags)
{
	uaddr_t at = 0;

	EXPECT(mm_map(mm, &at, pages * PAGE_SIZE, PT_READ | PT_WRITE, flags, MAP_AT_HINT, NULL, 0,
		       0) == 0);
	return at;
}

/* Every second page of the parent is written, and one is hidden by PROT_NONE. */
static void fork_and_write(void)
{
	struct mm *parent, *child;

	EXPECT(mm_create(&parent) == 0);
	uaddr_t at = map_flags(parent, PAGES, 0);
	space_enter(parent);
	for (u64 i = 0; i < PAGES; i += 2)
		put(at + i * PAGE_SIZE, i + 1);
	EXPECT(get(at + PAGE_SIZE) == 0);
	EXPECT(mm_protect(parent, at + 4 * PAGE_SIZE, PAGE_SIZE, 0) == 0);
	EXPECT(mm_fork(parent, &child) == 0);
	EXPECT(child->pages == parent->pages && child->area_count == parent->area_count);
	EXPECT(child->mapped_pages == parent->mapped_pages);
	/* The parent writes without another space in between: only the flush keeps it honest. */
	put(at, 1000);
	space_switch(child);
	EXPECT(get(at) == 1);
	put(at + 2 * PAGE_SIZE, 2000);
	put(at + PAGE_SIZE, 3000);
	EXPECT(mm_protect(child, at + 4 * PAGE_SIZE, PAGE_SIZE, PT_READ | PT_WRITE) == 0);
	EXPECT(get(at + 4 * PAGE_SIZE) == 5);
	put(at + 4 * PAGE_SIZE, 4000);
	space_switch(parent);
	EXPECT(get(at) == 1000 && get(at + 2 * PAGE_SIZE) == 3 && get(at + PAGE_SIZE) == 0);
	EXPECT(mm_protect(parent, at + 4 * PAGE_SIZE, PAGE_SIZE, PT_READ | PT_WRITE) == 0);
	EXPECT(get(at + 4 * PAGE_SIZE) == 5);
	mm_put_user(child);
	for (u64 i = 6; i < PAGES; i += 2) {
		put(at + i * PAGE_SIZE + 8, i);
		EXPECT(get(at + i * PAGE_SIZE) == i + 1);
	}
	space_leave();
	mm_put_user(parent);
}

GUEST_TEST(fork_copies_on_write)
{
	for (u32 i = 0; i < 4; i++)
		fork_and_write();
	u64 before = space_free_frames();
	for (u32 i = 0; i < 10; i++)
		fork_and_write();
	EXPECT(space_free_frames() == before);
}

/* When the other side has gone, the page is taken, not copied. */
GUEST_TEST(fork_sole_owner_keeps_the_page)
{
	struct mm *parent, *child;
	paddr_t before, after;
	u32 flags;

	EXPECT(mm_create(&parent) == 0);
	uaddr_t at = map_flags(parent, 1, 0);
	space_enter(parent);
	put(at, 7);
	EXPECT(pagetable_lookup(&parent->tables, at, &before, &flags) && (flags & PT_WRITE));
	EXPECT(mm_fork(parent, &child) == 0);
	EXPECT(pagetable_lookup(&parent->tables, at, &after, &flags) && !(flags & PT_WRITE));
	mm_put_user(child);
	put(at, 8);
	EXPECT(pagetable_lookup(&parent->tables, at, &after, &flags) && (flags & PT_WRITE));
	EXPECT(before.v == after.v && get(at) == 8);
	space_leave();
	mm_put_user(parent);
}

GUEST_TEST(fork_shares_shared_memory)
{
	struct mm *parent, *child;

	EXPECT(mm_create(&parent) == 0);
	uaddr_t shared = map_flags(parent, 100, AREA_SHARED);
	space_enter(parent);
	put(shared, 1);
	EXPECT(mm_fork(parent, &child) == 0);
	put(shared, 2);
	put(shared + 50 * PAGE_SIZE, 3);
	space_switch(child);
	EXPECT(get(shared) == 2 && get(shared + 50 * PAGE_SIZE) == 3);
	put(shared + 99 * PAGE_SIZE, 4);
	/* Its pages stay when they are unmapped, and when the other side goes. */
	EXPECT(mm_discard(child, shared, 100 * PAGE_SIZE) == 0);
	EXPECT(get(shared) == 2);
	space_switch(parent);
	EXPECT(get(shared + 99 * PAGE_SIZE) == 4);
	mm_put_user(child);
	EXPECT(get(shared + 99 * PAGE_SIZE) == 4);
	space_leave();
	mm_put_user(parent);
}

GUEST_TEST(fork_obeys_advice)
{
	struct mm *parent, *child;
	u64 word;

	EXPECT(mm_create(&parent) == 0);
	uaddr_t at = map_flags(parent, 6, 0);
	space_enter(parent);
	for (u64 i = 0; i < 6; i++)
		put(at + i * PAGE_SIZE, i + 1);
	EXPECT(mm_set_flags(parent, at + PAGE_SIZE, PAGE_SIZE, AREA_DONTFORK, 0) == 0);
	EXPECT(mm_set_flags(parent, at + 3 * PAGE_SIZE, PAGE_SIZE, AREA_WIPEONFORK, 0) == 0);
	EXPECT(mm_fork(parent, &child) == 0);
	space_switch(child);
	EXPECT(get(at) == 1 && get(at + 3 * PAGE_SIZE) == 0 && get(at + 4 * PAGE_SIZE) == 5);
	EXPECT(get_user_u64(&word, at + PAGE_SIZE) == -EFAULT);
	space_switch(parent);
	EXPECT(get(at + PAGE_SIZE) == 2 && get(at + 3 * PAGE_SIZE) == 4);
	EXPECT(mm_set_flags(parent, at, 6 * PAGE_SIZE, 0, AREA_DONTFORK | AREA_WIPEONFORK) == 0);
	EXPECT(parent->area_count == 1);
	space_leave();
	mm_put_user(child);
	mm_put_user(parent);
}

GUEST_TEST(fork_futex_keys)
{
	struct mm *parent, *child;
	struct futex_key a, b, c;

	EXPECT(mm_create(&parent) == 0);
	uaddr_t own = map_flags(parent, 1, 0), shared = map_flags(parent, 4, AREA_SHARED);
	EXPECT(mm_fork(parent, &child) == 0);
	EXPECT(mm_futex_key(parent, own, true, &a) == 0 && mm_futex_key(child, own, true, &b) == 0);
	EXPECT(a.object != b.object && a.source == NULL);
	EXPECT(mm_futex_key(parent, shared + 4100, true, &a) == 0);
	EXPECT(mm_futex_key(child, shared + 4100, true, &b) == 0);
	EXPECT(a.object == b.object && a.offset == b.offset && a.offset == 4100);
	EXPECT(mm_futex_key(parent, shared + 4 * PAGE_SIZE + STACK_GUARD_GAP, true, &c) == -EFAULT);
	mm_put_user(child);
	mm_put_user(parent);
	/* The references keep the memory that the keys name. */
	mm_futex_key_put(&a);
	mm_futex_key_put(&b);
}

/* -- storms: forks while other threads write to what is being forked -- */

static struct crew crew;
static struct mm *mm;
static uaddr_t words;
static u64 end_ns;
#define WORDS 64UL

/* A pair of words on one page is always written first word first, so in a copy the second is never
 * ahead of the first. A copy, once made, never changes. */
static void write_pairs(const struct crew_member *m)
{
	for (u64 v = 1; clock_now_ns() < end_ns; v++)
		for (u64 i = 0; i < WORDS; i++) {
			uaddr_t at = words + i * PAGE_SIZE + m->index * 16UL;

			put(at, v);
			put(at + 8, v);
		}
}

static void check_copy(struct mm *child, u32 threads)
{
	u64 first[2], again[2];

	for (u64 i = 0; i < WORDS; i++)
		for (u32 k = 1; k < threads; k++) {
			uaddr_t at = words + i * PAGE_SIZE + k * 16;

			EXPECT(mm_read(child, first, at, sizeof(first)) == 0);
			EXPECT(mm_read(child, again, at, sizeof(again)) == 0);
			EXPECT(first[0] == first[1] || first[0] == first[1] + 1);
			EXPECT(first[0] == again[0] && first[1] == again[1]);
		}
}

static void fork_again_and_again(u32 threads)
{
	struct mm *child, *grandchild;

	while (clock_now_ns() < end_ns) {
		EXPECT(mm_fork(mm, &child) == 0);
		EXPECT(mm_fork(child, &grandchild) == 0);
		check_copy(child, threads);
		mm_put_user(child);
		check_copy(grandchild, threads);
		mm_put_user(grandchild);
	}
}

static void storm(struct crew_member *m)
{
	EXPECT(sched_set_affinity(current_thread(), crew_cpu(m->index)) == 0);
	sched_yield();
	space_enter(mm);
	if (m->index == 0)
		fork_again_and_again(2 * crew_cpu_count());
	else
		write_pairs(m);
	space_leave();
}

static void run_storm(void)
{
	EXPECT(mm_create(&mm) == 0);
	words = map_flags(mm, WORDS, 0);
	end_ns = clock_now_ns() + STORM_NS;
	EXPECT(crew_run(&crew, 2 * crew_cpu_count(), storm));
	mm_put_user(mm);
}

GUEST_TEST(fork_storm)
{
	run_storm();
	u64 before = space_free_frames();
	run_storm();
	u64 after = space_free_frames();
	/* A CPU may keep a struct mm, and so a slab of them. */
	EXPECT(before < after + 4 && after < before + 4);
}

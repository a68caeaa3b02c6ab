/*
 * Page stores and their mappings: what a shrinking file takes away, and from whom.
 *
 * Seen to fail: without mm_unmap_source() in page_store_set_size() (store_shrinks_under_mappings,
 * store_storm), with copies false there, with true in page_store_punch() (store_punch_keeps_copies),
 * with fork_show() left out (store_storm), with no new number in join() (store_joined_areas).
 */
#include "arch/clock.h"
#include "arch/ucopy.h"
#include "arch/upcalls.h"
#include "init/guest_test.h"
#include "lib/errno.h"
#include "mm/mm_private.h"
#include "mm/store.h"
#include "mm/tests/space.h"
#include "sched/sched.h"
#include "sched/tests/crew.h"

#define STORM_NS (300 * NS_PER_MS)
#define PAGES 16UL

static struct page_store *store_of(struct page_source *s)
{
	return CONTAINER_OF(s, struct page_store, source);
}

static uaddr_t map_store(struct mm *mm, struct page_source *s, u32 flags, u64 pages)
{
	uaddr_t at = 0;

	EXPECT(mm_map(mm, &at, pages * PAGE_SIZE, PT_READ | PT_WRITE, flags, MAP_AT_HINT, s, 0,
		       ~0UL) == 0);
	return at;
}

static u64 get(uaddr_t at)
{
	u64 word = ~0UL;

	return get_user_u64(&word, at) ? ~0UL : word;
}

GUEST_TEST(store_shrinks_under_mappings)
{
	struct page_source *s = page_store_create_anonymous(PAGES * PAGE_SIZE);
	struct mm *mm;
	int code;

	EXPECT(s != NULL);
	EXPECT(mm_create(&mm) == 0);
	space_enter(mm);
	uaddr_t shared = map_store(mm, s, AREA_SHARED, PAGES);
	uaddr_t private = map_store(mm, s, 0, PAGES);
	for (u64 i = 0; i < PAGES; i++)
		EXPECT(put_user_u64(shared + i * PAGE_SIZE, i + 1) == 0);
	EXPECT(get(private + 7 * PAGE_SIZE) == 8);
	EXPECT(put_user_u64(private + 6 * PAGE_SIZE, 1000) == 0);
	EXPECT(put_user_u64(shared + 4 * PAGE_SIZE + 8, 5) == 0);
	page_store_set_size(store_of(s), 4 * PAGE_SIZE + 8);
	EXPECT(store_of(s)->page_count == 5);
	EXPECT(mm_fault(mm, shared + 5 * PAGE_SIZE, FAULT_USER, &code) == -ENXIO);
	EXPECT(mm_fault(mm, private + 6 * PAGE_SIZE, FAULT_USER, &code) == -ENXIO);
	EXPECT(mm_fault(mm, private + 7 * PAGE_SIZE, FAULT_USER, &code) == -ENXIO);
	EXPECT(get(shared + 4 * PAGE_SIZE) == 5 && get(shared + 4 * PAGE_SIZE + 8) == 0);
	page_store_set_size(store_of(s), PAGES * PAGE_SIZE);
	EXPECT(get(shared + 5 * PAGE_SIZE) == 0 && get(private + 6 * PAGE_SIZE) == 0);
	space_leave();
	mm_put_user(mm);
	s->ops->put(s);
}

GUEST_TEST(store_punch_keeps_copies)
{
	struct page_source *s = page_store_create_anonymous(PAGES * PAGE_SIZE);
	struct mm *mm;

	EXPECT(s != NULL);
	EXPECT(mm_create(&mm) == 0);
	space_enter(mm);
	uaddr_t shared = map_store(mm, s, AREA_SHARED, PAGES);
	uaddr_t private = map_store(mm, s, 0, PAGES);
	for (u64 i = 0; i < 4; i++)
		EXPECT(put_user_u64(shared + i * PAGE_SIZE, i + 1) == 0);
	EXPECT(get(private) == 1 && get(private + PAGE_SIZE) == 2);
	EXPECT(put_user_u64(private + PAGE_SIZE, 77) == 0);
	page_store_punch(store_of(s), 8, 3 * PAGE_SIZE);
	EXPECT(get(shared) == 1 && get(shared + PAGE_SIZE) == 0 &&
		get(shared + 2 * PAGE_SIZE) == 0);
	EXPECT(get(shared + 3 * PAGE_SIZE) == 4);
	EXPECT(get(private) == 1 && get(private + PAGE_SIZE) == 77);
	space_leave();
	mm_put_user(mm);
	s->ops->put(s);
}

/* Areas that were cut and joined again are still found. */
GUEST_TEST(store_joined_areas)
{
	struct page_source *s = page_store_create_anonymous(PAGES * PAGE_SIZE);
	struct mm *mm;

	EXPECT(s != NULL);
	EXPECT(mm_create(&mm) == 0);
	space_enter(mm);
	uaddr_t at = map_store(mm, s, AREA_SHARED, PAGES);
	for (u64 i = 0; i < PAGES; i++)
		EXPECT(put_user_u64(at + i * PAGE_SIZE, 1) == 0);
	EXPECT(mm_protect(mm, at + 3 * PAGE_SIZE, 5 * PAGE_SIZE, PT_READ) == 0);
	EXPECT(mm->area_count == 3);
	EXPECT(mm_protect(mm, at + 3 * PAGE_SIZE, 5 * PAGE_SIZE, PT_READ | PT_WRITE) == 0);
	EXPECT(mm->area_count == 1);
	page_store_set_size(store_of(s), 0);
	EXPECT(mm->pages == 0);
	for (u64 i = 0; i < PAGES; i++)
		EXPECT(get(at + i * PAGE_SIZE) == ~0UL);
	space_leave();
	mm_put_user(mm);
	s->ops->put(s);
}

/* -- a file that shrinks and grows while it is mapped, read, written, cut and copied -- */

static struct crew crew;
static struct mm *mm;
static struct page_source *source;
static uaddr_t at;
static u64 end_ns;
/* Odd while the file may be shrinking. */
static atomic64_t round_number;

static void shrink_and_grow(void)
{
	for (u64 r = 0; clock_now_ns() < end_ns; r += 2) {
		atomic64_store(&round_number, r + 1);
		page_store_set_size(store_of(source), (r / 2 % 4) * PAGE_SIZE);
		EXPECT(store_of(source)->page_count <= 4);
		page_store_set_size(store_of(source), PAGES * PAGE_SIZE);
		atomic64_store(&round_number, r + 2);
		sched_yield();
	}
	atomic64_store(&round_number, ~0UL);
}

static void use(struct crew_member *m, uaddr_t base)
{
	u64 page = 4 + crew_random(m, PAGES - 4), word;
	u64 before = atomic64_load(&round_number);
	bool wrote = put_user_u64(base + page * PAGE_SIZE, before) == 0;
	bool read = get_user_u64(&word, base + page * PAGE_SIZE) == 0;
	u64 after = atomic64_load(&round_number);

	/* If nothing was taken away meanwhile, both work, and nothing old is seen. */
	if (before == after && before % 2 == 0)
		EXPECT(wrote && read && (word == 0 || word >= before));
}

static void disturb(struct crew_member *m)
{
	struct mm *child;
	u64 first = crew_random(m, PAGES - 4), word;

	switch (crew_random(m, 4)) {
	case 0:
		EXPECT(mm_fork(mm, &child) == 0);
		space_switch(child);
		if (!get_user_u64(&word, at + 5 * PAGE_SIZE))
			use(m, at);
		space_switch(mm);
		mm_put_user(child);
		break;
	case 1:
		EXPECT(mm_protect(mm, at + first * PAGE_SIZE, 4 * PAGE_SIZE,
			       PT_READ | PT_EXEC | PT_WRITE) == 0);
		break;
	case 2:
		EXPECT(mm_protect(mm, at, PAGES * PAGE_SIZE, PT_READ | PT_WRITE) == 0);
		break;
	default:
		EXPECT(mm_discard(mm, at + first * PAGE_SIZE, 4 * PAGE_SIZE) == 0);
	}
}

static void storm(struct crew_member *m)
{
	EXPECT(sched_set_affinity(current_thread(), crew_cpu(m->index)) == 0);
	sched_yield();
	space_enter(mm);
	if (m->index == 0)
		shrink_and_grow();
	while (m->index && atomic64_load(&round_number) != ~0UL) {
		use(m, at);
		if (crew_random(m, 8) == 0)
			disturb(m);
		crew_make_way();
	}
	space_leave();
}

static void run_storm(void)
{
	source = page_store_create_anonymous(PAGES * PAGE_SIZE);
	EXPECT(source != NULL);
	EXPECT(mm_create(&mm) == 0);
	at = map_store(mm, source, AREA_SHARED, PAGES);
	atomic64_store(&round_number, 0);
	end_ns = clock_now_ns() + STORM_NS;
	EXPECT(crew_run(&crew, 2 * crew_cpu_count(), storm));
	mm_put_user(mm);
	/* The areas are gone from it, and it is ours alone. */
	EXPECT(!source->areas.top);
	source->ops->put(source);
}

GUEST_TEST(store_storm)
{
	run_storm();
	u64 before = space_free_frames();
	run_storm();
	u64 after = space_free_frames();
	EXPECT(before < after + 4 && after < before + 4);
}

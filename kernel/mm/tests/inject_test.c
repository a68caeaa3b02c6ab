/*
 * The injector itself: which sites it counts, and that what it breaks is whole again afterwards.
 *
 * Seen to fail: without the site in kstack_alloc() (each sort); with every block of one frame spared, or count_down() that
 * fails one site too early (counts); with an end of exemption that ends all of them (exempt); with failures that are not
 * counted for the thread (no shortage); with a table that pagetable_create() forgets (nothing behind). The counting failed on
 * Bochs as long as it used kmalloc(): there the cache happened to be full, and a new slab's frame is a site, too.
 */
#include "arch/cpu.h"
#include "arch/upcalls.h"
#include "init/guest_test.h"
#include "lib/errno.h"
#include "mm/frame.h"
#include "mm/inject.h"
#include "mm/kstack.h"
#include "mm/leak.h"
#include "mm/mm.h"
#include "mm/slab.h"
#include "sched/thread.h"

/* An allocation of each sort; true if it succeeded, and then it is undone. */
static bool try_frame(void)
{
	struct page *page = frame_alloc(0, 0);

	if (page)
		frame_put(page);
	return page;
}

static bool try_object(void)
{
	void *object = kmalloc(40);

	kfree(object);
	return object;
}

static bool try_block(void)
{
	void *object = kzalloc(9000);

	kfree(object);
	return object;
}

static bool try_stack(void)
{
	void *stack = kstack_alloc();

	if (stack)
		kstack_free(stack);
	return stack;
}

static bool try_table(void)
{
	paddr_t table = upcall_table_alloc(0, true);

	if (table.v)
		upcall_table_free(table);
	return table.v;
}

static bool (*const sorts[])(void) = {try_frame, try_object, try_block, try_stack, try_table};

GUEST_TEST(inject_each_sort_fails_once)
{
	struct thread *self = current_thread();

	for (u32 i = 0; i < ARRAY_SIZE(sorts); i++) {
		EXPECT(sorts[i]());
		inject_set_nth(self, 1);
		EXPECT(!sorts[i]());
		EXPECT(inject_get_nth(self) == 0);
		EXPECT(inject_take());
		EXPECT(!inject_take());
		EXPECT(sorts[i]());
	}
}

/* How many sites are passed on the way to an object of a cache that nobody else uses; UINT32_MAX if there was none. */
static u32 sites_of_object(struct slab_cache *c, void **object)
{
	struct thread *self = current_thread();

	inject_set_nth(self, 100);
	*object = slab_alloc(c);
	u32 sites = *object ? 100 - inject_get_nth(self) : UINT32_MAX;
	inject_set_nth(self, 0);
	return sites;
}

/* An object is a site, and another if its cache has no room: the frame of a new slab. (With a cache that others use that is a
 * matter of what ran before.) */
GUEST_TEST(inject_counts_sites)
{
	struct slab_cache *own = slab_cache_create("inject test", 40, 0);
	struct thread *self = current_thread();
	void *first, *second;

	EXPECT(sites_of_object(own, &first) == 2);
	EXPECT(sites_of_object(own, &second) == 1);
	inject_set_nth(self, 2);
	void *third = slab_alloc(own);
	EXPECT(third && inject_get_nth(self) == 1);
	EXPECT(!slab_alloc(own) && inject_get_nth(self) == 0);
	void *fourth = slab_alloc(own);
	EXPECT(fourth);
	void *all[] = {first, second, third, fourth};
	for (u32 i = 0; i < ARRAY_SIZE(all); i++)
		if (all[i])
			slab_free(own, all[i]);
	(void)inject_take();
}

GUEST_TEST(inject_spares_what_is_exempt)
{
	struct thread *self = current_thread();

	inject_set_nth(self, 1);
	inject_exempt_begin("the test says so");
	inject_exempt_begin("they nest");
	EXPECT(try_object());
	inject_exempt_end();
	EXPECT(try_frame());
	inject_exempt_end();
	EXPECT(inject_get_nth(self) == 1);
	EXPECT(!try_frame());
	(void)inject_take();
}

/* A failure that was injected is no shortage: nobody is ended for it, and the caller hears of it. */
GUEST_TEST(inject_is_no_shortage)
{
	struct thread *self = current_thread();
	u32 before = inject_count();

	inject_set_nth(self, 1);
	struct mm *mm = NULL;
	EXPECT(mm_create(&mm) == -ENOMEM);
	EXPECT(inject_count() == before + 1);
	EXPECT(inject_take());
	EXPECT(mm_create(&mm) == 0);
	if (mm)
		mm_put_user(mm);
}

/* Every site of making an address space, one after the other: whatever was made before the failure is given back. */
GUEST_TEST(inject_leaves_nothing_behind)
{
	u64 tables = leak_counted(LEAK_TABLES), stacks = leak_counted(LEAK_STACKS);
	struct thread *self = current_thread();
	struct mm *mm = NULL;

	for (u32 n = 1; n < 50 && !mm; n++) {
		inject_set_nth(self, n);
		EXPECT(mm_create(&mm) == (inject_get_nth(self) ? 0 : -ENOMEM));
		inject_set_nth(self, 0);
		EXPECT(mm || leak_counted(LEAK_TABLES) == tables);
	}
	EXPECT(mm != NULL);
	if (mm)
		mm_put_user(mm);
	EXPECT(leak_counted(LEAK_TABLES) == tables);
	EXPECT(try_stack());
	EXPECT(leak_counted(LEAK_STACKS) == stacks);
	(void)inject_take();
}

/*
 * The life of an address space.
 *
 * users: threads (and whoever builds one for exec). The last to go makes every CPU leave the
 * tables, then frees pages, areas and tables. refs: the users together, and each CPU whose cpu->mm
 * it is; the last frees the structure. A CPU keeps cpu->mm until it switches to another address
 * space, so an idle one costs a few hundred bytes, never a table.
 *
 * Locks: teardown holds mm->lock, because through their sources areas are found until the last
 * (reverse.c); nothing else can reach them.
 * cpu->mm: its own CPU, IF=0.
 */
#include "mm/mm.h"

#include "arch/cpu.h"
#include "arch/irqflags.h"
#include "lib/assert.h"
#include "lib/errno.h"
#include "mm/kstack.h"
#include "mm/mm_private.h"
#include "mm/slab.h"
#include "mm/store.h"

/* Where mmap's area ends if exec says nothing else. */
#define MMAP_BASE_DEFAULT (USER_END - 256 * MIB)

RO_AFTER_INIT static struct slab_cache *cache;

INIT_TEXT void mm_init(void)
{
	frame_start_caches();
	cache = slab_cache_create("mm", sizeof(struct mm), 0);
	area_init();
	fault_init();
	reverse_init();
	page_store_set_up();
}

int mm_create(struct mm **out)
{
	struct mm *mm = frame_is_short() ? NULL : slab_zalloc(cache);

	if (!mm)
		return -ENOMEM;
	int err = pagetable_create(&mm->tables, &mm->tlb);
	if (err) {
		slab_free(cache, mm);
		return err;
	}
	refcount_init(&mm->users);
	refcount_init(&mm->refs);
	mutex_init(&mm->lock, RANK_MM_MAP);
	tlb_state_init(&mm->tlb);
	mm->mmap_base = MMAP_BASE_DEFAULT & PAGE_MASK;
	mm->stack_limit = STACK_LIMIT_DEFAULT;
	*out = mm;
	return 0;
}

void mm_get_user(struct mm *mm)
{
	refcount_get(&mm->users);
}

void mm_put_ref(struct mm *mm)
{
	if (refcount_put(&mm->refs))
		slab_free(cache, mm);
}

static void free_all(struct mm *mm)
{
	struct area *a = area_at_or_after(mm, 0);
	struct zap z;

	zap_start_unused(&z, mm);
	while (a) {
		zap_range(&z, a->start, a->end);
		struct area *next = area_unlink_first(mm, a);
		if (a->source)
			a->source->ops->put(a->source);
		area_free(a);
		a = next;
	}
	zap_finish(&z);
	CHECK(mm->pages == 0 && mm->mapped_pages == 0);
	pagetable_destroy(&mm->tables);
}

void mm_put_user(struct mm *mm)
{
	if (!refcount_put(&mm->users))
		return;
	/* No thread will load it again; CPUs that still have it loaded go to the kernel's own
	 * table. */
	tlb_leave(&mm->tlb);
	/* Whoever takes pages away from a source may still find us. */
	mutex_lock(&mm->lock);
	free_all(mm);
	mutex_unlock(&mm->lock);
	mm_put_ref(mm);
}

void mm_switch(struct mm *mm)
{
	struct cpu *c = this_cpu();
	struct mm *old = c->mm;

	ASSERT(irq_disabled());
	if (!mm) {
		tlb_enter_lazy();
		return;
	}
	tlb_switch(&mm->tables, &mm->tlb);
	if (mm == old)
		return;
	/* The next thread's use keeps mm alive until here, and ours from here. */
	refcount_get(&mm->refs);
	c->mm = mm;
	if (old)
		mm_put_ref(old);
}

/*
 * Address spaces against a model: an array that says for each page of a window whether it is
 * mapped, how, and what it contains. Random operations change both; after each, areas, counts,
 * permissions, contents and translations agree.
 *
 * The window lies across the border of two page tables and two directories, so tables come and go.
 *
 * Seen to fail: without the flush in replace(), with what zap_finish() frees freed before its
 * flush, with the flush one page short; with offset or source_bytes not changed in area_split_at(),
 * not added up in join(), or not looked at in sources_continue(); with hole_start too low in
 * zap_tables(), a hole without its end in prune_entry(), a slot left in the user-side root; with
 * gaps to the left ignored in update(), or not updated in area_set_end(); with page_is_own() always
 * true, or true for the zero frame; with write permission given to pages that are not only ours in
 * page_prot(); with any reference of a source or frame not taken or not dropped; with the stock not
 * freed when it is half full; and 20 more of that kind.
 */
// sources: kernel/mm/mm.c kernel/mm/area.c kernel/mm/area_edit.c kernel/mm/map.c
// sources: kernel/mm/brk.c kernel/mm/advise.c kernel/mm/fork.c kernel/mm/store.c kernel/mm/reverse.c
// sources: kernel/mm/remap.c kernel/mm/populate.c kernel/mm/lock.c kernel/mm/limits.c
// sources: kernel/arch/x86_64/mm/move.c kernel/arch/x86_64/mm/large.c kernel/arch/x86_64/mm/range.c
// sources: kernel/mm/page_tree.c kernel/mm/fault.c kernel/mm/fault_around.c kernel/mm/huge.c kernel/mm/commit.c kernel/mm/zap.c kernel/mm/copy.c kernel/mm/oom.c
// sources: kernel/lib/rbtree.c kernel/arch/x86_64/mm/pagetable.c
// sources: kernel/arch/x86_64/mm/prune.c kernel/arch/x86_64/mm/share.c tests/unit/mm/fake_mm.c
#include "unit.h"

#include <asm/siginfo.h>

#include "arch/upcalls.h"
#include "fail_alloc.h"
#include "fake_mm.h"
#include "lib/errno.h"
#include "mm/mm_private.h"

#define WINDOW 96UL
#define BASE ((1UL << 39) - WINDOW / 2 * PAGE_SIZE)
#define PROT_ALL (PT_READ | PT_WRITE | PT_EXEC)

struct model_page {
	bool mapped;
	u32 prot, flags;
	bool has_source;
	u64 index; /* page of the source, if has_source */
	u64 fill;  /* bytes of it that count */
	bool written;
	u8 value; /* at offset 8, if written */
};

static struct fake_source source;
static struct model_page model[WINDOW];
static struct mm *mm;

static u64 window_page(uaddr_t va)
{
	return (va - BASE) / PAGE_SIZE;
}

static uaddr_t window_va(u64 n)
{
	return BASE + n * PAGE_SIZE;
}

/* What the program would read at offset 8 of a page, and near the page's end. */
static u8 model_byte(const struct model_page *p, u64 offset)
{
	if (p->written && offset == 8)
		return p->value;
	return p->has_source && offset < p->fill ? fake_source_byte(p->index, offset) : 0;
}

static bool readable(const struct model_page *p)
{
	return p->mapped && p->prot;
}

/* What each node says of its subtree. */
static void check_subtree(const struct rb_node *n)
{
	uaddr_t end = 0;
	u64 gap = 0;

	if (!n)
		return;
	const struct area *a = rb_entry(n, struct area, node);
	const struct rb_node *last = n, *first = n;
	while (first->left)
		first = first->left;
	while (last->right)
		last = last->right;
	assert_int_equal(a->tree_start, rb_entry(first, struct area, node)->start);
	assert_int_equal(a->tree_end, rb_entry(last, struct area, node)->end);
	for (const struct rb_node *i = first; i; i = i == last ? NULL : rb_next(i)) {
		const struct area *b = rb_entry(i, struct area, node);
		if (i != first)
			gap = MAX(gap, b->start - end);
		end = b->end;
	}
	assert_int_equal(a->tree_gap, gap);
	check_subtree(n->left);
	check_subtree(n->right);
}

static void check_areas(void)
{
	u64 count = 0, pages = 0;
	uaddr_t end = 0;

	for (struct rb_node *n = rb_first(&mm->areas); n; n = rb_next(n)) {
		struct area *a = rb_entry(n, struct area, node);
		assert_true(a->start >= end && a->start < a->end);
		end = a->end;
		count++;
		pages += (a->end - a->start) / PAGE_SIZE;
		for (uaddr_t va = a->start; va < a->end; va += PAGE_SIZE) {
			const struct model_page *p = &model[window_page(va)];
			assert_true(p->mapped && p->prot == a->prot);
			assert_int_equal(p->flags & ~AREA_MAY_WRITE,
				a->flags & ~(AREA_MAY_WRITE | AREA_ACCOUNT));
		}
	}
	u64 mapped = 0;
	for (u64 i = 0; i < WINDOW; i++)
		mapped += model[i].mapped;
	assert_int_equal(pages, mapped);
	assert_int_equal(pages, mm->mapped_pages);
	assert_int_equal(count, mm->area_count);
	check_subtree(mm->areas.top);
}

/* No page outside an area, none with more rights than its area, and the count of resident pages. */
static void check_pages(void)
{
	u64 resident = 0;
	paddr_t pa;
	u32 flags;

	for (uaddr_t va = pagetable_next(&mm->tables, 0, USER_END); va < USER_END;
		va = pagetable_next(&mm->tables, va + PAGE_SIZE, USER_END)) {
		assert_true(va >= BASE && window_page(va) < WINDOW);
		const struct model_page *p = &model[window_page(va)];
		assert_true(p->mapped);
		assert_true(pagetable_lookup(&mm->tables, va, &pa, &flags));
		assert_false(flags & PT_WRITE && !(p->prot & PT_WRITE));
		assert_false(flags & PT_EXEC && !(p->prot & PT_EXEC));
		assert_false(flags & PT_READ && !p->prot);
		resident += pa.v != zero_frame.v;
	}
	assert_int_equal(resident, mm->pages);
	/* Both roots have the same tables of the program's half, but for NX. */
	const u64 *kernel_side = direct_map(mm->tables.root),
		  *user_side = direct_map(mm->tables.user_root);
	for (u32 i = 0; i < 256; i++)
		assert_int_equal(kernel_side[i], user_side[i] ? user_side[i] | BIT(63) : 0);
	fake_tlb_check(mm);
}

static void check_contents(void)
{
	static const u64 offsets[] = {0, 8, 9, 1000, PAGE_SIZE - 1};

	for (u64 i = 0; i < WINDOW; i++) {
		for (u32 k = 0; k < ARRAY_SIZE(offsets); k++) {
			u8 byte = 0xcc;
			int err = mm_read(mm, &byte, window_va(i) + offsets[k], 1);
			assert_int_equal(err, readable(&model[i]) ? 0 : -EFAULT);
			if (!err)
				assert_int_equal(byte, model_byte(&model[i], offsets[k]));
		}
		fake_tlb_fill(mm, window_va(i), (u32)unit_random_below(FAKE_TLB_CPUS));
	}
}

static void model_clear(u64 first, u64 n)
{
	memset(&model[first], 0, n * sizeof(model[0]));
}

static bool model_free(u64 first, u64 n)
{
	for (u64 i = first; i < first + n; i++)
		if (model[i].mapped)
			return false;
	return true;
}

static u32 random_prot(void)
{
	static const u32 prots[] = {
		0, PT_READ, PT_READ | PT_WRITE, PT_READ | PT_EXEC, PT_READ | PT_WRITE};

	return prots[unit_random_below(ARRAY_SIZE(prots))];
}

static u64 random_fill(u64 pages)
{
	return unit_random_below(2) ? ~0UL : unit_random_below(pages * PAGE_SIZE) + 1;
}

struct request {
	u64 first, n;
	u32 prot, flags, how;
	bool has_source;
	u64 index, bytes;
};

static void model_map(const struct request *r)
{
	for (u64 i = 0; i < r->n; i++) {
		struct model_page *p = &model[r->first + i];
		u64 done = i * PAGE_SIZE;
		u64 left = r->bytes == ~0UL  ? PAGE_SIZE
			   : r->bytes > done ? MIN(PAGE_SIZE, r->bytes - done)
					     : 0;

		*p = (struct model_page){.mapped = true, .prot = r->prot, .flags = r->flags};
		p->has_source = r->has_source && left > 0;
		p->index = r->index + i;
		p->fill = left;
	}
}

static void step_map(u64 first, u64 n)
{
	struct request r = {
		.first = first,
		.n = n,
		.prot = random_prot(),
		.how = (u32)unit_random_below(3),
		.has_source = unit_random_below(2),
	};
	uaddr_t at = window_va(first);

	if (r.has_source) {
		r.index = unit_random_below(FAKE_SOURCE_PAGES - n);
		r.bytes = random_fill(n);
	}
	/* Pages of a shared area would change the source; a test of their own has them. */
	r.flags = unit_random_below(8) ? 0 : AREA_NORESERVE;
	bool free = model_free(first, n);
	int err = mm_map(mm, &at, n * PAGE_SIZE, r.prot, r.flags, r.how,
		r.has_source ? &source.source : NULL, r.index * PAGE_SIZE,
		r.has_source ? r.bytes : 0);
	if (r.how == MAP_AT_FIXED_NOREPLACE && !free) {
		assert_int_equal(err, -EEXIST);
		return;
	}
	assert_int_equal(err, 0);
	if (r.how == MAP_AT_HINT && !free) {
		/* Elsewhere, outside the window, where the model does not look. */
		assert_true(at < BASE || at >= window_va(WINDOW));
		assert_int_equal(mm_unmap(mm, at, n * PAGE_SIZE), 0);
		return;
	}
	assert_int_equal(at, window_va(first));
	if (r.how == MAP_AT_FIXED)
		model_clear(first, n);
	model_map(&r);
}

static void step_protect(u64 first, u64 n)
{
	u32 prot = random_prot();
	int err = mm_protect(mm, window_va(first), n * PAGE_SIZE, prot);
	bool all = true;

	for (u64 i = first; i < first + n; i++)
		all &= model[i].mapped;
	assert_int_equal(err, all ? 0 : -ENOMEM);
	/* Up to the first hole. */
	for (u64 i = first; i < first + n && model[i].mapped; i++)
		model[i].prot = prot;
}

static void step_discard(u64 first, u64 n)
{
	bool all = true;
	int err = mm_discard(mm, window_va(first), n * PAGE_SIZE);

	for (u64 i = first; i < first + n; i++) {
		all &= model[i].mapped;
		model[i].written = false;
	}
	assert_int_equal(err, all ? 0 : -ENOMEM);
}

static void step_write(u64 n)
{
	u8 value = (u8)unit_random();
	bool can = model[n].mapped && (model[n].prot & PT_WRITE);
	int err = mm_write(mm, window_va(n) + 8, &value, 1);

	assert_int_equal(err, can ? 0 : -EFAULT);
	if (can) {
		model[n].written = true;
		model[n].value = value;
	}
	fake_tlb_fill(mm, window_va(n), (u32)unit_random_below(FAKE_TLB_CPUS));
}

static void step_fault(u64 n)
{
	static const u32 accesses[] = {
		FAULT_USER, FAULT_USER | FAULT_WRITE, FAULT_USER | FAULT_EXEC};
	u32 access = accesses[unit_random_below(3)], need = 0;
	int code = 0;
	int err = mm_fault(mm, window_va(n) + unit_random_below(PAGE_SIZE), access, &code);

	need = access & FAULT_WRITE ? PT_WRITE : access & FAULT_EXEC ? PT_EXEC : PROT_ALL;
	if (!model[n].mapped) {
		assert_int_equal(err, -EFAULT);
		assert_int_equal(code, SEGV_MAPERR);
	} else if (!(model[n].prot & need)) {
		assert_int_equal(err, -EFAULT);
		assert_int_equal(code, SEGV_ACCERR);
	} else {
		assert_int_equal(err, 0);
	}
	fake_tlb_fill(mm, window_va(n), (u32)unit_random_below(FAKE_TLB_CPUS));
}

/* A copy of the space, and the test goes on with one of the two while the other still writes. */
static void step_fork(u64 n)
{
	struct mm *child;
	u8 value = 0x5a;

	assert_int_equal(mm_fork(mm, &child), 0);
	assert_int_equal(child->pages, mm->pages);
	assert_int_equal(child->area_count, mm->area_count);
	fake_tlb_check(mm);
	if (unit_random_below(2)) {
		struct mm *other = mm;

		mm = child;
		child = other;
	}
	if (model[n].mapped && (model[n].prot & PT_WRITE))
		assert_int_equal(mm_write(child, window_va(n) + 8, &value, 1), 0);
	check_contents();
	if (unit_random_below(2))
		assert_int_equal(mm_unmap(child, BASE, WINDOW * PAGE_SIZE), 0);
	fake_tlb_check(child);
	mm_put_user(child);
}

static void random_step(void)
{
	u64 first = unit_random_below(WINDOW), n = 1 + unit_random_below(MIN(WINDOW - first, 24UL));

	switch (unit_random_below(11)) {
	case 0:
	case 1:
	case 2:
		step_map(first, n);
		break;
	case 3:
	case 4:
		assert_int_equal(mm_unmap(mm, window_va(first), n * PAGE_SIZE), 0);
		model_clear(first, n);
		break;
	case 5:
		step_protect(first, n);
		break;
	case 6:
		step_discard(first, n);
		break;
	case 7:
		step_fault(first);
		break;
	case 8:
		step_fork(first);
		break;
	default:
		step_write(first);
	}
}

static void start(void)
{
	assert_int_equal(mm_create(&mm), 0);
	model_clear(0, WINDOW);
}

/* Everything is given back but what the caller still counts. */
static void finish(u64 objects, u64 frames)
{
	mm_put_user(mm);
	assert_int_equal(slab_live(), objects);
	assert_int_equal(frame_live(), frames);
	fake_source_check(&source);
}

static void test_random(void **state)
{
	for (u32 round = 0; round < 20; round++) {
		u64 objects = slab_live(), frames = frame_live();

		start();
		for (u32 i = 0; i < 500; i++) {
			random_step();
			check_areas();
			check_pages();
			if (i % 8 == 0)
				check_contents();
		}
		/* With nothing mapped no tables are left either. */
		assert_int_equal(mm_unmap(mm, BASE, WINDOW * PAGE_SIZE), 0);
		assert_int_equal(mm->tables.table_pages, 0);
		finish(objects, frames);
	}
}

/* mprotect goes area by area: those before the one that failed have changed. */
static void model_protected_in_part(uaddr_t at, u64 length, u32 prot)
{
	bool changed = true;

	for (uaddr_t va = at; va < at + length && model[window_page(va)].mapped; va += PAGE_SIZE) {
		struct model_page *p = &model[window_page(va)];

		changed &= area_at(mm, va)->prot == prot;
		if (changed)
			p->prot = prot;
	}
}

/* As test_random, but memory runs out at random: then nothing has changed, or only what may. */
static void test_random_without_memory(void **state)
{
	for (u32 round = 0; round < 200; round++) {
		u64 objects = slab_live(), frames = frame_live();
		uaddr_t at = window_va(unit_random_below(WINDOW - 30));
		u64 length = (1 + unit_random_below(30)) * PAGE_SIZE;

		start();
		for (u32 i = 0; i < 60; i++)
			random_step();
		fail_alloc_at(1 + unit_random_below(4));
		u64 areas = mm->area_count, pages = mm->mapped_pages;
		bool protect = unit_random_below(2);
		int err = protect ? mm_protect(mm, at, length, PT_READ)
				  : mm_map(mm, &at, length, PROT_ALL, 0, MAP_AT_FIXED, NULL, 0, 0);
		bool failed = fail_alloc_happened();
		fail_alloc_at(0);
		if (failed) {
			assert_int_equal(err, -ENOMEM);
			if (protect)
				model_protected_in_part(at, length, PT_READ);
			else
				assert_int_equal(mm->area_count, areas);
			assert_int_equal(mm->mapped_pages, pages);
			check_areas();
		}
		fake_tlb_check(mm);
		finish(objects, frames);
	}
}

static int fork_and_write(void)
{
	uaddr_t shared = 0;
	struct mm *child;
	int err = mm_map(mm, &shared, 3 * PAGE_SIZE, PT_READ | PT_WRITE, AREA_SHARED, MAP_AT_HINT,
		NULL, 0, 0);

	if (!err)
		err = mm_write(mm, shared + PAGE_SIZE, "shared", 7);
	if (!err)
		err = mm_fork(mm, &child);
	if (err)
		return err;
	err = mm_write(child, 0x10001ffe, "child", 6);
	if (!err)
		err = mm_write(child, shared, "more", 5);
	mm_put_user(child);
	return err;
}

static void life_without_memory(void *arg)
{
	uaddr_t at = BASE, other = 0;
	char buffer[3 * PAGE_SIZE];
	int err = mm_create(&mm);

	memset(buffer, 1, sizeof(buffer));
	if (!err) {
		mm->brk_start = mm->brk = 0x10000000;
		err = mm_map(mm, &at, WINDOW * PAGE_SIZE, PT_READ | PT_WRITE, 0, MAP_AT_FIXED,
			&source.source, 0, 5 * PAGE_SIZE + 100);
		if (!err)
			err = mm_write(mm, BASE + 4 * PAGE_SIZE, buffer, sizeof(buffer));
		if (!err)
			err = mm_read(mm, buffer, BASE + (WINDOW - 4) * PAGE_SIZE, sizeof(buffer));
		if (!err)
			err = mm_map(
				mm, &other, 5 * PAGE_SIZE, PT_READ, 0, MAP_AT_HINT, NULL, 0, 0);
		if (!err)
			err = mm_protect(mm, BASE + PAGE_SIZE, 5 * PAGE_SIZE, PT_READ);
		if (!err)
			err = mm_unmap(mm, BASE + 2 * PAGE_SIZE, PAGE_SIZE);
		if (!err)
			err = mm_set_brk(mm, 0x10003000) == 0x10003000 ? 0 : -ENOMEM;
		if (!err)
			err = mm_write(mm, 0x10001ffe, buffer, 100);
		if (!err)
			err = fork_and_write();
		mm_put_user(mm);
	}
	assert_int_equal(err, fail_alloc_happened() ? -ENOMEM : 0);
}

static void test_no_memory_anywhere(void **state)
{
	fail_alloc_each(life_without_memory, NULL);
	fake_source_check(&source);
}

/* The highest gap that fits, found by trying all. */
static bool brute_gap(u64 n, u64 low, u64 high, u64 *out)
{
	for (u64 first = high >= n ? high - n + 1 : 0; first-- > low;)
		if (model_free(first, n)) {
			*out = first;
			return true;
		}
	return false;
}

static void test_gaps(void **state)
{
	start();
	for (u32 i = 0; i < 3000; i++) {
		u64 first = unit_random_below(WINDOW),
		    n = 1 + unit_random_below(MIN(WINDOW - first, 6UL));
		struct request r = {.first = first, .n = n, .prot = PT_READ, .bytes = ~0UL};
		uaddr_t at = window_va(first);

		if (unit_random_below(2)) {
			/* Different permissions keep areas apart. */
			r.prot = unit_random_below(2) ? PT_READ : PT_READ | PT_WRITE;
			assert_int_equal(
				mm_map(mm, &at, n * PAGE_SIZE, r.prot, 0, MAP_AT_FIXED, NULL, 0, 0),
				0);
			model_map(&r);
		} else {
			assert_int_equal(mm_unmap(mm, at, n * PAGE_SIZE), 0);
			model_clear(first, n);
		}
		u64 low = unit_random_below(WINDOW),
		    high = low + unit_random_below(WINDOW - low + 1);
		u64 want = 1 + unit_random_below(12), expected = 0;
		uaddr_t found = 0;
		bool ok = area_find_gap(
			mm, want * PAGE_SIZE, window_va(low), window_va(high), &found);
		assert_int_equal(ok, high >= low + want && brute_gap(want, low, high, &expected));
		if (ok)
			assert_int_equal(found, window_va(expected));
	}
	mm_put_user(mm);
}

static void test_places(void **state)
{
	uaddr_t a = 0, b = 0, c = 0x1234567, d = 0;

	start();
	assert_int_equal(mm_map(mm, &a, PAGE_SIZE, PT_READ, 0, MAP_AT_HINT, NULL, 0, 0), 0);
	assert_int_equal(a, mm->mmap_base - PAGE_SIZE);
	assert_int_equal(
		mm_map(mm, &b, 3 * PAGE_SIZE, PT_READ | PT_WRITE, 0, MAP_AT_HINT, NULL, 0, 0), 0);
	assert_int_equal(b, a - 3 * PAGE_SIZE);
	assert_int_equal(mm_map(mm, &c, PAGE_SIZE, PT_READ, 0, MAP_AT_HINT, NULL, 0, 0), 0);
	assert_int_equal(c, 0x1234000);
	assert_int_equal(mm_unmap(mm, b, PAGE_SIZE), 0);
	assert_int_equal(mm_map(mm, &d, PAGE_SIZE, PT_READ, 0, MAP_AT_HINT, NULL, 0, 0), 0);
	assert_int_equal(d, b);
	/* Neighbours that are alike are one area. */
	assert_int_equal(mm->area_count, 4);
	d = a - 3 * PAGE_SIZE;
	assert_int_equal(mm_protect(mm, d, 4 * PAGE_SIZE, PT_READ), 0);
	assert_int_equal(mm->area_count, 2);
	mm_put_user(mm);
}

static void test_errors(void **state)
{
	uaddr_t at = BASE + 1;

	start();
	assert_int_equal(mm_map(mm, &at, PAGE_SIZE, 0, 0, MAP_AT_FIXED, NULL, 0, 0), -EINVAL);
	at = USER_END;
	assert_int_equal(mm_map(mm, &at, PAGE_SIZE, 0, 0, MAP_AT_FIXED, NULL, 0, 0), -ENOMEM);
	at = 0;
	assert_int_equal(mm_map(mm, &at, PAGE_SIZE, 0, 0, MAP_AT_FIXED, NULL, 0, 0), -EPERM);
	assert_int_equal(mm_map(mm, &at, 0, 0, 0, MAP_AT_HINT, NULL, 0, 0), -EINVAL);
	assert_int_equal(mm_map(mm, &at, ~0UL, 0, 0, MAP_AT_HINT, NULL, 0, 0), -EINVAL);
	assert_int_equal(mm_map(mm, &at, 1UL << 47, 0, 0, MAP_AT_HINT, NULL, 0, 0), -ENOMEM);
	/* More than there is: refused if it would have to be kept, not if it is only a reservation.
	 */
	assert_int_equal(mm_map(mm, &at, 1UL << 40, PT_READ | PT_WRITE, 0, MAP_AT_HINT, NULL, 0, 0),
		-ENOMEM);
	assert_int_equal(mm_map(mm, &at, 1UL << 40, 0, 0, MAP_AT_HINT, NULL, 0, 0), 0);
	assert_int_equal(mm_protect(mm, at, 1UL << 40, PT_READ | PT_WRITE), -ENOMEM);
	assert_int_equal(mm_protect(mm, at, 1UL << 20, PT_READ | PT_WRITE), 0);
	at = 0;
	assert_int_equal(mm_map(mm, &at, 1UL << 40, PT_READ | PT_WRITE, AREA_NORESERVE, MAP_AT_HINT,
				 NULL, 0, 0),
		0);
	assert_int_equal(mm_unmap(mm, BASE + 8, PAGE_SIZE), -EINVAL);
	assert_int_equal(mm_unmap(mm, BASE, 0), -EINVAL);
	assert_int_equal(mm_protect(mm, 0x5000000, PAGE_SIZE, PT_READ), -ENOMEM);
	assert_int_equal(mm_write(mm, USER_END - 1, "ab", 2), -EFAULT);
	assert_int_equal(mm_read(mm, &at, ~0UL - 2, 8), -EFAULT);
	mm_put_user(mm);
}

static void test_stack(void **state)
{
	uaddr_t top = 0x7ff000000000, at = top - 4 * PAGE_SIZE, below;
	int code;

	start();
	mm->stack_limit = 1024 * PAGE_SIZE;
	assert_int_equal(mm_map(mm, &at, 4 * PAGE_SIZE, PT_READ | PT_WRITE, AREA_STACK,
				 MAP_AT_FIXED, NULL, 0, 0),
		0);
	/* Down to the limit, not beyond. */
	assert_int_equal(
		mm_fault(mm, top - 1024 * PAGE_SIZE - 8, FAULT_USER | FAULT_WRITE, &code), -EFAULT);
	assert_int_equal(code, SEGV_MAPERR);
	assert_int_equal(mm_fault(mm, top - 600 * PAGE_SIZE, FAULT_USER | FAULT_WRITE, &code), 0);
	assert_int_equal(mm->mapped_pages, 600);
	assert_int_equal(mm->pages, 1);
	/* Nobody is put into the guard gap by himself; who insists stops the growth. */
	below = top - 700 * PAGE_SIZE;
	assert_int_equal(mm_map(mm, &below, PAGE_SIZE, PT_READ, 0, MAP_AT_HINT, NULL, 0, 0), 0);
	assert_true(below < top - 856 * PAGE_SIZE || below >= top);
	below = top - 900 * PAGE_SIZE;
	assert_int_equal(mm_map(mm, &below, PAGE_SIZE, PT_READ, 0, MAP_AT_FIXED, NULL, 0, 0), 0);
	assert_int_equal(mm_fault(mm, top - 640 * PAGE_SIZE, FAULT_USER | FAULT_WRITE, &code), 0);
	assert_int_equal(
		mm_fault(mm, top - 644 * PAGE_SIZE, FAULT_USER | FAULT_WRITE, &code), -EFAULT);
	mm_put_user(mm);
}

static void test_brk(void **state)
{
	uaddr_t start_at = 0x555555555000, block = start_at + 16 * PAGE_SIZE;

	start();
	mm->brk_start = mm->brk = start_at + 0x123;
	assert_int_equal(mm_set_brk(mm, 0), start_at + 0x123);
	assert_int_equal(mm_set_brk(mm, start_at + 0x456), start_at + 0x456);
	assert_int_equal(mm_set_brk(mm, start_at + 5 * PAGE_SIZE), start_at + 5 * PAGE_SIZE);
	assert_int_equal(mm_write(mm, start_at + 4 * PAGE_SIZE, "x", 1), 0);
	assert_int_equal(mm->pages, 1);
	assert_int_equal(
		mm_set_brk(mm, start_at + 2 * PAGE_SIZE + 1), start_at + 2 * PAGE_SIZE + 1);
	assert_int_equal(mm->pages, 0);
	assert_int_equal(mm->area_count, 1);
	assert_int_equal(mm_map(mm, &block, PAGE_SIZE, 0, 0, MAP_AT_FIXED, NULL, 0, 0), 0);
	assert_int_equal(mm_set_brk(mm, block + 1), start_at + 2 * PAGE_SIZE + 1);
	assert_int_equal(mm_set_brk(mm, block), block);
	assert_int_equal(mm_set_brk(mm, start_at), block);
	assert_int_equal(mm_set_brk(mm, start_at + 0x123), start_at + 0x123);
	mm_put_user(mm);
}

static void test_source_end(void **state)
{
	uaddr_t at = BASE;
	int code = 0;

	start();
	assert_int_equal(mm_map(mm, &at, 4 * PAGE_SIZE, PT_READ, 0, MAP_AT_FIXED, &source.source,
				 (FAKE_SOURCE_PAGES - 2) * PAGE_SIZE, ~0UL),
		0);
	assert_int_equal(mm_fault(mm, at + PAGE_SIZE, FAULT_USER, &code), 0);
	assert_int_equal(mm_fault(mm, at + 2 * PAGE_SIZE, FAULT_USER, &code), -ENXIO);
	assert_int_equal(code, BUS_ADRERR);
	mm_put_user(mm);
	fake_source_check(&source);
}

/* A shared area has the source's own frames, and what is written goes there. */
static void test_shared(void **state)
{
	uaddr_t a = 0, b = 0, c = 0;
	u8 byte, *frame = page_address(source.pages[3]);

	start();
	assert_int_equal(mm_map(mm, &a, PAGE_SIZE, PT_READ | PT_WRITE, AREA_SHARED, MAP_AT_HINT,
				 &source.source, 3 * PAGE_SIZE, ~0UL),
		0);
	assert_int_equal(mm_map(mm, &b, PAGE_SIZE, PT_READ, AREA_SHARED, MAP_AT_HINT,
				 &source.source, 3 * PAGE_SIZE, ~0UL),
		0);
	assert_int_equal(mm_read(mm, &byte, b + 8, 1), 0);
	assert_int_equal(mm_write(mm, a + 8, "Q", 1), 0);
	assert_int_equal(mm_read(mm, &byte, b + 8, 1), 0);
	assert_int_equal(byte, 'Q');
	assert_int_equal(frame[8], 'Q');
	frame[8] = fake_source_byte(3, 8);
	/* Permission to write can come back where it was, and not where it never was. */
	assert_int_equal(mm_protect(mm, a, PAGE_SIZE, PT_READ), 0);
	assert_int_equal(mm_protect(mm, a, PAGE_SIZE, PT_READ | PT_WRITE), 0);
	assert_int_equal(mm_protect(mm, b, PAGE_SIZE, PT_READ | PT_WRITE), -EACCES);
	/* Shared and anonymous: discarding does not lose what is in it. */
	assert_int_equal(
		mm_map(mm, &c, PAGE_SIZE, PT_READ | PT_WRITE, AREA_SHARED, MAP_AT_HINT, NULL, 0, 0),
		0);
	assert_int_equal(mm_write(mm, c, "Z", 1), 0);
	assert_int_equal(mm_discard(mm, c, PAGE_SIZE), 0);
	assert_int_equal(mm_read(mm, &byte, c, 1), 0);
	assert_int_equal(byte, 'Z');
	mm_put_user(mm);
	fake_source_check(&source);
}

static u32 oom_calls;

static bool oom_gives_up(void)
{
	return ++oom_calls < 3;
}

static void test_oom(void **state)
{
	static const struct mm_oom_ops ops = {.out_of_memory = oom_gives_up};
	uaddr_t at = BASE;
	int code;

	start();
	mm_set_oom_ops(&ops);
	assert_int_equal(
		mm_map(mm, &at, 8 * PAGE_SIZE, PT_READ | PT_WRITE, 0, MAP_AT_FIXED, NULL, 0, 0), 0);
	assert_int_equal(mm_fault(mm, at, FAULT_USER | FAULT_WRITE, &code), 0);
	/* The first try fails, the second is good. */
	oom_calls = 0;
	fail_alloc_at(1);
	assert_int_equal(mm_fault(mm, at + PAGE_SIZE, FAULT_USER | FAULT_WRITE, &code), 0);
	assert_int_equal(oom_calls, 1);
	/* No help: the caller hears of it. */
	oom_calls = 5;
	fail_alloc_at(1);
	assert_int_equal(
		mm_fault(mm, at + 2 * PAGE_SIZE, FAULT_USER | FAULT_WRITE, &code), -ENOMEM);
	fail_alloc_at(0);
	mm_set_oom_ops(NULL);
	mm_put_user(mm);
}

/* A page of a program may be dropped by its source and be the program's alone: then it is not
 * copied. */
static void test_own_after_source(void **state)
{
	uaddr_t at = BASE;
	u8 byte;

	start();
	assert_int_equal(mm_map(mm, &at, PAGE_SIZE, PT_READ | PT_WRITE, 0, MAP_AT_FIXED,
				 &source.source, 0, ~0UL),
		0);
	assert_int_equal(mm_read(mm, &byte, at, 1), 0);
	struct page *page = source.pages[0];
	frame_get(page);
	frame_put(page);
	frame_put(page);
	paddr_t pa;
	u32 flags;
	assert_int_equal(mm_write(mm, at, "w", 1), 0);
	assert_true(pagetable_lookup(&mm->tables, at, &pa, &flags));
	assert_ptr_equal(page_of(pa), page);
	frame_get(page);
	*(u8 *)page_address(page) = fake_source_byte(0, 0);
	mm_put_user(mm);
}

/* -- huge pages -- */

#define HUGE_PAGES (LARGE_PAGE_SIZE / PAGE_SIZE)
#define HUGE_BASE (1UL << 30)

static void huge_map(void)
{
	uaddr_t at = HUGE_BASE;
	int code;

	start();
	assert_int_equal(mm_map(mm, &at, 2 * LARGE_PAGE_SIZE, PT_READ | PT_WRITE, AREA_HUGE,
				 MAP_AT_FIXED, NULL, 0, 0),
		0);
	for (u64 i = 0; i < 2; i++)
		assert_int_equal(mm_fault(mm, at + i * LARGE_PAGE_SIZE + 7777,
					 FAULT_WRITE | FAULT_USER, &code),
			0);
	assert_int_equal(mm->pages, 2 * HUGE_PAGES);
	assert_int_equal(mm->tables.large_pages, 2);
	for (u64 i = 0; i < 2 * HUGE_PAGES; i += 64) {
		u8 byte = (u8)(i / 64);

		assert_int_equal(mm_write(mm, at + i * PAGE_SIZE, &byte, 1), 0);
		fake_tlb_fill(mm, at + i * PAGE_SIZE, 0);
	}
}

/* Each 64th page from first on has what huge_map() wrote. */
static void huge_check(struct mm *in, u64 first, u64 end)
{
	for (u64 i = ALIGN_UP(first, 64); i < end; i += 64) {
		u8 byte = 0xff;

		assert_int_equal(mm_read(in, &byte, HUGE_BASE + i * PAGE_SIZE, 1), 0);
		assert_int_equal(byte, i / 64);
	}
	fake_tlb_check(in);
}

/* Whole ones stay large, and go as such. */
static void test_huge_whole(void **state)
{
	u64 objects = slab_live(), frames = frame_live();
	struct mm *child;

	huge_map();
	assert_int_equal(mm_protect(mm, HUGE_BASE, LARGE_PAGE_SIZE, PT_READ), 0);
	assert_int_equal(mm_fork(mm, &child), 0);
	assert_int_equal(mm->tables.large_pages, 2);
	assert_int_equal(child->tables.large_pages, 2);
	assert_int_equal(child->pages, 2 * HUGE_PAGES);
	huge_check(child, 0, 2 * HUGE_PAGES);
	/* The child's write cuts its own and copies one page; the other side has all of it alone then. */
	assert_int_equal(mm_write(child, HUGE_BASE + LARGE_PAGE_SIZE + 5 * PAGE_SIZE, "w", 1), 0);
	assert_int_equal(child->tables.large_pages, 1);
	huge_check(mm, 0, 2 * HUGE_PAGES);
	mm_put_user(child);
	assert_int_equal(mm_write(mm, HUGE_BASE + LARGE_PAGE_SIZE + 5 * PAGE_SIZE, "w", 1), 0);
	assert_int_equal(mm->tables.large_pages, 2);
	assert_int_equal(mm_protect(mm, HUGE_BASE, LARGE_PAGE_SIZE, PT_READ | PT_WRITE), 0);
	assert_int_equal(mm_discard(mm, HUGE_BASE, LARGE_PAGE_SIZE), 0);
	assert_int_equal(mm->tables.large_pages, 1);
	assert_int_equal(mm->pages, HUGE_PAGES);
	huge_check(mm, HUGE_PAGES, 2 * HUGE_PAGES);
	finish(objects, frames);
	assert_int_equal(pagetable_large_total(), 0);
}

/* Parts: what is not meant stays as it was. */
static void test_huge_parts(void **state)
{
	u64 objects = slab_live(), frames = frame_live();
	uaddr_t middle = HUGE_BASE + LARGE_PAGE_SIZE;
	struct remap move = {.old = middle - 32 * PAGE_SIZE,
		.old_length = 64 * PAGE_SIZE,
		.new_length = 64 * PAGE_SIZE,
		.new = HUGE_BASE + (1UL << 30),
		.may_move = true,
		.fixed = true};
	uaddr_t to;

	huge_map();
	assert_int_equal(mm_unmap(mm, HUGE_BASE + 65 * PAGE_SIZE, 10 * PAGE_SIZE), 0);
	assert_int_equal(mm->tables.large_pages, 1);
	assert_int_equal(mm->pages, 2 * HUGE_PAGES - 10);
	huge_check(mm, 0, 2 * HUGE_PAGES);
	finish(objects, frames);
	huge_map();
	assert_int_equal(mm_remap(mm, &move, &to), 0);
	assert_int_equal(mm->tables.large_pages, 0);
	assert_int_equal(mm->pages, 2 * HUGE_PAGES);
	huge_check(mm, 0, HUGE_PAGES - 32);
	huge_check(mm, HUGE_PAGES + 32, 2 * HUGE_PAGES);
	finish(objects, frames);
	huge_map();
	assert_int_equal(mm_protect(mm, middle, PAGE_SIZE, 0), 0);
	assert_int_equal(mm->tables.large_pages, 1);
	huge_check(mm, 0, HUGE_PAGES);
	finish(objects, frames);
}

/* Memory runs out anywhere: 4 KiB instead, or nothing has happened. */
static void huge_without_memory(void *arg)
{
	uaddr_t at = HUGE_BASE;
	struct mm *child = NULL;
	int code;

	if (mm_create(&mm))
		return;
	int err = mm_map(mm, &at, 2 * LARGE_PAGE_SIZE, PT_READ | PT_WRITE, AREA_HUGE, MAP_AT_FIXED,
		NULL, 0, 0);
	if (!err)
		err = mm_fault(mm, at, FAULT_WRITE | FAULT_USER, &code);
	assert_true(err || mm->pages == (mm->tables.large_pages ? HUGE_PAGES : 1));
	if (!err && mm_fork(mm, &child) == 0)
		mm_put_user(child);
	/* Taking apart needs nothing. */
	if (!err)
		assert_int_equal(mm_discard(mm, at + PAGE_SIZE, PAGE_SIZE), 0);
	mm_put_user(mm);
}

static void test_huge_without_memory(void **state)
{
	u64 objects = slab_live(), frames = frame_live();

	fail_alloc_each(huge_without_memory, NULL);
	assert_int_equal(slab_live(), objects);
	assert_int_equal(frame_live(), frames);
}

static int set_up(void **state)
{
	fake_mm_init();
	fake_source_init(&source);
	return 0;
}

static int tear_down(void **state)
{
	fake_source_drop(&source);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_stack),
		cmocka_unit_test(test_brk),
		cmocka_unit_test(test_source_end),
		cmocka_unit_test(test_shared),
		cmocka_unit_test(test_own_after_source),
		cmocka_unit_test(test_oom),
		cmocka_unit_test(test_gaps),
		cmocka_unit_test(test_huge_whole),
		cmocka_unit_test(test_huge_parts),
		cmocka_unit_test(test_huge_without_memory),
		cmocka_unit_test(test_no_memory_anywhere),
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_random_without_memory),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}

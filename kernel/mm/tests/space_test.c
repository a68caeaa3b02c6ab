/*
 * Address spaces in the running kernel: real faults, real translations, and nothing left behind.
 *
 * Seen to fail: with frame_put() left out of zap's free_collected() (frames are lost), with
 * pagetable_destroy() freeing only the lowest level, with the zero frame mapped writable (a write
 * shows up in another page).
 */
#include "arch/cpu.h"
#include "arch/ucopy.h"
#include "arch/upcalls.h"
#include "init/guest_test.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/kstack.h"
#include "mm/kstack_debug.h"
#include "mm/tests/space.h"

#include <asm/siginfo.h>

#define PAGES 300

static u64 value_of(u64 page)
{
	return page * 0x9e3779b97f4a7c15 + 1;
}

/* One program's life, with everything that costs frames. */
static void live(void)
{
	struct mm *mm;
	u64 word;

	EXPECT(mm_create(&mm) == 0);
	space_enter(mm);
	uaddr_t at = space_map(mm, PAGES, PT_READ | PT_WRITE);
	EXPECT(at != 0);
	for (u64 i = 0; i < PAGES; i += 2)
		EXPECT(put_user_u64(at + i * PAGE_SIZE, value_of(i)) == 0);
	for (u64 i = 0; i < PAGES; i++) {
		EXPECT(get_user_u64(&word, at + i * PAGE_SIZE) == 0);
		EXPECT(word == (i % 2 ? 0 : value_of(i)));
	}
	EXPECT(mm->pages == PAGES / 2);
	EXPECT(mm_protect(mm, at + 10 * PAGE_SIZE, 10 * PAGE_SIZE, PT_READ) == 0);
	EXPECT(put_user_u64(at + 10 * PAGE_SIZE, 1) == -EFAULT);
	EXPECT(mm_protect(mm, at + 10 * PAGE_SIZE, 10 * PAGE_SIZE, 0) == 0);
	EXPECT(get_user_u64(&word, at + 10 * PAGE_SIZE) == -EFAULT);
	EXPECT(mm_protect(mm, at + 10 * PAGE_SIZE, 10 * PAGE_SIZE, PT_READ | PT_WRITE) == 0);
	EXPECT(get_user_u64(&word, at + 10 * PAGE_SIZE) == 0 && word == value_of(10));
	EXPECT(put_user_u64(at + 10 * PAGE_SIZE, 1) == 0);
	EXPECT(mm_discard(mm, at, 20 * PAGE_SIZE) == 0);
	EXPECT(get_user_u64(&word, at) == 0 && word == 0);
	EXPECT(mm_unmap(mm, at + 100 * PAGE_SIZE, 50 * PAGE_SIZE) == 0);
	EXPECT(get_user_u64(&word, at + 100 * PAGE_SIZE) == -EFAULT);
	space_leave();
	mm_put_user(mm);
}

GUEST_TEST(mm_gives_everything_back)
{
	/* Caches of objects fill up to a steady state first. */
	for (u32 i = 0; i < 4; i++)
		live();
	u64 before = space_free_frames();
	for (u32 i = 0; i < 20; i++)
		live();
	EXPECT(space_free_frames() == before);
}

GUEST_TEST(mm_unmapped_tables_go_back)
{
	struct mm *mm;

	EXPECT(mm_create(&mm) == 0);
	space_enter(mm);
	for (u64 i = 1; i < 200; i++) {
		uaddr_t at = i * 0x280000000;
		EXPECT(mm_map(mm, &at, PAGE_SIZE, PT_READ | PT_WRITE, 0, MAP_AT_FIXED, NULL, 0,
			       0) == 0);
		EXPECT(put_user_u64(at, i) == 0);
		EXPECT(mm->tables.table_pages == 3);
		EXPECT(mm_unmap(mm, at, PAGE_SIZE) == 0);
		EXPECT(mm->tables.table_pages == 0);
	}
	space_leave();
	mm_put_user(mm);
}

GUEST_TEST(mm_fault_says_why)
{
	struct mm *mm;
	int code;

	EXPECT(mm_create(&mm) == 0);
	uaddr_t at = space_map(mm, 1, PT_READ);
	EXPECT(mm_fault(mm, at, FAULT_USER | FAULT_WRITE, &code) == -EFAULT && code == SEGV_ACCERR);
	EXPECT(mm_fault(mm, at, FAULT_USER | FAULT_EXEC, &code) == -EFAULT && code == SEGV_ACCERR);
	EXPECT(mm_fault(mm, at - PAGE_SIZE, FAULT_USER, &code) == -EFAULT && code == SEGV_MAPERR);
	EXPECT(mm_fault(mm, USER_END, FAULT_USER, &code) == -EFAULT && code == SEGV_MAPERR);
	EXPECT(mm_fault(mm, at, FAULT_USER, &code) == 0);
	mm_put_user(mm);
}

/* An address space that is not loaded is written and read through the direct map. */
GUEST_TEST(mm_copies_to_another_space)
{
	static char out[3 * PAGE_SIZE], in[3 * PAGE_SIZE];
	struct mm *mm;

	EXPECT(mm_create(&mm) == 0);
	uaddr_t at = space_map(mm, 4, PT_READ | PT_WRITE);
	for (u32 i = 0; i < sizeof(out); i++)
		out[i] = (char)(i * 7);
	EXPECT(mm_write(mm, at + 100, out, sizeof(out)) == 0);
	EXPECT(mm_read(mm, in, at + 100, sizeof(in)) == 0);
	EXPECT(memcmp(in, out, sizeof(in)) == 0);
	EXPECT(mm_write(mm, at + 2 * PAGE_SIZE, out, sizeof(out)) == -EFAULT);
	space_enter(mm);
	memset(in, 0, sizeof(in));
	EXPECT(copy_from_user(in, at + 100, PAGE_SIZE) == 0);
	EXPECT(memcmp(in, out, PAGE_SIZE) == 0);
	space_leave();
	mm_put_user(mm);
}

GUEST_TEST(kstack_has_a_guard)
{
	u64 before = space_free_frames();
	char *stack = kstack_alloc();
	paddr_t pa;
	u32 flags;

	EXPECT(stack != NULL && IS_ALIGNED((u64)stack, PAGE_SIZE));
	memset(stack + KSTACK_SPARE, 0x77, KERNEL_STACK_SIZE - KSTACK_SPARE);
	EXPECT(!kernel_lookup(stack - 1, &pa, &flags));
	EXPECT(!kernel_lookup(stack + KERNEL_STACK_SIZE, &pa, &flags));
	EXPECT(kstack_is_guard(stack - 1) && !kstack_is_guard(stack));
	EXPECT(!kstack_is_guard(stack + KERNEL_STACK_SIZE - 1));
	kstack_free(stack);
	/* Tables below the vmalloc slot stay: at most the three of the first stack ever. */
	EXPECT(before - space_free_frames() <= 3);
}

/* A word that a thread may use. */
static u64 *word_of(void *stack)
{
	return (u64 *)((char *)stack + KSTACK_SPARE);
}

/* The highest of many stacks at once. */
static void *highest_stack(void)
{
	static void *stacks[100];
	void *highest = NULL;

	for (u32 i = 0; i < ARRAY_SIZE(stacks); i++) {
		stacks[i] = kstack_alloc();
		EXPECT(stacks[i] != NULL);
		*word_of(stacks[i]) = i;
		highest = MAX(highest, stacks[i]);
	}
	for (u32 i = 0; i < ARRAY_SIZE(stacks); i++) {
		EXPECT(*word_of(stacks[i]) == i);
		kstack_free(stacks[i]);
	}
	return highest;
}

GUEST_TEST(kstack_places_are_reused)
{
	void *first = highest_stack();
	u64 before = space_free_frames();

	for (u32 round = 0; round < 5; round++) {
		EXPECT(highest_stack() <= first);
		EXPECT(space_free_frames() == before);
	}
}

/*
 * Memory that is used wrongly, each in one way, for the address sanitizer to find. The pointers are volatile so that the
 * compiler does not find it first.
 */
#include "init/guest_test.h"
#include "lib/string.h"
#include "mm/frame.h"
#include "mm/slab.h"

static u8 table[10];
/* What a global is used beyond of. */
static u8 *volatile table_pointer = table;

PLANTED(use_after_free)
{
	u64 *volatile p = kmalloc(64);

	*p = 1;
	kfree(p);
	SIN(*p = 2);
}

PLANTED(use_after_free_much_later)
{
	u64 *volatile p = kmalloc(64);

	kfree(p);
	for (u32 i = 0; i < 1000; i++)
		kfree(kmalloc(64));
	SIN(*p = 2);
}

PLANTED(double_free)
{
	void *volatile p = kmalloc(64);

	kfree(p);
	SIN(kfree(p));
}

PLANTED(heap_overflow)
{
	u8 *volatile p = kmalloc(100);

	p[99] = 1;
	SIN(p[100] = 2);
	kfree(p);
}

PLANTED(heap_overflow_by_memset)
{
	u8 *volatile p = kmalloc(5000);

	memset(p, 0, 5000);
	SIN(memset(p, 0, 5001));
	kfree(p);
}

PLANTED(stack_overflow_of_array)
{
	u8 array[24] = {0};
	volatile u8 *volatile p = array;

	p[23] = 1;
	SIN(p[24] = 1);
}

PLANTED(use_after_scope)
{
	volatile u8 *volatile p;

	{
		u8 array[24];
		p = array;
		p[1] = 1;
	}
	/* cppcheck-suppress invalidLifetime; that is the bug */
	SIN(p[1] = 2);
}

PLANTED(global_overflow)
{
	table_pointer[9] = 1;
	SIN(table_pointer[10] = 1);
}

PLANTED(use_of_free_frame)
{
	struct page *page = frame_alloc(0, 0);
	u64 *volatile p = page_address(page);

	*p = 1;
	frame_put(page);
	SIN(*p = 2);
}

PLANTED(user_access_outside_ucopy)
{
	u64 *volatile p = (u64 *)0x50000000;

	SIN(*p = 1);
}

PLANTED(null_pointer)
{
	u64 *volatile p = NULL;

	/* cppcheck-suppress nullPointer; that is the bug */
	SIN(*p = 1);
}

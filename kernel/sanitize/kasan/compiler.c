/*
 * What else GCC's instrumentation calls: the globals of each file (a constructor for each), variables that leave their scope,
 * frames that are left without a return; and the string functions, which check what they are given.
 */
#define KASAN_RUNTIME
#include "arch/cpu.h"
#include "lib/string.h"
#include "sanitize/kasan.h"
#include "sanitize/kasan/private.h"
#include "trace/stack.h"

/* As GCC emits it. */
struct asan_global {
	const void *start;
	size_t size;
	size_t size_with_redzone;
	const char *name;
	const char *module;
	u64 has_constructor;
	const void *location;
	u64 odr_indicator;
};

void __asan_register_globals(struct asan_global *globals, size_t n);
void __asan_unregister_globals(struct asan_global *globals, size_t n);
void __asan_handle_no_return(void);
void __asan_poison_stack_memory(const void *start, size_t size);
void __asan_unpoison_stack_memory(const void *start, size_t size);

/* kasan_start() calls it, before checking begins. */
void __asan_register_globals(struct asan_global *globals, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct asan_global *g = &globals[i];
		u8 *shadow = (u8 *)(((u64)g->start >> KASAN_SHADOW_SHIFT) + KASAN_SHADOW_OFFSET);
		size_t whole = g->size >> KASAN_SHADOW_SHIFT;

		kasan_fill(shadow, KASAN_GLOBAL, g->size_with_redzone >> KASAN_SHADOW_SHIFT);
		kasan_fill(shadow, KASAN_OK, whole);
		if (g->size & KASAN_GRANULE_MASK)
			shadow[whole] = (u8)(g->size & KASAN_GRANULE_MASK);
	}
}

/* A kernel's globals never go. */
void __asan_unregister_globals(struct asan_global *globals, size_t n)
{
}

/* A function that does not return leaves the marks of all frames above it; the stack below this frame is not in use. */
void __asan_handle_no_return(void)
{
	u64 here = (u64)__builtin_frame_address(0);

	if (!kasan_enabled())
		return;
	struct stack_bounds b = stack_find(here);
	if (b.low < b.high)
		kasan_unpoison((const void *)b.low, b.high - b.low);
}

void __asan_poison_stack_memory(const void *start, size_t size)
{
	kasan_poison(start, ALIGN_UP(size, 8UL), KASAN_STACK_SCOPE);
}

void __asan_unpoison_stack_memory(const void *start, size_t size)
{
	kasan_unpoison(start, size);
}

void *memcpy(void *restrict to, const void *restrict from, size_t n)
{
	kasan_check(from, n, false);
	kasan_check(to, n, true);
	return unchecked_memcpy(to, from, n);
}

void *memmove(void *to, const void *from, size_t n)
{
	kasan_check(from, n, false);
	kasan_check(to, n, true);
	return unchecked_memmove(to, from, n);
}

void *memset(void *to, int byte, size_t n)
{
	kasan_check(to, n, true);
	return unchecked_memset(to, byte, n);
}

int memcmp(const void *a, const void *b, size_t n)
{
	kasan_check(a, n, false);
	kasan_check(b, n, false);
	return unchecked_memcmp(a, b, n);
}

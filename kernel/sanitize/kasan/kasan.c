/*
 * The checks that GCC's calls ask for, and the marking of memory.
 *
 * Checks are calls, not inline code (kernel/kernel.mk), so that one word can turn them off: before the shadow is complete and
 * while a report is made. Nothing here takes a lock or calls instrumented code. Shadow bytes of one object are written by whoever
 * owns the object at that moment; two CPUs that race for it are what a report is for. Bytes of neighbours are never shared: all
 * memory is given out in multiples of eight.
 *
 * An address below the kernel's half has no shadow: kernel code may reach a program's memory through the user-copy functions
 * alone (assembly, not instrumented), so that is reported, too.
 */
#define KASAN_RUNTIME
#include "sanitize/kasan.h"

#include "lib/atomic.h"
#include "sanitize/kasan/private.h"

static u32 enabled;

extern void (*const __init_array_start[])(void);
extern void (*const __init_array_end[])(void);

static u8 *shadow_at(u64 address)
{
	return (u8 *)((address >> KASAN_SHADOW_SHIFT) + KASAN_SHADOW_OFFSET);
}

u8 kasan_shadow_of(const void *address)
{
	return *shadow_at((u64)address);
}

void kasan_start(void)
{
	for (void (*const *f)(void) = __init_array_start; f < __init_array_end; f++)
		(*f)();
	__atomic_store_n(&enabled, 1, __ATOMIC_RELEASE);
}

void kasan_stop(void)
{
	__atomic_store_n(&enabled, 0, __ATOMIC_RELAXED);
}

bool kasan_enabled(void)
{
	return __atomic_load_n(&enabled, __ATOMIC_RELAXED);
}

void kasan_poison(const void *start, size_t size, enum kasan_why why)
{
	if (kasan_enabled())
		kasan_fill(shadow_at((u64)start), (u8)why, size >> KASAN_SHADOW_SHIFT);
}

void kasan_unpoison(const void *start, size_t size)
{
	u8 *s = shadow_at((u64)start);

	if (!kasan_enabled())
		return;
	kasan_fill(s, KASAN_OK, size >> KASAN_SHADOW_SHIFT);
	if (size & KASAN_GRANULE_MASK)
		s[size >> KASAN_SHADOW_SHIFT] = (u8)(size & KASAN_GRANULE_MASK);
}

/* Whether the byte may be used. */
static bool good(u64 address)
{
	s8 s = (s8)*shadow_at(address);

	return s == 0 || (s8)(address & KASAN_GRANULE_MASK) < s;
}

/* The first byte of the stretch that may not be used; end if there is none. */
static u64 first_bad(u64 address, u64 end)
{
	while (address < end && good(address))
		address = (address | KASAN_GRANULE_MASK) + 1 < end && *shadow_at(address) == 0
				  ? (address | KASAN_GRANULE_MASK) + 1
				  : address + 1;
	return address;
}

static ALWAYS_INLINE void check(u64 address, size_t size, bool write)
{
	if (!kasan_enabled() || size == 0)
		return;
	u64 last = address + size - 1;
	bool kernel = address >= DIRECT_MAP_BASE && last >= address;
	/* Most accesses are of whole eights that are in order. */
	if (LIKELY(kernel && size <= 8 && good(last) && good(address)))
		return;
	u64 bad = kernel ? first_bad(address, last + 1) : address;
	if (bad != last + 1)
		kasan_report(address, bad, size, write, (u64)__builtin_frame_address(0));
}

void kasan_check(const void *address, size_t size, bool write)
{
	check((u64)address, size, write);
}

#define CHECKS(size)                                    \
	void __asan_load##size##_noabort(u64 address);  \
	void __asan_load##size##_noabort(u64 address)   \
	{                                               \
		check(address, size, false);            \
	}                                               \
	void __asan_store##size##_noabort(u64 address); \
	void __asan_store##size##_noabort(u64 address)  \
	{                                               \
		check(address, size, true);             \
	}

CHECKS(1)
CHECKS(2)
CHECKS(4)
CHECKS(8)
CHECKS(16)

void __asan_loadN_noabort(u64 address, size_t size);
void __asan_loadN_noabort(u64 address, size_t size)
{
	check(address, size, false);
}

void __asan_storeN_noabort(u64 address, size_t size);
void __asan_storeN_noabort(u64 address, size_t size)
{
	check(address, size, true);
}

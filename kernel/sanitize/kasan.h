/*
 * The address sanitizer, in the variant `kasan` alone; elsewhere every function here is empty.
 *
 * GCC puts a call before each load and store of instrumented code and asks the shadow: one byte for each eight of the kernel's half
 * says how many of the eight may be used (KASAN_OK: all; 1 to 7: so many from the start; a value from enum kasan_why:
 * none, and why). Whoever gives memory out or takes it back tells so here; GCC itself does it for stacks and globals.
 *
 * Any context but NMI, no locks. A stretch starts on a multiple of eight.
 */
#ifndef SANITIZE_KASAN_H
#define SANITIZE_KASAN_H

#include "arch/layout.h"
#include "lib/compiler.h"
#include "lib/list.h"
#include "lib/types.h"

enum kasan_why {
	KASAN_OK = 0,
	/* GCC's. */
	KASAN_STACK_LEFT = 0xf1,
	KASAN_STACK_MIDDLE = 0xf2,
	KASAN_STACK_RIGHT = 0xf3,
	KASAN_STACK_SCOPE = 0xf8,
	/* Ours. */
	KASAN_GLOBAL = 0xf9,
	KASAN_HEAP_FREED = 0xfa,
	KASAN_HEAP_BEYOND = 0xfb,
	KASAN_HEAP_NEVER = 0xfc,
	KASAN_FRAME_FREE = 0xff,
};

#if defined(AIRLOCK_KASAN) || defined(KASAN_RUNTIME)
#define KASAN true
/* Behind each object of a slab: struct kasan_note. */
#define KASAN_NOTE_SIZE 64UL

/* The globals become known and checking begins: after the shadow is there (shadow_init()). Boot CPU. */
void kasan_start(void);
/* For ever: a report is being made. */
void kasan_stop(void);

void kasan_poison(const void *start, size_t size, enum kasan_why why);
/* The first size bytes may be used; if size is no multiple of eight, the rest of the last eight may not. */
void kasan_unpoison(const void *start, size_t size);
/* What the shadow says about the first of the bytes. */
u8 kasan_shadow_of(const void *address);

/* Who gave an object out and who took it back, in the last bytes of its place in the slab. */
#define KASAN_CALLERS 5
struct kasan_note {
	struct kasan_note *next; /* in quarantine */
	void *cache;
	s32 alloc[KASAN_CALLERS];
	u8 alloc_cpu;
	u8 epoch[3]; /* mm/leak.h's, its low bytes */
	s32 free[KASAN_CALLERS], free_cpu;
};
/* Fills in who calls. */
void kasan_note_alloc(struct kasan_note *note);
void kasan_note_free(struct kasan_note *note);
/* How a report finds an object's note: NULL if the address is of no slab. Registered by mm/. */
void kasan_set_find_note(
	const struct kasan_note *(*find)(const void *address, const void **object));
/* An object that is not in use was freed. */
NORETURN void kasan_report_free(const void *object, const void *cache_name);

#else
#define KASAN false
#define KASAN_NOTE_SIZE 0UL

static inline void kasan_start(void)
{
}

static inline void kasan_stop(void)
{
}

static inline void kasan_poison(const void *start, size_t size, enum kasan_why why)
{
}

static inline void kasan_unpoison(const void *start, size_t size)
{
}
#endif
#endif

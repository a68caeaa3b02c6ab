/*
 * Who used what: the report of an access to memory that may not be used, which ends the machine; and the notes about heap
 * objects, from which it tells who had the object.
 *
 * Notes hold the low half of return addresses: the kernel's text lies in the last 2 GiB.
 */
#define KASAN_RUNTIME
#include "arch/cpu.h"
#include "lib/format.h"
#include "sanitize/kasan.h"
#include "sanitize/kasan/private.h"
#include "trace/ksyms.h"
#include "trace/log.h"
#include "trace/panic.h"
#include "trace/stack.h"

static const struct kasan_note *(*find_note)(const void *address, const void **object);

void kasan_set_find_note(const struct kasan_note *(*find)(const void *address, const void **object))
{
	find_note = find;
}

/* The callers of the caller's caller. */
static void note_callers(s32 callers[KASAN_CALLERS], u64 frame_pointer)
{
	struct stack_bounds bounds = stack_find(frame_pointer);
	u32 n = 0;
	u64 ip;

	while (n < KASAN_CALLERS && stack_step(&bounds, &frame_pointer, &ip))
		callers[n++] = (s32)ip;
	while (n < KASAN_CALLERS)
		callers[n++] = 0;
}

void kasan_note_alloc(struct kasan_note *note)
{
	note_callers(note->alloc, (u64)__builtin_frame_address(0));
	note->alloc_cpu = (u8)this_cpu()->id;
	note->free[0] = 0;
}

void kasan_note_free(struct kasan_note *note)
{
	note_callers(note->free, (u64)__builtin_frame_address(0));
	note->free_cpu = (s32)this_cpu()->id;
}

static const char *describe(u8 shadow)
{
	switch (shadow) {
	case KASAN_STACK_LEFT:
	case KASAN_STACK_MIDDLE:
	case KASAN_STACK_RIGHT:
		return "beyond a variable on the stack";
	case KASAN_STACK_SCOPE:
		return "a variable that is out of scope";
	case KASAN_GLOBAL:
		return "beyond a global";
	case KASAN_HEAP_FREED:
		return "use after free";
	case KASAN_HEAP_BEYOND:
		return "beyond a heap object";
	case KASAN_HEAP_NEVER:
		return "heap memory that was never given out";
	case KASAN_FRAME_FREE:
		return "a free frame";
	default:
		return "unknown memory";
	}
}

/* Bytes 1 to 7: the reason follows in the next eight. */
static const char *why(u64 bad)
{
	if (bad < DIRECT_MAP_BASE)
		return bad < PAGE_SIZE ? "a null pointer" : "a program's address";
	u8 s = kasan_shadow_of((const void *)bad);
	if (s > 0 && s <= KASAN_GRANULE_MASK)
		s = kasan_shadow_of((const void *)(bad + 8));
	return s == KASAN_OK ? "beyond an object" : describe(s);
}

static void print_callers(const char *what, s32 cpu, const s32 callers[KASAN_CALLERS])
{
	char line[LOG_TEXT_MAX], where[96];

	format(line, sizeof(line), "%s on CPU %d by:", what, cpu);
	log_raw(line);
	for (u32 i = 0; i < KASAN_CALLERS && callers[i]; i++) {
		u64 ip = (u64)(s64)callers[i];

		format(line, sizeof(line), "    %016lx %s", ip,
			ksym_format(where, sizeof(where), ip));
		log_raw(line);
	}
}

static void print_object(const void *address)
{
	const void *object;
	const struct kasan_note *note = find_note ? find_note(address, &object) : NULL;
	char line[LOG_TEXT_MAX];

	if (!note)
		return;
	format(line, sizeof(line), "the address is at %+ld of the heap object %p",
		(s64)address - (s64)object, object);
	log_raw(line);
	if (note->alloc[0])
		print_callers("given out", note->alloc_cpu, note->alloc);
	if (note->free[0])
		print_callers("freed", note->free_cpu, note->free);
}

void kasan_report(u64 address, u64 bad, size_t size, bool write, u64 frame_pointer)
{
	char text[LOG_TEXT_MAX], where[96];
	u64 ip = ((const u64 *)frame_pointer)[1];

	kasan_stop();
	panic_begin();
	format(text, sizeof(text), "kasan: %s: %s of %lu bytes at %#lx in %s", why(bad),
		write ? "a write" : "a read", size, address, ksym_format(where, sizeof(where), ip));
	panic_fatal_line(text);
	print_object((const void *)bad);
	panic_finish(NULL, frame_pointer);
}

void kasan_report_free(const void *object, const void *cache_name)
{
	char text[LOG_TEXT_MAX];

	kasan_stop();
	panic_begin();
	format(text, sizeof(text), "kasan: object %p of cache '%s' was freed twice", object,
		(const char *)cache_name);
	panic_fatal_line(text);
	print_object(object);
	panic_finish(NULL, (u64)__builtin_frame_address(0));
}

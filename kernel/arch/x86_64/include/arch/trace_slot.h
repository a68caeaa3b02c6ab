/*
 * Where the recorder writes: the ring in this CPU's area (arch/layout.h), reached through GS.
 *
 * trace_at counts bytes. Its low 16 bits are the place in the ring of 64 KiB, so one 16-bit load gives
 * the place, and GS with that as index the word: no pointer is loaded, nothing is masked, and there
 * is no moment at which the ring is not there (it is mapped before GS is set). All of it with IF=0;
 * an NMI has a ring of its own.
 *
 * The words of a record are written before trace_at covers it: x86 keeps stores in order, and
 * trace_slot_done() tells the compiler. Readers look at trace_at before and after (trace/ring.c).
 */
#ifndef ARCH_TRACE_SLOT_H
#define ARCH_TRACE_SLOT_H

#include "arch/cpu.h"
#include "arch/layout.h"
#include "lib/compiler.h"
#include "lib/types.h"

/* GCC and clang know GS as an address space; a tool that does not sees plain pointers, and so does GCC's own instrumentation. */
#if defined(__SEG_GS) && !defined(AIRLOCK_INSTRUMENTED)
#define TRACE_SLOT_GS __seg_gs
#define TRACE_SLOT_BASE 0UL
#else
#define TRACE_SLOT_GS
#define TRACE_SLOT_BASE ((u64)this_cpu())
#endif

/* The lower half of the time stamp counter. The compiler's own function makes a word of both halves, wanted or not. */
static ALWAYS_INLINE u32 trace_time(void)
{
	u32 low;
	__asm__ volatile("rdtsc" : "=a"(low) : : "edx");
	return low;
}

#ifdef AIRLOCK_NO_RECORDER

/* A kernel to measure the recorder's cost against: `make kernel-bare`. */
static inline u32 trace_slot_begin(void)
{
	return 0;
}

static inline void trace_slot_put(u32 slot, u32 offset, u64 value)
{
}

static inline u32 trace_slot_put_time(u32 slot, u32 offset)
{
	return trace_time();
}

static inline void trace_slot_done(u32 bytes)
{
}

#else

#define TRACE_SLOT_WORD(type, slot, offset) \
	(*(type TRACE_SLOT_GS *)(TRACE_SLOT_BASE + (slot) + CPU_RING_PAGE * 4096UL + (offset)))

/* The place of the next record. */
static ALWAYS_INLINE u32 trace_slot_begin(void)
{
	return *(u16 TRACE_SLOT_GS *)(TRACE_SLOT_BASE + offsetof(struct cpu, trace_at));
}

static ALWAYS_INLINE void trace_slot_put(u32 slot, u32 offset, u64 value)
{
	TRACE_SLOT_WORD(u64, slot, offset) = value;
}

/* The time stamp counter, in its two halves as the instruction gives them. Returns the lower one. */
static ALWAYS_INLINE u32 trace_slot_put_time(u32 slot, u32 offset)
{
	u32 low, high;
	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
	TRACE_SLOT_WORD(u32, slot, offset) = low;
	TRACE_SLOT_WORD(u32, slot, offset + 4) = high;
	return low;
}

/* The record is complete. One instruction, which a compiler left alone makes three of. */
static ALWAYS_INLINE void trace_slot_done(u32 bytes)
{
	__asm__ volatile("addq %1, %%gs:%c0" ::"i"(offsetof(struct cpu, trace_at)), "er"((u64)bytes)
			 : "memory", "cc");
}

#endif

/* The root that ring 3 is entered with: a word of GS's, too. */
static ALWAYS_INLINE u64 this_cpu_user_root(void)
{
	return *(u64 TRACE_SLOT_GS *)(TRACE_SLOT_BASE + offsetof(struct cpu, user_cr3));
}

/* Any CPU's ring, for readers. */
static inline const void *trace_slot_ring(u32 cpu)
{
	return (const char *)cpu_get(cpu) + CPU_RING_PAGE * 4096UL;
}

#endif

/* The fake arch: each CPU's ring is an array of the test's (fake_ring), the time stamp counter the host's. */
#ifndef FAKE_ARCH_TRACE_SLOT_H
#define FAKE_ARCH_TRACE_SLOT_H

#include "arch/cpu.h"
#include "arch/layout.h"
#include "lib/compiler.h"

#include <string.h>

extern u8 fake_ring[FAKE_CPUS][CPU_RING_SIZE];

static inline u32 trace_slot_begin(void)
{
	return (u16)this_cpu()->trace_at;
}

static inline void trace_slot_put(u32 slot, u32 offset, u64 value)
{
	memcpy(&fake_ring[fake_cpu_id][slot + offset], &value, sizeof(value));
}

static inline u32 trace_time(void)
{
	return (u32)__builtin_ia32_rdtsc();
}

static inline u32 trace_slot_put_time(u32 slot, u32 offset)
{
	u64 now = __builtin_ia32_rdtsc();

	trace_slot_put(slot, offset, now);
	return (u32)now;
}

static inline u64 this_cpu_user_root(void)
{
	return this_cpu()->user_cr3;
}

static inline const void *trace_slot_ring(u32 cpu)
{
	return fake_ring[cpu];
}

static inline void trace_slot_done(u32 bytes)
{
	this_cpu()->trace_at += bytes;
}

#endif

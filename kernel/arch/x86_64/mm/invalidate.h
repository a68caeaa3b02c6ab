/*
 * Dropping translations of this CPU. IF=0, or the caller can't be interrupted into another address
 * space.
 *
 * INVPCID's types are from Intel's manual volume 2: 0 one address of one PCID, 1 one PCID, 2
 * everything with globals.
 */
#ifndef MM_INVALIDATE_H
#define MM_INVALIDATE_H

#include "arch/control.h"
#include "lib/types.h"

#define INVPCID_ADDRESS 0UL
#define INVPCID_CONTEXT 1UL
#define INVPCID_EVERYTHING 2UL

static inline void invpcid(u64 type, u64 pcid, u64 va)
{
	u64 descriptor[2] = {pcid, va};

	__asm__ volatile("invpcid %0, %1" ::"m"(descriptor), "r"(type) : "memory");
}

/* The current PCID's translation, and a global one. */
static inline void invlpg(u64 va)
{
	__asm__ volatile("invlpg (%0)" ::"r"(va) : "memory");
}

static inline void cr3_write(u64 v)
{
	__asm__ volatile("mov %0, %%cr3" ::"r"(v) : "memory");
}

/* Everything, global translations too, without INVPCID. */
static inline void invalidate_by_cr4(void)
{
	u64 cr4 = cr4_read();

	cr4_write(cr4 ^ CR4_PGE);
	cr4_write(cr4);
}

#endif

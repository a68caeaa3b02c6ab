/* Control and debug registers. CR3 is written by entry/ and mm/ alone: see arch/tlb.h. */
#ifndef ARCH_CONTROL_H
#define ARCH_CONTROL_H

#include "arch/layout.h"
#include "lib/types.h"

#define CR0_PE BIT(0)
#define CR0_MP BIT(1)
#define CR0_EM BIT(2)
#define CR0_TS BIT(3)
#define CR0_ET BIT(4)
#define CR0_NE BIT(5)
#define CR0_WP BIT(16)
#define CR0_AM BIT(18)
#define CR0_NW BIT(29)
#define CR0_CD BIT(30)
#define CR0_PG BIT(31)

#define CR4_TSD BIT(2)
#define CR4_DE BIT(3)
#define CR4_PAE BIT(5)
#define CR4_MCE BIT(6)
#define CR4_PGE BIT(7)
#define CR4_OSFXSR BIT(9)
#define CR4_OSXMMEXCPT BIT(10)
#define CR4_UMIP BIT(11)
#define CR4_FSGSBASE BIT(16)
#define CR4_PCIDE BIT(17)
#define CR4_OSXSAVE BIT(18)
#define CR4_SMEP BIT(20)
#define CR4_SMAP BIT(21)

#define RFLAGS_CF BIT(0)
#define RFLAGS_FIXED BIT(1)
#define RFLAGS_PF BIT(2)
#define RFLAGS_AF BIT(4)
#define RFLAGS_ZF BIT(6)
#define RFLAGS_SF BIT(7)
#define RFLAGS_TF BIT(8)
#define RFLAGS_DF BIT(10)
#define RFLAGS_OF BIT(11)
#define RFLAGS_IOPL (3UL << 12)
#define RFLAGS_NT BIT(14)
#define RFLAGS_RF BIT(16)
#define RFLAGS_AC BIT(18)
#define RFLAGS_ID BIT(21)

#define CONTROL_REGISTER(name)                                               \
	static inline u64 name##_read(void)                                  \
	{                                                                    \
		u64 v;                                                       \
		__asm__ volatile("mov %%" #name ", %0" : "=r"(v)::"memory"); \
		return v;                                                    \
	}

CONTROL_REGISTER(cr0)
CONTROL_REGISTER(cr2)
CONTROL_REGISTER(cr3)
CONTROL_REGISTER(cr4)
CONTROL_REGISTER(dr6)
CONTROL_REGISTER(dr7)

static inline void cr0_write(u64 v)
{
	__asm__ volatile("mov %0, %%cr0" ::"r"(v) : "memory");
}

static inline void cr4_write(u64 v)
{
	__asm__ volatile("mov %0, %%cr4" ::"r"(v) : "memory");
}

static inline void cr2_write(u64 v)
{
	__asm__ volatile("mov %0, %%cr2" ::"r"(v) : "memory");
}

#define DEBUG_ADDRESS_REGISTER(name)                                      \
	static inline void name##_write(u64 v)                            \
	{                                                                 \
		__asm__ volatile("mov %0, %%" #name ::"r"(v) : "memory"); \
	}

DEBUG_ADDRESS_REGISTER(dr0)
DEBUG_ADDRESS_REGISTER(dr1)
DEBUG_ADDRESS_REGISTER(dr2)
DEBUG_ADDRESS_REGISTER(dr3)

static inline void dr6_write(u64 v)
{
	__asm__ volatile("mov %0, %%dr6" ::"r"(v) : "memory");
}

static inline void dr7_write(u64 v)
{
	__asm__ volatile("mov %0, %%dr7" ::"r"(v) : "memory");
}

/* The kernel's data segment into SS, which an interrupt from ring 3 leaves null. */
static inline void ss_load(void)
{
	__asm__ volatile("movl %0, %%ss" ::"r"(KERNEL_DS) : "memory");
}

static inline u16 ss_read(void)
{
	u16 v;
	__asm__ volatile("movw %%ss, %0" : "=r"(v));
	return v;
}

#endif

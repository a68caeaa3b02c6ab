/* Port I/O and device registers. */
#ifndef ARCH_IO_H
#define ARCH_IO_H

#include "lib/types.h"

static inline void io_out8(u16 port, u8 v)
{
	__asm__ volatile("outb %0, %1" ::"a"(v), "Nd"(port));
}

static inline void io_out16(u16 port, u16 v)
{
	__asm__ volatile("outw %0, %1" ::"a"(v), "Nd"(port));
}

static inline void io_out32(u16 port, u32 v)
{
	__asm__ volatile("outl %0, %1" ::"a"(v), "Nd"(port));
}

static inline u8 io_in8(u16 port)
{
	u8 v;
	__asm__ volatile("inb %1, %0" : "=a"(v) : "Nd"(port));
	return v;
}

static inline u16 io_in16(u16 port)
{
	u16 v;
	__asm__ volatile("inw %1, %0" : "=a"(v) : "Nd"(port));
	return v;
}

static inline u32 io_in32(u16 port)
{
	u32 v;
	__asm__ volatile("inl %1, %0" : "=a"(v) : "Nd"(port));
	return v;
}

static inline u32 mmio_read32(const volatile void *a)
{
	return *(const volatile u32 *)a;
}

static inline void mmio_write32(volatile void *a, u32 v)
{
	*(volatile u32 *)a = v;
}

static inline u16 mmio_read16(const volatile void *a)
{
	return *(const volatile u16 *)a;
}

static inline void mmio_write16(volatile void *a, u16 v)
{
	*(volatile u16 *)a = v;
}

static inline u8 mmio_read8(const volatile void *a)
{
	return *(const volatile u8 *)a;
}

static inline void mmio_write8(volatile void *a, u8 v)
{
	*(volatile u8 *)a = v;
}

#endif

/*
 * The kernel's virtual addresses, the same in every kernel-side table. Also read by assembly and the linker
 * script, so plain numbers only.
 *
 *   slot(s)   start                 what
 *   0..255    0                     the program's half, below 2^47 - 4096
 *   256..319  0xffff800000000000    direct map of all RAM (64 slots: 32 TiB), RW-NX
 *   320..351  0xffffa00000000000    the address sanitizer's shadow (variant kasan alone)
 *   384       0xffffc00000000000    vmalloc: kernel stacks between guard pages, device registers
 *   448       0xffffe00000000000    array of struct page
 *   508       0xfffffe0000000000    one area for each CPU: struct cpu, GDT, TSS, entry and IST stacks
 *   511       0xffffffff80000000    the kernel image
 *
 * A user-side table (page-table isolation) has slots 508 and 511 only, each with a hierarchy of its own that
 * maps just what the crossing needs: see arch/x86_64/mm/pti.c.
 */
#ifndef ARCH_LAYOUT_H
#define ARCH_LAYOUT_H

#define DIRECT_MAP_BASE 0xffff800000000000
#define DIRECT_MAP_SLOTS 64
#define VMALLOC_BASE 0xffffc00000000000
#define VMALLOC_SIZE 0x0000008000000000
#define PAGE_ARRAY_BASE 0xffffe00000000000
#define CPU_AREA_BASE 0xfffffe0000000000
#define KERNEL_BASE 0xffffffff80000000
/* Where the image lies in physical memory. */
#define KERNEL_PHYS 0x100000

/* One past the last address a program may map: the last page below 2^47 is never mapped, so that no SYSCALL
 * can end at a non-canonical address (hazard S10). */
#define USER_END 0x00007ffffffff000

#define MAX_CPUS 64

/*
 * A CPU's area, by page. Pages not named are guards and never mapped. [U]: also in user-side tables.
 *   0        struct cpu's first page: only what the entry path needs   [U]
 *   1..2     the rest of struct cpu
 *   4        GDT and TSS                                                [U]
 *   6        entry stack                                                [U]
 *   8..9     NMI stack      [U]
 *   11..12   #DB stack      [U]
 *   14..15   #MC stack      [U]
 *   17..18   #DF stack      [U]
 *   20..23   the stack it starts on, its idle thread's (not of CPU 0); to 27 with instrumentation
 *   32..47   the recorder's ring (arch/trace_slot.h)
 */
#define CPU_AREA_PAGES 64
#define CPU_AREA_SIZE 0x40000
#define CPU_PRIVATE_PAGE 1
#define CPU_PRIVATE_PAGES 2
#define CPU_TABLES_PAGE 4
#define CPU_ENTRY_STACK_PAGE 6
#define CPU_IST_STACK_PAGE(i) (8 + 3 * (i)) /* i: 0 NMI, 1 #DB, 2 #MC, 3 #DF */
#define IST_STACK_SIZE 0x2000
#define CPU_IDLE_STACK_PAGE 20
#define CPU_RING_PAGE 32
/* A counter of bytes wraps by itself where 16 bits of it are used: arch/trace_slot.h. */
#define CPU_RING_SIZE 0x10000
/* The last 16 bytes of an IST stack hold the address of struct cpu, for entries that can't trust GS. */
#define IST_CPU_SLOT (IST_STACK_SIZE - 16)

/* GDT selectors. The order of the last three is what STAR demands (hazard C7). */
#define KERNEL_CS 0x08
#define KERNEL_DS 0x10
#define USER_CS32_UNUSED 0x23
#define USER_DS 0x2b
#define USER_CS 0x33
#define TSS_SELECTOR 0x40

/* Instrumented code has larger frames. */
#ifdef AIRLOCK_INSTRUMENTED
#define KERNEL_STACK_SIZE 0x8000
#else
#define KERNEL_STACK_SIZE 0x4000
#endif

/* The shadow's byte for an address: (address >> SHIFT) + OFFSET. GCC knows the offset, too (kernel/kernel.mk). */
#define KASAN_SHADOW_SHIFT 3
#define KASAN_SHADOW_OFFSET 0x00dfffb00000000000
#define KASAN_SHADOW_BASE 0xffffa00000000000
#define KASAN_SHADOW_SLOTS 32

#endif

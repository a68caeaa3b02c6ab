/*
 * The basic types. Kernel code uses these and <stddef.h>; nothing else from the compiler's headers.
 *
 * Kinds of address:
 *   paddr_t  a physical address. A structure, so that it can't be mixed with a virtual one by mistake.
 *   uaddr_t  an address in a program's half. An integer: it can't be dereferenced, only handed to the
 *            user-copy functions.
 *   void *   a kernel address.
 */
#ifndef LIB_TYPES_H
#define LIB_TYPES_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int8_t s8;
typedef int16_t s16;
typedef int32_t s32;
typedef int64_t s64;
typedef s64 ssize_t;

typedef struct {
	u64 v;
} paddr_t;

typedef u64 uaddr_t;

#define PADDR(x) ((paddr_t){.v = (x)})

#define PAGE_SHIFT 12
#define PAGE_SIZE (1UL << PAGE_SHIFT)
#define PAGE_MASK (~(PAGE_SIZE - 1))

#define ALIGN_UP(x, a) (((x) + ((a)-1)) & ~((__typeof__(x))(a)-1))
#define ALIGN_DOWN(x, a) ((x) & ~((__typeof__(x))(a)-1))
#define IS_ALIGNED(x, a) (((x) & ((__typeof__(x))(a)-1)) == 0)
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define MIN(a, b) ((a) < (b) ? (a) : (b))
#define MAX(a, b) ((a) > (b) ? (a) : (b))
#define CONTAINER_OF(p, type, member) ((type *)((char *)(p)-offsetof(type, member)))
#define BIT(n) (1UL << (n))

#define KIB 1024UL
#define MIB (1024UL * KIB)
#define GIB (1024UL * MIB)

#define NS_PER_US 1000UL
#define NS_PER_MS 1000000UL
#define NS_PER_SEC 1000000000UL

#endif

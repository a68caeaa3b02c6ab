/*
 * Abstract values: what a register, a stack slot or a per-CPU word can be known to hold.
 *
 * One 64-bit word each, so that states compare and hash as plain memory: kind in the top byte, payload below.
 */
#ifndef ENTRYCHECK_VALUE_H
#define ENTRYCHECK_VALUE_H

#include <stdbool.h>
#include <stdint.h>

typedef uint64_t value_t;

enum value_kind {
	V_ANY,	   /* nothing is known */
	V_CONST,   /* payload: a 56-bit signed number */
	V_ORIG,	   /* what register `payload` held when the context was entered (enum reg) */
	V_ADDR,	   /* region in bits 32..47, signed offset in bits 0..31 */
	V_ROOT,	   /* a page-table root */
	V_BASE,	   /* a GS base */
	V_VERDICT, /* result of a C function: contract number */
	V_WORD,	   /* what per-CPU word `payload` held when the context was entered */
};

/* The registers that an interrupted context can have saved; the first 16 in the machine's encoding order. */
enum reg {
	R_RAX,
	R_RCX,
	R_RDX,
	R_RBX,
	R_RSP,
	R_RBP,
	R_RSI,
	R_RDI,
	R_R8,
	R_R9,
	R_R10,
	R_R11,
	R_R12,
	R_R13,
	R_R14,
	R_R15,
	R_RIP,
	R_CS,
	R_RFLAGS,
	R_SS,
	R_COUNT
};
#define GPR_COUNT 16

extern const char *const reg_names[R_COUNT];

static inline value_t value_make(enum value_kind kind, uint64_t payload)
{
	return (uint64_t)kind << 56 | (payload & 0x00ffffffffffffff);
}

static inline enum value_kind value_kind(value_t v)
{
	return (enum value_kind)(v >> 56);
}

static inline uint64_t value_payload(value_t v)
{
	return v & 0x00ffffffffffffff;
}

#define ANY value_make(V_ANY, 0)

static inline value_t value_const(int64_t n)
{
	return value_make(V_CONST, (uint64_t)n);
}

/* Sign-extends from 56 bits. */
static inline int64_t value_number(value_t v)
{
	return (int64_t)(v << 8) >> 8;
}

static inline value_t value_orig(enum reg r)
{
	return value_make(V_ORIG, r);
}

static inline value_t value_addr(unsigned region, int32_t offset)
{
	return value_make(V_ADDR, (uint64_t)region << 32 | (uint32_t)offset);
}

static inline unsigned value_region(value_t v)
{
	return (unsigned)(value_payload(v) >> 32);
}

static inline int32_t value_offset(value_t v)
{
	return (int32_t)(uint32_t)value_payload(v);
}

static inline bool value_is(value_t v, enum value_kind kind)
{
	return value_kind(v) == kind;
}

/* v + n, where that can be known. */
static inline value_t value_add(value_t v, int64_t n)
{
	if (n == 0)
		return v;
	if (value_is(v, V_CONST))
		return value_const(value_number(v) + n);
	if (value_is(v, V_ADDR))
		return value_addr(value_region(v), value_offset(v) + (int32_t)n);
	return ANY;
}

#endif

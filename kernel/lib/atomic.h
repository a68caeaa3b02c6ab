/*
 * Atomic words. Every function is sequentially consistent unless its name ends in _relaxed, _acquire or
 * _release, with the C11 memory model's meaning.
 */
#ifndef LIB_ATOMIC_H
#define LIB_ATOMIC_H

#include "lib/types.h"

typedef struct {
	u32 v;
} atomic32_t;

typedef struct {
	u64 v;
} atomic64_t;

#define ATOMIC_DEFINE(name, type, word)                                                        \
	static inline word name##_load(const type *a)                                          \
	{                                                                                      \
		return __atomic_load_n(&a->v, __ATOMIC_SEQ_CST);                               \
	}                                                                                      \
	static inline word name##_load_relaxed(const type *a)                                  \
	{                                                                                      \
		return __atomic_load_n(&a->v, __ATOMIC_RELAXED);                               \
	}                                                                                      \
	static inline word name##_load_acquire(const type *a)                                  \
	{                                                                                      \
		return __atomic_load_n(&a->v, __ATOMIC_ACQUIRE);                               \
	}                                                                                      \
	static inline void name##_store(type *a, word v)                                       \
	{                                                                                      \
		__atomic_store_n(&a->v, v, __ATOMIC_SEQ_CST);                                  \
	}                                                                                      \
	static inline void name##_store_relaxed(type *a, word v)                               \
	{                                                                                      \
		__atomic_store_n(&a->v, v, __ATOMIC_RELAXED);                                  \
	}                                                                                      \
	static inline void name##_store_release(type *a, word v)                               \
	{                                                                                      \
		__atomic_store_n(&a->v, v, __ATOMIC_RELEASE);                                  \
	}                                                                                      \
	static inline word name##_exchange(type *a, word v)                                    \
	{                                                                                      \
		return __atomic_exchange_n(&a->v, v, __ATOMIC_SEQ_CST);                        \
	}                                                                                      \
	/* These return the value before. */                                                   \
	static inline word name##_fetch_add(type *a, word v)                                   \
	{                                                                                      \
		return __atomic_fetch_add(&a->v, v, __ATOMIC_SEQ_CST);                         \
	}                                                                                      \
	static inline word name##_fetch_sub(type *a, word v)                                   \
	{                                                                                      \
		return __atomic_fetch_sub(&a->v, v, __ATOMIC_SEQ_CST);                         \
	}                                                                                      \
	static inline word name##_fetch_or(type *a, word v)                                    \
	{                                                                                      \
		return __atomic_fetch_or(&a->v, v, __ATOMIC_SEQ_CST);                          \
	}                                                                                      \
	static inline word name##_fetch_and(type *a, word v)                                   \
	{                                                                                      \
		return __atomic_fetch_and(&a->v, v, __ATOMIC_SEQ_CST);                         \
	}                                                                                      \
	/* True if the word was *expected and is now v; otherwise *expected is what it was. */ \
	static inline bool name##_compare_exchange(type *a, word *expected, word v)            \
	{                                                                                      \
		return __atomic_compare_exchange_n(                                            \
			&a->v, expected, v, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);        \
	}

ATOMIC_DEFINE(atomic32, atomic32_t, u32)
ATOMIC_DEFINE(atomic64, atomic64_t, u64)

#endif

/*
 * What GCC's thread-sanitizer instrumentation calls: one function for each kind and size of access. Volatile accesses and atomics
 * are marked. Atomics are carried out here, always sequentially consistent: stronger than asked for, which hides no race that this
 * detector looks for.
 */
#define KCSAN_RUNTIME
#include "lib/types.h"
#include "sanitize/kcsan/private.h"

#define HERE ((u64)__builtin_return_address(0))

#define ACCESS(name, size, write, marked)                             \
	void __tsan_##name(void *address);                            \
	void __tsan_##name(void *address)                             \
	{                                                             \
		kcsan_check((u64)address, size, write, marked, HERE); \
	}

#define ACCESSES(size)                                           \
	ACCESS(read##size, size, false, false)                   \
	ACCESS(write##size, size, true, false)                   \
	ACCESS(unaligned_read##size, size, false, false)         \
	ACCESS(unaligned_write##size, size, true, false)         \
	ACCESS(volatile_read##size, size, false, true)           \
	ACCESS(volatile_write##size, size, true, true)           \
	ACCESS(unaligned_volatile_read##size, size, false, true) \
	ACCESS(unaligned_volatile_write##size, size, true, true)

ACCESSES(1)
ACCESSES(2)
ACCESSES(4)
ACCESSES(8)
ACCESSES(16)

void __tsan_init(void);
void __tsan_init(void)
{
}

void __tsan_read_range(void *address, size_t size);
void __tsan_read_range(void *address, size_t size)
{
	kcsan_check((u64)address, (u32)size, false, false, HERE);
}

void __tsan_write_range(void *address, size_t size);
void __tsan_write_range(void *address, size_t size)
{
	kcsan_check((u64)address, (u32)size, true, false, HERE);
}

void __tsan_atomic_thread_fence(int order);
void __tsan_atomic_thread_fence(int order)
{
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}

void __tsan_atomic_signal_fence(int order);
void __tsan_atomic_signal_fence(int order)
{
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
}

#define READ_MODIFY_WRITE(bits, type, name)                            \
	type __tsan_atomic##bits##_##name(type *a, type v, int order); \
	type __tsan_atomic##bits##_##name(type *a, type v, int order)  \
	{                                                              \
		kcsan_check((u64)a, bits / 8, true, true, HERE);       \
		return __atomic_##name(a, v, __ATOMIC_SEQ_CST);        \
	}

#define ATOMICS(bits, type)                                                         \
	type __tsan_atomic##bits##_load(const type *a, int order);                  \
	type __tsan_atomic##bits##_load(const type *a, int order)                   \
	{                                                                           \
		kcsan_check((u64)a, bits / 8, false, true, HERE);                   \
		return __atomic_load_n(a, __ATOMIC_SEQ_CST);                        \
	}                                                                           \
	void __tsan_atomic##bits##_store(type *a, type v, int order);               \
	void __tsan_atomic##bits##_store(type *a, type v, int order)                \
	{                                                                           \
		kcsan_check((u64)a, bits / 8, true, true, HERE);                    \
		__atomic_store_n(a, v, __ATOMIC_SEQ_CST);                           \
	}                                                                           \
	type __tsan_atomic##bits##_exchange(type *a, type v, int order);            \
	type __tsan_atomic##bits##_exchange(type *a, type v, int order)             \
	{                                                                           \
		kcsan_check((u64)a, bits / 8, true, true, HERE);                    \
		return __atomic_exchange_n(a, v, __ATOMIC_SEQ_CST);                 \
	}                                                                           \
	READ_MODIFY_WRITE(bits, type, fetch_add)                                    \
	READ_MODIFY_WRITE(bits, type, fetch_sub)                                    \
	READ_MODIFY_WRITE(bits, type, fetch_and)                                    \
	READ_MODIFY_WRITE(bits, type, fetch_or)                                     \
	READ_MODIFY_WRITE(bits, type, fetch_xor)                                    \
	bool __tsan_atomic##bits##_compare_exchange_strong(                         \
		type *a, type *expected, type v, int order, int failure_order);     \
	bool __tsan_atomic##bits##_compare_exchange_strong(                         \
		type *a, type *expected, type v, int order, int failure_order)      \
	{                                                                           \
		kcsan_check((u64)a, bits / 8, true, true, HERE);                    \
		return __atomic_compare_exchange_n(                                 \
			a, expected, v, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST); \
	}                                                                           \
	bool __tsan_atomic##bits##_compare_exchange_weak(                           \
		type *a, type *expected, type v, int order, int failure_order);     \
	bool __tsan_atomic##bits##_compare_exchange_weak(                           \
		type *a, type *expected, type v, int order, int failure_order)      \
	{                                                                           \
		kcsan_check((u64)a, bits / 8, true, true, HERE);                    \
		return __atomic_compare_exchange_n(                                 \
			a, expected, v, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST); \
	}

ATOMICS(8, u8)
ATOMICS(16, u16)
ATOMICS(32, u32)
ATOMICS(64, u64)

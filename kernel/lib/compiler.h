/*
 * What the compiler is told about functions and data: attributes, the annotations of clang's
 * thread-safety analysis (they expand to nothing under GCC), and single-access reads and writes.
 */
#ifndef LIB_COMPILER_H
#define LIB_COMPILER_H

#define MUST_CHECK __attribute__((warn_unused_result))
#define NORETURN __attribute__((noreturn))
#define PACKED __attribute__((packed))
#define ALIGNED(n) __attribute__((aligned(n)))
#define SECTION(s) __attribute__((section(s)))
#define PRINTF_LIKE(fmt, args) __attribute__((format(printf, fmt, args)))
#define NOINLINE __attribute__((noinline))
#define ALWAYS_INLINE inline __attribute__((always_inline))
#define COLD __attribute__((cold))
#define UNUSED __attribute__((unused))
#define USED __attribute__((used))
#define LIKELY(x) __builtin_expect(!!(x), 1)
#define UNLIKELY(x) __builtin_expect(!!(x), 0)

/* Code and data that only start-up needs. */
#define INIT_TEXT SECTION(".init.text") COLD
#define INIT_DATA SECTION(".init.data")
/* Written during start-up only; read-only for ever after. */
#define RO_AFTER_INIT SECTION(".data.ro_after_init")

#if defined(__clang__) && defined(AIRLOCK_THREAD_SAFETY)
#define TSA(x) __attribute__((x))
#else
#define TSA(x)
#endif
#define CAPABILITY(name) TSA(capability(name))
#define GUARDED_BY(lock) TSA(guarded_by(lock))
#define PT_GUARDED_BY(lock) TSA(pt_guarded_by(lock))
#define REQUIRES(...) TSA(requires_capability(__VA_ARGS__))
#define EXCLUDES(...) TSA(locks_excluded(__VA_ARGS__))
#define ACQUIRES(...) TSA(acquire_capability(__VA_ARGS__))
#define RELEASES(...) TSA(release_capability(__VA_ARGS__))
#define TRY_ACQUIRES(ok, ...) TSA(try_acquire_capability(ok, __VA_ARGS__))
#define ASSERTS_HELD(...) TSA(assert_capability(__VA_ARGS__))
#define NO_THREAD_SAFETY TSA(no_thread_safety_analysis)

/* One access, neither torn nor repeated nor invented, of a word that is read or written without its lock. */
#define READ_ONCE(x) (*(const volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, v) (*(volatile __typeof__(x) *)&(x) = (v))

#endif

/*
 * Every system call, driven through the failure of each of its allocations (docs/fault-injection.md).
 *
 * A way is one manner of making a call. WAY(call, variant, ...) begins a function that makes it, once, and returns what the
 * kernel returned; the designated initializers behind say what else there is to it. Ways are collected by the linker.
 */
#ifndef FAILING_H
#define FAILING_H

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>

#define ERRORS_MAX 4
#define EXEC_DONE 42

struct way {
	unsigned number;
	const char *name;
	long (*call)(void);
	/* Once, in the process that the way has for itself. */
	void (*prepare)(void);
	/* After a call that succeeded, with its result: what it made is removed again. */
	void (*undo)(long result);
	/* What Linux gives when memory runs out; nothing: ENOMEM. */
	int errors[ERRORS_MAX];
	/* Why it is right that the call may succeed although a site failed; NULL: it is not. */
	const char *tolerates;
	/* The same of copies, and why a call that gives EFAULT for one may have taken effect; both as Linux does it. */
	const char *tolerates_copy, *takes_effect;
	/* A copy that fails on the way back from the call ends the process by SIGSEGV, as on Linux. */
	int ends_by_copy;
	/* The call makes a process: it counts as made when it says so, for copies of pages that follow it are sites, too. */
	int forks;
	/* execve(2): at a late site the process is ended by SIGSEGV, as on Linux, and its end with EXEC_DONE is success. */
	int replaces;
};

#define WAY(call_, variant_, ...)                                                         \
	static long way_##call_##_##variant_(void);                                       \
	__attribute__((used, section("ways"),                                             \
		aligned(8))) static const struct way way_##call_##_##variant_##_entry = { \
		.number = __NR_##call_,                                                   \
		.name = #call_ ":" #variant_,                                             \
		.call = way_##call_##_##variant_,                                         \
		__VA_ARGS__};                                                             \
	static long way_##call_##_##variant_(void)

/* One line: the arguments say all. */
#define WAY_OF(call_, variant_, ...)                        \
	WAY(call_, variant_)                                \
	{                                                   \
		return kernel(__NR_##call_, ##__VA_ARGS__); \
	}

/* The call itself: -errno or a result. No memory of the program is touched. */
static inline __attribute__((always_inline)) long kernel_call(
	long number, long a, long b, long c, long d, long e, long f)
{
	register long r10 __asm__("r10") = d, r8 __asm__("r8") = e, r9 __asm__("r9") = f;
	long result;

	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return result;
}
#define KERNEL_PICK(n, a, b, c, d, e, f, ...) \
	kernel_call(n, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f))
#define kernel(...) KERNEL_PICK(__VA_ARGS__, 0, 0, 0, 0, 0, 0, 0)

/* Makes a call that must succeed; the line is in the complaint. */
long must_(long result, const char *what, int line);
#define must(...) must_(kernel(__VA_ARGS__), #__VA_ARGS__, __LINE__)
/* Makes a call of the way's own, beside the one that it is about: again until no copy of it fails. */
#define insist(...)                                      \
	({                                               \
		long insisted;                           \
		do                                       \
			insisted = kernel(__VA_ARGS__);  \
		while (insisted == -EFAULT);             \
		must_(insisted, #__VA_ARGS__, __LINE__); \
	})
static const char insisted_upon[] __attribute__((unused)) =
	"a call beside the one in question was made again";
static const char partly[] __attribute__((unused)) = "a part was moved: its length is the result";

/* Ends the way as a failure, with words. */
__attribute__((noreturn, format(printf, 1, 2))) void complain(const char *format, ...);

/* -- state.c: what a failed call must not have changed -- */

struct state;
struct state *state_take(void);
/* NULL, or the first line that differs, as text. */
const char *state_difference(struct state *before, struct state *after);
void state_drop(struct state *s);

/* -- memory.c: what the kernel has in use -- */

/* objects: of slabs and stacks alone, which a failed call must give back at once; all: frames and tables, too, which come back
 * when the process has ended. The text of a difference, or NULL. */
struct usage;
struct usage *usage_take(void);
const char *usage_difference(const struct usage *before, const struct usage *after, int all);
/* The same, but what threads that have just ended still have is waited for, for so long. */
const char *usage_settles(const struct usage *before, int all, int ms);
void usage_init(void);
/* Runs on each processor once. Whatever ran there before has been switched away from, and what had ended is freed by the one that runs
 * next. The first call on a processor makes that processor's counters, too. */
void visit_processors(void);

#define FOLDER "/failing"
#define BUFFER_SIZE 65536
/* For results, and its second half for arguments. Touched before anything fails. */
extern char buffer[2 * BUFFER_SIZE];

#endif

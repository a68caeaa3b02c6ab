/* Programs of a few instructions, made in memory: for the tests of processes. */
#ifndef PROC_TESTS_TINY_PROGRAM_H
#define PROC_TESTS_TINY_PROGRAM_H

#include "lib/types.h"
#include "proc/process.h"

/* Starts code (position-independent machine code) as a process linked at 0x50000000, with a
 * writable page at 0x50001000 that holds "data" and zeros, and a page of zeros after it. prepare is called before anybody can see the
 * process; it may be NULL. NULL if it could not be started. */
struct process *tiny_spawn(const void *code, size_t size, void (*prepare)(struct process *p));

/* Where the code starts, and four bytes that are zero in a new program. */
#define TINY_CODE 0x50000200UL
#define TINY_ZERO 0x50002000UL

/* One more thread of the process, that starts at ip without a stack. */
void tiny_add_thread(struct process *p, uaddr_t ip);

/* These wait for what happens, however long a busy host takes to let it: a test that waits for ever is found by the command's
 * time limit, and the log ends with its name. */
/* Until it has run for at least so many ns more than `since` of them (process_runtime()). */
void tiny_until_run(struct process *p, u64 since, u64 ns);
/* Until all threads sleep where signals reach them, or are stopped, and have left their CPUs: from then on nothing of it runs. */
void tiny_until_asleep(struct process *p);
void tiny_until_stopped(struct process *p);

#define TINY_SPAWN_WITH(prepare, ...)                              \
	({                                                         \
		static const u8 tiny_code[] = {__VA_ARGS__};       \
		tiny_spawn(tiny_code, sizeof(tiny_code), prepare); \
	})
#define TINY_SPAWN(...) TINY_SPAWN_WITH(NULL, __VA_ARGS__)

/* Machine code. */
#define TINY_SYSCALL(number) 0xb8, (number)&0xff, (number) >> 8, 0, 0, 0x0f, 0x05
#define TINY_ARGUMENT(value) 0xbf, value, 0, 0, 0
#define TINY_EXIT(status) TINY_ARGUMENT(status), TINY_SYSCALL(60)
#define TINY_LOOP 0xeb, 0xfe

#endif

/*
 * Processes with several threads end as a whole, however they end. The test puts the threads into the process itself.
 *
 * Seen to fail: with only the first thread told in process_stop_threads_locked(), all but the
 * status of the first thread hang; with the status taken from whichever thread exits last,
 * "threads_status_of_the_first".
 */
#include <asm/signal.h>
#include <asm/unistd_64.h>

#include "arch/clock.h"
#include "init/guest_test.h"
#include "proc/signal.h"
#include "proc/tests/tiny_program.h"
#include "sched/wait.h"

/* Waits for the flag, then exit(9); at +16: exit_group(5); at +32: counts for a while, then
 * exit(3); at +64: for ever. */
static const u8 code[] = {0x83, 0x3c, 0x25, 0x00, 0x20, 0x00, 0x50, 0x00, 0x74, 0xf6, 0xeb, 0x44,
	0x90, 0x90, 0x90, 0x90, TINY_ARGUMENT(5), TINY_SYSCALL(__NR_exit_group), 0x90, 0x90, 0x90,
	0x90, 0xb9, 0x00, 0x00, 0x40, 0x00, 0xe2, 0xfe, TINY_EXIT(3), 0x90, 0x90, 0x90, 0x90, 0x90,
	0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90, TINY_LOOP, 0x90, 0x90, 0x90, 0x90, 0x90,
	0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90, TINY_EXIT(9)};
#define EXIT_GROUP (TINY_CODE + 16)
#define COUNT_AND_EXIT (TINY_CODE + 32)
#define LOOP (TINY_CODE + 64)

_Static_assert(sizeof(code) == 80 + 12, "the parts begin where they should");

/* Not needed for the result, but makes more of the threads be on their way. */
static void let_run(void)
{
	(void)!sleep_until(clock_now_ns() + 10 * NS_PER_MS);
}

static struct process *start(u32 threads)
{
	struct process *p = tiny_spawn(code, sizeof(code), NULL);

	EXPECT(p);
	for (u32 i = 0; p && i < threads; i++)
		tiny_add_thread(p, LOOP);
	return p;
}

static void expect_gone(struct process *p)
{
	process_wait_dead(p);
	EXPECT(p->thread_count == 0 && list_empty(&p->threads) && p->mm == NULL);
	process_put(p);
}

GUEST_TEST(threads_are_killed_together)
{
	for (int i = 0; i < 10; i++) {
		struct process *p = start(4);
		if (!p)
			return;
		if (i % 2)
			let_run();
		process_kill(p, SIGKILL, "a test", 0, 0);
		process_wait_dead(p);
		EXPECT(p->exit_signal_number == SIGKILL);
		expect_gone(p);
	}
}

GUEST_TEST(threads_end_with_exit_group)
{
	for (int i = 0; i < 10; i++) {
		struct process *p = start(3);
		if (!p)
			return;
		tiny_add_thread(p, EXIT_GROUP);
		process_wait_dead(p);
		EXPECT(p->exit_signal_number == 0 && p->exit_status == 5);
		expect_gone(p);
	}
}

GUEST_TEST(threads_status_of_the_first)
{
	struct process *p = start(0);
	u32 one = 1;

	if (!p)
		return;
	tiny_add_thread(p, COUNT_AND_EXIT);
	tiny_add_thread(p, COUNT_AND_EXIT);
	struct mm *mm = process_get_mm(p);
	EXPECT(mm && mm_write(mm, TINY_ZERO, &one, sizeof(one)) == 0);
	if (mm)
		mm_put_user(mm);
	process_wait_dead(p);
	EXPECT(p->exit_signal_number == 0 && p->exit_status == 9);
	expect_gone(p);
}

/* One faults: all go, and the reason is the fault's. */
GUEST_TEST(threads_share_a_fault)
{
	struct process *p = start(3);

	if (!p)
		return;
	tiny_add_thread(p, 0x1234);
	process_wait_dead(p);
	EXPECT(p->exit_signal_number == SIGSEGV && p->fault_ip == 0x1234);
	expect_gone(p);
}

/* A thread that rests may have been preempted before it sleeps (schedule fuzzing), so it may run once more; one that does not rest runs in
 * every round. */
static u64 stand_still(struct process *p)
{
	u64 before, now = process_runtime(p);

	for (u32 round = 0; round < 20; round++) {
		before = now;
		let_run();
		now = process_runtime(p);
		if (now == before)
			break;
	}
	return before;
}

GUEST_TEST(threads_stop_together)
{
	struct process *p = start(3);

	if (!p)
		return;
	tiny_until_run(p, 0, 10 * NS_PER_MS);
	EXPECT(signal_send(p, 0, SIGSTOP) == 0);
	tiny_until_stopped(p);
	u64 before = stand_still(p);
	EXPECT(process_runtime(p) == before);
	EXPECT(signal_send(p, 0, SIGCONT) == 0);
	tiny_until_run(p, before, NS_PER_MS);
	process_kill(p, SIGKILL, "a test", 0, 0);
	expect_gone(p);
}

/*
 * Processes begin, end by themselves, are ended, and leave nothing behind.
 *
 * Seen to fail: with mm_put_user() left out of process_free_remains(), "gives_everything_back";
 * with the thread_set_work() left out of process_stop_threads_locked(), "killed_in_ring_3" hangs on
 * one CPU without a tick; with the thread_wake_interruptible() left out, "killed_asleep" hangs;
 * with waitq_wake_all(&p->stop_waiters) left out of process_kill(), "stopped_and_continued" hangs; while the limit's timer was
 * set before the thread was among those of the signals, "begins_at_its_cpu_limit" hung on the kcsan kernel of a busy host.
 */
#include <asm/resource.h>
#include <asm/signal.h>
#include <asm/unistd_64.h>

#include "arch/clock.h"
#include "init/guest_test.h"
#include "proc/pid.h"
#include "proc/signal.h"
#include "proc/tests/tiny_program.h"
#include "sched/wait.h"

/* So that what is tested is not its start. */
static void let_run(struct process *p)
{
	tiny_until_run(p, 0, NS_PER_MS);
}

/* It sleeps or is stopped, and stays so: nothing of it runs in some time. */
static void expect_still(struct process *p)
{
	u64 before = process_runtime(p);

	(void)!sleep_until(clock_now_ns() + 20 * NS_PER_MS);
	EXPECT(process_runtime(p) == before);
}

GUEST_TEST(process_exit_status)
{
	struct process *p = TINY_SPAWN(TINY_EXIT(7));

	EXPECT(p);
	if (!p)
		return;
	process_wait_dead(p);
	EXPECT(p->exit_status == 7 && p->exit_signal_number == 0);
	EXPECT(p->mm == NULL && p->files == NULL && p->thread_count == 0);
	EXPECT(process_find(p->pid) == NULL);
	process_put(p);
}

/*
 * mov 0x50001f00, %eax; cmp $"data", %eax; jne wrong; cmp $0, 0x50001f04; jne wrong; cmp $0,
 * 0x50002000; jne wrong; exit(3); wrong: exit(4). A kill that comes after the end changes nothing.
 */
GUEST_TEST(process_data_and_bss)
{
	struct process *p = TINY_SPAWN(0x8b, 0x04, 0x25, 0x00, 0x1f, 0x00, 0x50, 0x3d, 'd', 'a',
		't', 'a', 0x75, 0x20, 0x83, 0x3c, 0x25, 0x04, 0x1f, 0x00, 0x50, 0x00, 0x75, 0x16,
		0x83, 0x3c, 0x25, 0x00, 0x20, 0x00, 0x50, 0x00, 0x75, 0x0c, TINY_EXIT(3),
		TINY_EXIT(4));

	EXPECT(p);
	if (!p)
		return;
	process_wait_dead(p);
	process_kill(p, SIGKILL, "a test", 0, 0);
	EXPECT(p->exit_status == 3 && p->exit_signal_number == 0);
	process_put(p);
}

static void end_by_kill(struct process *p)
{
	process_kill(p, SIGTERM, "a test", 1, 2);
	process_kill(p, SIGKILL, "another", 3, 4);
	process_wait_dead(p);
	EXPECT(p->exit_signal_number == SIGTERM);
	EXPECT(p->fault_address == 1 && p->fault_ip == 2);
	process_put(p);
}

GUEST_TEST(process_killed_in_ring_3)
{
	for (int i = 0; i < 20; i++) {
		struct process *p = TINY_SPAWN(TINY_LOOP);
		EXPECT(p);
		if (!p)
			return;
		let_run(p);
		end_by_kill(p);
	}
}

GUEST_TEST(process_killed_at_once)
{
	for (int i = 0; i < 100; i++) {
		struct process *p = TINY_SPAWN(TINY_LOOP);
		EXPECT(p);
		if (p)
			end_by_kill(p);
	}
}

GUEST_TEST(process_killed_asleep)
{
	struct process *p = TINY_SPAWN(TINY_SYSCALL(__NR_pause), TINY_LOOP);

	EXPECT(p);
	if (!p)
		return;
	tiny_until_asleep(p);
	expect_still(p);
	end_by_kill(p);
}

GUEST_TEST(process_fault_is_reported)
{
	/* mov %eax, 0x1234 */
	struct process *p = TINY_SPAWN(0x89, 0x04, 0x25, 0x34, 0x12, 0, 0);

	EXPECT(p);
	if (!p)
		return;
	process_wait_dead(p);
	EXPECT(p->exit_signal_number == SIGSEGV);
	EXPECT(p->fault_address == 0x1234 && p->fault_ip == 0x50000200);
	EXPECT(p->kill_reason);
	process_put(p);
}

/* The last thread's stack is freed by the next thread on its CPU: not at once. */
static bool frames_come_back(u64 want)
{
	for (int i = 0; i < 2000 && frame_free_count() < want; i++)
		(void)!sleep_until(clock_now_ns() + 10 * NS_PER_MS);
	return frame_free_count() >= want;
}

/* Frames that one life costs for good, after a few lives have filled the caches of stacks and small
 * objects. */
GUEST_TEST(process_gives_everything_back)
{
	u64 free = 0;

	for (int i = 0; i < 200; i++) {
		struct process *p = i % 2 ? TINY_SPAWN(TINY_EXIT(0)) : TINY_SPAWN(TINY_LOOP);
		EXPECT(p);
		if (!p)
			return;
		if (i % 2 == 0)
			process_kill(p, SIGKILL, "a test", 0, 0);
		process_wait_dead(p);
		process_put(p);
		if (i == 99)
			free = frame_free_count();
	}
	/* A hundred processes of some ten frames each: less than one frame in ten lives may be in a
	 * cache. */
	EXPECT(frames_come_back(free - 10));
	EXPECT(process_count() == 0);
}

/* A process that counts in %rbx is stopped, does not run, goes on, and ends while stopped again. */
GUEST_TEST(process_stopped_and_continued)
{
	struct process *p = TINY_SPAWN(TINY_LOOP);

	EXPECT(p);
	if (!p)
		return;
	let_run(p);
	EXPECT(signal_send(p, 0, SIGSTOP) == 0);
	tiny_until_stopped(p);
	u64 stopped = process_runtime(p);
	expect_still(p);
	EXPECT(signal_send(p, 0, SIGCONT) == 0);
	tiny_until_run(p, stopped, NS_PER_MS);
	EXPECT(signal_send(p, 0, SIGSTOP) == 0);
	tiny_until_stopped(p);
	EXPECT(signal_send(p, 0, SIGKILL) == 0);
	process_wait_dead(p);
	EXPECT(p->exit_signal_number == SIGKILL);
	process_put(p);
}

/* nanosleep goes on after a stop, and for the time that was left: fork and handlers aside, nobody
 * notices. */
GUEST_TEST(process_ignored_signals_end_no_sleep)
{
	struct process *p = TINY_SPAWN(TINY_SYSCALL(__NR_pause), TINY_EXIT(1));

	EXPECT(p);
	if (!p)
		return;
	tiny_until_asleep(p);
	EXPECT(signal_send(p, 0, SIGCHLD) == 0);
	EXPECT(signal_send(p, 0, SIGWINCH) == 0);
	EXPECT(signal_send(p, 0, SIGSTOP) == 0);
	tiny_until_stopped(p);
	EXPECT(signal_send(p, 0, SIGCONT) == 0);
	tiny_until_asleep(p);
	expect_still(p);
	EXPECT(!READ_ONCE(p->dead));
	EXPECT(signal_send(p, p->pid + 1, SIGTERM) < 0);
	EXPECT(signal_send(p, p->pid, SIGTERM) == 0);
	process_wait_dead(p);
	EXPECT(p->exit_signal_number == SIGTERM);
	process_put(p);
}

#define CROWD 24

GUEST_TEST(process_crowd)
{
	struct process *crowd[CROWD];

	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < CROWD; i++)
			crowd[i] = i % 3 ? TINY_SPAWN(TINY_LOOP) : TINY_SPAWN(TINY_EXIT(9));
		for (int i = 0; i < CROWD; i++) {
			EXPECT(crowd[i]);
			if (!crowd[i])
				continue;
			if (i % 3)
				process_kill(crowd[i], SIGKILL, "a test", 0, 0);
			process_wait_dead(crowd[i]);
			EXPECT(crowd[i]->exit_status == (i % 3 ? 0 : 9));
			process_put(crowd[i]);
		}
	}
	EXPECT(process_count() == 0);
}

static void use_up_a_second(struct process *p)
{
	p->limits[RLIMIT_CPU] = (struct rlimit64){1, 2};
	p->dead_runtime = NS_PER_SEC;
}

/* It looks at the limit however long it takes to become visible; see cpulimit.c. */
GUEST_TEST(process_begins_at_its_cpu_limit)
{
	for (int i = 0; i < 100; i++) {
		struct process *p = TINY_SPAWN_WITH(use_up_a_second, TINY_LOOP);
		EXPECT(p);
		if (!p)
			return;
		process_wait_dead(p);
		EXPECT(p->exit_signal_number == SIGXCPU);
		process_put(p);
	}
}

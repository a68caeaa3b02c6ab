/*
 * Signals: who is told, what is dropped, in which order they act.
 *
 * Seen to fail: with the test for a blocked signal left out of signal_is_ignored_locked(), "ignored
 * signals vanish unless blocked"; with signal_send_job_control_locked() emptied, "stop and continue
 * undo each other"; with the process's signals taken before the thread's own, "order".
 */
// sources: kernel/proc/signal.c kernel/proc/signal_name.c kernel/proc/signal_actions.c kernel/proc/signal_count.c kernel/proc/signal_delivery.c kernel/proc/signal_family.c kernel/proc/signal_mask.c kernel/proc/signal_queue.c kernel/proc/signal_stop.c
#include "unit.h"

#include <string.h>

#include "arch/cpu.h"
#include "arch/signal_frame.h"
#include "fail_alloc.h"
#include "fake_ptrace.h"
#include "lib/errno.h"
#include "proc/process.h"
#include "proc/restart.h"
#include "proc/signal_count.h"
#include "proc/signal_private.h"

static struct process process;
static struct thread threads[3];
static u32 killed_by, told;
static bool left;

void thread_set_work(struct thread *t, u32 work)
{
	atomic32_fetch_or(&t->arch.work, work);
	told |= BIT(t - threads);
}

bool thread_wake_interruptible(struct thread *t)
{
	return true;
}

void process_kill(struct process *p, u32 signal, const char *reason, uaddr_t address, uaddr_t ip)
{
	if (killed_by == 0)
		killed_by = signal;
	atomic32_store(&p->killed, 1);
}

/* Never returns in the kernel; here the test goes on. */
void process_exit_thread(u32 status)
{
	left = true;
	mock_assert(0, "the thread leaves", "exit", 0);
	__builtin_unreachable();
}

void waitq_init(struct waitq *q)
{
}

void waitq_wake_all(struct waitq *q)
{
}

/* -- timers -- */

void timers_init(struct process *p)
{
}

void timers_delete_posix(struct process *p)
{
}

void itimer_signal_taken_locked(struct process *p)
{
}

/* -- the family -- */

static u32 stops_reported, continues_reported;
static bool orphaned;

void family_report_stopped(struct process *p, u32 signal)
{
	stops_reported++;
}

void family_report_continued(struct process *p)
{
	continues_reported++;
}

bool group_is_orphaned(u32 group)
{
	return orphaned;
}

void process_usage(struct process *p, struct usage *out)
{
	*out = (struct usage){0};
}

/* The machine's part: counts the frames and remembers the last. */
static u32 frames;
static int enter_result;
static struct signal_setup last_setup;
static struct signal_info last_info;
static u64 entered_with_rax, entered_with_rip;

int arch_signal_enter(struct trap_frame *f, const struct signal_setup *s)
{
	if (enter_result)
		return enter_result;
	frames++;
	last_setup = *s;
	last_info = *s->info;
	entered_with_rax = f->rax;
	entered_with_rip = f->rip;
	f->rip = (u64)s->action->sa_handler;
	return 0;
}

int arch_signal_return(struct trap_frame *f, struct signal_restored *out)
{
	return -EFAULT;
}

bool signal_stack_contains(const stack_t *stack, u64 sp)
{
	return sp > (u64)stack->ss_sp && sp - (u64)stack->ss_sp <= stack->ss_size;
}

void wait_prepare(struct waitq *q, struct waiter *w, enum thread_state state)
{
}

/* Somebody sends SIGCONT while the process rests. */
int wait_sleep(u64 deadline_ns)
{
	assert_int_equal(signal_send(&process, 0, SIGCONT), 0);
	return 0;
}

void wait_finish(struct waitq *q, struct waiter *w)
{
}

static int tear_down(void **state)
{
	for (u32 i = 0; i < ARRAY_SIZE(threads); i++)
		if (!list_empty(&threads[i].signals.link))
			signal_thread_leave(&threads[i]);
	signal_process_destroy(&process);
	return 0;
}

static int set_up(void **state)
{
	static bool started;

	if (started)
		tear_down(NULL);
	else
		signal_queue_init_cache();
	started = true;
	fake_cpu[0].current = &threads[0];
	process = (struct process){.pid = 10};
	spin_init(&process.lock, "process", RANK_PROCESS);
	signal_process_init(&process);
	process.signals.actions = signal_actions_create();
	stops_reported = continues_reported = 0;
	orphaned = false;
	assert_non_null(process.signals.actions);
	for (u32 i = 0; i < ARRAY_SIZE(threads); i++) {
		threads[i] = (struct thread){.tid = 10 + i, .process = &process};
		signal_thread_join(&process, &threads[i]);
	}
	frames = 0;
	process.limits[RLIMIT_SIGPENDING].rlim_cur = 100;
	enter_result = 0;
	fake_cpu[0].current = &threads[0];
	killed_by = told = 0;
	left = false;
	return 0;
}

static struct trap_frame frame;

static void act(void)
{
	frame = (struct trap_frame){.rip = 0x1000, .error = 7, .rax = 99};
	signal_exit_work(&frame);
}

/* Puts a signal into a queue behind the sender's back. */
static void pend(struct signal_queue *q, u32 signal)
{
	struct signal_info info = {.si_signo = signal};
	assert_int_equal(signal_queue_add(q, &info, 0, 100), 0);
}

static void set_action(u32 signal, __sighandler_t handler)
{
	struct sigaction a = {.sa_handler = handler};
	assert_int_equal(signal_action(signal, &a, NULL), 0);
}

static void the_oldest_that_does_not_block(void **state)
{
	threads[0].signals.blocked = SIGNAL_BIT(SIGTERM);
	assert_int_equal(signal_send(&process, 0, SIGTERM), 0);
	assert_int_equal(told, BIT(1));
	assert_false(signal_pending(&threads[0]));
	assert_true(signal_pending(&threads[1]));
	/* Now one that everybody blocks: nobody is told until one unblocks it. */
	set_up(NULL);
	for (int i = 0; i < 3; i++)
		threads[i].signals.blocked = SIGNAL_BIT(SIGTERM);
	assert_int_equal(signal_send(&process, 0, SIGTERM), 0);
	assert_int_equal(told, 0);
	assert_int_equal(signal_pending_set(), SIGNAL_BIT(SIGTERM));
	assert_int_equal(signal_set_blocked(0), SIGNAL_BIT(SIGTERM));
	assert_int_equal(told, BIT(0));
}

static void blocking_hands_it_on(void **state)
{
	assert_int_equal(signal_send(&process, 0, SIGTERM), 0);
	/* The running thread finds the bit when it goes back to ring 3. */
	assert_true(atomic32_load(&threads[0].arch.work) & WORK_SIGNAL);
	assert_int_equal(told, 0);
	signal_set_blocked(SIGNAL_BIT(SIGTERM));
	assert_int_equal(told, BIT(1));
}

static void to_one_thread(void **state)
{
	assert_int_equal(signal_send(&process, 12, SIGTERM), 0);
	assert_int_equal(told, BIT(2));
	assert_true(signal_pending(&threads[2]));
	assert_false(signal_pending(&threads[0]));
	assert_int_equal(signal_send(&process, 13, SIGTERM), -ESRCH);
	assert_int_equal(signal_send(&process, 13, 0), -ESRCH);
	assert_int_equal(signal_send(&process, 12, 0), 0);
}

static void ignored_signals_vanish_unless_blocked(void **state)
{
	assert_int_equal(signal_send(&process, 0, SIGCHLD), 0);
	assert_int_equal(process.signals.queue.pending, 0);
	set_action(SIGTERM, SIG_IGN);
	assert_int_equal(signal_send(&process, 0, SIGTERM), 0);
	assert_int_equal(process.signals.queue.pending, 0);
	for (int i = 0; i < 3; i++)
		threads[i].signals.blocked = SIGNAL_BIT(SIGTERM);
	assert_int_equal(signal_send(&process, 0, SIGTERM), 0);
	assert_int_equal(process.signals.queue.pending, SIGNAL_BIT(SIGTERM));
	signal_set_blocked(0);
	act();
	assert_int_equal(killed_by, 0);
	assert_int_equal(process.signals.queue.pending, 0);
}

static void ignoring_forgets_what_is_pending(void **state)
{
	pend(&threads[1].signals.queue, SIGTERM);
	pend(&threads[1].signals.queue, SIGUSR1);
	pend(&process.signals.queue, SIGTERM);
	pend(&process.signals.queue, SIGCHLD);
	set_action(SIGTERM, SIG_IGN);
	set_action(SIGCHLD, SIG_DFL);
	assert_int_equal(process.signals.queue.pending, 0);
	assert_int_equal(threads[1].signals.queue.pending, SIGNAL_BIT(SIGUSR1));
}

static void actions_that_can_not_be_set(void **state)
{
	struct sigaction a = {.sa_handler = SIG_IGN, .sa_mask = ~0UL}, old;

	assert_int_equal(signal_action(SIGKILL, &a, NULL), -EINVAL);
	assert_int_equal(signal_action(SIGSTOP, &a, NULL), -EINVAL);
	assert_int_equal(signal_action(0, NULL, &old), -EINVAL);
	assert_int_equal(signal_action(65, NULL, &old), -EINVAL);
	assert_int_equal(signal_action(SIGKILL, NULL, &old), 0);
	assert_int_equal(signal_action(64, &a, &old), 0);
	assert_int_equal(signal_action(64, NULL, &old), 0);
	assert_int_equal(old.sa_mask, ~(SIGNAL_BIT(SIGKILL) | SIGNAL_BIT(SIGSTOP)));
	signal_set_blocked(~0UL);
	assert_int_equal(threads[0].signals.blocked, ~(SIGNAL_BIT(SIGKILL) | SIGNAL_BIT(SIGSTOP)));
}

static void order(void **state)
{
	pend(&process.signals.queue, SIGHUP);
	pend(&threads[0].signals.queue, SIGUSR2);
	pend(&threads[0].signals.queue, SIGTERM);
	expect_assert_failure(act());
	assert_int_equal(killed_by, SIGUSR2);
	assert_int_equal(process.signals.queue.pending, SIGNAL_BIT(SIGHUP));
}

static void kill_needs_no_delivery(void **state)
{
	threads[0].signals.blocked = ~0UL;
	assert_int_equal(signal_send(&process, 11, SIGKILL), 0);
	assert_int_equal(killed_by, SIGKILL);
	expect_assert_failure(act());
	assert_true(left);
}

static void stop_and_continue_undo_each_other(void **state)
{
	assert_int_equal(signal_send(&process, 0, SIGTSTP), 0);
	assert_int_equal(process.signals.queue.pending, SIGNAL_BIT(SIGTSTP));
	assert_int_equal(signal_send(&process, 0, SIGCONT), 0);
	assert_int_equal(process.signals.queue.pending, 0);
	for (int i = 0; i < 3; i++)
		threads[i].signals.blocked = SIGNAL_BIT(SIGCONT);
	assert_int_equal(signal_send(&process, 0, SIGCONT), 0);
	assert_int_equal(process.signals.queue.pending, SIGNAL_BIT(SIGCONT));
	assert_int_equal(signal_send(&process, 10, SIGSTOP), 0);
	assert_int_equal(process.signals.queue.pending, 0);
	assert_int_equal(threads[0].signals.queue.pending, SIGNAL_BIT(SIGSTOP));
}

static void a_stopped_process_rests(void **state)
{
	assert_int_equal(signal_send(&process, 0, SIGSTOP), 0);
	told = 0;
	/* Comes back because wait_sleep() above sends SIGCONT. */
	act();
	assert_int_equal(told, BIT(0) | BIT(1) | BIT(2));
	assert_int_equal(atomic32_load(&process.stopped), 0);
	assert_int_equal(killed_by, 0);
	assert_int_equal(continues_reported, 1);
	/* Two others had not come to rest. */
	assert_int_equal(stops_reported, 0);
	signal_thread_leave(&threads[1]);
	signal_thread_leave(&threads[2]);
	assert_int_equal(signal_send(&process, 0, SIGSTOP), 0);
	act();
	assert_int_equal(stops_reported, 1);
	orphaned = true;
	told = 0;
	assert_int_equal(signal_send(&process, 0, SIGTSTP), 0);
	act();
	assert_int_equal(stops_reported, 1);
}

static void handler(int signal)
{
}

static void a_handler_gets_a_frame(void **state)
{
	struct sigaction a = {
		.sa_handler = handler, .sa_mask = SIGNAL_BIT(SIGUSR2), .sa_flags = SA_RESETHAND};
	struct sigaction now;

	threads[0].signals.blocked = SIGNAL_BIT(SIGHUP);
	assert_int_equal(signal_action(SIGUSR1, &a, NULL), 0);
	assert_int_equal(signal_send(&process, 0, SIGUSR1), 0);
	act();
	assert_int_equal(frames, 1);
	assert_int_equal(frame.rip, (u64)handler);
	assert_int_equal(last_info.si_signo, SIGUSR1);
	assert_int_equal(last_info.si_code, SI_KERNEL);
	assert_int_equal(last_setup.blocked, SIGNAL_BIT(SIGHUP));
	assert_int_equal(threads[0].signals.blocked,
		SIGNAL_BIT(SIGHUP) | SIGNAL_BIT(SIGUSR1) | SIGNAL_BIT(SIGUSR2));
	assert_int_equal(signal_action(SIGUSR1, NULL, &now), 0);
	assert_ptr_equal(now.sa_handler, SIG_DFL);
}

/* What becomes of a call: with a handler, with SA_RESTART, without. */
static void interrupted_calls(void **state)
{
	static const struct {
		s32 how;
		s64 plain, restart, none; /* RAX; 7 is the call's number */
	} rows[] = {
		{EINTR, -EINTR, 7, 7},
		{ERESTART_NO_HANDLER, -EINTR, -EINTR, 7},
		{ERESTART_ALWAYS, 7, 7, 7},
		{ERESTART_BLOCK, -EINTR, -EINTR, 219},
		{EINTR_FINAL, -EINTR, -EINTR, -EINTR},
		{0, 99, 99, 99},
	};

	for (u32 i = 0; i < ARRAY_SIZE(rows); i++)
		for (u32 kind = 0; kind < 3; kind++) {
			struct sigaction a = {.sa_handler = kind == 2 ? SIG_IGN : handler,
				.sa_flags = (kind == 1 ? SA_RESTART : 0) | SA_NODEFER};
			s64 expected = kind == 0   ? rows[i].plain
				       : kind == 1 ? rows[i].restart
						   : rows[i].none;
			set_up(NULL);
			assert_int_equal(signal_action(SIGUSR1, &a, NULL), 0);
			assert_int_equal(signal_send(&process, 0, SIGUSR1), 0);
			assert_int_equal(signal_send(&process, 0, SIGUSR1), 0);
			threads[0].signals.interrupted = rows[i].how;
			act();
			if (kind == 2) {
				assert_int_equal(frame.rax, expected);
				assert_int_equal(
					frame.rip, expected >= 0 && rows[i].how ? 0xffe : 0x1000);
			} else {
				assert_int_equal(entered_with_rax, expected);
				assert_int_equal(entered_with_rip,
					expected >= 0 && rows[i].how ? 0xffe : 0x1000);
			}
			assert_int_equal(threads[0].signals.interrupted, 0);
		}
}

static void a_mask_for_one_call(void **state)
{
	threads[0].signals.blocked = SIGNAL_BIT(SIGUSR1);
	set_action(SIGUSR1, handler);
	/* Nothing comes: the old mask is back. */
	signal_set_blocked_for_call(0);
	act();
	assert_int_equal(threads[0].signals.blocked, SIGNAL_BIT(SIGUSR1));
	/* A handler: its frame has the old mask. */
	assert_int_equal(signal_send(&process, 10, SIGUSR1), 0);
	signal_set_blocked_for_call(SIGNAL_BIT(SIGHUP));
	act();
	assert_int_equal(frames, 1);
	assert_int_equal(last_setup.blocked, SIGNAL_BIT(SIGUSR1));
	assert_int_equal(threads[0].signals.blocked, SIGNAL_BIT(SIGUSR1) | SIGNAL_BIT(SIGHUP));
	assert_false(threads[0].signals.has_saved);
}

static void a_bad_stack_ends_it(void **state)
{
	set_action(SIGUSR1, handler);
	set_action(SIGSEGV, handler);
	enter_result = -EFAULT;
	assert_int_equal(signal_send(&process, 0, SIGUSR1), 0);
	expect_assert_failure(act());
	assert_int_equal(killed_by, SIGSEGV);
}

static void queued_signals_keep_their_order(void **state)
{
	struct signal_info info = {.si_signo = 40, .si_code = SI_QUEUE};

	for (int i = 0; i < 5; i++) {
		info.si_int = i;
		assert_int_equal(signal_send_info(&process, 0, &info), 0);
	}
	info.si_signo = SIGTERM;
	assert_int_equal(signal_send_info(&process, 0, &info), 0);
	info.si_int = 100;
	assert_int_equal(signal_send_info(&process, 0, &info), 0);
	assert_int_equal(signal_count(0), 6);
	for (int i = 0; i < 5; i++) {
		signal_queue_take(&process.signals.queue, 40, &info);
		assert_int_equal(info.si_int, i);
	}
	assert_int_equal(process.signals.queue.pending, SIGNAL_BIT(SIGTERM));
	signal_queue_take(&process.signals.queue, SIGTERM, &info);
	assert_int_equal(info.si_int, 4);
	assert_int_equal(signal_count(0), 0);
}

static void what_is_refused_when_the_queue_is_full(void **state)
{
	struct signal_queue *q = &process.signals.queue;
	struct signal_info info = {.si_signo = 40, .si_code = SI_QUEUE};

	assert_int_equal(signal_queue_add(q, &info, 5, 1), 0);
	assert_int_equal(signal_queue_add(q, &info, 5, 1), -EAGAIN);
	/* kill() gets through, though nothing is known about it; so does the kernel. */
	info.si_code = SI_USER;
	assert_int_equal(signal_queue_add(q, &info, 5, 1), 0);
	info.si_signo = 41;
	assert_int_equal(signal_queue_add(q, &info, 5, 1), 0);
	info = (struct signal_info){.si_signo = SIGCHLD, .si_code = 1};
	assert_int_equal(signal_queue_add(q, &info, 5, 1), 0);
	/* The last has memory of its own and does not count. */
	assert_int_equal(signal_count(5), 1);
	signal_queue_take(q, 41, &info);
	assert_int_equal(info.si_signo, 41);
	assert_int_equal(info.si_code, SI_USER);
	/* Without memory likewise. */
	fail_alloc_at(1);
	info = (struct signal_info){.si_signo = SIGSEGV, .si_code = 1};
	assert_int_equal(signal_queue_add(q, &info, 6, 1), 0);
	fail_alloc_at(1);
	info = (struct signal_info){.si_signo = 50, .si_code = SI_QUEUE};
	assert_int_equal(signal_queue_add(q, &info, 6, 1), -EAGAIN);
	fail_alloc_at(0);
	assert_int_equal(signal_count(6), 0);
	signal_queue_forget(q, ~0UL);
	assert_int_equal(signal_count(5), 0);
}

static void names(void **state)
{
	assert_string_equal(signal_name(SIGSEGV), "SIGSEGV");
	assert_string_equal(signal_name(SIGSYS), "SIGSYS");
	assert_string_equal(signal_name(40), "real-time signal");
	assert_string_equal(signal_name(0), "real-time signal");
}

int main(void)
{
#define TEST(t) cmocka_unit_test_setup(t, set_up)
	const struct CMUnitTest tests[] = {
		TEST(the_oldest_that_does_not_block),
		TEST(blocking_hands_it_on),
		TEST(to_one_thread),
		TEST(ignored_signals_vanish_unless_blocked),
		TEST(ignoring_forgets_what_is_pending),
		TEST(actions_that_can_not_be_set),
		TEST(order),
		TEST(kill_needs_no_delivery),
		TEST(stop_and_continue_undo_each_other),
		TEST(a_stopped_process_rests),
		TEST(a_handler_gets_a_frame),
		TEST(interrupted_calls),
		TEST(a_mask_for_one_call),
		TEST(a_bad_stack_ends_it),
		TEST(queued_signals_keep_their_order),
		TEST(what_is_refused_when_the_queue_is_full),
		TEST(names),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

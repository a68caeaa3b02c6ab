/* Calls about signals and timers. What is known of a signal may be lost when memory runs out; the signal itself never is. */
#include "failing.h"

#include <signal.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static const char bare[] = "the signal arrives without its details";
static uint64_t usr1 = 1UL << (SIGUSR1 - 1), real_time = 1UL << (40 - 1);
static const long now[2];
static siginfo_t info;

static void block(void)
{
	must(SYS_rt_sigprocmask, SIG_BLOCK, &usr1, NULL, 8);
	must(SYS_rt_sigprocmask, SIG_BLOCK, &real_time, NULL, 8);
	memset(&info, 0, sizeof(info));
	info.si_code = SI_QUEUE;
}

static void take(long result)
{
	(void)result;
	must(SYS_rt_sigtimedwait, &usr1, NULL, now, 8);
}

static void take_real_time(long result)
{
	(void)result;
	must(SYS_rt_sigtimedwait, &real_time, NULL, now, 8);
}

WAY(kill, plain, .prepare = block, .undo = take, .tolerates = bare)
{
	return kernel(SYS_kill, getpid(), SIGUSR1);
}
WAY(tkill, plain, .prepare = block, .undo = take, .tolerates = bare)
{
	return kernel(SYS_tkill, gettid(), SIGUSR1);
}
WAY(tgkill, plain, .prepare = block, .undo = take, .tolerates = bare)
{
	return kernel(SYS_tgkill, getpid(), gettid(), SIGUSR1);
}
WAY(kill, real_time, .prepare = block, .undo = take_real_time, .tolerates = bare)
{
	return kernel(SYS_kill, getpid(), 40);
}
WAY(rt_sigqueueinfo, plain, .prepare = block, .undo = take, .tolerates = bare)
{
	return kernel(SYS_rt_sigqueueinfo, getpid(), SIGUSR1, &info);
}
/* The values of these are what they are sent for. */
WAY(rt_sigqueueinfo, real_time, .prepare = block, .undo = take_real_time, .errors = {EAGAIN})
{
	return kernel(SYS_rt_sigqueueinfo, getpid(), 40, &info);
}
WAY(rt_tgsigqueueinfo, real_time, .prepare = block, .undo = take_real_time, .errors = {EAGAIN})
{
	return kernel(SYS_rt_tgsigqueueinfo, getpid(), gettid(), 40, &info);
}

static long process_fd;

static void open_self(void)
{
	block();
	process_fd = must(SYS_pidfd_open, getpid(), 0);
}

WAY(pidfd_send_signal, plain, .prepare = open_self, .undo = take, .tolerates = bare)
{
	return kernel(SYS_pidfd_send_signal, process_fd, SIGUSR1, NULL, 0);
}

/* -- waiting for them -- */

static void block_and_send(void)
{
	block();
	must(SYS_tkill, gettid(), SIGUSR1);
}

static void send_again(long result)
{
	(void)result;
	must(SYS_tkill, gettid(), SIGUSR1);
}

WAY(rt_sigtimedwait, plain, .prepare = block_and_send, .undo = send_again,
	.takes_effect = "the signal has been taken")
{
	return kernel(SYS_rt_sigtimedwait, &usr1, buffer, now, 8);
}
WAY(rt_sigpending, plain)
{
	return kernel(SYS_rt_sigpending, buffer, 8);
}
WAY(rt_sigprocmask, plain)
{
	return kernel(SYS_rt_sigprocmask, SIG_BLOCK, NULL, buffer, 8);
}

static volatile int handled;

static void handle(int number)
{
	handled = number;
}

static void set_handler(void)
{
	struct sigaction a = {.sa_handler = handle};

	block();
	sigaction(SIGUSR1, &a, NULL);
	must(SYS_tkill, gettid(), SIGUSR1);
}

static uint64_t none;

static long interrupted(long result)
{
	return result == -EFAULT ? result : result == -EINTR && handled ? 0 : -EIO;
}

WAY(rt_sigsuspend, plain, .prepare = set_handler, .undo = send_again, .ends_by_copy = 1)
{
	handled = 0;
	return interrupted(kernel(SYS_rt_sigsuspend, &none, 8));
}

/* A timer ends it. */
static void set_alarm_handler(void)
{
	struct sigaction a = {.sa_handler = handle};

	sigaction(SIGALRM, &a, NULL);
}

WAY(pause, plain, .prepare = set_alarm_handler, .ends_by_copy = 1, .tolerates_copy = insisted_upon)
{
	static const struct itimerval repeated = {
		.it_value = {.tv_usec = 1000}, .it_interval = {.tv_usec = 1000}};
	static const struct itimerval off;

	handled = 0;
	insist(SYS_setitimer, ITIMER_REAL, &repeated, NULL);
	long result = kernel(SYS_pause);
	insist(SYS_setitimer, ITIMER_REAL, &off, NULL);
	return interrupted(result);
}

/* The handler's frame, and the way back from it. */
WAY(rt_sigreturn, plain, .prepare = set_handler, .undo = send_again, .tolerates = bare,
	.tolerates_copy = insisted_upon, .ends_by_copy = 1)
{
	handled = 0;
	insist(SYS_rt_sigprocmask, SIG_UNBLOCK, &usr1, NULL, 8);
	insist(SYS_rt_sigprocmask, SIG_BLOCK, &usr1, NULL, 8);
	return handled ? 0 : -EIO;
}

/* A sleep that a signal interrupts is taken up by it. */
WAY(restart_syscall, plain)
{
	long result = kernel(SYS_restart_syscall);

	return result == -EINTR ? 0 : result;
}

static struct {
	void *handler;
	unsigned long flags;
	void *restorer;
	uint64_t mask;
} action;

WAY(rt_sigaction, plain)
{
	return kernel(SYS_rt_sigaction, SIGUSR2, &action, NULL, 8);
}
WAY(sigaltstack, plain)
{
	return kernel(SYS_sigaltstack, NULL, buffer);
}

/* -- timers -- */

static int timer;

static void delete (long result)
{
	(void)result;
	must(SYS_timer_delete, timer);
}

static void create(void)
{
	must(SYS_timer_create, CLOCK_MONOTONIC, NULL, &timer);
}

static void create_again(long result)
{
	(void)result;
	create();
}

static const struct itimerspec later = {.it_value = {.tv_sec = 1000}};
static const struct itimerval later_val = {.it_value = {.tv_sec = 1000}};

static void stop(long result)
{
	static const struct itimerval off;

	(void)result;
	must(SYS_setitimer, ITIMER_REAL, &off, NULL);
}

WAY(timer_create, plain, .undo = delete, .errors = {EAGAIN})
{
	return kernel(SYS_timer_create, CLOCK_MONOTONIC, NULL, &timer);
}
WAY(timer_settime, plain, .prepare = create)
{
	return kernel(SYS_timer_settime, timer, 0, &later, buffer);
}
WAY(timer_gettime, plain, .prepare = create)
{
	return kernel(SYS_timer_gettime, timer, buffer);
}
WAY(timer_getoverrun, plain, .prepare = create)
{
	return kernel(SYS_timer_getoverrun, timer);
}
WAY(timer_delete, plain, .prepare = create, .undo = create_again)
{
	return kernel(SYS_timer_delete, timer);
}
WAY(setitimer, plain, .undo = stop)
{
	return kernel(SYS_setitimer, ITIMER_REAL, &later_val, NULL);
}
WAY(getitimer, plain)
{
	return kernel(SYS_getitimer, ITIMER_REAL, buffer);
}
WAY(alarm, plain, .undo = stop)
{
	return kernel(SYS_alarm, 1000);
}

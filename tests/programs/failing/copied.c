/*
 * Calls that copy much, or both ways: what is made to fail here with -c are their copies. Where the result can't be stored although
 * the call has done its work, Linux leaves it done (.takes_effect); tests/abi/sys_effects.c compares that with bad addresses.
 */
#include "failing.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define IN (buffer + BUFFER_SIZE)
static const char file[] = FOLDER "/file", second[] = FOLDER "/second";
static const char set_before[] = "what is asked for is done before what was is told";
static long fd, to, ends[2];

/* -- places in files -- */

static long long *const places = (long long *)buffer;

static void make_two(void)
{
	fd = must(SYS_open, file, O_RDWR | O_CREAT, 0644);
	must(SYS_write, fd, IN, 100);
	to = must(SYS_open, second, O_RDWR | O_CREAT, 0644);
}

static void empty_second(long result)
{
	(void)result;
	must(SYS_ftruncate, to, 0);
	must(SYS_lseek, to, 0, SEEK_SET);
}

static const char moved[] = "the bytes are moved before the place is told";

WAY(sendfile, place, .prepare = make_two, .undo = empty_second, .tolerates = partly,
	.takes_effect = moved)
{
	places[0] = 10;
	return kernel(SYS_sendfile, to, fd, places, 50);
}
WAY(copy_file_range, places, .prepare = make_two, .undo = empty_second, .tolerates = partly,
	.takes_effect = moved)
{
	places[0] = 10;
	places[1] = 0;
	return kernel(SYS_copy_file_range, fd, places, to, places + 1, 50, 0);
}

static const struct timespec two_times[2] = {{.tv_sec = 1}, {.tv_sec = 2}};

WAY(utimensat, times, .prepare = make_two)
{
	return kernel(SYS_utimensat, AT_FDCWD, file, two_times, 0);
}
WAY(utimes, times, .prepare = make_two)
{
	return kernel(SYS_utimes, file, two_times);
}
WAY(utime, times, .prepare = make_two)
{
	return kernel(SYS_utime, file, two_times);
}
WAY(futimesat, times, .prepare = make_two)
{
	return kernel(SYS_futimesat, AT_FDCWD, file, two_times);
}

static void open_adjustment(void)
{
	fd = must(SYS_open, "/proc/self/oom_score_adj", O_RDWR);
}

WAY(write, proc, .prepare = open_adjustment)
{
	return kernel(SYS_write, fd, "0", 1);
}

/* -- waiting for descriptors -- */

static void make_pipe(void)
{
	static int pair[2];

	must(SYS_pipe, pair);
	ends[0] = pair[0];
	ends[1] = pair[1];
	must(SYS_write, ends[1], IN, 10);
}

static const char courtesy[] = "the rest of the time is told if it can be";

WAY(select, all, .prepare = make_pipe, .tolerates_copy = courtesy)
{
	struct timeval second_ = {.tv_sec = 1};
	fd_set *sets = (fd_set *)IN;

	memset(sets, 0, 3 * sizeof(*sets));
	FD_SET(ends[0], &sets[0]);
	FD_SET(ends[1], &sets[1]);
	return kernel(SYS_select, ends[1] + 1, &sets[0], &sets[1], &sets[2], &second_);
}
WAY(pselect6, all, .prepare = make_pipe, .tolerates_copy = courtesy)
{
	struct timespec second_ = {.tv_sec = 1};
	struct {
		const uint64_t *mask;
		size_t size;
	} six = {(uint64_t *)buffer, 8};
	fd_set *sets = (fd_set *)IN;

	memset(buffer, 0, 8);
	memset(sets, 0, 3 * sizeof(*sets));
	FD_SET(ends[0], &sets[0]);
	return kernel(SYS_pselect6, ends[1] + 1, &sets[0], NULL, &sets[2], &second_, &six);
}
WAY(ppoll, all, .prepare = make_pipe, .tolerates_copy = courtesy)
{
	struct timespec second_ = {.tv_sec = 1};
	struct pollfd p = {.fd = (int)ends[0], .events = POLLIN};

	memset(buffer, 0, 8);
	return kernel(SYS_ppoll, &p, 1, &second_, buffer, 8);
}

/* Two that are told of once. */
static long epoll, readies[2];

static void arm(long result)
{
	struct epoll_event e = {.events = EPOLLIN | EPOLLONESHOT};

	(void)result;
	for (int i = 0; i < 2; i++)
		must(SYS_epoll_ctl, epoll, EPOLL_CTL_MOD, readies[i], &e);
}

static void make_epoll(void)
{
	struct epoll_event e = {0};

	epoll = must(SYS_epoll_create1, 0);
	for (int i = 0; i < 2; i++) {
		readies[i] = must(SYS_eventfd2, 1, 0);
		must(SYS_epoll_ctl, epoll, EPOLL_CTL_ADD, readies[i], &e);
	}
	arm(0);
}

/* Those that could not be told of are told of by the next call. */
WAY(epoll_wait, once, .prepare = make_epoll, .undo = arm, .tolerates_copy = insisted_upon)
{
	long told = kernel(SYS_epoll_wait, epoll, buffer, 10, 0);

	if (told == 2)
		return 0;
	long rest = insist(SYS_epoll_wait, epoll, buffer, 10, 0);
	if (told == -EFAULT && rest == 2)
		arm(0);
	return told == -EFAULT && rest == 2 ? -EFAULT : told == 1 && rest == 1 ? 0 : -EIO;
}

/* -- descriptors that are read for what has happened -- */

static const char taken[] = "what is read has been taken";

static void count_up(long result)
{
	uint64_t one = 1;

	(void)result;
	/* Whether it was taken or not. */
	kernel(SYS_fcntl, fd, F_SETFL, O_NONBLOCK);
	kernel(SYS_read, fd, buffer, 8);
	must(SYS_write, fd, &one, 8);
}

static void make_counter(void)
{
	fd = must(SYS_eventfd2, 1, O_NONBLOCK);
}

WAY(read, counter, .prepare = make_counter, .undo = count_up)
{
	long result = kernel(SYS_read, fd, buffer, 8);

	if (result == -EFAULT)
		count_up(0);
	return result;
}
WAY(write, counter, .prepare = make_counter, .undo = count_up)
{
	static const uint64_t one = 1;

	return kernel(SYS_write, fd, &one, 8);
}

static uint64_t usr1 = 1UL << (SIGUSR1 - 1);

static void send(long result)
{
	(void)result;
	must(SYS_tkill, gettid(), SIGUSR1);
}

static void make_signal_reader(void)
{
	must(SYS_rt_sigprocmask, SIG_BLOCK, &usr1, NULL, 8);
	send(0);
	fd = must(SYS_signalfd4, -1, &usr1, 8, O_NONBLOCK);
}

WAY(read, signals, .prepare = make_signal_reader, .undo = send, .takes_effect = taken)
{
	return kernel(SYS_read, fd, buffer, 128);
}

static const struct itimerspec later = {.it_value = {.tv_sec = 1000}};

/* -- signals and timers: new and old -- */

static void restore_usr2(long result)
{
	struct {
		void *handler;
		unsigned long flags;
		void *restorer;
		uint64_t mask;
	} standard = {0};

	(void)result;
	must(SYS_rt_sigaction, SIGUSR2, &standard, NULL, 8);
}

WAY(rt_sigaction, both, .undo = restore_usr2, .takes_effect = set_before)
{
	struct {
		void *handler;
		unsigned long flags;
		void *restorer;
		uint64_t mask;
	} ignore = {.handler = SIG_IGN};

	return kernel(SYS_rt_sigaction, SIGUSR2, &ignore, buffer, 8);
}

static void unblock(long result)
{
	(void)result;
	must(SYS_rt_sigprocmask, SIG_UNBLOCK, &usr1, NULL, 8);
}

WAY(rt_sigprocmask, both, .undo = unblock, .takes_effect = set_before)
{
	return kernel(SYS_rt_sigprocmask, SIG_BLOCK, &usr1, buffer, 8);
}

static void no_stack(long result)
{
	stack_t none = {.ss_flags = SS_DISABLE};

	(void)result;
	must(SYS_sigaltstack, &none, NULL);
}

WAY(sigaltstack, both, .prepare = (void (*)(void))no_stack, .undo = no_stack,
	.takes_effect = set_before)
{
	stack_t stack = {.ss_sp = IN, .ss_size = 16384};

	return kernel(SYS_sigaltstack, &stack, buffer);
}

static void stop_timer(long result)
{
	static const struct itimerval off;

	(void)result;
	must(SYS_setitimer, ITIMER_REAL, &off, NULL);
}

WAY(setitimer, both, .undo = stop_timer, .takes_effect = set_before)
{
	static const struct itimerval far = {.it_value = {.tv_sec = 1000}};

	return kernel(SYS_setitimer, ITIMER_REAL, &far, buffer);
}

static int timer;

static void delete (long result)
{
	(void)result;
	must(SYS_timer_delete, timer);
}

WAY(timer_create, event, .undo = delete, .errors = {EAGAIN})
{
	struct sigevent e = {.sigev_notify = SIGEV_NONE};

	return kernel(SYS_timer_create, CLOCK_MONOTONIC, &e, &timer);
}
WAY(prlimit64, both, .takes_effect = set_before, .tolerates_copy = insisted_upon)
{
	struct rlimit limit;

	insist(SYS_prlimit64, 0, RLIMIT_CORE, NULL, &limit);
	return kernel(SYS_prlimit64, 0, RLIMIT_CORE, &limit, buffer);
}
WAY(pidfd_send_signal, details, .prepare = make_signal_reader, .tolerates = "without details",
	.tolerates_copy = insisted_upon)
{
	siginfo_t info = {.si_code = SI_QUEUE, .si_signo = SIGUSR1};
	static long self;

	if (!self)
		self = must(SYS_pidfd_open, getpid(), 0);
	return kernel(SYS_pidfd_send_signal, self, SIGUSR1, &info, 0);
}

static volatile int handled;

static void handle(int number)
{
	handled = number;
}

static void set_handler(void)
{
	struct sigaction a = {.sa_handler = handle};

	sigaction(SIGALRM, &a, NULL);
}

/* A sleep that a signal ends tells the rest. */
WAY(clock_nanosleep, rest, .prepare = set_handler, .undo = stop_timer, .ends_by_copy = 1,
	.tolerates_copy = insisted_upon)
{
	static const struct itimerval repeated = {
		.it_value = {.tv_usec = 1000}, .it_interval = {.tv_usec = 1000}};
	static const struct itimerval off;

	insist(SYS_setitimer, ITIMER_REAL, &repeated, NULL);
	long result = kernel(SYS_clock_nanosleep, CLOCK_MONOTONIC, 0, &later.it_value, buffer);
	insist(SYS_setitimer, ITIMER_REAL, &off, NULL);
	return result == -EINTR ? 0 : result;
}

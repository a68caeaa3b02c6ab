// summary: what a call has done although its result could not be stored, and what it has not
//
// EFAULT does not mean that nothing has happened: a signal that was taken is lost, a child that was waited for is gone, a timer runs.
// What a program finds afterwards is compared here.
//
// Seen to fail: before a pipe kept what was read of a slot in part, and before a truncation to the same size took away what lies
// behind the end.
#include "abi.h"
#include <linux/capability.h>
#include <linux/futex.h>
#include <poll.h>
#include <pty.h>
#include <sched.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/sendfile.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>

#define PAGE 4096L

/* No page is here; and a page whose successor is missing. */
static char *nowhere, *edge;
static char buffer[8192];

#define TRY(call, ...) SHOW(syscall(SYS_##call, ##__VA_ARGS__))

static void make_places(void)
{
	char *p = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	munmap(p + PAGE, PAGE);
	edge = p + PAGE;
	nowhere = p + PAGE;
	memset(p, 'x', PAGE);
}

/* -- what can be read once -- */

static void events(void)
{
	int fd = eventfd(5, EFD_NONBLOCK);
	uint64_t value = 7;

	SHOW(read(fd, nowhere, 8));
	SHOW(read(fd, &value, 8));
	SHOW(write(fd, nowhere, 8));
	SHOW(read(fd, &value, 8));
	SHOW(read(fd, edge - 4, 8));
	close(fd);
	fd = eventfd(2, EFD_NONBLOCK | EFD_SEMAPHORE);
	SHOW(read(fd, nowhere, 8));
	SHOW(read(fd, &value, 8));
	SHOW(read(fd, &value, 8));
	close(fd);
}

static void timer_ticks(void)
{
	struct itimerspec soon = {.it_value = {.tv_nsec = 1}}, left;
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
	struct pollfd p = {.fd = fd, .events = POLLIN};
	uint64_t ticks;

	SHOW(timerfd_settime(fd, 0, &soon, NULL));
	SHOW(poll(&p, 1, -1));
	SHOW(read(fd, nowhere, 8));
	SHOW(read(fd, &ticks, 8));
	soon.it_value.tv_sec = 1000;
	TRY(timerfd_settime, fd, 0, &soon, nowhere);
	SHOW(timerfd_gettime(fd, &left));
	HOLDS(left.it_value.tv_sec > 900);
	TRY(timerfd_settime, fd, 0, nowhere, NULL);
	SHOW(timerfd_gettime(fd, &left));
	HOLDS(left.it_value.tv_sec > 900);
	TRY(timerfd_gettime, fd, nowhere);
	close(fd);
}

static void pipes(void)
{
	int ends[2];

	TRY(pipe2, nowhere, 0);
	TRY(pipe2, edge - 4, 0);
	SHOW(pipe2(ends, O_NONBLOCK));
	HOLDS(ends[0] == 3 && ends[1] == 4);
	SHOW(write(ends[1], "0123456789", 10));
	SHOW(read(ends[0], nowhere, 4));
	SHOW(read(ends[0], edge - 3, 5));
	memset(buffer, 0, 20);
	SHOW(read(ends[0], buffer, 20));
	printf("rest '%s'\n", buffer);
	SHOW(write(ends[1], nowhere, 5));
	SHOW(read(ends[0], buffer, 20));
	SHOW(write(ends[1], edge - 3, 5));
	SHOW(read(ends[0], buffer, 20));
	struct iovec two[2] = {{buffer, 4}, {nowhere, 4}};
	SHOW(writev(ends[1], two, 2));
	SHOW(read(ends[0], buffer, 20));
	SHOW(write(ends[1], "0123456789", 10));
	SHOW(readv(ends[0], two, 2));
	SHOW(read(ends[0], buffer, 20));
	TRY(ioctl, ends[0], FIONREAD, nowhere);
	close(ends[0]);
	close(ends[1]);
}

/* -- signals -- */

static sigset_t usr1, none, pending;

static void show_pending(void)
{
	sigpending(&pending);
	printf("USR1 pending: %d, USR2: %d\n", sigismember(&pending, SIGUSR1),
		sigismember(&pending, SIGUSR2));
}

static void show_blocked(void)
{
	sigset_t now;

	sigprocmask(SIG_BLOCK, NULL, &now);
	printf("USR1 blocked: %d, USR2: %d\n", sigismember(&now, SIGUSR1),
		sigismember(&now, SIGUSR2));
}

static void signals_taken(void)
{
	static const struct timespec at_once;

	raise(SIGUSR1);
	show_pending();
	TRY(rt_sigtimedwait, &usr1, nowhere, &at_once, 8);
	show_pending();
	raise(SIGUSR1);
	TRY(rt_sigtimedwait, &usr1, NULL, nowhere, 8);
	TRY(rt_sigtimedwait, nowhere, NULL, &at_once, 8);
	TRY(rt_sigpending, nowhere, 8);
	show_pending();
	int fd = signalfd(-1, &usr1, SFD_NONBLOCK);
	SHOW(read(fd, nowhere, 128));
	show_pending();
	SHOW(read(fd, buffer, 128));
	raise(SIGUSR1);
	SHOW(read(fd, edge - 64, 128));
	show_pending();
	close(fd);
	TRY(signalfd4, -1, nowhere, 8, 0);
}

static void signals_set(void)
{
	sigset_t usr2;
	struct sigaction old;
	struct {
		void *handler;
		unsigned long flags;
		void *restorer;
		uint64_t mask;
	} ignore = {.handler = SIG_IGN};
	stack_t stack = {.ss_sp = buffer, .ss_size = 8192}, was;

	sigemptyset(&usr2);
	sigaddset(&usr2, SIGUSR2);
	TRY(rt_sigprocmask, SIG_BLOCK, &usr2, nowhere, 8);
	show_blocked();
	TRY(rt_sigprocmask, SIG_UNBLOCK, nowhere, NULL, 8);
	show_blocked();
	TRY(rt_sigprocmask, SIG_UNBLOCK, &usr2, nowhere, 8);
	show_blocked();
	TRY(rt_sigaction, SIGUSR2, &ignore, nowhere, 8);
	SHOW(sigaction(SIGUSR2, NULL, &old));
	HOLDS(old.sa_handler == SIG_IGN || old.sa_handler == SIG_DFL);
	printf("USR2 ignored: %d\n", old.sa_handler == SIG_IGN);
	TRY(rt_sigaction, SIGUSR2, nowhere, NULL, 8);
	TRY(sigaltstack, &stack, nowhere);
	SHOW(sigaltstack(NULL, &was));
	printf("alternate stack: size %zu flags %d\n", was.ss_size, was.ss_flags);
	stack.ss_flags = SS_DISABLE;
	TRY(sigaltstack, &stack, nowhere);
	SHOW(sigaltstack(NULL, &was));
	printf("alternate stack: flags %d\n", was.ss_flags);
}

/* -- children -- */

static pid_t zombie(int status)
{
	siginfo_t info;
	pid_t pid = fork();

	if (pid == 0)
		_exit(status);
	waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT);
	return pid;
}

#define AFTERWARDS(pid)                                   \
	do {                                              \
		int status = -1;                          \
		SHOW_OK(waitpid(pid, &status, 0));        \
		printf("status %#x\n", (unsigned)status); \
	} while (0)
#define WAITED(call, ...)                                    \
	do {                                                 \
		pid_t pid = zombie(3);                       \
		SHOW_OK(syscall(SYS_##call, ##__VA_ARGS__)); \
		AFTERWARDS(pid);                             \
	} while (0)

static void children(void)
{
	WAITED(wait4, pid, nowhere, 0, NULL);
	WAITED(wait4, pid, NULL, 0, nowhere);
	WAITED(wait4, pid, nowhere, 0, buffer);
	WAITED(wait4, pid, nowhere, WNOHANG, NULL);
	WAITED(waitid, P_PID, pid, nowhere, WEXITED, NULL);
	WAITED(waitid, P_PID, pid, nowhere, WEXITED | WNOWAIT, NULL);
	WAITED(waitid, P_PID, pid, buffer, WEXITED, nowhere);
	WAITED(waitid, P_PID, pid, nowhere, WEXITED | WNOHANG, NULL);
}

static void births(void)
{
	struct clone_args_first {
		uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls;
	} args = {.flags = CLONE_PIDFD, .pidfd = (uint64_t)nowhere, .exit_signal = SIGCHLD};

	TRY(clone, CLONE_PIDFD | SIGCHLD, 0, nowhere, 0, 0);
	TRY(clone3, &args, sizeof(args));
	TRY(clone3, nowhere, sizeof(args));
	SHOW(waitpid(-1, NULL, 0));
	long pid = syscall(SYS_clone, CLONE_PARENT_SETTID | SIGCHLD, 0, nowhere, 0, 0);
	if (pid == 0)
		_exit(4);
	HOLDS(pid > 0);
	AFTERWARDS((pid_t)pid);
	pid = syscall(
		SYS_clone, CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID | SIGCHLD, 0, 0, nowhere, 0);
	if (pid == 0)
		_exit(5);
	AFTERWARDS((pid_t)pid);
	int next = dup(0);
	printf("the next descriptor is %d\n", next);
	close(next);
}

/* -- timers and limits -- */

static void timers(void)
{
	struct itimerval later = {.it_value = {.tv_sec = 1000}}, left;
	struct itimerspec far = {.it_value = {.tv_sec = 1000}}, is;
	static const struct itimerval off;
	int id = -1, next = -1;

	TRY(setitimer, ITIMER_REAL, &later, nowhere);
	SHOW(getitimer(ITIMER_REAL, &left));
	HOLDS(left.it_value.tv_sec > 900);
	TRY(setitimer, ITIMER_REAL, nowhere, &left);
	TRY(getitimer, ITIMER_REAL, nowhere);
	SHOW(setitimer(ITIMER_REAL, &off, &left));
	HOLDS(left.it_value.tv_sec > 900);
	SHOW(syscall(SYS_timer_create, CLOCK_MONOTONIC, NULL, &id));
	TRY(timer_create, CLOCK_MONOTONIC, NULL, nowhere);
	TRY(timer_create, CLOCK_MONOTONIC, nowhere, &next);
	TRY(timer_settime, id, 0, &far, nowhere);
	SHOW(syscall(SYS_timer_gettime, id, &is));
	HOLDS(is.it_value.tv_sec > 900);
	TRY(timer_settime, id, 0, nowhere, NULL);
	TRY(timer_gettime, id, nowhere);
	SHOW(syscall(SYS_timer_delete, id));
}

static void limits(void)
{
	struct rlimit core = {.rlim_cur = 12345, .rlim_max = RLIM_INFINITY}, is;

	getrlimit(RLIMIT_CORE, &is);
	core.rlim_max = is.rlim_max;
	if (core.rlim_cur > core.rlim_max)
		core.rlim_cur = core.rlim_max;
	struct rlimit zero = {.rlim_max = is.rlim_max};
	setrlimit(RLIMIT_CORE, &zero);
	TRY(prlimit64, 0, RLIMIT_CORE, &core, nowhere);
	getrlimit(RLIMIT_CORE, &is);
	HOLDS(is.rlim_cur == core.rlim_cur);
	TRY(prlimit64, 0, RLIMIT_CORE, nowhere, &is);
	TRY(getrlimit, RLIMIT_CORE, nowhere);
	TRY(setrlimit, RLIMIT_CORE, nowhere);
}

/* -- waiting for descriptors -- */

static void selects(void)
{
	struct timeval *in_page = (struct timeval *)(edge - 64);
	fd_set set;
	int ends[2];

	pipe(ends);
	write(ends[1], "x", 1);
	FD_ZERO(&set);
	FD_SET(ends[0], &set);
	/* The rest of the time can't be stored: that is no error. */
	*in_page = (struct timeval){.tv_sec = 1};
	mprotect(edge - PAGE, PAGE, PROT_READ);
	TRY(select, 10, &set, NULL, NULL, in_page);
	TRY(poll, edge - 64, 1, 0);
	TRY(select, 10, edge - 128, NULL, NULL, NULL);
	mprotect(edge - PAGE, PAGE, PROT_READ | PROT_WRITE);
	TRY(select, 10, nowhere, NULL, NULL, NULL);
	TRY(pselect6, 10, &set, NULL, NULL, nowhere, NULL);
	TRY(pselect6, 10, &set, NULL, NULL, NULL, nowhere);
	TRY(ppoll, nowhere, 1, NULL, NULL, 8);
	close(ends[0]);
	close(ends[1]);
}

static void epolls(void)
{
	struct epoll_event one = {.events = EPOLLIN | EPOLLONESHOT}, got[4];
	int set = epoll_create1(0), a = eventfd(1, 0), b = eventfd(1, 0);

	one.data.u64 = 1;
	TRY(epoll_ctl, set, EPOLL_CTL_ADD, a, nowhere);
	SHOW(epoll_ctl(set, EPOLL_CTL_ADD, a, &one));
	TRY(epoll_wait, set, nowhere, 4, 0);
	SHOW(epoll_wait(set, got, 4, 0));
	SHOW(epoll_wait(set, got, 4, 0));
	one.events = EPOLLIN | EPOLLET;
	SHOW(epoll_ctl(set, EPOLL_CTL_MOD, a, &one));
	SHOW(epoll_ctl(set, EPOLL_CTL_ADD, b, &one));
	TRY(epoll_wait, set, nowhere, 4, 0);
	/* Room for one. */
	TRY(epoll_wait, set, edge - sizeof(got[0]), 4, 0);
	SHOW(epoll_wait(set, got, 4, 0));
	SHOW(epoll_wait(set, got, 4, 0));
	TRY(epoll_ctl, set, EPOLL_CTL_MOD, a, nowhere);
	TRY(epoll_pwait, set, got, 4, 0, nowhere, 8);
	TRY(epoll_pwait2, set, got, 4, nowhere, NULL, 8);
	close(set);
	close(a);
	close(b);
}

/* -- files -- */

static off_t place(int fd)
{
	return lseek(fd, 0, SEEK_CUR);
}

static void files(void)
{
	int fd = memfd_create("one", 0), to = memfd_create("two", 0);
	struct iovec two[2] = {{buffer, 100}, {nowhere, 100}};

	ftruncate(fd, 3 * PAGE);
	SHOW(read(fd, nowhere, 10));
	SHOW(place(fd));
	SHOW(read(fd, edge - 10, 100));
	SHOW(place(fd));
	SHOW(readv(fd, two, 2));
	SHOW(place(fd));
	SHOW(write(fd, nowhere, 10));
	SHOW(place(fd));
	SHOW(write(fd, edge - 10, 100));
	SHOW(place(fd));
	SHOW(writev(fd, two, 2));
	SHOW(place(fd));
	SHOW(pread(fd, edge - 10, 100, 0));
	SHOW(pread(fd, nowhere, 100, 9 * PAGE));
	SHOW(read(fd, edge - 10, 2 * PAGE));
	/* What lies behind the end goes with a truncation that changes nothing else. */
	struct stat st;
	SHOW(fallocate(to, FALLOC_FL_KEEP_SIZE, 0, 2 * PAGE));
	SHOW(fstat(to, &st));
	HOLDS(st.st_size == 0 && st.st_blocks == 16);
	SHOW(ftruncate(to, 0));
	SHOW(fstat(to, &st));
	HOLDS(st.st_size == 0 && st.st_blocks == 0);
	lseek(fd, 0, SEEK_SET);
	TRY(sendfile, to, fd, nowhere, 100);
	SHOW(place(fd));
	SHOW(place(to));
	memset(edge - 64, 0, 64);
	mprotect(edge - PAGE, PAGE, PROT_READ);
	TRY(sendfile, to, fd, edge - 64, 100);
	SHOW(place(fd));
	SHOW(place(to));
	TRY(copy_file_range, fd, edge - 64, to, NULL, 100, 0);
	SHOW(place(fd));
	SHOW(place(to));
	mprotect(edge - PAGE, PAGE, PROT_READ | PROT_WRITE);
	TRY(copy_file_range, fd, nowhere, to, NULL, 100, 0);
	SHOW(place(to));
	close(fd);
	close(to);
}

static void folders(void)
{
	int fd = open("/", O_RDONLY | O_DIRECTORY);

	TRY(getdents64, fd, nowhere, 4096);
	HOLDS(syscall(SYS_getdents64, fd, edge - 40, 4096) > 0);
	close(fd);
	fd = open("/proc/self/status", O_RDONLY);
	SHOW(read(fd, nowhere, 10));
	SHOW(place(fd));
	SHOW(read(fd, edge - 10, 100));
	SHOW(place(fd));
	close(fd);
	TRY(getcwd, nowhere, 100);
	TRY(readlink, "/proc/self/exe", nowhere, 100);
}

/* -- terminals -- */

static void terminals(void)
{
	int master = -1, slave = -1;
	struct termios t;

	SHOW(openpty(&master, &slave, NULL, NULL, NULL));
	tcgetattr(slave, &t);
	cfmakeraw(&t);
	tcsetattr(slave, TCSANOW, &t);
	fcntl(slave, F_SETFL, O_NONBLOCK);
	fcntl(master, F_SETFL, O_NONBLOCK);
	TRY(ioctl, slave, TCGETS, nowhere);
	TRY(ioctl, slave, TCSETS, nowhere);
	TRY(ioctl, slave, TIOCGWINSZ, nowhere);
	TRY(ioctl, slave, TIOCSWINSZ, nowhere);
	TRY(ioctl, slave, FIONREAD, nowhere);
	TRY(ioctl, slave, TIOCGPGRP, nowhere);
	SHOW(write(slave, nowhere, 5));
	SHOW(read(master, buffer, 20));
	SHOW(write(master, nowhere, 5));
	SHOW(read(slave, buffer, 20));
	close(master);
	close(slave);
}

/* -- futexes -- */

static void futexes(void)
{
	static uint32_t word;
	struct timespec soon = {.tv_nsec = 1};

	TRY(futex, nowhere, FUTEX_WAIT, 0, &soon);
	TRY(futex, &word, FUTEX_WAIT, 0, nowhere);
	TRY(futex, nowhere, FUTEX_WAKE, 1, NULL);
	TRY(futex, &word, FUTEX_WAKE_OP, 1, 1, nowhere, FUTEX_OP(FUTEX_OP_SET, 1, 0, 0));
	TRY(futex, &word, FUTEX_CMP_REQUEUE, 1, 1, nowhere, 0);
	TRY(futex, nowhere, FUTEX_CMP_REQUEUE, 1, 1, &word, 0);
	TRY(futex, nowhere, FUTEX_LOCK_PI, 0, NULL);
	TRY(futex, nowhere, FUTEX_UNLOCK_PI, 0, NULL);
	HOLDS(word == 0);
}

static void (*const parts[])(void) = {events, timer_ticks, pipes, signals_taken, signals_set,
	children, births, timers, limits, selects, epolls, files, folders, terminals, futexes};

int main(void)
{
	make_places();
	sigemptyset(&none);
	sigemptyset(&usr1);
	sigaddset(&usr1, SIGUSR1);
	sigprocmask(SIG_BLOCK, &usr1, NULL);
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		parts[i]();
	return 0;
}

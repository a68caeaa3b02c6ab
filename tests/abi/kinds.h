/*
 * Calls on descriptors of every kind of open file that there is. Each line printed: the call, what it was made on, and what came of it.
 * The file is opened anew each time, as number 50.
 */
#ifndef ABI_KINDS_H
#define ABI_KINDS_H

#include "fsabi.h"

#include <signal.h>
#include <stdbool.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <sys/wait.h>

#define FD 50
/* The other end of a pipe or terminal. */
#define OTHER 51
/* Files for the calls that take two, and an epoll instance. */
#define FROM 60
#define TO 61
#define EPOLL 62

static inline int move(int from, int to)
{
	if (from < 0)
		return -1;
	dup2(from, to);
	close(from);
	return to;
}

/* -- kinds of open files -- */

static inline void none(void)
{
}

static inline void by_name(void)
{
	move(open("file", O_PATH), FD);
}

static inline void directory_by_name(void)
{
	move(open("dir", O_PATH), FD);
}

static inline void link_by_name(void)
{
	move(open("link", O_PATH | O_NOFOLLOW), FD);
}

static inline void directory(void)
{
	move(open("dir", O_RDONLY | O_DIRECTORY), FD);
}

static inline void to_read(void)
{
	move(open("file", O_RDONLY), FD);
}

static inline void to_write(void)
{
	move(open("file", O_WRONLY), FD);
}

static inline void to_both(void)
{
	move(open("file", O_RDWR), FD);
}

static inline void to_append(void)
{
	move(open("file", O_RDWR | O_APPEND), FD);
}

static inline void pipe_ends(int wanted)
{
	int ends[2];

	pipe2(ends, O_NONBLOCK);
	move(ends[!wanted], OTHER);
	move(ends[wanted], FD);
}

static inline void pipe_to_read(void)
{
	pipe_ends(0);
}

static inline void pipe_to_write(void)
{
	pipe_ends(1);
}

static inline void pipe_ended(void)
{
	pipe_ends(0);
	close(OTHER);
}

static inline void pipe_broken(void)
{
	pipe_ends(1);
	close(OTHER);
}

static inline void fifo(void)
{
	move(open("fifo", O_RDWR | O_NONBLOCK), FD);
}

static inline void event(void)
{
	move(eventfd(0, EFD_NONBLOCK), FD);
}

static inline void epoll(void)
{
	move(epoll_create1(0), FD);
}

static inline void timer(void)
{
	move(timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK), FD);
}

static inline void signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	move(signalfd(-1, &set, SFD_NONBLOCK), FD);
}

static inline void memory(void)
{
	move(memfd_create("name", MFD_ALLOW_SEALING), FD);
	ftruncate(FD, 10);
}

static inline void sealed(void)
{
	memory();
	fcntl(FD, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL);
}

static inline void null(void)
{
	move(open("/dev/null", O_RDWR), FD);
}

static inline void zero(void)
{
	move(open("/dev/zero", O_RDWR), FD);
}

static inline void full(void)
{
	move(open("/dev/full", O_RDWR), FD);
}

static inline void master(void)
{
	move(open("/dev/ptmx", O_RDWR | O_NOCTTY | O_NONBLOCK), FD);
}

static inline void terminal(void)
{
	int unlock = 0;

	move(open("/dev/ptmx", O_RDWR | O_NOCTTY | O_NONBLOCK), OTHER);
	ioctl(OTHER, TIOCSPTLCK, &unlock);
	move(ioctl(OTHER, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_NONBLOCK), FD);
}

static inline void process(void)
{
	move((int)syscall(SYS_pidfd_open, getpid(), 0), FD);
}

static inline void proc_file(void)
{
	move(open("/proc/self/status", O_RDONLY), FD);
}

static inline void proc_to_write(void)
{
	move(open("/proc/self/oom_score_adj", O_RDWR), FD);
}

static inline void proc_directory(void)
{
	move(open("/proc/self", O_RDONLY | O_DIRECTORY), FD);
}

static const struct kind {
	const char *what;
	void (*open)(void);
} kinds[] = {
	{"no descriptor", none},
	{"a file by name", by_name},
	{"a directory by name", directory_by_name},
	{"a link by name", link_by_name},
	{"a directory", directory},
	{"a file to read", to_read},
	{"a file to write", to_write},
	{"a file to read and write", to_both},
	{"a file to append to", to_append},
	{"a pipe to read", pipe_to_read},
	{"a pipe to write", pipe_to_write},
	{"a pipe whose writers are gone", pipe_ended},
	{"a pipe whose readers are gone", pipe_broken},
	{"a FIFO", fifo},
	{"an eventfd", event},
	{"an epoll", epoll},
	{"a timerfd", timer},
	{"a signalfd", signals},
	{"a memfd", memory},
	{"a sealed memfd", sealed},
	{"/dev/null", null},
	{"/dev/zero", zero},
	{"/dev/full", full},
	{"a pty's master", master},
	{"a terminal", terminal},
	{"a pidfd", process},
	{"a file of /proc", proc_file},
	{"a file of /proc to write", proc_to_write},
	{"a directory of /proc", proc_directory},
};
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

/* -- calls -- */

static char buffer[4096] = "12345678";
static int number;

struct call {
	const char *text;
	long number;
	unsigned long a[6];
};

#define CALL(call, ...)                                 \
	{                                               \
#call "(" #__VA_ARGS__ ")", SYS_##call, \
		{                                       \
			__VA_ARGS__                     \
		}                                       \
	}
#define BUFFER ((unsigned long)buffer)
#define AT(x) ((unsigned long)(x))

static inline void make_files(void)
{
	chdir(fsabi_place);
	unlink("made");
	unlink("file");
	put("file", "contents of it");
	rmdir("dir");
	mkdir("dir", 0755);
	move(open("from", O_RDONLY), FROM);
	move(open("to", O_RDWR | O_TRUNC), TO);
	move(epoll_create1(0), EPOLL);
	number = 0;
}

static inline void try(const struct call *c, const struct kind *k, void (*prepare)(void))
{
	make_files();
	if (prepare)
		prepare();
	k->open();
	/* The number that a call gives is the lowest, and none of the test's own. */
	const unsigned long *a = c->a;
	errno = 0;
	long result = syscall(c->number, a[0], a[1], a[2], a[3], a[4], a[5]);
	if (result < 0)
		printf("%s, %s: %s\n", c->text, k->what, error_name(errno));
	else if (result > 1 << 20)
		printf("%s, %s: ok\n", c->text, k->what);
	else
		printf("%s, %s: %ld\n", c->text, k->what, result);
	close_range(3, 100, 0);
}

/* All of the calls on all kinds; prepare is called before each. To be returned from main(). */
static inline int try_all(const struct call *calls, size_t count, void (*prepare)(void))
{
	/* Not in a process that leads a session, which could get a controlling terminal here. */
	pid_t child = fork();
	if (child)
		return child < 0 || waitpid(child, &number, 0) != child || number;
	fsabi_begin();
	signal(SIGPIPE, SIG_IGN);
	put("from", "what is to be copied");
	put("to", "");
	mkfifo("fifo", 0644);
	symlink("file", "link");
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < KINDS; k++)
			try(&calls[i], &kinds[k], prepare);
	return 0;
}

#endif

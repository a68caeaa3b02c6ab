/*
 * Process descriptors: opening, polling, signalling, waiting.
 *
 * Seen to fail: with family_die() not waking exit_waiters, the poll without an end never returns; as long as pidfd_send_signal(2) took no
 * folder of /proc, which stress-ng found.
 */
#include "proc.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <time.h>

#ifndef P_PIDFD
#define P_PIDFD 3
#endif

static int open_(pid_t pid, unsigned flags)
{
	return (int)syscall(SYS_pidfd_open, pid, flags);
}

static int send_(int fd, int signal, siginfo_t *info, unsigned flags)
{
	return (int)syscall(SYS_pidfd_send_signal, fd, signal, info, flags);
}

static int events(int fd, int timeout)
{
	struct pollfd p = {.fd = fd, .events = POLLIN | POLLOUT | POLLPRI};

	return poll(&p, 1, timeout) < 0 ? -errno : p.revents;
}

static void opening(void)
{
	SHOW(open_(0, 0));
	SHOW(open_(-1, 0));
	SHOW(open_(999999, 0));
	SHOW(open_(0x7fffffff, 0));
	for (int bit = 0; bit < 32; bit++) {
		/* O_NONBLOCK and O_EXCL mean something. */
		if (bit == 7)
			continue;
		int fd = open_(getpid(), 1u << bit);
		printf("flag %d: %s\n", bit, fd < 0 ? error_name(errno) : "ok");
		if (fd >= 0) {
			HOLDS(fcntl(fd, F_GETFD) == FD_CLOEXEC);
			HOLDS(!!(fcntl(fd, F_GETFL) & O_NONBLOCK) == (bit == 11));
			close(fd);
		}
	}
	int fd = open_(getpid(), 0);
	char byte;
	SHOW(read(fd, &byte, 1));
	SHOW(write(fd, &byte, 1));
	SHOW(lseek(fd, 0, SEEK_SET));
	SHOW(events(fd, 0));
	close(fd);
}

static void polling(void)
{
	pid_t child = CHILD(for (;;) pause());
	int fd = open_(child, 0);

	SHOW(events(fd, 0));
	SHOW(events(fd, 20));
	kill(child, SIGSTOP);
	SHOW(events(fd, 20));
	kill(child, SIGKILL);
	SHOW(events(fd, 5000));
	SHOW(events(fd, 0));
	waitpid(child, NULL, 0);
	SHOW(events(fd, 0) & ~POLLHUP);
	SHOW(send_(fd, 0, NULL, 0));
	SHOW(send_(fd, SIGKILL, NULL, 0));
	close(fd);
	child = CHILD(until_state(getppid(), 'S'); _exit(3));
	fd = open_(child, 0);
	/* While somebody waits. */
	SHOW(events(fd, -1));
	show_end("child", child);
	close(fd);
}

static void sending(void)
{
	pid_t child = CHILD(for (;;) pause());
	int fd = open_(child, 0), null = open("/dev/null", O_RDONLY);
	siginfo_t info = {.si_signo = SIGUSR1, .si_code = SI_QUEUE};

	SHOW(send_(fd, 0, NULL, 0));
	SHOW(send_(fd, -1, NULL, 0));
	SHOW(send_(fd, 65, NULL, 0));
	SHOW(send_(fd, 0, NULL, 0x100));
	SHOW(send_(-1, 0, NULL, 0));
	SHOW(send_(999, 0, NULL, 0));
	SHOW(send_(null, 0, NULL, 0));
	SHOW(send_(fd, SIGUSR2, &info, 0));
	SHOW(send_(fd, SIGUSR1, (siginfo_t *)8, 0));
	info.si_code = SI_USER;
	SHOW(send_(fd, SIGUSR1, &info, 0));
	info.si_code = SI_TKILL;
	SHOW(send_(fd, SIGUSR1, &info, 0));
	info.si_code = SI_QUEUE;
	SHOW(send_(fd, SIGUSR1, &info, 0));
	show_end("child", child);
	close(fd);
	close(null);
}

static void waiting(void)
{
	siginfo_t info;
	int go[2];
	char c;

	HOLDS(pipe(go) == 0);
	/* Not before it is told to, and then not before somebody waits. */
	pid_t child = CHILD(read(go[0], &c, 1); until_state(getppid(), 'S'); _exit(7));
	int fd = open_(child, 0);

	memset(&info, 0, sizeof(info));
	SHOW(waitid(P_PIDFD, (id_t)fd, &info, WEXITED | WNOHANG));
	SHOW(info.si_pid);
	HOLDS(write(go[1], "x", 1) == 1);
	SHOW(waitid(P_PIDFD, (id_t)fd, &info, WEXITED | WNOWAIT));
	SHOW(info.si_status);
	SHOW(waitid(P_PIDFD, (id_t)fd, &info, WEXITED));
	HOLDS(info.si_pid == child);
	SHOW(waitid(P_PIDFD, (id_t)fd, &info, WEXITED));
	close(fd);
	child = CHILD(pause());
	fd = open_(child, O_NONBLOCK);
	SHOW(waitid(P_PIDFD, (id_t)fd, &info, WEXITED));
	SHOW(waitid(P_PIDFD, (id_t)fd, &info, WEXITED | WNOHANG));
	SHOW(waitid(P_PIDFD, (id_t)fd, &info, WSTOPPED));
	kill(child, SIGKILL);
	events(fd, -1);
	SHOW(waitid(P_PIDFD, (id_t)fd, &info, WEXITED));
	SHOW(info.si_status);
	close(fd);
	/* Not one's own child. */
	fd = open_(getpid(), 0);
	SHOW(waitid(P_PIDFD, (id_t)fd, &info, WEXITED));
	close(fd);
}

static int open_proc(pid_t pid, const char *rest, int flags)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d%s", pid, rest);
	return open(path, flags);
}

/* A process's folder in /proc is as good as a pidfd, for signals alone. */
static void folder(void)
{
	pid_t child = CHILD(for (;;) pause());
	int fd = open_proc(child, "", O_RDONLY | O_DIRECTORY);
	int place = open_proc(child, "", O_PATH), file = open_proc(child, "/stat", O_RDONLY);
	int task = open_proc(child, "/task", O_RDONLY), proc = open("/proc", O_RDONLY);
	int thread_fd = open_proc(child, "/task/1/..", O_RDONLY);
	siginfo_t info;

	SHOW(send_(fd, 0, NULL, 0));
	SHOW(send_(fd, 65, NULL, 0));
	SHOW(send_(fd, 0, NULL, 0x100));
	SHOW(send_(place, 0, NULL, 0));
	SHOW(send_(file, 0, NULL, 0));
	SHOW(send_(task, 0, NULL, 0));
	SHOW(send_(proc, 0, NULL, 0));
	SHOW(send_(thread_fd, 0, NULL, 0));
	SHOW(waitid(P_PIDFD, (id_t)fd, &info, WEXITED));
	SHOW(send_(fd, SIGUSR1, NULL, 0));
	show_end("child", child);
	SHOW(send_(fd, 0, NULL, 0));
	SHOW(send_(fd, SIGKILL, NULL, 0));
	close(fd);
	close(place);
	close(file);
	close(task);
	close(proc);
	fd = open("/proc/self", O_RDONLY);
	SHOW(send_(fd, 0, NULL, 0));
	close(fd);
}

static pid_t tid;

static void *thread(void *arg)
{
	tid = (pid_t)syscall(SYS_gettid);
	SHOW(open_(tid, 0));
	return arg;
}

int main(void)
{
	pthread_t t;

	opening();
	polling();
	sending();
	waiting();
	folder();
	pthread_create(&t, NULL, thread, NULL);
	pthread_join(t, NULL);
	return 0;
}

/*
 * Waits that something else than what they wait for must end, or must not: fork under a fast timer, a group's signal in the
 * middle of forks, vfork's wait and fatal signals, a descriptor of a process that is reaped.
 *
 * quick: most
 *
 * Seen to fail: with a vfork(2) that only SIGKILL ends; with a fork(2) that is made again for each signal that comes while it
 * copies (publish_refused_locked()), which then never ends.
 */
#include "proc.h"

#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>

static volatile int ticks;

/* A fork that has met so many signals is made again for each of them, and would never end. */
#define TICKS_MAX 300

static sigjmp_buf given_up;
static volatile int limited;

static void on_tick(int signal)
{
	if (++ticks > TICKS_MAX && limited)
		siglongjmp(given_up, 1);
}

/* The C library's blocks all signals meanwhile: then none could disturb the call. */
static pid_t plain_fork(void)
{
	return (pid_t)syscall(SYS_fork);
}

static long microseconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* What a fork takes, at best, of several. */
static long fork_takes(void)
{
	long best = 1000000;

	for (int i = 0; i < 4; i++) {
		long begin = microseconds();
		pid_t child = plain_fork();
		if (child == 0)
			_exit(0);
		long took = microseconds() - begin;
		waitpid(child, NULL, 0);
		best = took < best ? took : best;
	}
	return best;
}

/* There are many areas to copy, so the timer comes some times in each fork, and still leaves time to begin one. */
static void fork_under_timer(int which, int signal_)
{
	const size_t size = 16 << 20;
	struct itimerval fast = {{0, 0}, {0, 0}}, off = {{0, 0}, {0, 0}};
	struct sigaction sa = {.sa_handler = on_tick, .sa_flags = SA_RESTART};
	char *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	HOLDS(p != MAP_FAILED);
	for (size_t i = 0; i < size; i += 4096)
		p[i] = 1;
	for (size_t i = 0; i < size; i += 8192)
		mprotect(p + i, 4096, PROT_READ);
	fast.it_value.tv_usec = fast.it_interval.tv_usec = fork_takes() / 6 + 1;
	sigaction(signal_, &sa, NULL);
	setitimer(which, &fast, NULL);
	for (int i = 0; i < 5; i++) {
		int status = 0;
		ticks = 0;
		limited = 1;
		if (sigsetjmp(given_up, 1)) {
			setitimer(which, &off, NULL);
			printf("fork under timer %d: never ends\n", which);
			break;
		}
		pid_t child = plain_fork();
		limited = 0;
		if (child == 0)
			_exit(p[size - 4096] + i);
		while (waitpid(child, &status, 0) < 0)
			;
		printf("fork under timer %d: %s\n", which, status_text(status));
	}
	setitimer(which, &off, NULL);
	munmap(p, size);
}

/* Everybody holds the pipe's other end: its end is the end of all. */
static void group_signal(int signal_)
{
	int missed = 0;

	fflush(stdout);
	for (int i = 0; i < 30; i++) {
		int p[2];
		char c;
		if (pipe(p))
			exit(1);
		pid_t leader = fork();
		if (leader == 0) {
			close(p[0]);
			setpgid(0, 0);
			write(p[1], "x", 1);
			for (;;) {
				pid_t child = plain_fork();
				if (child == 0)
					for (;;)
						pause();
				/* No more than some: the signal may be late. */
				static int n;
				if (++n > 40)
					pause();
			}
		}
		close(p[1]);
		read(p[0], &c, 1);
		usleep(i * 100);
		kill(-leader, signal_);
		waitpid(leader, NULL, 0);
		struct pollfd end = {.fd = p[0], .events = POLLIN};
		/* They die by themselves; who does not within 20 s does not. */
		if (poll(&end, 1, 20000) != 1 || read(p[0], &c, 1) != 0)
			missed++;
		kill(-leader, SIGKILL);
		close(p[0]);
	}
	printf("signal %d to a group that forks: %d groups not ended\n", signal_, missed);
}

/* A process in vfork(2), whose child waits for ever; the child's number. */
static pid_t in_vfork(int handled, pid_t *child)
{
	int p[2];

	if (pipe(p))
		exit(1);
	fflush(stdout);
	pid_t middle = fork();
	if (middle == 0) {
		if (handled)
			signal(handled, on_tick);
		ticks = 0;
		if (vfork() == 0) {
			pid_t me = getpid();
			write(p[1], &me, sizeof(me));
			for (;;)
				pause();
		}
		_exit(40 + ticks);
	}
	close(p[1]);
	read(p[0], child, sizeof(*child));
	close(p[0]);
	return middle;
}

static void vfork_and(const char *name, int signal_, int handled, int at_once)
{
	pid_t child, middle = in_vfork(handled ? signal_ : 0, &child);
	int status = 0;

	kill(middle, signal_);
	if (!at_once) {
		usleep(50000);
		printf("%s: %d, ", name, waitpid(middle, &status, WNOHANG | WUNTRACED));
		kill(child, SIGKILL);
	} else {
		printf("%s: ", name);
	}
	waitpid(middle, &status, WUNTRACED);
	printf("%s\n", WIFSIGNALED(status) ? (WTERMSIG(status) == signal_ ? "killed" : "?")
					   : status_text(status));
	if (WIFSTOPPED(status)) {
		kill(middle, SIGCONT);
		waitpid(middle, &status, 0);
		printf("then %s\n", status_text(status));
	}
	if (at_once)
		kill(child, SIGKILL);
}

static void *vfork_for_ever(void *fd)
{
	if (vfork() == 0) {
		pid_t me = getpid();
		write(*(int *)fd, &me, sizeof(me));
		for (;;)
			pause();
	}
	return NULL;
}

/* One thread is in vfork(2), another ends the program. */
static void vfork_and_others(char *self, int exec)
{
	int p[2];
	pid_t child;

	if (pipe(p))
		exit(1);
	pid_t middle = CHILD({
		pthread_t t;
		pthread_create(&t, NULL, vfork_for_ever, &p[1]);
		read(p[0], &child, sizeof(child));
		write(p[1], &child, sizeof(child));
		if (exec)
			execl(self, self, "exec", NULL);
		_exit(50);
	});
	show_end(exec ? "exec beside vfork" : "exit beside vfork", middle);
	read(p[0], &child, sizeof(child));
	kill(child, SIGKILL);
	close(p[0]);
	close(p[1]);
}

struct watched {
	int fd;
	short events;
	int result;
	short revents;
};

static void *watch(void *arg)
{
	struct watched *w = arg;
	struct pollfd p = {.fd = w->fd, .events = w->events};

	w->result = poll(&p, 1, 30000);
	w->revents = p.revents;
	return NULL;
}

/* Who asks for nothing hears when it is reaped. */
static void pidfd_reaped(void)
{
	pid_t child = CHILD(_exit(0));
	struct watched w = {.fd = (int)syscall(SYS_pidfd_open, child, 0)};
	pthread_t t;
	siginfo_t info;

	waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT);
	pthread_create(&t, NULL, watch, &w);
	usleep(50000);
	waitpid(child, NULL, 0);
	pthread_join(t, NULL);
	printf("reaped: %d, hung up %d\n", w.result, !!(w.revents & POLLHUP));
	close(w.fd);
}

int main(int argc, char **argv)
{
	if (argc > 1)
		return 51;
	fork_under_timer(ITIMER_REAL, SIGALRM);
	fork_under_timer(ITIMER_PROF, SIGPROF);
	group_signal(SIGTERM);
	group_signal(SIGKILL);
	vfork_and("SIGKILL in vfork", SIGKILL, 0, 1);
	vfork_and("SIGTERM in vfork", SIGTERM, 0, 1);
	vfork_and("SIGUSR1 in vfork", SIGUSR1, 0, 1);
	vfork_and("real-time signal in vfork", SIGRTMIN, 0, 1);
	vfork_and("SIGQUIT in vfork", SIGQUIT, 0, 0);
	vfork_and("SIGTERM handled in vfork", SIGTERM, 1, 0);
	vfork_and("SIGWINCH in vfork", SIGWINCH, 0, 0);
	vfork_and("SIGSTOP in vfork", SIGSTOP, 0, 0);
	vfork_and_others(argv[0], 0);
	vfork_and_others(argv[0], 1);
	pidfd_reaped();
	return 0;
}

// summary: signalfd: what is read of each kind of signal, masks, poll and epoll, fork, threads, errors
// flags: -pthread
//
// Seen to fail: with SIGKILL left in the mask.
#include "epoll.h"
#include <sys/signalfd.h>
#include <sys/time.h>

static sigset_t all;

static int open_fd(int flags)
{
	return signalfd(-1, &all, flags);
}

static const char *sender(unsigned pid)
{
	return pid == 0 ? "nobody" : pid == (unsigned)getpid() ? "self" : "other";
}

static void show(const struct signalfd_siginfo *s)
{
	printf("signal %u, errno %d, code %d, from %s, uid %u, int %d, ptr %lx, status %d, fd %d, overrun %u\n",
		s->ssi_signo, s->ssi_errno, s->ssi_code, sender(s->ssi_pid), s->ssi_uid, s->ssi_int,
		(long)s->ssi_ptr, s->ssi_status, s->ssi_fd, s->ssi_overrun);
}

static void get(int fd)
{
	struct signalfd_siginfo s[4];
	memset(s, 0xff, sizeof(s));
	errno = 0;
	ssize_t r = read(fd, s, sizeof(s));
	printf("read: %zd %s\n", r, r < 0 ? error_name(errno) : "");
	for (int i = 0; i < r / (int)sizeof(s[0]); i++)
		show(&s[i]);
}

static void errors(const char *self)
{
	int fd, file = open(self, O_RDONLY);
	sigset_t set;
	sigfillset(&set);
	SHOW(signalfd(-1, &set, 1));
	SHOW(signalfd(-1, &set, -1));
	SHOW(syscall(SYS_signalfd4, -1, &set, 7, 0));
	SHOW(syscall(SYS_signalfd4, -1, &set, 16, 0));
	SHOW(syscall(SYS_signalfd4, -1, (void *)8, 8, 1));
	SHOW(syscall(SYS_signalfd4, -1, NULL, 8, 0));
	SHOW(syscall(SYS_signalfd4, 999, &set, 8, 0));
	SHOW(syscall(SYS_signalfd4, -2, &set, 8, 0));
	SHOW(syscall(SYS_signalfd4, file, &set, 8, 0));
	SHOW(syscall(SYS_signalfd4, file, &set, 8, 1));
	SHOW_OK(fd = syscall(SYS_signalfd, -1, &set, 8));
	SHOW(fcntl(fd, F_GETFD));
	close(fd);
	SHOW_OK(fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
	SHOW(fcntl(fd, F_GETFD));
	HOLDS((fcntl(fd, F_GETFL) & (O_ACCMODE | O_NONBLOCK)) == (O_RDWR | O_NONBLOCK));
	HOLDS(signalfd(fd, &set, 0) == fd);
	HOLDS(signalfd(fd, &set, SFD_NONBLOCK) == fd);
	SHOW(signalfd(fd, &set, 2));
	char some[200];
	SHOW(read(fd, some, 127));
	SHOW(read(fd, some, 0));
	SHOW(read(fd, some, 128));
	SHOW(write(fd, some, 128));
	SHOW(lseek(fd, 1, SEEK_SET));
	raise(SIGUSR1);
	SHOW(read(fd, (void *)8, 128));
	SHOW(read(fd, some, 128));
	char path[64], name[64] = "";
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	HOLDS(readlink(path, name, sizeof(name) - 1) > 0);
	puts(name);
	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	FILE *f = fopen(path, "r");
	while (f && fgets(some, sizeof(some), f))
		if (!strncmp(some, "sigmask", 7))
			fputs(some, stdout);
	if (f)
		fclose(f);
	close(fd);
	close(file);
}

static void kinds(void)
{
	int fd = open_fd(SFD_NONBLOCK), status;
	get(fd);
	raise(SIGUSR1);
	kill(getpid(), SIGUSR2);
	kill(getpid(), SIGUSR2);
	SHOW(polled(fd));
	get(fd);
	union sigval v = {.sival_int = 42};
	sigqueue(getpid(), SIGRTMIN + 1, v);
	v.sival_int = 43;
	sigqueue(getpid(), SIGRTMIN + 1, v);
	v.sival_int = 44;
	sigqueue(getpid(), SIGRTMIN, v);
	sigqueue(getpid(), SIGHUP, v);
	get(fd);
	pid_t child = fork();
	if (child == 0)
		_exit(3);
	HOLDS(waitpid(child, &status, 0) == child);
	get(fd);
	struct itimerval t = {{0, 0}, {0, 1000}};
	setitimer(ITIMER_REAL, &t, NULL);
	struct pollfd p = {fd, POLLIN, 0};
	SHOW(poll(&p, 1, 5000));
	get(fd);
	timer_t timer;
	struct sigevent e = {.sigev_notify = SIGEV_SIGNAL,
		.sigev_signo = SIGRTMIN + 3,
		.sigev_value = {.sival_int = 7}};
	struct itimerspec s = {{0, 0}, {0, 1000000}};
	timer_create(CLOCK_MONOTONIC, &e, &timer);
	timer_settime(timer, 0, &s, NULL);
	SHOW(poll(&p, 1, 5000));
	get(fd);
	timer_delete(timer);
	/* Five that wait, four that fit. */
	for (int i = 1; i <= 5; i++)
		sigqueue(getpid(), SIGRTMIN + 8 - i, (union sigval){.sival_int = i});
	get(fd);
	get(fd);
	get(fd);
	close(fd);
}

static void masks(void)
{
	sigset_t one;
	sigemptyset(&one);
	sigaddset(&one, SIGUSR1);
	sigaddset(&one, SIGKILL);
	sigaddset(&one, SIGSTOP);
	int fd = signalfd(-1, &one, SFD_NONBLOCK), ep = epoll_create1(0);
	SHOW(ctl(ep, EPOLL_CTL_ADD, fd, EPOLLIN, 5));
	raise(SIGUSR2);
	get(fd);
	wait_and_show(ep, 4);
	SHOW(polled(fd));
	sigemptyset(&one);
	sigaddset(&one, SIGUSR2);
	HOLDS(signalfd(fd, &one, 0) == fd);
	SHOW(polled(fd));
	wait_and_show(ep, 4);
	get(fd);
	wait_and_show(ep, 4);
	/* One that is not blocked is handled before it can be read. */
	raise(SIGUSR2);
	raise(SIGUSR2);
	sigset_t pending;
	sigpending(&pending);
	HOLDS(sigismember(&pending, SIGUSR2));
	get(fd);
	sigpending(&pending);
	HOLDS(!sigismember(&pending, SIGUSR2));
	/* Ignored ones, too, as long as they are blocked. */
	signal(SIGUSR2, SIG_IGN);
	raise(SIGUSR2);
	get(fd);
	signal(SIGUSR2, SIG_DFL);
	close(fd);
	close(ep);
}

/* A reader takes its own signals, whoever made the descriptor. */
static void forked(void)
{
	int fd = open_fd(SFD_NONBLOCK), status;
	raise(SIGUSR1);
	fflush(stdout);
	pid_t child = fork();
	if (child == 0) {
		SHOW(polled(fd));
		get(fd);
		raise(SIGUSR2);
		SHOW(polled(fd));
		get(fd);
		fflush(stdout);
		_exit(0);
	}
	HOLDS(waitpid(child, &status, 0) == child && status == 0);
	get(fd);
	close(fd);
	/* An epoll set that outlives the process that added it. */
	fd = open_fd(SFD_NONBLOCK);
	int ep = epoll_create1(0);
	child = fork();
	if (child == 0)
		_exit(ctl(ep, EPOLL_CTL_ADD, fd, EPOLLIN, 1));
	HOLDS(waitpid(child, &status, 0) == child && status == 0);
	get(fd);
	raise(SIGUSR1);
	SHOW(ctl(ep, EPOLL_CTL_MOD, fd, EPOLLIN, 2));
	wait_and_show(ep, 4);
	get(fd);
	close(ep);
	close(fd);
}

static void *send_later(void *thread)
{
	sleep_ms(30);
	if (thread)
		pthread_kill(*(pthread_t *)thread, SIGUSR1);
	else
		kill(getpid(), SIGUSR2);
	return NULL;
}

static volatile int handled;

static void on_signal(int n)
{
	handled = n;
}

static void blocking(void)
{
	int fd = open_fd(0), ep = epoll_create1(0);
	pthread_t t, self = pthread_self();
	pthread_create(&t, NULL, send_later, NULL);
	get(fd);
	pthread_join(t, NULL);
	pthread_create(&t, NULL, send_later, &self);
	get(fd);
	pthread_join(t, NULL);
	SHOW(ctl(ep, EPOLL_CTL_ADD, fd, EPOLLIN | EPOLLET, 9));
	pthread_create(&t, NULL, send_later, NULL);
	struct epoll_event e;
	SHOW(epoll_wait(ep, &e, 1, 10000));
	get(fd);
	pthread_join(t, NULL);
	/* A signal that is not in the mask of the thread ends the read. */
	sigset_t alarm_set;
	sigemptyset(&alarm_set);
	sigaddset(&alarm_set, SIGALRM);
	sigset_t rest = all;
	sigdelset(&rest, SIGALRM);
	SHOW(signalfd(fd, &rest, 0) == fd);
	pthread_sigmask(SIG_UNBLOCK, &alarm_set, NULL);
	struct sigaction a = {.sa_handler = on_signal};
	sigaction(SIGALRM, &a, NULL);
	struct signalfd_siginfo info;
	SHOW(ALARMED(read(fd, &info, sizeof(info))));
	HOLDS(handled == SIGALRM);
	pthread_sigmask(SIG_BLOCK, &alarm_set, NULL);
	close(ep);
	close(fd);
}

/* Two readers, many signals: each is had once. */
static int shared, counts[3];

static void *reader(void *which)
{
	struct signalfd_siginfo s;
	while (read(shared, &s, sizeof(s)) == sizeof(s) && s.ssi_int >= 0)
		counts[(intptr_t)which]++;
	return NULL;
}

static void races(void)
{
	pthread_t t[2];
	shared = open_fd(0);
	for (intptr_t i = 0; i < 2; i++)
		pthread_create(&t[i], NULL, reader, (void *)i);
	for (int i = 0; i < 2000; i++)
		while (sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_int = i}))
			sched_yield();
	for (int i = 0; i < 2; i++)
		while (sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_int = -1}))
			sched_yield();
	for (int i = 0; i < 2; i++)
		pthread_join(t[i], NULL);
	printf("read %d\n", counts[0] + counts[1]);
	close(shared);
}

int main(int argc, char **argv)
{
	(void)argc;
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	errors(argv[0]);
	kinds();
	masks();
	forked();
	blocking();
	races();
	return 0;
}

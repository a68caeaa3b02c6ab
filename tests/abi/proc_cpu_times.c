// summary: CPU time in ring 3 and in the kernel is told apart: getrusage, times, wait4, clocks, timers, siginfo, /proc
// quick: most
//
// Seen to fail: before the two were told apart, in every line that asks for the kernel's; and with user_time_end() left out of
// entry_syscall().
#include "abi.h"
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/times.h>
#include <sys/wait.h>
#include <time.h>

/* Linux itself looks only at which of the two its ticks of 4 ms meet, and on a busy host it meets few: a majority is what both give. */
#define WORK_MS 400

struct split {
	long user, system; /* ms */
};

static long cpu_ms(int clock)
{
	struct timespec t;
	clock_gettime(clock, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void compute(long ms)
{
	long from = cpu_ms(CLOCK_THREAD_CPUTIME_ID);
	while (cpu_ms(CLOCK_THREAD_CPUTIME_ID) - from < ms)
		for (volatile int i = 0; i < 1000000; i++)
			;
}

static void work_in_kernel(long ms)
{
	static char buffer[1 << 20];
	long from = cpu_ms(CLOCK_THREAD_CPUTIME_ID);
	int fd = open("/dev/zero", O_RDONLY);
	while (cpu_ms(CLOCK_THREAD_CPUTIME_ID) - from < ms)
		read(fd, buffer, sizeof(buffer));
	close(fd);
}

static long ms(struct timeval t)
{
	return t.tv_sec * 1000 + t.tv_usec / 1000;
}

static struct split of(const struct rusage *r)
{
	return (struct split){ms(r->ru_utime), ms(r->ru_stime)};
}

static struct split usage(int who)
{
	struct rusage r;
	getrusage(who, &r);
	return of(&r);
}

static struct split from_proc(const char *path)
{
	static char text[1000];
	struct split s;
	int fd = open(path, O_RDONLY);
	ssize_t n = read(fd, text, sizeof(text) - 1);
	close(fd);
	text[n > 0 ? n : 0] = '\0';
	char *at = strrchr(text, ')');
	if (!at || sscanf(at, ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &s.user,
			   &s.system) != 2)
		printf("%s: %s\n", path, text);
	return (struct split){s.user * 10, s.system * 10};
}

static struct split since(struct split now, struct split then)
{
	return (struct split){now.user - then.user, now.system - then.system};
}

static struct split from_times(int children)
{
	struct tms t;
	times(&t);
	return children ? (struct split){t.tms_cutime * 10, t.tms_cstime * 10}
			: (struct split){t.tms_utime * 10, t.tms_stime * 10};
}

/* It is of the kind that the work uses. */
static int is_more(void (*work)(long), struct split s)
{
	return work == compute ? s.user > s.system : s.system > s.user;
}

static int is_most(void (*work)(long), struct split s)
{
	return is_more(work, s) && s.user + s.system >= WORK_MS * 3 / 4;
}

static void own(void (*work)(long))
{
	struct split self = usage(RUSAGE_SELF), thread = usage(RUSAGE_THREAD),
		     ticks = from_times(0);
	struct split stat = from_proc("/proc/self/stat"),
		     task = from_proc("/proc/thread-self/stat");
	work(WORK_MS);
	self = since(usage(RUSAGE_SELF), self);
	thread = since(usage(RUSAGE_THREAD), thread);
	ticks = since(from_times(0), ticks);
	stat = since(from_proc("/proc/self/stat"), stat);
	task = since(from_proc("/proc/thread-self/stat"), task);
	HOLDS(is_most(work, self));
	HOLDS(is_most(work, thread));
	HOLDS(is_most(work, ticks));
	HOLDS(is_most(work, stat));
	HOLDS(is_most(work, task));
}

static siginfo_t told;

static void on_child(int number, siginfo_t *info, void *context)
{
	(void)number, (void)context;
	told = *info;
}

/* What wait4, SIGCHLD, RUSAGE_CHILDREN and times() say of one that has gone, and /proc while it was there. */
static void child(void (*work)(long))
{
	struct sigaction a = {.sa_sigaction = on_child, .sa_flags = SA_SIGINFO};
	sigaction(SIGCHLD, &a, NULL);
	struct split all = usage(RUSAGE_CHILDREN), ticks = from_times(1), stat;
	struct rusage r;
	char path[40];
	pid_t pid = fork();
	if (pid == 0) {
		work(WORK_MS);
		_exit(0);
	}
	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	/* It may be a zombie by the time that it has used so much. */
	do {
		stat = from_proc(path);
		usleep(5000);
	} while (stat.user + stat.system < WORK_MS * 3 / 4);
	while (wait4(pid, NULL, 0, &r) != pid)
		;
	struct split one = of(&r), signal = {told.si_utime * 10, told.si_stime * 10};
	all = since(usage(RUSAGE_CHILDREN), all);
	ticks = since(from_times(1), ticks);
	HOLDS(is_most(work, stat));
	HOLDS(is_most(work, one));
	HOLDS(is_most(work, all));
	HOLDS(is_most(work, ticks));
	/* On Linux these are the ticks as they are. */
	HOLDS(is_more(work, signal));
	a = (struct sigaction){.sa_handler = SIG_DFL};
	sigaction(SIGCHLD, &a, NULL);
}

static volatile int virtual, prof;

static void on_timer(int number)
{
	if (number == SIGVTALRM)
		virtual ++;
	else
		prof++;
}

static void timers(void)
{
	struct itimerval v = {{0, 0}, {0, WORK_MS / 2 * 1000}};
	signal(SIGVTALRM, on_timer);
	signal(SIGPROF, on_timer);
	setitimer(ITIMER_VIRTUAL, &v, NULL);
	setitimer(ITIMER_PROF, &v, NULL);
	/* However few ticks Linux meets. */
	while (!prof)
		work_in_kernel(20);
	HOLDS(virtual == 0);
	while (!virtual)
		compute(20);
	HOLDS(prof == 1);
}

/* A clock's number: the process, or 4: the thread; 0: all; 1: in ring 3; 2: all, as the scheduler measures it. */
#define CPU_CLOCK(kind) (-8 | (kind))

/* How much its clock of ring 3 has of what its clock of both has: in ticks on Linux, as they are. */
static void clocks(int thread)
{
	int all = CPU_CLOCK(thread | 0), user = CPU_CLOCK(thread | 1),
	    exact = CPU_CLOCK(thread | 2);
	long all_then = cpu_ms(all), user_then = cpu_ms(user), exact_then = cpu_ms(exact);
	work_in_kernel(WORK_MS);
	HOLDS(cpu_ms(exact) - exact_then >= WORK_MS * 3 / 4);
	HOLDS(cpu_ms(user) - user_then < (cpu_ms(all) - all_then) / 2);
	all_then = cpu_ms(all), user_then = cpu_ms(user);
	compute(WORK_MS);
	HOLDS(cpu_ms(user) - user_then > (cpu_ms(all) - all_then) / 2);
}

static volatile int stop;

static void *be_busy(void *unused)
{
	while (!stop) {
		for (volatile int i = 0; i < 3000; i++)
			;
		syscall(SYS_getppid);
	}
	return unused;
}

/* Neither ever falls, whoever runs meanwhile. */
static void never_falls(void)
{
	struct rusage before, now;
	pthread_t thread;
	int fell = 0;
	pthread_create(&thread, NULL, be_busy, NULL);
	getrusage(RUSAGE_SELF, &before);
	for (int i = 0; i < 20000; i++) {
		getrusage(RUSAGE_SELF, &now);
		fell += timercmp(&now.ru_utime, &before.ru_utime, <) ||
			timercmp(&now.ru_stime, &before.ru_stime, <);
		before = now;
	}
	stop = 1;
	pthread_join(thread, NULL);
	HOLDS(fell == 0);
}

int main(void)
{
	own(compute);
	own(work_in_kernel);
	child(compute);
	child(work_in_kernel);
	timers();
	clocks(0);
	clocks(4);
	never_falls();
	return 0;
}

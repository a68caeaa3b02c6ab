// summary: ptrace(2) against itself: SIGKILL, exit, exec, detach and tracers' ends at any moment; nothing hangs, nothing is lost
// quick: most
//
// Each round ends with everything waited for, or hangs. Seen to fail: with `held` left set after a
// request; with forks told to a tracer that took over meanwhile (is_wanted_locked()). On Linux, too, it hung while threads that
// report their end were not let go (kill_met()), nor processes that a tracer gets without having asked (drain()).
#include "trace.h"

#include <pthread.h>

#define ROUNDS 30

static unsigned seed = 1;
static char *self;

static unsigned dice(unsigned sides)
{
	seed = seed * 1103515245 + 12345;
	return (seed >> 16) % sides;
}

static void *spin(void *arg)
{
	for (;;)
		sched_yield();
	return arg;
}

static void *calls(void *arg)
{
	for (;;)
		syscall(SYS_getppid);
	return arg;
}

/* A child that does a little of everything, for ever. */
static pid_t busy_child(void)
{
	return CHILD({
		pthread_t t;
		pthread_create(&t, NULL, spin, NULL);
		pthread_create(&t, NULL, calls, NULL);
		for (;;) {
			pid_t c = fork();
			if (!c)
				_exit(0);
			raise(SIGCHLD);
			waitpid(c, NULL, 0);
		}
	});
}

/* Takes what there is until the child has ended; every wait must come back. What stops is let go: a fork that has begun under
 * a tracer that wants forks, and ends under another, gives that one the new process, asked for or not. */
static int drain(pid_t child)
{
	int status;

	for (;;) {
		pid_t got = waitpid(-1, &status, __WALL);
		if (got < 0)
			return errno != ECHILD;
		if (got == child && !WIFSTOPPED(status))
			child = 0;
		if (WIFSTOPPED(status))
			trace(PTRACE_CONT, got, 0, 0);
	}
}

static long request(pid_t pid)
{
	struct user_regs_struct r;
	long word;

	switch (dice(8)) {
	case 0:
		return trace(PTRACE_GETREGS, pid, 0, (long)&r);
	case 1:
		return trace(PTRACE_PEEKDATA, pid, (long)&seed, (long)&word);
	case 2:
		return trace(PTRACE_SYSCALL, pid, 0, 0);
	case 3:
		return trace(PTRACE_SINGLESTEP, pid, 0, 0);
	case 4:
		return trace(PTRACE_CONT, pid, 0, 0);
	case 5:
		return trace(PTRACE_INTERRUPT, pid, 0, 0);
	case 6:
		return trace(PTRACE_GETREGS, pid, 0, 8);
	default:
		return trace(PTRACE_LISTEN, pid, 0, 0);
	}
}

/* Tracees whose stops a wait has told of: they stay there, also when their parent has died. */
static pid_t met[64];
static int met_count;

static void meet(pid_t pid, int status)
{
	int i = 0;

	while (i < met_count && met[i] != pid)
		i++;
	if (!WIFSTOPPED(status) && i < met_count)
		met[i] = met[--met_count];
	else if (WIFSTOPPED(status) && i == met_count && i < 64)
		met[met_count++] = pid;
}

/* SIGKILL ends every stop but that of a thread which reports its end (ptrace_ends.c, "SIGKILL after exit_group"). Such a
 * stop has been told of, so no wait will tell of it again: it is let go here, or nobody does. */
static void kill_met(void)
{
	while (met_count) {
		pid_t pid = met[--met_count];
		kill(pid, SIGKILL);
		trace(PTRACE_CONT, pid, 0, 0);
	}
}

/* A tracer that does anything to whatever stops, for a while. */
static void steer(pid_t child, int rounds)
{
	while (rounds--) {
		int status;
		pid_t got = waitpid(-1, &status, __WALL | WNOHANG);
		if (got < 0)
			return;
		if (got > 0)
			meet(got, status);
		request(got > 0 ? got : child);
		if (got > 0 && WIFSTOPPED(status) && dice(2))
			trace(PTRACE_CONT, got, 0, 0);
	}
}

#define OPTIONS                                                                                  \
	(PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC | \
		PTRACE_O_TRACEEXIT)

static void killed_anywhere(void)
{
	int bad = 0;

	for (int i = 0; i < ROUNDS; i++) {
		pid_t child = busy_child();
		bad += trace(PTRACE_SEIZE, child, 0, OPTIONS | PTRACE_O_EXITKILL) != 0;
		steer(child, (int)dice(60));
		kill(child, SIGKILL);
		kill_met();
		/* Its other children, which we trace, too. */
		for (;;) {
			int status;
			pid_t got = waitpid(-1, &status, __WALL);
			if (got < 0)
				break;
			if (WIFSTOPPED(status) && got != child)
				kill(got, SIGKILL);
			/* On Linux an exit is told even then. */
			if (WIFSTOPPED(status))
				trace(PTRACE_CONT, got, 0, 0);
		}
	}
	printf("killed anywhere: %d\n", bad);
}

static void tracer_ends_anywhere(void)
{
	int bad = 0;

	for (int i = 0; i < ROUNDS; i++) {
		pid_t child = busy_child();
		pid_t tracer = CHILD({
			seed = (unsigned)i;
			if (trace(PTRACE_SEIZE, child, 0, OPTIONS & ~PTRACE_O_TRACEEXIT))
				_exit(1);
			trace(PTRACE_INTERRUPT, child, 0, 0);
			steer(child, (int)dice(60));
		});
		int status;
		waitpid(tracer, &status, 0);
		bad += status != 0;
		/* It can be traced anew, unless a step that its tracer did not live to see has killed it; and killed. */
		if (i % 2 && trace(PTRACE_SEIZE, child, 0, 0) == 0)
			trace(PTRACE_INTERRUPT, child, 0, 0);
		kill(child, SIGKILL);
		bad += drain(child);
	}
	printf("tracers end anywhere: %d\n", bad);
}

/* What a process that forks all the time shares with its tracers. */
static volatile struct shared {
	int forking;
	int forks;
} * shared;

/* Its forks take long: there are many areas to copy. */
static pid_t slow_forks(void)
{
	return CHILD({
		char *p = mmap(
			NULL, 16 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		for (size_t i = 0; i < 16 << 20; i += 8192)
			mprotect(p + i, 4096, PROT_READ);
		for (;;) {
			shared->forking = 1;
			pid_t c = (pid_t)syscall(SYS_fork);
			shared->forking = 0;
			if (!c)
				_exit(0);
			waitpid(c, NULL, 0);
		}
	});
}

/* Lets go what stops, until the child says so: how often it told of a fork. */
static int serve_until(pid_t child, int forking)
{
	int status, heard = 0;

	while (shared->forking != forking) {
		pid_t got = waitpid(-1, &status, __WALL | WNOHANG);
		if (got < 0)
			break;
		if (got == 0 || !WIFSTOPPED(status))
			continue;
		heard += got == child && status >> 16 == PTRACE_EVENT_FORK;
		trace(PTRACE_CONT, got, 0, 0);
	}
	return heard;
}

/* Ends while a fork that it wants to hear of is on its way. */
static void trace_a_fork_and_end(pid_t child)
{
	trace(PTRACE_SEIZE, child, 0, PTRACE_O_TRACEFORK);
	serve_until(child, 0);
	serve_until(child, 1);
	serve_until(child, 0);
	serve_until(child, 1);
}

/* The next tracer wants to hear of no forks: how many it hears of. */
static int forks_heard(pid_t child)
{
	int heard = serve_until(child, 0) + serve_until(child, 1) + serve_until(child, 0);

	kill(child, SIGKILL);
	return heard;
}

static void tracers_take_turns(void)
{
	int bad = 0, heard = 0;

	shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	for (int i = 0; i < ROUNDS / 5; i++) {
		pid_t child = slow_forks();
		pid_t tracer = CHILD(trace_a_fork_and_end(child));
		waitpid(tracer, NULL, 0);
		bad += trace(PTRACE_SEIZE, child, 0, 0) != 0;
		heard += forks_heard(child);
		bad += drain(child);
	}
	printf("tracers take turns: %d, forks heard of unasked: %d\n", bad, heard);
}

static void exec_with_threads(void)
{
	int bad = 0;

	for (int i = 0; i < ROUNDS; i++) {
		pid_t child = TRACEE({
			pthread_t t;
			pthread_create(&t, NULL, spin, NULL);
			pthread_create(&t, NULL, calls, NULL);
			execl(self, self, "exit", NULL);
		});
		trace(PTRACE_SETOPTIONS, child, 0, OPTIONS);
		trace(PTRACE_CONT, child, 0, 0);
		int kill_at = (int)dice(12), events = 0, ended = 0;
		for (;;) {
			int status;
			pid_t got = waitpid(-1, &status, __WALL);
			if (got < 0)
				break;
			if (got == child && !WIFSTOPPED(status))
				ended = WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status);
			if (events++ == kill_at)
				kill(child, SIGKILL);
			if (WIFSTOPPED(status))
				trace(PTRACE_CONT, got, 0, 0);
		}
		bad += ended != 6 && ended != SIGKILL;
	}
	printf("exec with threads: %d\n", bad);
}

static void *attacher(void *arg)
{
	pid_t child = (pid_t)(long)arg;
	int status;

	for (int i = 0; i < 100; i++) {
		if (trace(PTRACE_SEIZE, child, 0, 0))
			continue;
		trace(PTRACE_INTERRUPT, child, 0, 0);
		if (waitpid(child, &status, __WALL | __WNOTHREAD) != child)
			return (void *)1;
		if (trace(PTRACE_DETACH, child, 0, 0))
			return (void *)2;
	}
	return NULL;
}

/* Two threads of one process want the same tracee; one of them has it at a time. */
static void two_attach(void)
{
	pthread_t t[2];
	pid_t child = CHILD(calls(NULL));
	long bad = 0;

	for (int i = 0; i < 2; i++)
		pthread_create(&t[i], NULL, attacher, (void *)(long)child);
	for (int i = 0; i < 2; i++) {
		void *result;
		pthread_join(t[i], &result);
		bad += (long)result;
	}
	kill(child, SIGKILL);
	bad += drain(child);
	printf("two attach: %ld\n", bad);
}

static void stops_and_continues(void)
{
	int bad = 0;

	for (int i = 0; i < ROUNDS; i++) {
		pid_t child = busy_child();
		pid_t sender = CHILD({
			for (int n = 0; n < 30; n++) {
				kill(child, SIGSTOP);
				kill(child, SIGCONT);
			}
			kill(child, SIGKILL);
		});
		/* It may be dead already. */
		trace(PTRACE_SEIZE, child, 0, 0);
		for (;;) {
			int status;
			pid_t got = waitpid(-1, &status, __WALL);
			if (got < 0)
				break;
			if (got == sender || !WIFSTOPPED(status))
				continue;
			int group =
				status >> 16 == PTRACE_EVENT_STOP && WSTOPSIG(status) != SIGTRAP;
			if (group)
				trace(PTRACE_LISTEN, got, 0, 0);
			else
				trace(PTRACE_CONT, got, 0, status >> 16 ? 0 : WSTOPSIG(status));
		}
	}
	printf("stops and continues: %d\n", bad);
}

int main(int argc, char **argv)
{
	self = argv[0];
	if (argc > 1)
		return 6;
	setvbuf(stdout, NULL, _IONBF, 0);
	killed_anywhere();
	tracer_ends_anywhere();
	tracers_take_turns();
	exec_with_threads();
	two_attach();
	stops_and_continues();
	return 0;
}

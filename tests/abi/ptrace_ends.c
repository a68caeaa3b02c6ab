// summary: ptrace(2): how tracees and tracers end; two tracers; who waits for whom
//
// Seen to fail: with SIGKILL ending the stop of a thread that ends, too (no event 6).
#include "trace.h"

#include <pthread.h>

static void tracers(void)
{
	int p[2], q[2], r[2], status;
	char c;

	if (pipe(p) || pipe(q) || pipe(r))
		return;
	printf("two tracers\n");
	pid_t child = CHILD(thread_pauses(NULL));
	SHOW(trace(PTRACE_SEIZE, child, 0, 0));
	SHOW_CHILD(HOLDS(trace(PTRACE_SEIZE, child, 0, 0) == -1 && errno == EPERM));
	SHOW_CHILD(HOLDS(trace(PTRACE_INTERRUPT, child, 0, 0) == -1 && errno == ESRCH));
	SHOW(trace(PTRACE_INTERRUPT, child, 0, 0));
	show_stop("interrupted", child);
	SHOW(trace(PTRACE_DETACH, child, 0, 0));
	SHOW_CHILD(HOLDS(trace(PTRACE_SEIZE, child, 0, 0) == 0));
	end(child);

	printf("a tracer that is not the parent hears of the death first\n");
	child = CHILD({
		close(p[1]);
		read(p[0], &c, 1);
		_exit(5);
	});
	pid_t tracer = CHILD({
		close(q[0]);
		HOLDS(trace(PTRACE_SEIZE, child, 0, 0) == 0);
		fflush(stdout);
		write(q[1], "", 1);
		close(p[1]);
		close(p[0]);
		siginfo_t info = {0};
		HOLDS(waitid(P_PID, child, &info, WEXITED | WNOWAIT) == 0);
		HOLDS(info.si_pid == child && info.si_status == 5);
		write(q[1], "", 1);
		read(r[0], &c, 1);
		show_stop("the tracer", child);
		HOLDS(waitpid(child, NULL, __WALL) == -1 && errno == ECHILD);
	});
	close(p[0]);
	read(q[0], &c, 1);
	SHOW(waitpid(child, &status, WNOHANG));
	close(p[1]);
	read(q[0], &c, 1);
	/* It is dead, and the tracer knows, but has not taken that away yet. */
	SHOW(waitpid(child, &status, WNOHANG));
	write(r[1], "", 1);
	show_end("the tracer", tracer);
	show_end("the parent", child);

	printf("a tracer that ends\n");
	if (pipe(p))
		return;
	child = CHILD(thread_pauses(NULL));
	tracer = CHILD({
		HOLDS(trace(PTRACE_SEIZE, child, 0, 0) == 0);
		trace(PTRACE_INTERRUPT, child, 0, 0);
		show_stop("interrupted", child);
	});
	show_end("tracer", tracer);
	SHOW(trace(PTRACE_SEIZE, child, 0, 0));
	end(child);
	child = CHILD(thread_pauses(NULL));
	tracer = CHILD(HOLDS(trace(PTRACE_SEIZE, child, 0, PTRACE_O_EXITKILL) == 0));
	show_end("tracer", tracer);
	show_end("its tracee", child);

	printf("SIGCHLD ignored\n");
	signal(SIGCHLD, SIG_IGN);
	child = TRACEE(_exit(3));
	go(child, 0);
	show_stop("child", child);
	child = CHILD(_exit(3));
	SHOW(waitpid(child, &status, 0));
	signal(SIGCHLD, SIG_DFL);

	printf("exit while a tracer wants to see it\n");
	child = TRACEE(raise(SIGTERM));
	SHOW(trace(PTRACE_SETOPTIONS, child, 0, PTRACE_O_TRACEEXIT));
	go(child, 0);
	show_stop("term", child);
	go(child, SIGTERM);
	show_stop("exit", child);
	HOLDS(message_of(child) == SIGTERM);
	HOLDS(peek_user(child, IN_USER(rip)) != 0);
	SHOW(trace(PTRACE_DETACH, child, 0, 0));
	show_end("child", child);

	printf("waiting for one's own tracee that is no child\n");
	int up[2];
	if (pipe(up))
		return;
	pid_t middle = CHILD({
		pid_t grandchild = CHILD(thread_pauses(NULL));
		write(up[1], &grandchild, sizeof(grandchild));
		thread_pauses(NULL);
	});
	pid_t other = 0;
	read(up[0], &other, sizeof(other));
	SHOW(waitpid(other, &status, WNOHANG | __WALL));
	SHOW(trace(PTRACE_SEIZE, other, 0, 0));
	SHOW(waitpid(other, &status, WNOHANG | __WALL));
	kill(other, SIGTERM);
	show_stop("term", other);
	SHOW(trace(PTRACE_CONT, other, 0, SIGTERM));
	show_stop("end", other);
	SHOW(waitpid(other, &status, WNOHANG | __WALL));
	end(middle);
}

static void *ends_alone(void *arg)
{
	syscall(SYS_exit, 0);
	return arg;
}

/* What there is to be heard of a process with two threads, until it has ended: how many ends were reported. */
static int ends_until_gone(pid_t child, int kill_at)
{
	int status, ends = 0;

	for (;;) {
		pid_t got = waitpid(-1, &status, __WALL);
		if (got < 0 || (got == child && !WIFSTOPPED(status)))
			return ends;
		ends += status >> 16 == PTRACE_EVENT_EXIT;
		if (status >> 16 == PTRACE_EVENT_EXIT && ends == kill_at)
			kill(child, SIGKILL);
		if (WIFSTOPPED(status))
			trace(PTRACE_CONT, got, 0, 0);
	}
}

static pid_t seized_pause(void)
{
	pid_t child = CHILD(thread_pauses(NULL));

	trace(PTRACE_SEIZE, child, 0, PTRACE_O_TRACEEXIT | PTRACE_O_TRACECLONE);
	return child;
}

/* SIGKILL ends what it meets, and then the end is reported; which SIGKILL does not end. */
static void ends_by_kill(void)
{
	struct user_regs_struct r;
	int status;

	printf("the end by SIGKILL\n");
	pid_t child = seized_pause();
	kill(child, SIGKILL);
	show_stop("killed", child);
	HOLDS(message_of(child) == SIGKILL);
	SHOW(trace(PTRACE_GETREGS, child, 0, (unsigned long)&r));
	SHOW(kill(child, SIGKILL));
	SHOW(waitpid(child, &status, WNOHANG | __WALL));
	HOLDS(message_of(child) == SIGKILL);
	SHOW(trace(PTRACE_CONT, child, 0, 0));
	show_end("child", child);

	printf("SIGKILL in a stop\n");
	child = seized_pause();
	kill(child, SIGUSR1);
	show_stop("signal", child);
	kill(child, SIGKILL);
	show_stop("killed", child);
	HOLDS(message_of(child) == SIGKILL);
	SHOW(trace(PTRACE_CONT, child, 0, 0));
	show_end("child", child);

	printf("SIGKILL after exit_group\n");
	child = TRACEE(_exit(3));
	SHOW(trace(PTRACE_SETOPTIONS, child, 0, PTRACE_O_TRACEEXIT));
	SHOW(trace(PTRACE_CONT, child, 0, 0));
	show_stop("exit", child);
	kill(child, SIGKILL);
	HOLDS(message_of(child) == 3 << 8);
	SHOW(waitpid(child, &status, WNOHANG | __WALL));
	SHOW(trace(PTRACE_CONT, child, 0, 0));
	show_end("child", child);

	printf("SIGKILL for a stopped process\n");
	child = seized_pause();
	kill(child, SIGSTOP);
	show_stop("stop", child);
	SHOW(trace(PTRACE_CONT, child, 0, SIGSTOP));
	show_stop("group", child);
	SHOW(trace(PTRACE_LISTEN, child, 0, 0));
	kill(child, SIGKILL);
	show_stop("killed", child);
	SHOW(trace(PTRACE_CONT, child, 0, 0));
	show_end("child", child);

	printf("threads\n");
	child = TRACEE({
		pthread_t t;
		pthread_create(&t, NULL, thread_pauses, NULL);
		pthread_create(&t, NULL, ends_alone, NULL);
		thread_pauses(NULL);
	});
	SHOW(trace(PTRACE_SETOPTIONS, child, 0, PTRACE_O_TRACEEXIT | PTRACE_O_TRACECLONE));
	SHOW(trace(PTRACE_CONT, child, 0, 0));
	/* The first end is one thread's own; it has been let go when the others are told of theirs. */
	int ends = ends_until_gone(child, 1);
	HOLDS(ends == 2 || ends == 3);

	printf("a tracer that has ended\n");
	child = CHILD(thread_pauses(NULL));
	pid_t tracer = CHILD({
		trace(PTRACE_SEIZE, child, 0, PTRACE_O_TRACEEXIT);
		kill(child, SIGKILL);
		next_stop(child);
	});
	show_end("tracer", tracer);
	show_end("child", child);
}

int main(void)
{
	setvbuf(stdout, NULL, _IONBF, 0);
	tracers();
	ends_by_kill();
	return 0;
}

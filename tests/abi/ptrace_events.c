// summary: ptrace(2): fork, vfork, clone, exec and exit of tracees; threads
//
// Seen to fail: with another RAX at the stop of an execve, and without that stop.
#include "trace.h"

#include <pthread.h>

#define ALL_EVENTS                                                                                \
	(PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE | \
		PTRACE_O_TRACEEXEC | PTRACE_O_TRACEEXIT | PTRACE_O_TRACEVFORKDONE)

static char *self;

static void forks(void)
{
	printf("fork\n");
	pid_t child = TRACEE({
		pid_t c = fork();
		if (!c)
			_exit(4);
		int status;
		waitpid(c, &status, 0);
		_exit(WEXITSTATUS(status) + 1);
	});
	SHOW(trace(PTRACE_SETOPTIONS, child, 0, ALL_EVENTS & ~PTRACE_O_TRACEEXIT));
	go(child, 0);
	show_stop("event", child);
	pid_t grandchild = (pid_t)message_of(child);
	siginfo_t info;
	SHOW(trace(PTRACE_GETSIGINFO, child, 0, (long)&info));
	printf("  %d %d\n", info.si_signo, info.si_code);
	show_stop("its first stop", grandchild);
	SHOW(trace(PTRACE_GETSIGINFO, grandchild, 0, (long)&info));
	printf("  %d %d %d\n", info.si_signo, info.si_code, info.si_pid);
	HOLDS(peek_user(grandchild, IN_USER(rax)) == 0);
	go(child, 0);
	go(grandchild, 0);
	/* We hear of the death before its parent does. */
	usleep(20000);
	SHOW(waitpid(child, NULL, WNOHANG | __WALL));
	show_stop("grandchild", grandchild);
	SHOW(waitpid(grandchild, NULL, __WALL));
	show_stop("sigchld", child);
	go(child, 0);
	show_stop("child", child);

	printf("vfork\n");
	child = TRACEE({
		pid_t c = vfork();
		if (!c)
			_exit(4);
		waitpid(c, NULL, 0);
	});
	SHOW(trace(PTRACE_SETOPTIONS, child, 0, ALL_EVENTS));
	go(child, 0);
	show_stop("event", child);
	grandchild = (pid_t)message_of(child);
	show_stop("its first stop", grandchild);
	go(child, 0);
	go(grandchild, 0);
	show_stop("its exit", grandchild);
	HOLDS(message_of(grandchild) == 0x400);
	go(grandchild, 0);
	show_stop("grandchild", grandchild);
	int status = next_stop(child);
	/* Either may come first. */
	int done = status >> 16 == PTRACE_EVENT_VFORK_DONE;
	HOLDS(done ? (pid_t)message_of(child) == grandchild : WSTOPSIG(status) == SIGCHLD);
	go(child, 0);
	status = next_stop(child);
	HOLDS(done ? WSTOPSIG(status) == SIGCHLD : status >> 16 == PTRACE_EVENT_VFORK_DONE);
	go(child, 0);
	show_stop("exit", child);
	HOLDS(message_of(child) == 0);
	go(child, 0);
	show_stop("child", child);

	printf("seized: the first stop is a trap\n");
	int p[2];
	char c = 0;
	if (pipe(p))
		return;
	child = CHILD({
		read(p[0], &c, 1);
		if (!fork())
			_exit(1);
		wait(NULL);
	});
	SHOW(trace(PTRACE_SEIZE, child, 0, PTRACE_O_TRACEFORK));
	if (write(p[1], "", 1) != 1)
		return;
	show_stop("event", child);
	grandchild = (pid_t)message_of(child);
	show_stop("its first stop", grandchild);
	go(grandchild, 0);
	show_stop("grandchild", grandchild);
	go(child, 0);
	show_stop("sigchld", child);
	go(child, 0);
	show_stop("child", child);
	close(p[0]);
	close(p[1]);

	printf("without an option\n");
	child = TRACEE({
		if (!fork())
			_exit(1);
		wait(NULL);
	});
	go(child, 0);
	show_stop("sigchld", child);
	go(child, 0);
	show_stop("child", child);
}

static void execs(void)
{
	printf("exec with an event, by calls\n");
	pid_t child = TRACEE(execl(self, self, "exit", NULL));
	SHOW(trace(PTRACE_SETOPTIONS, child, 0, ALL_EVENTS));
	do {
		trace(PTRACE_SYSCALL, child, 0, 0);
		next_stop(child);
	} while (peek_user(child, IN_USER(orig_rax)) != SYS_execve);
	trace(PTRACE_SYSCALL, child, 0, 0);
	show_stop("event", child);
	HOLDS((pid_t)message_of(child) == child);
	HOLDS(peek_user(child, IN_USER(orig_rax)) == SYS_execve);
	printf("  %ld\n", (long)peek_user(child, IN_USER(rax)));
	trace(PTRACE_SYSCALL, child, 0, 0);
	show_stop("the end of the call", child);
	printf("  %ld %ld\n", peek_user(child, IN_USER(orig_rax)), peek_user(child, IN_USER(rax)));
	go(child, 0);
	show_stop("exit", child);
	HOLDS(message_of(child) == 0x600);
	go(child, 0);
	show_stop("child", child);

	printf("exec without\n");
	child = TRACEE(execl(self, self, "exit", NULL));
	go(child, 0);
	siginfo_t info;
	show_stop("sigtrap", child);
	SHOW(trace(PTRACE_GETSIGINFO, child, 0, (long)&info));
	HOLDS(info.si_code == SI_USER && info.si_pid == child);
	go(child, 0);
	show_stop("child", child);

	printf("exec of a process that is seized\n");
	int p[2];
	char c;
	if (pipe(p))
		return;
	child = CHILD({
		read(p[0], &c, 1);
		execl(self, self, "exit", NULL);
	});
	SHOW(trace(PTRACE_SEIZE, child, 0, 0));
	if (write(p[1], "", 1) != 1)
		return;
	show_stop("child", child);
	close(p[0]);
	close(p[1]);
}

static volatile int thread_tid;

static void *thread_exits(void *arg)
{
	thread_tid = (int)syscall(SYS_gettid);
	return arg;
}

static void *thread_execs(void *arg)
{
	thread_tid = (int)syscall(SYS_gettid);
	execl(self, self, "exit", NULL);
	return arg;
}

static void threads(void)
{
	pthread_t t;

	printf("a thread\n");
	pid_t child = TRACEE({
		pthread_create(&t, NULL, thread_exits, NULL);
		pthread_join(t, NULL);
		/* Its death is to be told before ours. */
		thread_pauses(NULL);
	});
	SHOW(trace(PTRACE_SETOPTIONS, child, 0, PTRACE_O_TRACECLONE));
	go(child, 0);
	show_stop("event", child);
	pid_t tid = (pid_t)message_of(child);
	show_stop("its first stop", tid);
	SHOW(waitpid(tid, NULL, WNOHANG));
	SHOW(trace(PTRACE_CONT, tid, 0, 65));
	go(child, 0);
	go(tid, 0);
	show_stop("thread", tid);
	SHOW(waitpid(tid, NULL, __WALL));
	SHOW(trace(PTRACE_CONT, tid, 0, 0));
	kill(child, SIGKILL);
	show_stop("process", child);

	printf("a thread that execs\n");
	child = TRACEE({
		pthread_create(&t, NULL, thread_execs, NULL);
		thread_pauses(NULL);
	});
	SHOW(trace(PTRACE_SETOPTIONS, child, 0, PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC));
	go(child, 0);
	show_stop("event", child);
	tid = (pid_t)message_of(child);
	show_stop("its first stop", tid);
	go(child, 0);
	go(tid, 0);
	/* It has the process's number now; the first thread is gone without a word. */
	show_stop("exec", child);
	HOLDS((pid_t)message_of(child) == tid);
	SHOW(waitpid(tid, NULL, __WALL));
	SHOW(trace(PTRACE_CONT, tid, 0, 0));
	go(child, 0);
	show_stop("process", child);

	printf("the first execs, another thread pauses\n");
	child = TRACEE({
		pthread_create(&t, NULL, thread_pauses, NULL);
		execl(self, self, "exit", NULL);
	});
	SHOW(trace(PTRACE_SETOPTIONS, child, 0, PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC));
	go(child, 0);
	show_stop("event", child);
	tid = (pid_t)message_of(child);
	show_stop("its first stop", tid);
	go(tid, 0);
	go(child, 0);
	int status = next_stop(tid);
	HOLDS(WIFSIGNALED(status) || WIFEXITED(status));
	show_stop("exec", child);
	go(child, 0);
	show_stop("process", child);

	printf("all are killed, in stops and not\n");
	child = TRACEE({
		pthread_create(&t, NULL, thread_pauses, NULL);
		thread_pauses(NULL);
	});
	SHOW(trace(PTRACE_SETOPTIONS, child, 0, PTRACE_O_TRACECLONE));
	go(child, 0);
	show_stop("event", child);
	tid = (pid_t)message_of(child);
	show_stop("its first stop", tid);
	go(child, 0);
	kill(child, SIGKILL);
	show_stop("thread", tid);
	show_stop("process", child);

	printf("the process's death comes after its threads'\n");
	child = TRACEE({
		pthread_create(&t, NULL, thread_pauses, NULL);
		thread_pauses(NULL);
	});
	SHOW(trace(PTRACE_SETOPTIONS, child, 0, PTRACE_O_TRACECLONE));
	go(child, 0);
	show_stop("event", child);
	tid = (pid_t)message_of(child);
	show_stop("its first stop", tid);
	go(child, 0);
	go(tid, 0);
	kill(child, SIGTERM);
	/* Either thread may take it. */
	pid_t got = waitpid(-1, &status, __WALL);
	HOLDS(got == child || got == tid);
	printf("  %s\n", stop_text(status));
	go(got, SIGTERM);
	show_stop("a thread", -1);
	show_stop("the process", child);
}

int main(int argc, char **argv)
{
	self = argv[0];
	if (argc > 1)
		return 6;
	setvbuf(stdout, NULL, _IONBF, 0);
	forks();
	execs();
	threads();
	return 0;
}

// summary: ptrace(2): stops for signals, calls, groups; seize, interrupt, listen; detach
//
// Seen to fail: with SIGCONT not telling a tracee that listens.
#include "trace_signals.h"

static void signals(void)
{
	printf("a signal is dropped, changed, passed\n");
	pid_t child = TRACEE({
		handle(SIGUSR1);
		handle(SIGUSR2);
		raise(SIGUSR1);
		HOLDS(handled == 0);
		raise(SIGUSR1);
		HOLDS(handled / 1000 == SIGUSR2);
		handled = 0;
		raise(SIGUSR1);
		HOLDS(handled / 1000 == SIGUSR1);
		signal(SIGUSR1, SIG_IGN);
		raise(SIGUSR1);
		raise(SIGCHLD);
	});
	trace(PTRACE_CONT, child, 0, 0);
	show_stop("dropped", child);
	show_info(child);
	trace(PTRACE_CONT, child, 0, 0);
	show_stop("changed", child);
	trace(PTRACE_CONT, child, 0, SIGUSR2);
	show_stop("passed", child);
	trace(PTRACE_CONT, child, 0, SIGUSR1);
	show_stop("ignored", child);
	trace(PTRACE_CONT, child, 0, SIGUSR1);
	show_stop("ignored by default", child);
	trace(PTRACE_CONT, child, 0, SIGCHLD);
	show_stop("end", child);

	printf("one that kills\n");
	child = TRACEE(raise(SIGTERM));
	trace(PTRACE_CONT, child, 0, 0);
	show_stop("term", child);
	trace(PTRACE_CONT, child, 0, SIGTERM);
	show_stop("end", child);

	printf("one made of another\n");
	child = TRACEE(raise(SIGTERM));
	trace(PTRACE_CONT, child, 0, 0);
	show_stop("term", child);
	trace(PTRACE_CONT, child, 0, SIGKILL);
	show_stop("end", child);

	printf("siginfo changed\n");
	child = TRACEE({
		handle(SIGUSR1);
		raise(SIGUSR1);
		HOLDS(handled == SIGUSR1 * 1000 + 445);
	});
	trace(PTRACE_CONT, child, 0, 0);
	show_stop("usr1", child);
	siginfo_t info;
	trace(PTRACE_GETSIGINFO, child, 0, (long)&info);
	info.si_code = -55;
	trace(PTRACE_SETSIGINFO, child, 0, (long)&info);
	trace(PTRACE_CONT, child, 0, SIGUSR1);
	show_stop("end", child);

	printf("a fault, mended\n");
	child = TRACEE({
		volatile char *p = (char *)0x10;
		int before = 5;
		__asm__ volatile("movb $1, (%1); nop" : "+r"(before) : "a"(p) : "memory");
		printf("  went on\n");
	});
	trace(PTRACE_CONT, child, 0, 0);
	show_stop("segv", child);
	memset(&info, 0, sizeof(info));
	trace(PTRACE_GETSIGINFO, child, 0, (long)&info);
	printf("  code %d at %lx\n", info.si_code, (long)info.si_addr);
	trace(PTRACE_POKEUSR, child, IN_USER(rip), peek_user(child, IN_USER(rip)) + 3);
	trace(PTRACE_CONT, child, 0, 0);
	show_stop("end", child);

	printf("blocked ones are not told\n");
	child = TRACEE({
		sigset_t s;
		sigemptyset(&s);
		sigaddset(&s, SIGUSR1);
		sigprocmask(SIG_BLOCK, &s, NULL);
		raise(SIGUSR1);
		raise(SIGUSR2);
		sigprocmask(SIG_UNBLOCK, &s, NULL);
	});
	trace(PTRACE_CONT, child, 0, 0);
	show_stop("usr2", child);
	trace(PTRACE_CONT, child, 0, 0);
	show_stop("usr1", child);
	trace(PTRACE_CONT, child, 0, 0);
	show_stop("end", child);
}

static void calls(void)
{
	struct ptrace_syscall_info s;
	int status;

	printf("calls\n");
	pid_t child = TRACEE({
		long r = syscall(SYS_getppid);
		HOLDS(r == 4321);
		r = syscall(SYS_getuid, 1, 2, 3, 4, 5, 6);
		HOLDS(r == getpid());
		r = syscall(SYS_getuid);
		HOLDS(r == -1 && errno == ENOSYS);
		r = syscall(SYS_getuid);
		HOLDS(r == 77);
		fflush(stdout);
		syscall(SYS_exit_group, 9);
	});
	trace(PTRACE_SETOPTIONS, child, 0, PTRACE_O_TRACESYSGOOD);
	for (int getuids = 0, entry = 1;; entry = !entry) {
		trace(PTRACE_SYSCALL, child, 0, 0);
		status = next_stop(child);
		if (!WIFSTOPPED(status))
			break;
		if (WSTOPSIG(status) != (SIGTRAP | 0x80)) {
			printf("  %s\n", stop_text(status));
			continue;
		}
		memset(&s, 0, sizeof(s));
		long size = trace(PTRACE_GET_SYSCALL_INFO, child, sizeof(s), (long)&s);
		long number = (long)peek_user(child, IN_USER(orig_rax));
		unsigned long message = 0;
		trace(PTRACE_GETEVENTMSG, child, 0, (long)&message);
		if (number == SYS_getppid || number == SYS_getuid || number == SYS_exit_group)
			printf("  %d %ld: op %d size %ld rax %ld message %ld\n", entry, number,
				s.op, size, entry ? (long)peek_user(child, IN_USER(rax)) : 0,
				message);
		if (number == SYS_getppid && entry)
			show_info(child);
		if (number == SYS_getppid && !entry)
			trace(PTRACE_POKEUSR, child, IN_USER(rax), 4321);
		if (number == SYS_getuid && entry) {
			HOLDS((long)s.entry.nr == number);
			if (getuids == 0) {
				HOLDS(s.entry.args[0] == 1 && s.entry.args[5] == 6);
				trace(PTRACE_POKEUSR, child, IN_USER(orig_rax), SYS_getpid);
			} else if (getuids == 1) {
				trace(PTRACE_POKEUSR, child, IN_USER(orig_rax), -1UL);
			} else {
				trace(PTRACE_POKEUSR, child, IN_USER(orig_rax), -1UL);
				trace(PTRACE_POKEUSR, child, IN_USER(rax), 77);
			}
			getuids++;
		}
		if (number == SYS_getppid && !entry)
			HOLDS(s.exit.rval == getpid() && !s.exit.is_error);
	}
	printf("  %s\n", stop_text(status));

	printf("emulated\n");
	child = TRACEE({
		long r = syscall(SYS_getppid, 1, 2, 3);
		syscall(SYS_exit_group, r == 99 ? 7 : 8);
	});
	for (;;) {
		trace(PTRACE_SYSEMU, child, 0, 0);
		status = next_stop(child);
		printf("  %s, call %ld rax %ld\n", stop_text(status),
			peek_user(child, IN_USER(orig_rax)), peek_user(child, IN_USER(rax)));
		if ((long)peek_user(child, IN_USER(orig_rax)) != SYS_getppid)
			break;
		trace(PTRACE_POKEUSR, child, IN_USER(rax), 99);
	}
	HOLDS(peek_user(child, IN_USER(rdi)) == 7);
	trace(PTRACE_KILL, child, 0, 0);
	show_stop("end", child);

	printf("without TRACESYSGOOD\n");
	child = TRACEE(syscall(SYS_getppid));
	trace(PTRACE_SYSCALL, child, 0, 0);
	show_stop("entry", child);
	show_info(child);
	SHOW(trace(PTRACE_GET_SYSCALL_INFO, child, sizeof(s), (long)&s));
	trace(PTRACE_SYSCALL, child, 0, SIGUSR1);
	show_stop("exit", child);
	trace(PTRACE_CONT, child, 0, 0);
	show_stop("the signal given at the entry", child);
	show_info(child);
	trace(PTRACE_CONT, child, 0, 0);
	show_stop("end", child);

	printf("interrupted\n");
	child = TRACEE({
		char c;
		int p[2];
		pipe(p);
		handle(SIGUSR1);
		long r = read(p[0], &c, 1);
		HOLDS(r == -1 && errno == EINTR);
	});
	trace(PTRACE_SETOPTIONS, child, 0, PTRACE_O_TRACESYSGOOD);
	do {
		trace(PTRACE_SYSCALL, child, 0, 0);
		next_stop(child);
	} while (peek_user(child, IN_USER(orig_rax)) != SYS_read);
	trace(PTRACE_SYSCALL, child, 0, 0);
	kill(child, SIGUSR2);
	show_stop("exit of read", child);
	printf("  rax %ld\n", (long)peek_user(child, IN_USER(rax)));
	trace(PTRACE_SYSCALL, child, 0, 0);
	show_stop("usr2", child);
	printf("  rax %ld orig %ld\n", (long)peek_user(child, IN_USER(rax)),
		(long)peek_user(child, IN_USER(orig_rax)));
	trace(PTRACE_SYSCALL, child, 0, 0);
	show_stop("read again", child);
	printf("  rax %ld orig %ld\n", (long)peek_user(child, IN_USER(rax)),
		(long)peek_user(child, IN_USER(orig_rax)));
	trace(PTRACE_SYSCALL, child, 0, 0);
	kill(child, SIGUSR1);
	show_stop("exit of read", child);
	trace(PTRACE_CONT, child, 0, 0);
	show_stop("usr1", child);
	trace(PTRACE_CONT, child, 0, SIGUSR1);
	show_stop("end", child);

	printf("interrupted, and not made again\n");
	child = TRACEE({
		char c;
		int p[2];
		pipe(p);
		long r = read(p[0], &c, 1);
		HOLDS(r == 5);
	});
	trace(PTRACE_SETOPTIONS, child, 0, PTRACE_O_TRACESYSGOOD);
	do {
		trace(PTRACE_SYSCALL, child, 0, 0);
		next_stop(child);
	} while (peek_user(child, IN_USER(orig_rax)) != SYS_read);
	trace(PTRACE_CONT, child, 0, 0);
	kill(child, SIGUSR2);
	show_stop("usr2", child);
	HOLDS((long)peek_user(child, IN_USER(rax)) == -512);
	trace(PTRACE_POKEUSR, child, IN_USER(orig_rax), -1UL);
	trace(PTRACE_POKEUSR, child, IN_USER(rax), 5);
	trace(PTRACE_CONT, child, 0, 0);
	show_stop("end", child);
}

static void groups(void)
{
	siginfo_t info;

	printf("the whole process stops, attached\n");
	pid_t child = TRACEE({
		raise(SIGSTOP);
		pause();
	});
	trace(PTRACE_CONT, child, 0, 0);
	show_stop("about to stop", child);
	trace(PTRACE_CONT, child, 0, SIGSTOP);
	show_stop("stopped", child);
	show_info(child);
	SHOW(trace(PTRACE_LISTEN, child, 0, 0));
	kill(child, SIGCONT);
	SHOW(waitpid(child, NULL, WNOHANG | __WALL));
	trace(PTRACE_CONT, child, 0, 0);
	show_stop("cont", child);
	show_info(child);
	trace(PTRACE_CONT, child, 0, 0);
	kill(child, SIGSTOP);
	show_stop("about to stop again", child);
	trace(PTRACE_CONT, child, 0, SIGSTOP);
	show_stop("stopped again", child);
	trace(PTRACE_CONT, child, 0, 0);
	kill(child, SIGUSR1);
	show_stop("goes on although stopped", child);
	trace(PTRACE_CONT, child, 0, SIGSTOP);
	show_stop("stops once more", child);
	SHOW(trace(PTRACE_DETACH, child, 0, 0));
	int status = 0;
	SHOW(waitpid(child, &status, WUNTRACED) == child);
	printf("  %s\n", stop_text(status));
	kill(child, SIGCONT);
	end(child);

	printf("seized\n");
	child = CHILD(for (;;) pause());
	SHOW(trace(PTRACE_SEIZE, child, 0, PTRACE_O_TRACESYSGOOD));
	SHOW(waitpid(child, NULL, WNOHANG | __WALL));
	SHOW(trace(PTRACE_INTERRUPT, child, 0, 0));
	show_stop("interrupted", child);
	show_info(child);
	SHOW(trace(PTRACE_INTERRUPT, child, 0, 0));
	trace(PTRACE_CONT, child, 0, 0);
	show_stop("interrupted again", child);
	trace(PTRACE_CONT, child, 0, 0);
	kill(child, SIGSTOP);
	show_stop("about to stop", child);
	SHOW(trace(PTRACE_LISTEN, child, 0, 0));
	trace(PTRACE_CONT, child, 0, SIGSTOP);
	show_stop("stopped", child);
	memset(&info, 0, sizeof(info));
	show_info(child);
	SHOW(trace(PTRACE_LISTEN, child, 0, 0));
	SHOW(waitpid(child, NULL, WNOHANG | __WALL));
	SHOW(trace(PTRACE_CONT, child, 0, 0));
	SHOW(trace(PTRACE_GETEVENTMSG, child, 0, (long)&info));
	kill(child, SIGCONT);
	show_stop("news", child);
	show_info(child);
	trace(PTRACE_CONT, child, 0, 0);
	show_stop("cont", child);
	trace(PTRACE_CONT, child, 0, 0);
	kill(child, SIGSTOP);
	show_stop("about to stop", child);
	trace(PTRACE_CONT, child, 0, SIGSTOP);
	show_stop("stopped", child);
	SHOW(trace(PTRACE_LISTEN, child, 0, 0));
	SHOW(trace(PTRACE_INTERRUPT, child, 0, 0));
	show_stop("interrupted while it listened", child);
	SHOW(trace(PTRACE_LISTEN, child, 0, 0));
	kill(child, SIGKILL);
	show_stop("end", child);

	printf("seized while it is stopped\n");
	child = CHILD({
		raise(SIGSTOP);
		pause();
	});
	waitpid(child, &status, WUNTRACED);
	SHOW(trace(PTRACE_SEIZE, child, 0, 0));
	SHOW(waitpid(child, &status, WNOHANG | __WALL) == child);
	printf("  %s\n", stop_text(status));
	SHOW(trace(PTRACE_LISTEN, child, 0, 0));
	kill(child, SIGCONT);
	show_stop("news", child);
	trace(PTRACE_CONT, child, 0, 0);
	show_stop("cont", child);
	end(child);

	printf("attached while it is stopped\n");
	child = CHILD({
		raise(SIGSTOP);
		pause();
	});
	waitpid(child, &status, WUNTRACED);
	SHOW(trace(PTRACE_ATTACH, child, 0, 0));
	SHOW(waitpid(child, &status, WNOHANG | __WALL) == child);
	printf("  %s\n", stop_text(status));
	show_info(child);
	trace(PTRACE_CONT, child, 0, 0);
	show_stop("the SIGSTOP of attaching", child);
	show_info(child);
	end(child);

	printf("attached while it runs\n");
	child = CHILD(for (;;) pause());
	SHOW(trace(PTRACE_ATTACH, child, 0, 0));
	show_stop("stops", child);
	show_info(child);
	SHOW(trace(PTRACE_DETACH, child, 0, SIGUSR1));
	show_stop("killed by the signal given with detach", child);
}

int main(void)
{
	setvbuf(stdout, NULL, _IONBF, 0);
	signals();
	calls();
	groups();
	return 0;
}

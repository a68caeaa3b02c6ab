// summary: ptrace(2): watchpoints and breakpoints of the CPU: which can be set, when they hit, who has them
//
// Seen to fail: with DR7 taken as it is given, without a look at what it asks for.
#include "trace.h"

#define ON(n) (1UL << (2 * (n)))
#define EXECUTE 0UL
#define WRITE 1UL
#define PORT 2UL
#define ACCESS 3UL
#define KIND(n, type, length) \
	(((type) | ((length)-1 == 7 ? 2UL : (length)-1) << 2) << (16 + 4 * (n)))

static volatile long watched[2] __attribute__((aligned(16)));
static char *self;

__attribute__((noinline)) static long called(long x)
{
	__asm__ volatile("" ::: "memory");
	return x + 1;
}

static long set(pid_t pid, int n, unsigned long value)
{
	errno = 0;
	return trace(PTRACE_POKEUSR, pid, DEBUG_REGISTER(n), value);
}

static void show_set(const char *what, pid_t pid, int n, unsigned long value)
{
	long r = set(pid, n, value);

	printf("%s: %s\n", what, r ? error_name(errno) : "ok");
}

static void refused(void)
{
	pid_t child = TRACEE(pause());

	for (int n = 0; n < 8; n++)
		printf("register %d: %lx\n", n, peek_user(child, DEBUG_REGISTER(n)));
	show_set("4", child, 4, 0);
	show_set("5", child, 5, 0);
	show_set("6", child, 6, 0xffff0ff0);
	show_set("an address", child, 0, (long)watched);
	HOLDS(peek_user(child, DEBUG_REGISTER(0)) == (unsigned long)watched);
	show_set("control off", child, 7, 0);
	for (unsigned long type = 0; type < 4; type++)
		for (unsigned long length = 1; length <= 8; length *= 2) {
			char what[64];
			snprintf(what, sizeof(what), "type %lu length %lu", type, length);
			show_set(what, child, 7, ON(0) | KIND(0, type, length));
			set(child, 7, 0);
		}
	show_set("an odd address", child, 1, (long)watched + 1);
	show_set("a byte there", child, 7, ON(1) | KIND(1, WRITE, 1));
	show_set("off", child, 7, 0);
	show_set("two bytes there", child, 7, ON(1) | KIND(1, WRITE, 2));
	show_set("eight bytes there", child, 7, ON(1) | KIND(1, WRITE, 8));
	HOLDS(peek_user(child, DEBUG_REGISTER(7)) == 0);
	show_set("an even one", child, 1, (long)watched + 2);
	show_set("two bytes there", child, 7, ON(1) | KIND(1, WRITE, 2));
	show_set("moved to an odd one", child, 1, (long)watched + 1);
	HOLDS(peek_user(child, DEBUG_REGISTER(1)) == (unsigned long)watched + 2);
	show_set("off", child, 7, 0);
	end(child);
}

static void hits(void)
{
	siginfo_t info;

	printf("writes, reads, calls\n");
	pid_t child = TRACEE({
		long x = watched[0];
		watched[0] = x + 1;
		watched[1] = 1;
		x += watched[1];
		called(x);
		called(x);
		/* The kernel's own writes are not told. */
		int p[2];
		pipe(p);
		write(p[1], "12345678", 8);
		read(p[0], (void *)watched, 8);
		HOLDS(((volatile char *)watched)[0] == '1');
		watched[0] = 2;
	});
	SHOW(set(child, 0, (long)&watched[0]));
	SHOW(set(child, 1, (long)&watched[1]));
	SHOW(set(child, 2, (long)called));
	SHOW(set(child, 7, ON(0) | ON(1) | ON(2) | KIND(0, WRITE, 8) | KIND(1, ACCESS, 8)));
	for (;;) {
		trace(PTRACE_CONT, child, 0, 0);
		int status = next_stop(child);
		if (!WIFSTOPPED(status)) {
			printf("  %s\n", stop_text(status));
			break;
		}
		trace(PTRACE_GETSIGINFO, child, 0, (long)&info);
		printf("  %s code %d dr6 %lx%s\n", stop_text(status), info.si_code,
			peek_user(child, DEBUG_REGISTER(6)),
			peek_user(child, IN_USER(rip)) == (unsigned long)called ? " at the call"
										: "");
	}

	printf("off again\n");
	child = TRACEE({
		watched[0] = 1;
		watched[0] = 2;
	});
	set(child, 0, (long)&watched[0]);
	set(child, 7, ON(0) | KIND(0, WRITE, 4));
	trace(PTRACE_CONT, child, 0, 0);
	show_stop("it", child);
	set(child, 7, 0);
	trace(PTRACE_CONT, child, 0, 0);
	show_stop("end", child);

	printf("a child does not have them\n");
	child = TRACEE({
		pid_t c = fork();
		if (!c) {
			watched[0] = 1;
			_exit(0);
		}
		int status = 0;
		waitpid(c, &status, 0);
		HOLDS(status == 0);
		watched[0] = 1;
	});
	set(child, 0, (long)&watched[0]);
	set(child, 7, ON(0) | KIND(0, WRITE, 4));
	trace(PTRACE_CONT, child, 0, 0);
	show_stop("sigchld", child);
	trace(PTRACE_CONT, child, 0, 0);
	show_stop("it", child);
	trace(PTRACE_CONT, child, 0, 0);
	show_stop("end", child);

	printf("nor a new program\n");
	child = TRACEE(execl(self, self, "exit", NULL));
	trace(PTRACE_SETOPTIONS, child, 0, PTRACE_O_TRACEEXEC);
	set(child, 0, (long)&watched[0]);
	set(child, 7, ON(0) | KIND(0, WRITE, 4));
	trace(PTRACE_CONT, child, 0, 0);
	show_stop("exec", child);
	printf("  %d %lx\n", peek_user(child, DEBUG_REGISTER(0)) == (unsigned long)&watched[0],
		peek_user(child, DEBUG_REGISTER(7)));
	trace(PTRACE_CONT, child, 0, 0);
	show_stop("end", child);
}

/* Two tracees take turns on the CPUs, each with a place of its own. */
static void apart(void)
{
	pid_t child[2];
	int count[2] = {0};

	printf("two at once\n");
	for (int i = 0; i < 2; i++) {
		child[i] = TRACEE({
			for (int n = 0; n < 20; n++) {
				watched[i] = n;
				watched[!i] = n;
				sched_yield();
			}
		});
		set(child[i], 0, (long)&watched[i]);
		set(child[i], 7, ON(0) | KIND(0, WRITE, 8));
	}
	for (int i = 0; i < 2; i++)
		trace(PTRACE_CONT, child[i], 0, 0);
	for (int left = 2; left;) {
		int status;
		pid_t got = waitpid(-1, &status, __WALL);
		int i = got == child[1];
		if (!WIFSTOPPED(status)) {
			left--;
			continue;
		}
		count[i]++;
		trace(PTRACE_CONT, got, 0, 0);
	}
	printf("  %d %d\n", count[0], count[1]);
}

int main(int argc, char **argv)
{
	self = argv[0];
	if (argc > 1) {
		watched[0] = 1;
		return 6;
	}
	setvbuf(stdout, NULL, _IONBF, 0);
	refused();
	hits();
	apart();
	return 0;
}

/*
 * clone and clone3: every flag alone, the combinations that mean nothing, and what the ones that
 * mean something do.
 *
 * Seen to fail: with check_flags() emptied, the first lines; with CLONE_PARENT_SETTID left out,
 * "parent_tid".
 */
#include "proc.h"

#include <fcntl.h>
#include <linux/sched.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>

static char stack[65536] __attribute__((aligned(16)));
static int shared;

static long raw_clone(unsigned long flags, void *sp, void *ptid, void *ctid, unsigned long tls)
{
	return syscall(SYS_clone, flags, sp, ptid, ctid, tls);
}

/* A clone without memory of its own can't return here; so only what fails, or has its own. */
static void flags_without_vm(void)
{
	for (int bit = 8; bit < 32; bit++) {
		unsigned long flag = 1UL << bit;
		/* Those two would run on our stack; the namespaces need privileges. */
		if (flag == CLONE_VM || flag == CLONE_PTRACE)
			continue;
		if (flag & (CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC |
				   CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET | CLONE_SETTLS))
			continue;
		/* The first program has no siblings in the guest. */
		if (flag == CLONE_PARENT)
			continue;
		int tid = 0;
		fflush(stdout);
		long child = raw_clone(flag | SIGCHLD, NULL, &tid, &tid, 0);
		if (child == 0)
			_exit(bit);
		if (child < 0)
			printf("bit %d: %s\n", bit, error_name(errno));
		else
			printf("bit %d, ", bit), show_end("child", (pid_t)child);
		if (flag == CLONE_PIDFD)
			close(tid);
	}
}

static void bad_combinations(void)
{
	static const struct {
		const char *name;
		unsigned long flags;
	} bad[] = {
#define F(x) {#x, x}
		F(CLONE_THREAD),
		F(CLONE_THREAD | CLONE_VM),
		F(CLONE_THREAD | CLONE_SIGHAND),
		F(CLONE_SIGHAND),
		F(CLONE_SIGHAND | CLONE_FS),
		F(CLONE_SIGHAND | CLONE_FILES),
		F(CLONE_NEWNS | CLONE_FS),
		F(CLONE_NEWUSER | CLONE_FS),
		F(CLONE_PIDFD | CLONE_DETACHED),
		F(CLONE_PIDFD | CLONE_PARENT_SETTID),
		F(CLONE_VM | CLONE_SIGHAND | CLONE_THREAD | CLONE_NEWUSER),
		F(CLONE_VM | CLONE_SIGHAND | CLONE_THREAD | CLONE_NEWPID),
	};
	int tid;

	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		fflush(stdout);
		long child =
			raw_clone(bad[i].flags | SIGCHLD, stack + sizeof(stack), &tid, &tid, 0);
		if (child == 0)
			_exit(1);
		printf("%s: %s\n", bad[i].name, child < 0 ? error_name(errno) : "ok");
		if (child > 0)
			waitpid((pid_t)child, NULL, __WALL);
	}
}

static void tls(void)
{
	fflush(stdout);
	long child = raw_clone(CLONE_SETTLS | SIGCHLD, NULL, NULL, NULL, 1UL << 63);
	if (child == 0)
		_exit(1);
	printf("tls beyond: %s\n", child < 0 ? error_name(errno) : "ok");
	unsigned long base = 0;
	syscall(SYS_arch_prctl, 0x1003, &base);
	fflush(stdout);
	child = raw_clone(CLONE_SETTLS | SIGCHLD, NULL, NULL, NULL, base);
	if (child == 0) {
		unsigned long now = 0;
		syscall(SYS_arch_prctl, 0x1003, &now);
		_exit(now == base ? 5 : 6);
	}
	show_end("tls", (pid_t)child);
}

static void tids(void)
{
	int parent_tid = -1, child_tid = -1;

	fflush(stdout);
	long child = raw_clone(CLONE_PARENT_SETTID | CLONE_CHILD_SETTID | SIGCHLD, NULL,
		&parent_tid, &child_tid, 0);
	if (child == 0)
		_exit(child_tid == getpid() && parent_tid == -1 ? 7 : 8);
	HOLDS(parent_tid == child);
	HOLDS(child_tid == -1);
	show_end("tids", (pid_t)child);
	/* Places that can't be written to are nobody's error. */
	fflush(stdout);
	child = raw_clone(CLONE_PARENT_SETTID | CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID | SIGCHLD,
		NULL, (void *)8, (void *)8, 0);
	if (child == 0)
		_exit(9);
	show_end("bad tids", (pid_t)child);
	/* Cleared at the end, for who shares the memory. */
	int *word = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	*word = 1234;
	fflush(stdout);
	child = raw_clone(CLONE_CHILD_CLEARTID | SIGCHLD, NULL, NULL, word, 0);
	if (child == 0)
		_exit(10);
	waitpid((pid_t)child, NULL, 0);
	/* It had a memory of its own, so nobody was there to look. */
	printf("word %d\n", *word);
}

static int store(void *arg)
{
	shared = *(int *)arg;
	if (shared == 3)
		chdir("/dev");
	if (shared == 4)
		umask(077);
	if (shared == 5)
		dup2(0, 90);
	if (shared == 6)
		signal(SIGUSR2, SIG_IGN);
	return 20 + *(int *)arg;
}

static void sharing(void)
{
	static const int flags[] = {0, CLONE_VM, CLONE_VM | CLONE_VFORK, CLONE_VM | CLONE_FS,
		CLONE_VM | CLONE_FS, CLONE_VM | CLONE_FILES, CLONE_VM | CLONE_SIGHAND};
	char cwd[256];

	chdir("/");
	umask(022);
	for (int i = 0; i < 7; i++) {
		int status;
		shared = -1;
		fflush(stdout);
		pid_t child = clone(store, stack + sizeof(stack), flags[i] | SIGCHLD, &i);
		waitpid(child, &status, 0);
		printf("%d: %s, shared %d\n", i, status_text(status), shared);
	}
	printf("cwd %s\n", getcwd(cwd, sizeof(cwd)));
	int mask = umask(022);
	printf("umask %o\n", mask);
	SHOW(fcntl(90, F_GETFD));
	HOLDS(signal(SIGUSR2, SIG_DFL) == SIG_IGN);
	/* And without sharing nothing comes back. */
	for (int i = 3; i < 7; i++) {
		chdir("/");
		close(90);
		fflush(stdout);
		pid_t child = clone(store, stack + sizeof(stack), CLONE_VM | SIGCHLD, &i);
		waitpid(child, NULL, 0);
	}
	printf("cwd %s\n", getcwd(cwd, sizeof(cwd)));
	printf("umask %o\n", umask(022));
	SHOW(fcntl(90, F_GETFD));
	HOLDS(signal(SIGUSR2, SIG_DFL) == SIG_DFL);
}

/* -- clone3 -- */

static long clone3(struct clone_args *a, size_t size)
{
	fflush(stdout);
	return syscall(SYS_clone3, a, size);
}

static void show_clone3(const char *what, struct clone_args *a, size_t size)
{
	long child = clone3(a, size);

	if (child == 0)
		_exit(1);
	printf("%s: %s\n", what, child < 0 ? error_name(errno) : "ok");
	if (child > 0)
		waitpid((pid_t)child, NULL, __WALL);
}

static void clone3_errors(void)
{
	struct {
		struct clone_args a;
		char rest[4096];
	} big;
	int tid = 5, fd = -1;

#define TRY(...)                                                              \
	do {                                                                  \
		struct clone_args a_ = {.exit_signal = SIGCHLD, __VA_ARGS__}; \
		show_clone3(#__VA_ARGS__, &a_, sizeof(a_));                   \
	} while (0)
	TRY(.flags = 0);
	TRY(.flags = CLONE_DETACHED);
	TRY(.flags = 1);
	TRY(.flags = SIGCHLD);
	TRY(.flags = 1ULL << 40);
	TRY(.flags = 1ULL << 63);
	TRY(.flags = CLONE_CLEAR_SIGHAND);
	TRY(.flags = CLONE_CLEAR_SIGHAND | CLONE_SIGHAND | CLONE_VM);
	TRY(.flags = CLONE_SIGHAND);
	TRY(.flags = CLONE_THREAD | CLONE_VM | CLONE_SIGHAND);
	TRY(.flags = CLONE_PARENT);
	TRY(.exit_signal = 65);
	TRY(.exit_signal = 256);
	TRY(.exit_signal = 1ULL << 32);
	signal(64, SIG_IGN);
	TRY(.exit_signal = 64);
	TRY(.exit_signal = 0);
	TRY(.stack = 0x1000);
	TRY(.stack_size = 0x1000);
	TRY(.stack = 1ULL << 63, .stack_size = 0x1000);
	TRY(.stack = 0x7ffffffff000, .stack_size = 0x100000);
	TRY(.set_tid = (uintptr_t)&tid);
	TRY(.set_tid_size = 1);
	TRY(.set_tid_size = 33, .set_tid = (uintptr_t)&tid);
	TRY(.flags = CLONE_PIDFD, .pidfd = 8);
	TRY(.flags = CLONE_PIDFD | CLONE_PARENT_SETTID, .pidfd = (uintptr_t)&fd,
		.parent_tid = (uintptr_t)&fd);
	TRY(.flags = CLONE_SETTLS, .tls = 1ULL << 63);
	struct clone_args a = {.exit_signal = SIGCHLD};
	for (size_t size = 0; size <= sizeof(a) + 8; size += 8)
		printf("%zu ", size),
			show_clone3(
				"size", (struct clone_args *)memset(&big, 0, sizeof(big)), size);
	memset(&big, 0, sizeof(big));
	show_clone3("zeros behind", &big.a, 4096);
	show_clone3("too long", &big.a, 4097);
	big.rest[100] = 1;
	show_clone3("not zero behind", &big.a, 4096);
	show_clone3("odd size", &a, 65);
	SHOW(syscall(SYS_clone3, 8, sizeof(a)));
	SHOW(syscall(SYS_clone3, NULL, sizeof(a)));
	SHOW(syscall(SYS_clone3, -8L, sizeof(a)));
	SHOW(syscall(SYS_clone3, &a, -1L));
}

static void handler(int s)
{
}

static void clone3_use(void)
{
	int fd = -1, parent_tid = 0;
	struct clone_args a = {
		.flags = CLONE_PIDFD | CLONE_PARENT_SETTID | CLONE_CLEAR_SIGHAND,
		.pidfd = (uintptr_t)&fd,
		.parent_tid = (uintptr_t)&parent_tid,
		.exit_signal = SIGCHLD,
	};

	signal(SIGUSR1, SIG_IGN);
	signal(SIGUSR2, handler);
	long child = clone3(&a, sizeof(a));
	if (child == 0)
		_exit(signal(SIGUSR1, SIG_DFL) == SIG_IGN && signal(SIGUSR2, SIG_DFL) == SIG_DFL
				? 31
				: 32);
	HOLDS(parent_tid == child);
	HOLDS(fd > 2);
	HOLDS(fcntl(fd, F_GETFD) == FD_CLOEXEC);
	show_end("clone3", (pid_t)child);
	close(fd);
}

int main(void)
{
	flags_without_vm();
	bad_combinations();
	tls();
	tids();
	sharing();
	clone3_errors();
	clone3_use();
	return 0;
}

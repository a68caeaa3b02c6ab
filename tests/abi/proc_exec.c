/*
 * execve, execveat: what the new program has of the old one, and every error.
 *
 * Seen to fail: with signal_actions_clear() left out, "handler"; with files_close_on_exec() left
 * out, "close-on-exec"; with args_for_each() off by one, "arguments".
 */
#include "proc.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

static char *self;
extern char **environ;

/* -- as the new program -- */

static int show_arguments(int argc, char **argv)
{
	printf("argc %d\n", argc);
	for (int i = 2; i < argc; i++)
		printf("argument %d: %.40s\n", i, argv[i]);
	int n = 0;
	for (char **e = environ; *e; e++, n++)
		if (n < 5)
			printf("environment %d: %.40s\n", n, *e);
	printf("%d in the environment\n", n);
	return 0;
}

static int show_state(void)
{
	struct sigaction sa;
	stack_t ss;
	sigset_t set;
	char name[16] = "";
	int open = 0;

	sigaction(SIGUSR1, NULL, &sa);
	printf("ignored %s\n", sa.sa_handler == SIG_IGN ? "stays" : "NO");
	sigaction(SIGUSR2, NULL, &sa);
	printf("handler %s\n", sa.sa_handler == SIG_DFL && sa.sa_flags == 0 ? "goes" : "NO");
	sigprocmask(SIG_BLOCK, NULL, &set);
	HOLDS(sigismember(&set, SIGHUP));
	HOLDS(!sigismember(&set, SIGINT));
	sigpending(&set);
	HOLDS(sigismember(&set, SIGHUP));
	sigaltstack(NULL, &ss);
	HOLDS(ss.ss_flags == SS_DISABLE);
	for (int fd = 50; fd < 60; fd++)
		open |= (fcntl(fd, F_GETFD) >= 0) << (fd - 50);
	printf("close-on-exec %#x\n", open);
	prctl(PR_GET_NAME, name);
	printf("umask %o\n", umask(022));
	HOLDS(getpriority(PRIO_PROCESS, 0) == 3);
	struct rlimit r;
	getrlimit(RLIMIT_CORE, &r);
	printf("limit %ld\n", (long)r.rlim_cur);
	HOLDS(prctl(PR_GET_DUMPABLE) == 1);
	HOLDS(getauxval(AT_SECURE) == 0);
	HOLDS(strcmp((char *)getauxval(AT_EXECFN), self) == 0);
	HOLDS(syscall(SYS_gettid) == getpid());
	return 12;
}

/* -- as the old one -- */

static void run(const char *mode, char *const more[], char *const envp[])
{
	char *argv[10] = {self, (char *)mode};

	for (int i = 0; more && more[i]; i++)
		argv[i + 2] = more[i];
	show_end(mode, CHILD({
		execve(self, argv, envp);
		printf("%s\n", error_name(errno));
	}));
}

static void arguments(void)
{
	static char *more[] = {"", "a", "b c", "\xff", "last", NULL};
	static char *env[] = {"A=1", "", "no equals", "B=", NULL};
	static char *none[] = {NULL};

	run("arguments", more, env);
	run("arguments", none, none);
	run("arguments", NULL, NULL);
	show_end("no argv", CHILD(execve(self, NULL, NULL)));
	show_end("empty argv", CHILD(execve(self, none, none)));
}

static void handler(int signal)
{
}

static void state(void)
{
	static char *none[] = {NULL};
	static char memory[16384];
	stack_t ss = {.ss_sp = memory, .ss_size = sizeof(memory)};
	struct sigaction sa = {.sa_handler = handler, .sa_flags = SA_RESTART};
	struct rlimit r = {0, 4096};
	sigset_t set;

	show_end("state", CHILD({
		signal(SIGUSR1, SIG_IGN);
		sigaction(SIGUSR2, &sa, NULL);
		sigemptyset(&set);
		sigaddset(&set, SIGHUP);
		sigprocmask(SIG_BLOCK, &set, NULL);
		kill(getpid(), SIGHUP);
		sigaltstack(&ss, NULL);
		for (int fd = 50; fd < 60; fd++) {
			dup2(0, fd);
			fcntl(fd, F_SETFD, fd % 3 == 0 ? FD_CLOEXEC : 0);
		}
		umask(037);
		setpriority(PRIO_PROCESS, 0, 3);
		setrlimit(RLIMIT_CORE, &r);
		char *argv[] = {self, "state", NULL};
		execve(self, argv, none);
	}));
}

static void errors(void)
{
	char *argv[] = {self, "exit", NULL};
	char *page = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char long_path[5000];

	mprotect(page + 4096, 4096, PROT_NONE);
	memset(long_path, 'x', sizeof(long_path));
	long_path[0] = '/';
	long_path[4999] = 0;
	SHOW(execve("", argv, NULL));
	SHOW(execve("/nowhere", argv, NULL));
	SHOW(execve("nowhere", argv, NULL));
	SHOW(execve("/", argv, NULL));
	SHOW(execve("/dev", argv, NULL));
	SHOW(execve("/dev/null", argv, NULL));
	SHOW(execve("/dev/null/x", argv, NULL));
	SHOW(execve(NULL, argv, NULL));
	SHOW(execve((char *)8, argv, NULL));
	SHOW(execve((char *)-8, argv, NULL));
	SHOW(execve(long_path, argv, NULL));
	long_path[300] = 0;
	SHOW(execve(long_path, argv, NULL));
	SHOW(execve(self, (char **)8, NULL));
	SHOW(execve(self, argv, (char **)8));
	SHOW(execve(self, (char **)-8, NULL));
	char *bad[] = {self, (char *)8, NULL};
	SHOW(execve(self, bad, NULL));
	SHOW(execve(self, argv, bad));
	bad[1] = (char *)-8;
	SHOW(execve(self, bad, NULL));
	/* An array, and a string, that run into nothing. */
	char **end = (char **)(page + 4096) - 2;
	end[0] = end[1] = self;
	SHOW(execve(self, end, NULL));
	memset(page + 4000, 'x', 96);
	bad[1] = page + 4000;
	SHOW(execve(self, bad, NULL));
	SHOW(execve(page + 4000, argv, NULL));
	/* A trailing slash asks for a directory. */
	char with_slash[300];
	snprintf(with_slash, sizeof(with_slash), "%s/", self);
	SHOW(execve(with_slash, argv, NULL));
}

static void limits(void)
{
	static const size_t lengths[] = {
		0, 1, 4095, 4096, 4097, 65536, 131070, 131071, 131072, 200000};

	for (unsigned i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		char *argv[] = {self, "exit", string_of(lengths[i]), NULL};
		char *env[] = {string_of(lengths[i]), NULL};
		char *few[] = {self, "exit", NULL};
		printf("%zu\n", lengths[i]);
		SHOW_CHILD(SHOW(execve(self, argv, NULL)));
		SHOW_CHILD(SHOW(execve(self, few, env)));
	}
	/* All together: a quarter of the stack's limit. */
	static const struct {
		size_t stack, count, length;
	} all[] = {
		{8 << 20, 15, 131071},
		{8 << 20, 17, 131071},
		{8 << 20, 100000, 1},
		{8 << 20, 250000, 1},
		{1 << 20, 1, 131000},
		{1 << 20, 3, 131000},
		{400000, 1, 100000},
		{400000, 2, 100000},
		{64 << 20, 40, 131071},
		{64 << 20, 60, 131071},
		{8 << 20, 190000, 2},
	};
	for (unsigned i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		char **argv = calloc(all[i].count + 3, sizeof(char *));
		char *s = string_of(all[i].length);
		argv[0] = self;
		argv[1] = "exit";
		for (size_t j = 0; j < all[i].count; j++)
			argv[j + 2] = s;
		struct rlimit r = {all[i].stack, RLIM_INFINITY};
		printf("%zu of %zu with %zu\n", all[i].count, all[i].length, all[i].stack);
		SHOW_CHILD({
			setrlimit(RLIMIT_STACK, &r);
			SHOW(execve(self, argv, NULL));
		});
	}
}

static long execveat_(int dirfd, const char *path, char *const argv[], int flags)
{
	return syscall(SYS_execveat, dirfd, path, argv, NULL, flags);
}

static void at(void)
{
	char *argv[] = {self, "exit", NULL};
	int fd = open(self, O_RDONLY), null = open("/dev/null", O_RDONLY),
	    root = open("/", O_RDONLY);
	int path = open(self, O_PATH);

	SHOW_CHILD(SHOW(execveat_(AT_FDCWD, self, argv, 0)));
	SHOW_CHILD(SHOW(execveat_(-1, self, argv, 0)));
	SHOW_CHILD(SHOW(execveat_(root, self + 1, argv, 0)));
	SHOW_CHILD(SHOW(execveat_(fd, "", argv, AT_EMPTY_PATH)));
	SHOW_CHILD(SHOW(execveat_(path, "", argv, AT_EMPTY_PATH)));
	SHOW_CHILD(SHOW(execveat_(AT_FDCWD, self, argv, AT_SYMLINK_NOFOLLOW)));
	SHOW(execveat_(fd, "", argv, 0));
	SHOW(execveat_(null, "", argv, AT_EMPTY_PATH));
	SHOW(execveat_(root, "", argv, AT_EMPTY_PATH));
	SHOW(execveat_(AT_FDCWD, "", argv, AT_EMPTY_PATH));
	SHOW(execveat_(fd, "x", argv, 0));
	SHOW(execveat_(999, "x", argv, 0));
	SHOW(execveat_(999, "", argv, AT_EMPTY_PATH));
	SHOW(execveat_(-5, "x", argv, 0));
	SHOW(execveat_(fd, NULL, argv, AT_EMPTY_PATH));
	for (int bit = 0; bit < 16; bit++)
		if ((1 << bit) != AT_EMPTY_PATH && (1 << bit) != AT_SYMLINK_NOFOLLOW)
			printf("flag %d: %s\n", bit,
				execveat_(fd, "", argv, 1 << bit) < 0 ? error_name(errno) : "ok");
	SHOW(execveat_(AT_FDCWD, "/dev/stdin", argv, AT_SYMLINK_NOFOLLOW));
}

static volatile int spinning;

static void *spin(void *arg)
{
	__atomic_fetch_add(&spinning, 1, __ATOMIC_SEQ_CST);
	for (;;)
		if (arg)
			pause();
	return NULL;
}

static void *exec_here(void *arg)
{
	char *argv[] = {self, "pid", arg, NULL};

	while (spinning < 6)
		sched_yield();
	execve(self, argv, NULL);
	return NULL;
}

static void from_threads(void)
{
	char pid[20];

	for (int who = 0; who < 4; who++) {
		pid_t child = CHILD({
			pthread_t t[7];
			snprintf(pid, sizeof(pid), "%d", getpid());
			for (int i = 0; i < 6; i++)
				pthread_create(&t[i], NULL, spin, (void *)(long)(i % 2));
			if (who == 0)
				exec_here(pid);
			pthread_create(&t[6], NULL, exec_here, pid);
			if (who == 1)
				pause();
			if (who == 2)
				for (;;)
					;
			pthread_exit(NULL);
		});
		show_end("exec from a thread", child);
	}
}

static void vfork_exec(void)
{
	for (volatile int i = 0; i < 30; i++) {
		pid_t child = vfork();
		if (child == 0) {
			execl(self, self, "exit", NULL);
			_exit(99);
		}
		int status;
		waitpid(child, &status, 0);
		if (i % 10 == 0)
			printf("vfork and exec: %s\n", status_text(status));
	}
	pid_t child = vfork();
	if (child == 0) {
		execl("/nowhere", "x", NULL);
		_exit(errno == ENOENT ? 44 : 45);
	}
	show_end("failed exec in vfork", child);
}

/* The same process, again and again. */
static int chain(int n)
{
	char text[20];

	if (n == 0)
		return 55;
	snprintf(text, sizeof(text), "%d", n - 1);
	execl(self, self, "chain", text, NULL);
	return 1;
}

int main(int argc, char **argv)
{
	self = argv[0];
	if (argc < 2 && self[0] == 0) {
		printf("argc %d, empty name\n", argc);
		return 66;
	}
	if (argc > 1) {
		if (!strcmp(argv[1], "arguments"))
			return show_arguments(argc, argv);
		if (!strcmp(argv[1], "state"))
			return show_state();
		if (!strcmp(argv[1], "exit"))
			return 33;
		if (!strcmp(argv[1], "pid"))
			return atoi(argv[2]) == getpid() && syscall(SYS_gettid) == getpid() ? 88
											    : 89;
		if (!strcmp(argv[1], "chain"))
			return chain(atoi(argv[2]));
	}
	arguments();
	state();
	errors();
	limits();
	at();
	from_threads();
	vfork_exec();
	SHOW_CHILD(execl(self, self, "chain", "20", NULL));
	return 0;
}

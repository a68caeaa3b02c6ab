// summary: ETXTBSY: a file that runs is not written to, and one that is written to does not run
//
// Seen to fail: without exec_file_hold() in copy_program(), and without exec_file_put() in process_free_remains().
#include "fsabi.h"
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>

static char *self;

static int copy(const char *to)
{
	char buffer[65536];
	int in = open(self, O_RDONLY), out = open(to, O_WRONLY | O_CREAT | O_TRUNC, 0755);
	ssize_t n;

	while ((n = read(in, buffer, sizeof(buffer))) > 0)
		if (write(out, buffer, (size_t)n) != n)
			return -1;
	close(in);
	close(out);
	return 0;
}

/* Runs path in a child: its status, or the error of execve. */
static void start(const char *path)
{
	int status;

	fflush(stdout);
	pid_t pid = fork();
	if (pid == 0) {
		execl(path, path, "quick", NULL);
		_exit(100 + (errno == ETXTBSY) + 2 * (errno == EACCES));
	}
	waitpid(pid, &status, 0);
	printf("%s: %s %d\n", path, WIFEXITED(status) ? "status" : "signal",
		WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
}

static const char *busy_name(void)
{
	return errno == ETXTBSY ? "ETXTBSY" : error_name(errno);
}

#define TRY(call)                                                              \
	do {                                                                   \
		errno = 0;                                                     \
		long try_result = (long)(call);                                \
		printf(#call ": %s\n", try_result == -1 ? busy_name() : "ok"); \
	} while (0)

static int opens(const char *path, int flags)
{
	int fd = open(path, flags, 0644);

	if (fd < 0)
		return -1;
	close(fd);
	return 0;
}

/* Every way to write to it. */
static void try_all(const char *what, const char *path)
{
	printf("-- %s\n", what);
	TRY(opens(path, O_RDONLY));
	TRY(opens(path, O_WRONLY));
	TRY(opens(path, O_RDWR));
	TRY(opens(path, O_RDONLY | O_CREAT));
	TRY(opens(path, O_WRONLY | O_CREAT));
	TRY(opens(path, O_WRONLY | O_CREAT | O_EXCL));
	TRY(opens(path, O_PATH));
	TRY(truncate(path, 100000000));
	TRY(access(path, W_OK));
	TRY(chmod(path, 0700));
	TRY(utimensat(AT_FDCWD, path, NULL, 0));
	int fd = open(path, O_RDONLY);
	TRY(ftruncate(fd, 5));
	TRY(fchmod(fd, 0755));
	close(fd);
}

/* A child that runs path until it is told to end; it says when it has begun. */
static pid_t run(const char *path, int *end, const char *how)
{
	int begun[2], done[2];
	char c;

	if (pipe(begun) || pipe(done))
		exit(2);
	pid_t pid = fork();
	if (pid == 0) {
		dup2(done[0], 0);
		dup2(begun[1], 1);
		for (int i = 3; i < 20; i++)
			close(i);
		execl(path, path, how, NULL);
		_exit(99);
	}
	close(begun[1]);
	close(done[0]);
	printf("began: %zd\n", read(begun[0], &c, 1));
	close(begun[0]);
	*end = done[1];
	return pid;
}

static void finish(pid_t pid, int end)
{
	int status;

	close(end);
	waitpid(pid, &status, 0);
	printf("ended: %d\n", status);
}

static void running(void)
{
	int end;
	pid_t pid = run("./program", &end, "wait");

	try_all("it runs", "program");
	TRY(link("program", "other"));
	try_all("by another name", "other");
	TRY(unlink("other"));
	TRY(rename("program", "moved"));
	try_all("renamed", "moved");
	TRY(rename("moved", "program"));
	finish(pid, end);
	try_all("it has ended", "program");
	HOLDS(copy("program") == 0);

	pid = run("./program", &end, "fork");
	try_all("its child runs", "program");
	finish(pid, end);
	try_all("both have ended", "program");
	HOLDS(copy("program") == 0);

	pid = run("./program", &end, "zombie");
	int status;
	TRY(waitpid(pid, &status, WNOHANG));
	kill(pid, SIGKILL);
	siginfo_t info;
	TRY(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT));
	try_all("killed, but not waited for", "program");
	waitpid(pid, &status, 0);
	close(end);
	HOLDS(copy("program") == 0);
	/* Another program in its place: the first is free. */
	pid = run("./program", &end, "exec");
	try_all("it became another", "program");
	finish(pid, end);
	HOLDS(copy("program") == 0);
}

static void written(void)
{
	int fd = open("program", O_WRONLY);

	start("./program");
	close(fd);
	start("./program");
	fd = open("program", O_RDWR);
	start("./program");
	int again = dup(fd);
	close(fd);
	start("./program");
	void *map = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, again, 0);
	HOLDS(map != MAP_FAILED);
	close(again);
	start("./program");
	munmap(map, 4096);
	start("./program");
	fd = open("program", O_RDONLY);
	start("./program");
	close(fd);
	fd = open("program", O_PATH);
	start("./program");
	close(fd);
}

static void scripts(void)
{
	int end;

	put("script", "#! ./program quick\n");
	chmod("script", 0755);
	start("./script");
	int fd = open("program", O_WRONLY);
	start("./script");
	close(fd);
	fd = open("script", O_WRONLY);
	start("./script");
	close(fd);
	put("waits", "#!./program wait\n");
	chmod("waits", 0755);
	pid_t pid = run("./waits", &end, "wait");
	TRY(opens("waits", O_WRONLY));
	TRY(opens("program", O_WRONLY));
	finish(pid, end);
	TRY(opens("program", O_WRONLY));
}

static void by_descriptor(void)
{
	int fd = open("program", O_RDONLY | O_CLOEXEC), status;
	int writer = open("program", O_WRONLY);
	char *argv[] = {"program", "quick", NULL};

	for (int i = 0; i < 2; i++) {
		fflush(stdout);
		pid_t pid = fork();
		if (pid == 0) {
			syscall(SYS_execveat, fd, "", argv, NULL, AT_EMPTY_PATH);
			_exit(100 + (errno == ETXTBSY));
		}
		waitpid(pid, &status, 0);
		printf("execveat: %d\n", WEXITSTATUS(status));
		close(writer);
		if (i == 0)
			writer = dup(fd);
	}
	close(fd);
}

/* What the copies do. */
static int as_program(const char *how)
{
	char c;

	if (strcmp(how, "quick") == 0)
		return 7;
	if (strcmp(how, "exec") == 0) {
		if (copy("second"))
			return 1;
		execl("./second", "./second", "wait", NULL);
		return 2;
	}
	if (strcmp(how, "fork") == 0 && fork() != 0) {
		int status;
		wait(&status);
		return 0;
	}
	if (write(1, "x", 1) != 1)
		return 3;
	return read(0, &c, 1) != 0;
}

int main(int argc, char **argv)
{
	self = argc > 1 ? "program" : realpath("/proc/self/exe", NULL);
	if (argc > 1)
		return as_program(argv[1]);
	fsabi_begin();
	setvbuf(stdout, NULL, _IOLBF, 0);
	HOLDS(copy("program") == 0);
	start("./program");
	running();
	written();
	scripts();
	by_descriptor();
	TRY(opens("/proc/self/exe", O_WRONLY));
	return 0;
}

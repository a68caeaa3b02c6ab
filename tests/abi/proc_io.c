// summary: /proc/PID/io and /proc/PID/task/TID: what calls count as reads and writes, of a thread, its process and its children
// flags: -pthread
//
// Seen to fail: with a readv(2) of a wrong descriptor that did not count, as on Linux it does.
#include "abi.h"
#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include "../programs/procfile.h"

/* What the file said, and how long that was: reading it counts when it is done. */
static struct io {
	long long read, written, reads, writes, length;
} last;

static struct io look(const char *path)
{
	static char text[300];
	struct io io = {-1, -1, -1, -1, 0};
	int fd = open(path, O_RDONLY);

	ssize_t n = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (n > 0) {
		text[n] = '\0';
		sscanf(text, "rchar: %lld\nwchar: %lld\nsyscr: %lld\nsyscw: %lld\n", &io.read,
			&io.written, &io.reads, &io.writes);
		io.length = n;
	}
	return io;
}

/* What was counted since the last time, without that look. */
static void counted(const char *what)
{
	struct io now = look("/proc/self/io");

	printf("%s: %lld read, %lld written, %lld and %lld calls\n", what,
		now.read - last.read - last.length, now.written - last.written,
		now.reads - last.reads - 1, now.writes - last.writes);
	/* Printing is a write as well. */
	fflush(stdout);
	last = look("/proc/self/io");
}

#define COUNTED(call)           \
	do {                    \
		(void)!(call);  \
		counted(#call); \
	} while (0)

static char bytes[1000];

static void calls(void)
{
	struct iovec v[2] = {{bytes, 100}, {bytes + 100, 200}};
	int zero = open("/dev/zero", O_RDWR), null = open("/dev/null", O_RDWR), p[2];
	off_t at = 0;
	int self = open("/proc/self/exe", O_RDONLY), memory = memfd_create("", 0);

	(void)!pipe(p);
	fflush(stdout);
	last = look("/proc/self/io");
	COUNTED(read(zero, bytes, 123));
	COUNTED(write(null, bytes, 77));
	COUNTED(read(zero, bytes, 0));
	COUNTED(read(null, bytes, 10));
	COUNTED(readv(zero, v, 2));
	COUNTED(writev(null, v, 2));
	COUNTED(pread(self, bytes, 50, 10));
	COUNTED(pwrite(memory, bytes, 60, 10));
	COUNTED(preadv(self, v, 2, 10));
	COUNTED(pwritev(memory, v, 2, 10));
	COUNTED(preadv2(self, v, 1, 10, 0));
	COUNTED(pwritev2(memory, v, 1, 10, 0));
	COUNTED(read(-1, bytes, 10));
	COUNTED(write(-1, bytes, 10));
	COUNTED(readv(-1, v, 2));
	COUNTED(writev(-1, v, 2));
	COUNTED(preadv(-1, v, 2, 0));
	COUNTED(pread(p[0], bytes, 10, 0));
	COUNTED(preadv(p[0], v, 1, 0));
	COUNTED(read(zero, (void *)16, 10));
	COUNTED(read(zero, (void *)-4096, 10));
	COUNTED(write(p[1], (void *)16, 10));
	COUNTED(pread(self, bytes, 10, -1));
	COUNTED(preadv(self, v, 1, -5));
	COUNTED(write(self, bytes, 10));
	COUNTED(read(open("/", O_RDONLY), bytes, 10));
	COUNTED(readv(zero, v, 2000));
	COUNTED(sendfile(null, self, &at, 500));
	COUNTED(sendfile(null, -1, &at, 500));
	COUNTED(sendfile(null, self, (off_t *)16, 500));
	at = 0;
	loff_t to = 0;
	COUNTED(copy_file_range(memory, &at, memory, (to = 4096, &to), 100, 0));
	COUNTED(copy_file_range(memory, &at, -1, NULL, 100, 0));
	COUNTED(lseek(self, 0, SEEK_SET));
	COUNTED(fcntl(self, F_GETFL));
}

/* -- threads and children -- */

static int ready[2], go[2];
static char thread_path[60];
static volatile int has_written;

static void *reader(void *arg)
{
	char byte;
	int zero = open("/dev/zero", O_RDONLY);

	snprintf(thread_path, sizeof(thread_path), "/proc/self/task/%d/io", (int)gettid());
	(void)!read(zero, bytes, 500);
	(void)!write(ready[1], "x", 1);
	/* A call is counted when it ends, after it has woken whoever waits for it. */
	has_written = 1;
	(void)!read(go[0], &byte, 1);
	return arg;
}

static void threads(void)
{
	pthread_t t;
	char byte, own[60];

	(void)!pipe(ready);
	(void)!pipe(go);
	snprintf(own, sizeof(own), "/proc/self/task/%d/io", (int)getpid());
	struct io process = look("/proc/self/io"), first = look(own);
	pthread_create(&t, NULL, reader, NULL);
	(void)!read(ready[0], &byte, 1);
	while (!has_written)
		sched_yield();
	struct io thread = look(thread_path);
	/* It waits in its second read. */
	HOLDS(thread.read == 500 && thread.reads == 1 && thread.written == 1 && thread.writes == 1);
	HOLDS(look("/proc/self/io").read >= process.read + 500 + 1);
	HOLDS(look(own).read - first.read < 500 + 2000 && look(own).written == first.written);
	(void)!write(go[1], "x", 1);
	pthread_join(t, NULL);
	/* What it did stays its process's. */
	HOLDS(look("/proc/self/io").read >= process.read + 500 + 2);
	HOLDS(look("/proc/self/io").written == process.written + 2);
}

static void children(void)
{
	int zero = open("/dev/zero", O_RDONLY), status;
	long long before = look("/proc/self/io").read;
	fflush(stdout);
	pid_t child = fork();

	if (child == 0) {
		struct io io = look("/proc/self/io");
		/* It has begun with nothing. */
		HOLDS(io.reads == 0 && io.read == 0 && io.writes == 0);
		for (int i = 0; i < 100; i++)
			(void)!read(zero, bytes, 1000);
		fflush(stdout);
		_exit(0);
	}
	siginfo_t info;
	waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT);
	HOLDS(look("/proc/self/io").read < before + 100000);
	waitpid(child, &status, 0);
	HOLDS(look("/proc/self/io").read >= before + 100000);
}

int main(void)
{
	calls();
	threads();
	children();
	return 0;
}

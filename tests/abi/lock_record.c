/*
 * Record locks, fcntl(2) F_SETLK and F_GETLK: ranges that are cut, split and joined; whose they are; every error.
 *
 * Seen to fail: with neighbours of one type left apart, with a split that puts its second half at the wrong place, with locks that a closed
 * descriptor leaves behind.
 */
#include "locks.h"

#include <limits.h>
#include <sys/eventfd.h>
#include <sys/mman.h>

static int fd;

static void drop_all(void)
{
	if (lock_at(fd, F_UNLCK, 0, 0) != 0)
		printf("drop_all: %s\n", error_name(errno));
}

/* Locks one after the other, and what comes of them. */
struct step {
	short type;
	off_t start, length;
};

static void steps(const char *what, int count, const struct step *s)
{
	for (int i = 0; i < count; i++)
		if (lock_at(fd, s[i].type, s[i].start, s[i].length) != 0)
			printf("%s, step %d: %s\n", what, i, error_name(errno));
	lock_ranges("file", what);
	drop_all();
}
#define STEPS(what, ...)                                                        \
	steps(what, sizeof((struct step[]){__VA_ARGS__}) / sizeof(struct step), \
		(struct step[]){__VA_ARGS__})

static void ranges(void)
{
	STEPS("one", {F_RDLCK, 10, 5});
	STEPS("to the end", {F_WRLCK, 10, 0});
	STEPS("backwards", {F_WRLCK, 10, -4});
	STEPS("backwards to the beginning", {F_WRLCK, 10, -10});
	STEPS("same again", {F_WRLCK, 10, 5}, {F_WRLCK, 10, 5});
	STEPS("inside", {F_WRLCK, 10, 10}, {F_WRLCK, 12, 3});
	STEPS("around", {F_WRLCK, 12, 3}, {F_WRLCK, 10, 10});
	STEPS("overlap left", {F_WRLCK, 10, 10}, {F_WRLCK, 5, 10});
	STEPS("overlap right", {F_WRLCK, 10, 10}, {F_WRLCK, 15, 10});
	STEPS("neighbour left", {F_WRLCK, 10, 10}, {F_WRLCK, 5, 5});
	STEPS("neighbour right", {F_WRLCK, 10, 10}, {F_WRLCK, 20, 5});
	STEPS("gap of one", {F_WRLCK, 10, 10}, {F_WRLCK, 21, 5});
	STEPS("gap filled", {F_WRLCK, 10, 10}, {F_WRLCK, 30, 10}, {F_WRLCK, 20, 10});
	STEPS("three swallowed", {F_WRLCK, 10, 1}, {F_WRLCK, 20, 1}, {F_WRLCK, 30, 1},
		{F_WRLCK, 5, 50});
	STEPS("neighbours of another type", {F_WRLCK, 10, 10}, {F_RDLCK, 20, 5}, {F_RDLCK, 5, 5});
	STEPS("changed whole", {F_WRLCK, 10, 10}, {F_RDLCK, 10, 10});
	STEPS("changed inside", {F_WRLCK, 10, 10}, {F_RDLCK, 13, 3});
	STEPS("changed at the left", {F_WRLCK, 10, 10}, {F_RDLCK, 10, 3});
	STEPS("changed at the right", {F_WRLCK, 10, 10}, {F_RDLCK, 17, 3});
	STEPS("changed over the left", {F_WRLCK, 10, 10}, {F_RDLCK, 5, 8});
	STEPS("changed over the right", {F_WRLCK, 10, 10}, {F_RDLCK, 17, 8});
	STEPS("changed around", {F_WRLCK, 10, 10}, {F_RDLCK, 5, 20});
	STEPS("changed and joined", {F_RDLCK, 0, 10}, {F_WRLCK, 10, 10}, {F_RDLCK, 20, 10},
		{F_RDLCK, 10, 10});
	STEPS("split and joined again", {F_RDLCK, 0, 30}, {F_WRLCK, 10, 10}, {F_RDLCK, 10, 10});
	STEPS("changed over several", {F_RDLCK, 0, 5}, {F_WRLCK, 5, 5}, {F_RDLCK, 10, 5},
		{F_WRLCK, 15, 5}, {F_RDLCK, 3, 14});
	STEPS("given back inside", {F_WRLCK, 10, 10}, {F_UNLCK, 13, 3});
	STEPS("given back left", {F_WRLCK, 10, 10}, {F_UNLCK, 5, 8});
	STEPS("given back right", {F_WRLCK, 10, 10}, {F_UNLCK, 17, 8});
	STEPS("given back whole", {F_WRLCK, 10, 10}, {F_UNLCK, 10, 10});
	STEPS("given back around", {F_WRLCK, 10, 10}, {F_UNLCK, 0, 0});
	STEPS("given back beside", {F_WRLCK, 10, 10}, {F_UNLCK, 20, 10}, {F_UNLCK, 0, 10});
	STEPS("given back several", {F_WRLCK, 0, 5}, {F_RDLCK, 5, 5}, {F_WRLCK, 10, 5},
		{F_UNLCK, 3, 9});
	STEPS("the end cut off", {F_WRLCK, 10, 0}, {F_UNLCK, 1000, 0});
	STEPS("the end put on", {F_WRLCK, 10, 5}, {F_WRLCK, 15, 0});
	STEPS("a hole in the end", {F_WRLCK, 10, 0}, {F_UNLCK, 1000, 1});
	STEPS("out of order", {F_WRLCK, 30, 1}, {F_WRLCK, 10, 1}, {F_WRLCK, 20, 1},
		{F_RDLCK, 15, 1});
	STEPS("first byte", {F_WRLCK, 0, 1}, {F_WRLCK, 1, 1});
	STEPS("the last bytes", {F_WRLCK, LONG_MAX - 1, 1}, {F_RDLCK, LONG_MAX, 1});
	STEPS("the last byte is the end", {F_WRLCK, 5, LONG_MAX - 4});
	for (int i = 0; i < 100; i++)
		lock_at(fd, i % 3 ? F_RDLCK : F_WRLCK, i * 37 % 97, i % 7 + 1);
	for (int i = 0; i < 30; i++)
		lock_at(fd, F_UNLCK, i * 53 % 97, 2);
	lock_ranges("file", "a hundred");
	drop_all();
}

static void places(void)
{
	put("sized", "0123456789");
	int f = open("sized", O_RDWR);
	SHOW(lseek(f, 4, SEEK_SET));
	SHOW(lock_call(f, F_SETLK, F_WRLCK, SEEK_CUR, 0, 1));
	SHOW(lock_call(f, F_SETLK, F_WRLCK, SEEK_CUR, -4, 1));
	SHOW(lock_call(f, F_SETLK, F_WRLCK, SEEK_CUR, -5, 1));
	SHOW(lock_call(f, F_SETLK, F_RDLCK, SEEK_END, 0, 1));
	SHOW(lock_call(f, F_SETLK, F_RDLCK, SEEK_END, -2, 1));
	SHOW(lock_call(f, F_SETLK, F_RDLCK, SEEK_END, -11, 1));
	SHOW(lock_call(f, F_SETLK, F_RDLCK, SEEK_END, 5, 0));
	lock_ranges("sized", "places");
	SHOW(lock_call(f, F_SETLK, F_UNLCK, SEEK_SET, 0, 0));
	lock_ranges("sized", "none");
	/* GETLK counts from the same places and tells from the beginning. */
	lock_call(f, F_SETLK, F_WRLCK, SEEK_SET, 8, 4);
	SHOW_CHILD({
		int g = open("sized", O_RDWR);
		struct flock l = {
			.l_type = F_RDLCK, .l_whence = SEEK_END, .l_start = -1, .l_len = 1};
		SHOW(fcntl(g, F_GETLK, &l));
		printf("%s %ld+%ld whence %d\n", lock_type(l.l_type), (long)l.l_start,
			(long)l.l_len, l.l_whence);
		struct flock free_ = {.l_type = F_RDLCK,
			.l_whence = SEEK_END,
			.l_start = 2,
			.l_len = 1,
			.l_pid = 77};
		SHOW(fcntl(g, F_GETLK, &free_));
		printf("%s %ld+%ld whence %d pid %d\n", lock_type(free_.l_type),
			(long)free_.l_start, (long)free_.l_len, free_.l_whence, free_.l_pid);
	});
	close(f);
}

static void errors(void)
{
	int reader = open("file", O_RDONLY), writer = open("file", O_WRONLY),
	    path = open("file", O_PATH), neither = open("file", 3);
	struct flock l = {.l_type = F_WRLCK};

	SHOW(lock_at(-1, F_RDLCK, 0, 1));
	SHOW(lock_at(1000, F_RDLCK, 0, 1));
	SHOW(lock_at(path, F_RDLCK, 0, 1));
	SHOW(fcntl(path, F_GETLK, &l));
	SHOW(lock_at(reader, F_WRLCK, 0, 1));
	SHOW(lock_at(reader, F_RDLCK, 0, 1));
	SHOW(lock_at(writer, F_RDLCK, 0, 1));
	SHOW(lock_at(writer, F_WRLCK, 0, 1));
	SHOW(lock_at(neither, F_RDLCK, 0, 1));
	SHOW(lock_at(neither, F_WRLCK, 0, 1));
	SHOW(lock_at(neither, F_UNLCK, 0, 1));
	SHOW(fcntl(reader, F_GETLK, &l));
	SHOW(lock_at(fd, 3, 0, 1));
	SHOW(lock_at(fd, -1, 0, 1));
	SHOW(lock_at(fd, 4, 0, 1));
	SHOW(lock_at(reader, 99, 0, 1));
	SHOW(lock_call(fd, F_SETLK, F_WRLCK, 3, 0, 1));
	SHOW(lock_call(fd, F_SETLK, F_WRLCK, -1, 0, 1));
	SHOW(lock_call(fd, F_SETLK, F_UNLCK, 4, 0, 1));
	SHOW(lock_call(fd, F_GETLK, F_WRLCK, 3, 0, 1));
	SHOW(lock_call(fd, F_GETLK, F_UNLCK, SEEK_SET, 0, 1));
	SHOW(lock_call(fd, F_GETLK, 7, SEEK_SET, 0, 1));
	SHOW(lock_at(fd, F_WRLCK, -1, 1));
	SHOW(lock_at(fd, F_WRLCK, LONG_MIN, 1));
	SHOW(lock_at(fd, F_WRLCK, 0, -1));
	SHOW(lock_at(fd, F_WRLCK, 5, -6));
	SHOW(lock_at(fd, F_WRLCK, 5, LONG_MIN));
	SHOW(lock_at(fd, F_WRLCK, 1, LONG_MAX));
	SHOW(lock_at(fd, F_WRLCK, 2, LONG_MAX));
	SHOW(lock_at(fd, F_WRLCK, LONG_MAX, 2));
	SHOW(lock_at(fd, F_WRLCK, LONG_MAX, 0));
	SHOW(lock_call(fd, F_SETLK, F_WRLCK, SEEK_END, LONG_MAX, 0));
	SHOW(lseek(fd, 10, SEEK_SET));
	SHOW(lock_call(fd, F_SETLK, F_WRLCK, SEEK_CUR, LONG_MAX, 0));
	SHOW(lock_call(fd, F_SETLK, F_WRLCK, SEEK_CUR, LONG_MAX - 10, 0));
	SHOW(lock_call(fd, F_SETLK, F_WRLCK, SEEK_CUR, LONG_MIN, 0));
	SHOW(lseek(fd, 0, SEEK_SET));
	/* Pointers. */
	int commands[] = {F_GETLK, F_SETLK, F_SETLKW, F_OFD_GETLK, F_OFD_SETLK, F_OFD_SETLKW};
	for (unsigned i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		SHOW(fcntl(fd, commands[i], NULL));
		SHOW(fcntl(fd, commands[i], (void *)1));
		SHOW(fcntl(fd, commands[i], (void *)-8));
		SHOW(fcntl(fd, commands[i], (void *)0x800000000000));
		SHOW(fcntl(-1, commands[i], NULL));
	}
	/* Half of it in a page that is not there; and one that can't be written to. */
	char *pages = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	memcpy(pages + 4096 - 8, &l, 8);
	munmap(pages + 4096, 4096);
	SHOW(fcntl(fd, F_SETLK, pages + 4096 - 8));
	l = (struct flock){.l_type = F_WRLCK};
	memcpy(pages, &l, sizeof(l));
	mprotect(pages, 4096, PROT_READ);
	SHOW(fcntl(fd, F_GETLK, pages));
	SHOW(fcntl(fd, F_SETLK, pages));
	drop_all();
	close(reader);
	close(writer);
	close(path);
	close(neither);
}

static void whose(void)
{
	int pipe_fds[2];

	lock_at(fd, F_WRLCK, 0, 10);
	lock_at(fd, F_RDLCK, 20, 10);
	SHOW_CHILD({
		int own = open("file", O_RDWR);
		SHOW(lock_at(fd, F_RDLCK, 0, 1));
		SHOW(lock_at(own, F_WRLCK, 9, 1));
		SHOW(lock_at(own, F_WRLCK, 10, 1));
		SHOW(lock_at(own, F_RDLCK, 10, 30));
		SHOW(lock_at(own, F_WRLCK, 29, 1));
		/* What can't be had changes nothing of what one has. */
		SHOW(lock_at(own, F_WRLCK, 15, 10));
		SHOW(lock_at(own, F_UNLCK, 0, 10));
	});
	lock_ranges("file", "after the child");
	/* A second descriptor of one's own is no stranger. */
	int second = open("file", O_RDWR);
	SHOW(lock_at(second, F_WRLCK, 5, 30));
	lock_ranges("file", "two descriptors");
	/* Closing either gives back all. */
	close(second);
	lock_ranges("file", "one closed");
	lock_at(fd, F_WRLCK, 0, 10);
	second = dup(fd);
	close(second);
	lock_ranges("file", "a copy closed");
	lock_at(fd, F_WRLCK, 0, 10);
	second = open("/dev/null", O_RDWR);
	close(second);
	lock_ranges("file", "another file closed");
	second = open("file", O_RDONLY);
	SHOW_OK(dup2(STDIN_FILENO, second));
	lock_ranges("file", "dup2 over one");
	close(second);
	lock_at(fd, F_WRLCK, 0, 10);
	second = open("file", O_RDONLY);
	SHOW(close_range(second, second, 0));
	lock_ranges("file", "close_range");
	lock_at(fd, F_WRLCK, 0, 10);
	SHOW(link("file", "other"));
	second = open("other", O_RDONLY);
	close(second);
	lock_ranges("file", "another name closed");
	lock_at(fd, F_WRLCK, 0, 10);
	SHOW_CHILD(close(fd));
	lock_ranges("file", "closed by a child");
	second = open("file", O_PATH);
	close(second);
	lock_ranges("file", "a place closed");
	drop_all();
	/* A child has none of the parent's, and its own go with it. */
	if (pipe(pipe_fds) != 0)
		return;
	pid_t child = CHILD({
		lock_at(fd, F_WRLCK, 3, 4);
		tell_byte(pipe_fds[1]);
		pause();
	});
	await_byte(pipe_fds[0]);
	struct flock l = {.l_type = F_RDLCK};
	SHOW(fcntl(fd, F_GETLK, &l));
	HOLDS(l.l_pid == child);
	SHOW(lock_at(fd, F_RDLCK, 3, 1));
	SHOW(lock_at(fd, F_RDLCK, 2, 1));
	kill(child, SIGKILL);
	show_end("the child", child);
	SHOW(lock_at(fd, F_RDLCK, 3, 1));
	drop_all();
	close(pipe_fds[0]);
	close(pipe_fds[1]);
}

/* Several owners: which of their locks is told first. */
static void several(void)
{
	int ready[2], go[2];
	pid_t child[3];

	if (pipe(ready) != 0 || pipe(go) != 0)
		return;
	for (int i = 0; i < 3; i++) {
		child[i] = CHILD({
			close(go[1]);
			lock_at(fd, F_RDLCK, 30 - 10 * i, 5);
			lock_at(fd, F_RDLCK, 40 + i, 1);
			tell_byte(ready[1]);
			char c;
			(void)!read(go[0], &c, 1);
		});
		await_byte(ready[0]);
	}
	struct flock l = {.l_type = F_WRLCK};
	SHOW(fcntl(fd, F_GETLK, &l));
	printf("%s %ld+%ld by %d\n", lock_type(l.l_type), (long)l.l_start, (long)l.l_len,
		l.l_pid == child[0]   ? 0
		: l.l_pid == child[1] ? 1
				      : 2);
	l = (struct flock){.l_type = F_WRLCK, .l_start = 5, .l_len = 20};
	SHOW(fcntl(fd, F_GETLK, &l));
	printf("%s %ld+%ld by %d\n", lock_type(l.l_type), (long)l.l_start, (long)l.l_len,
		l.l_pid == child[0]   ? 0
		: l.l_pid == child[1] ? 1
				      : 2);
	SHOW(lock_at(fd, F_RDLCK, 0, 0));
	SHOW(lock_at(fd, F_WRLCK, 0, 10));
	SHOW(lock_at(fd, F_WRLCK, 0, 11));
	drop_all();
	close(go[1]);
	for (int i = 0; i < 3; i++)
		show_end("one", child[i]);
	close(go[0]);
	close(ready[0]);
	close(ready[1]);
}

/* Files of every kind. */
static void kinds(void)
{
	int p[2];

	if (pipe(p) != 0)
		return;
	SHOW(lock_at(p[0], F_RDLCK, 0, 1));
	SHOW(lock_at(p[0], F_WRLCK, 0, 1));
	SHOW(lock_at(p[1], F_WRLCK, 0, 1));
	SHOW(lock_call(p[1], F_SETLK, F_WRLCK, SEEK_END, 5, 1));
	SHOW_CHILD(SHOW(lock_at(p[0], F_RDLCK, 0, 1)));
	SHOW_CHILD(SHOW(lock_at(p[0], F_RDLCK, 5, 1)));
	int e = eventfd(0, 0);
	SHOW(lock_at(e, F_WRLCK, 0, 1));
	int d = open(".", O_RDONLY | O_DIRECTORY);
	SHOW(lock_at(d, F_RDLCK, 0, 1));
	SHOW(lock_at(d, F_WRLCK, 0, 1));
	int n = open("/dev/null", O_RDWR);
	SHOW(lock_at(n, F_RDLCK, 0, 1));
	int m = memfd_create("m", 0);
	SHOW(lock_at(m, F_WRLCK, 0, 1));
	SHOW_CHILD(SHOW(lock_at(m, F_WRLCK, 0, 1)));
	int fifo = mkfifo("fifo", 0600) == 0 ? open("fifo", O_RDWR) : -1;
	SHOW(lock_at(fifo, F_WRLCK, 0, 1));
	SHOW_CHILD({
		int again = open("fifo", O_RDWR);
		SHOW(lock_at(again, F_WRLCK, 0, 1));
	});
	/* Gone from its folder, but not unlocked; a new file of the name is another. */
	put("gone", "");
	int gone = open("gone", O_RDWR);
	lock_at(gone, F_WRLCK, 0, 1);
	unlink("gone");
	SHOW_CHILD(SHOW(lock_at(gone, F_WRLCK, 0, 1)));
	put("gone", "");
	SHOW_CHILD({
		int other = open("gone", O_RDWR);
		SHOW(lock_at(other, F_WRLCK, 0, 1));
	});
	/* Reads and writes do not care. */
	lock_at(fd, F_WRLCK, 0, 0);
	SHOW_CHILD({
		int other = open("file", O_RDWR);
		SHOW(write(other, "x", 1));
		SHOW(ftruncate(other, 0));
	});
	drop_all();
	for (int i = fd + 1; i < 64; i++)
		close(i);
}

int main(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	fsabi_begin();
	put("file", "");
	fd = open("file", O_RDWR);
	ranges();
	places();
	errors();
	whose();
	several();
	kinds();
	return 0;
}

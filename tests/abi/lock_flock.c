/*
 * flock(2), and the locks of open files (F_OFD_SETLK): copies of descriptors and children share them, the last close gives them back.
 *
 * Seen to fail: with the old lock kept where a change of type is refused, with locks that a process has instead of a file.
 */
#include "locks.h"

#include <sys/eventfd.h>

static int fd, second;

static void flocks(void)
{
	SHOW(flock(fd, LOCK_SH));
	SHOW(flock(fd, LOCK_SH));
	SHOW(flock(second, LOCK_SH));
	SHOW(flock(second, LOCK_EX | LOCK_NB));
	/* The refused change has cost it the old one. */
	SHOW(flock(fd, LOCK_EX | LOCK_NB));
	SHOW(flock(second, LOCK_SH | LOCK_NB));
	SHOW(flock(fd, LOCK_SH | LOCK_NB));
	SHOW(flock(second, LOCK_SH | LOCK_NB));
	SHOW(flock(fd, LOCK_UN));
	SHOW(flock(fd, LOCK_UN));
	SHOW(flock(second, LOCK_EX | LOCK_NB));
	SHOW(flock(second, LOCK_UN | LOCK_NB));
	/* Copies and children are the same file. */
	int copy = dup(fd);
	SHOW(flock(fd, LOCK_EX));
	SHOW(flock(copy, LOCK_EX | LOCK_NB));
	SHOW_CHILD(SHOW(flock(fd, LOCK_SH | LOCK_NB)); SHOW(flock(second, LOCK_SH | LOCK_NB)));
	SHOW(flock(second, LOCK_EX | LOCK_NB));
	SHOW_CHILD(SHOW(flock(copy, LOCK_UN)));
	SHOW(flock(second, LOCK_EX | LOCK_NB));
	SHOW(flock(second, LOCK_UN));
	/* Only the last close gives it back. */
	flock(fd, LOCK_EX);
	close(copy);
	SHOW(flock(second, LOCK_SH | LOCK_NB));
	int ready[2], go[2];
	if (pipe(ready) != 0 || pipe(go) != 0)
		return;
	pid_t child = CHILD({
		tell_byte(ready[1]);
		close(go[1]);
		char c;
		(void)!read(go[0], &c, 1);
	});
	await_byte(ready[0]);
	close(fd);
	SHOW(flock(second, LOCK_SH | LOCK_NB));
	close(go[1]);
	show_end("the last that had it", child);
	SHOW(flock(second, LOCK_SH | LOCK_NB));
	close(go[0]);
	close(ready[0]);
	close(ready[1]);
	fd = open("file", O_RDWR);
	SHOW(flock(second, LOCK_UN));
}

static void errors(void)
{
	int path = open("file", O_PATH), neither = open("file", 3), reader = open("file", O_RDONLY),
	    writer = open("file", O_WRONLY);

	SHOW(flock(-1, LOCK_SH));
	SHOW(flock(1000, LOCK_EX));
	SHOW(flock(path, LOCK_SH));
	SHOW(flock(path, LOCK_UN));
	SHOW(flock(neither, LOCK_SH));
	SHOW(flock(neither, LOCK_EX | LOCK_NB));
	SHOW(flock(neither, LOCK_UN));
	SHOW(flock(fd, 0));
	SHOW(flock(fd, LOCK_NB));
	SHOW(flock(fd, LOCK_SH | LOCK_EX));
	SHOW(flock(fd, LOCK_SH | LOCK_UN));
	SHOW(flock(fd, 16));
	SHOW(flock(fd, 64 | LOCK_SH));
	SHOW(flock(fd, -1 & ~32));
	/* What it was opened for does not matter. */
	SHOW(flock(reader, LOCK_EX | LOCK_NB));
	SHOW(flock(reader, LOCK_UN));
	SHOW(flock(writer, LOCK_SH | LOCK_NB));
	close(path);
	close(neither);
	close(reader);
	close(writer);
}

static void kinds(void)
{
	int p[2];

	if (pipe(p) != 0)
		return;
	/* Both ends of a pipe are one file, opened twice. */
	SHOW(flock(p[0], LOCK_EX | LOCK_NB));
	SHOW(flock(p[1], LOCK_SH | LOCK_NB));
	SHOW(flock(p[0], LOCK_SH | LOCK_NB));
	SHOW(flock(p[1], LOCK_SH | LOCK_NB));
	close(p[0]);
	SHOW(flock(p[1], LOCK_EX | LOCK_NB));
	close(p[1]);
	int d = open(".", O_RDONLY | O_DIRECTORY), again = open(".", O_RDONLY | O_DIRECTORY);
	SHOW(flock(d, LOCK_EX | LOCK_NB));
	SHOW(flock(again, LOCK_EX | LOCK_NB));
	close(d);
	SHOW(flock(again, LOCK_EX | LOCK_NB));
	close(again);
	int e = eventfd(0, 0);
	SHOW(flock(e, LOCK_SH | LOCK_NB));
	close(e);
	/* Not known to record locks, nor the other way round. */
	SHOW(flock(fd, LOCK_EX));
	SHOW_CHILD({
		int own = open("file", O_RDWR);
		SHOW(lock_at(own, F_WRLCK, 0, 0));
		SHOW(lock_call(own, F_OFD_SETLK, F_WRLCK, SEEK_SET, 0, 0));
	});
	SHOW(lock_at(fd, F_WRLCK, 0, 0));
	SHOW(flock(second, LOCK_EX | LOCK_NB));
	SHOW(flock(fd, LOCK_UN));
	SHOW(flock(second, LOCK_EX | LOCK_NB));
	SHOW(flock(second, LOCK_UN));
	SHOW(lock_at(fd, F_UNLCK, 0, 0));
	/* A program that the process becomes keeps it, unless the file is closed on the way. */
	SHOW(flock(fd, LOCK_EX));
	SHOW(fcntl(fd, F_SETFD, FD_CLOEXEC));
}

static int ofd(int f, short type, off_t start, off_t length)
{
	return lock_call(f, F_OFD_SETLK, type, SEEK_SET, start, length);
}

static void of_files(void)
{
	struct flock l = {.l_type = F_RDLCK, .l_pid = 5};

	SHOW(fcntl(fd, F_OFD_SETLK, &l));
	SHOW(fcntl(fd, F_OFD_SETLKW, &l));
	SHOW(fcntl(fd, F_OFD_GETLK, &l));
	l = (struct flock){.l_type = 9};
	SHOW(fcntl(fd, F_OFD_SETLK, &l));
	SHOW(fcntl(fd, F_OFD_GETLK, &l));
	SHOW(ofd(fd, F_WRLCK, -1, 1));
	SHOW(ofd(fd, F_WRLCK, 2, INT64_MAX));
	SHOW(ofd(-1, F_WRLCK, 0, 1));
	int reader = open("file", O_RDONLY);
	SHOW(ofd(reader, F_WRLCK, 0, 1));
	close(reader);
	/* Two files of one process are strangers. */
	SHOW(ofd(fd, F_WRLCK, 0, 10));
	SHOW(ofd(second, F_WRLCK, 5, 1));
	SHOW(ofd(second, F_RDLCK, 5, 1));
	SHOW(ofd(second, F_RDLCK, 10, 1));
	SHOW(ofd(fd, F_RDLCK, 3, 4));
	SHOW(ofd(second, F_RDLCK, 5, 1));
	lock_ranges("file", "two files");
	/* The process is a stranger, too. */
	SHOW(lock_at(fd, F_WRLCK, 0, 1));
	SHOW(lock_at(fd, F_RDLCK, 4, 1));
	SHOW(lock_at(fd, F_WRLCK, 20, 1));
	SHOW(ofd(fd, F_WRLCK, 20, 1));
	l = (struct flock){.l_type = F_WRLCK, .l_start = 0, .l_len = 1};
	SHOW(fcntl(second, F_OFD_GETLK, &l));
	printf("%s %ld+%ld pid %d\n", lock_type(l.l_type), (long)l.l_start, (long)l.l_len, l.l_pid);
	l = (struct flock){.l_type = F_WRLCK, .l_start = 20, .l_len = 1};
	SHOW(fcntl(second, F_OFD_GETLK, &l));
	HOLDS(l.l_pid == getpid());
	l = (struct flock){.l_type = F_WRLCK, .l_start = 20, .l_len = 1};
	SHOW(fcntl(second, F_GETLK, &l));
	printf("%s\n", lock_type(l.l_type));
	l = (struct flock){.l_type = F_WRLCK, .l_start = 0, .l_len = 1};
	SHOW(fcntl(fd, F_GETLK, &l));
	printf("%s %ld+%ld pid %d\n", lock_type(l.l_type), (long)l.l_start, (long)l.l_len, l.l_pid);
	/* Children and copies share them; closing one of several gives nothing back. */
	SHOW_CHILD(SHOW(ofd(fd, F_WRLCK, 0, 1)); SHOW(ofd(second, F_WRLCK, 0, 1)));
	int copy = dup(fd), other = open("file", O_RDWR);
	close(copy);
	close(other);
	lock_ranges("file", "after closing others");
	close(fd);
	lock_ranges("file", "after closing one");
	fd = open("file", O_RDWR);
	SHOW(ofd(fd, F_WRLCK, 0, 5));
	SHOW(ofd(second, F_UNLCK, 0, 0));
	lock_ranges("file", "given back");
	SHOW(ofd(fd, F_UNLCK, 0, 0));
}

/* What /proc/locks says of this file, in the order of its words: whose it is comes out as letters. */
static void show_proc(const char *path)
{
	struct stat st;
	char line[200], ino[40];
	FILE *f = fopen("/proc/locks", "r");

	if (!f || stat(path, &st) != 0)
		return;
	snprintf(ino, sizeof(ino), ":%lu ", (unsigned long)st.st_ino);
	while (fgets(line, sizeof(line), f)) {
		char *at = strstr(line, ino), *text = strchr(line, ' ');
		int pid = 0;
		char kind[20], mode[20], type[20];
		if (!at || sscanf(text, " %19s %19s %19s %d", kind, mode, type, &pid) != 4)
			continue;
		printf("%.*s %s %s %s pid %s %s", 7, text, kind, mode, type,
			pid == getpid() ? "own"
			: pid == -1	? "-1"
					: "other",
			at + strlen(ino));
	}
	fclose(f);
}

int main(int argc, char **argv)
{
	(void)argv;
	if (argc > 1) {
		int own = open("file", O_RDWR);
		SHOW(flock(own, LOCK_EX | LOCK_NB));
		SHOW(lock_at(own, F_WRLCK, 0, 1));
		return 0;
	}
	char self[4096];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	self[n > 0 ? n : 0] = '\0';
	fsabi_begin();
	put("file", "");
	fd = open("file", O_RDWR);
	second = open("file", O_RDWR);
	flocks();
	errors();
	of_files();
	SHOW(flock(fd, LOCK_EX));
	show_proc("file");
	SHOW(flock(fd, LOCK_SH));
	show_proc("file");
	SHOW(flock(fd, LOCK_UN));
	SHOW(lock_at(fd, F_WRLCK, 3, 4));
	show_proc("file");
	SHOW(lock_at(fd, F_RDLCK, 3, 0));
	show_proc("file");
	SHOW(lock_at(fd, F_UNLCK, 0, 0));
	SHOW(ofd(fd, F_RDLCK, 0, 4));
	show_proc("file");
	SHOW(ofd(fd, F_UNLCK, 0, 0));
	show_proc("file");
	kinds();
	fflush(stdout);
	/* The program that a child becomes has the parent's open files, but not those marked so. */
	pid_t child = CHILD({
		lock_at(second, F_WRLCK, 0, 1);
		close(second);
		execl(self, self, "again", NULL);
	});
	show_end("exec", child);
	close(fd);
	child = CHILD({
		lock_at(second, F_WRLCK, 0, 1);
		pid_t grand = CHILD(execl(self, self, "again", NULL));
		show_end("exec below", grand);
		fflush(stdout);
		execl(self, self, "again", NULL);
	});
	show_end("exec with a lock of its own", child);
	return 0;
}

/*
 * chroot(2): absolute paths and links start there, ".." stops there, what is open stays; and who is outside may go on up.
 *
 * Seen to fail: before walks began at the process's root.
 */
#include "fsabi.h"
#include "proc.h"

#include <linux/capability.h>
#include <pthread.h>
#include <sys/prctl.h>

static void cwd(void)
{
	char buffer[4096];
	long n = syscall(SYS_getcwd, buffer, sizeof(buffer));

	if (n < 0) {
		printf("cwd: %s\n", error_name(errno));
		return;
	}
	/* The test's own folder has a number in its name, and what the tests themselves may be confined to stands before it. */
	static const char unreachable[] = "(unreachable)";
	char *number = strstr(buffer, fsabi_place);
	if (number) {
		char *to = strncmp(buffer, unreachable, sizeof(unreachable) - 1)
				   ? number
				   : buffer + sizeof(unreachable) - 1;
		to[0] = '@';
		memmove(to + 1, number + strlen(fsabi_place),
			strlen(number + strlen(fsabi_place)) + 1);
	}
	printf("cwd: %s, %s\n", buffer,
		number || n == (long)strlen(buffer) + 1 ? "its length" : "NO");
}

static void link_text(const char *path)
{
	char buffer[4096];
	ssize_t n = readlink(path, buffer, sizeof(buffer) - 1);

	if (n < 0) {
		printf("%s: %s\n", path, error_name(errno));
		return;
	}
	buffer[n] = 0;
	char *number = strstr(buffer, fsabi_place);
	printf("%s -> %s%s\n", path, number ? "@" : "",
		number ? number + strlen(fsabi_place) : buffer);
}

static void make(void)
{
	mkdir("jail", 0755);
	mkdir("jail/inner", 0755);
	mkdir("jail/inner/deep", 0755);
	mkdir("outside", 0755);
	put("jail/file", "inside");
	put("jail/inner/file", "deeper");
	put("file", "outside");
	put("secret", "secret");
	(void)!symlink("/file", "jail/absolute");
	(void)!symlink("../../../file", "jail/inner/up");
	(void)!symlink("/", "jail/inner/root");
	(void)!symlink("/inner/file", "jail/link");
	(void)!symlink("/secret", "jail/broken");
}

static void inside(void)
{
	SHOW(chroot("jail"));
	cwd();
	/* The working directory is where it was: outside. */
	text("file");
	text("/file");
	text("jail/file");
	text("jail/absolute");
	text("../jail/file");
	SHOW(access("/jail", F_OK));
	SHOW(chdir("/"));
	cwd();
	text("file");
	text("../file");
	text("../../../../file");
	text("/../file");
	text("inner/../../file");
	text("inner/up");
	text("inner/root/file");
	text("absolute");
	text("link");
	text("broken");
	text("/secret");
	SHOW(access("../secret", F_OK));
	SHOW(chdir("inner/deep"));
	cwd();
	text("../file");
	text("../../file");
	text("../../../file");
	struct stat root, up;
	SHOW(stat("/", &root));
	SHOW(stat("/..", &up));
	HOLDS(root.st_ino == up.st_ino);
	SHOW(mkdir("/new", 0755));
	SHOW(rename("/new", "/newer"));
	SHOW(link("/file", "/second"));
	SHOW(symlink("/second", "/third"));
	text("/third");
	SHOW(unlink("/third"));
	SHOW(unlink("/../second"));
	SHOW(rmdir("/../newer"));
	SHOW(rmdir("/"));
	SHOW(rename("/", "/x"));
	SHOW(truncate("/nothing", 0));
	/* Deeper. */
	SHOW(chroot(".."));
	cwd();
	text("/file");
	text("../../file");
	SHOW(chdir("/"));
	cwd();
	text("../file");
}

static void open_directory(void)
{
	int out = open(".", O_RDONLY | O_DIRECTORY), in = open("jail/inner", O_PATH | O_DIRECTORY);

	SHOW(chroot("jail"));
	SHOW(chdir("/"));
	char buffer[20] = "";
	int fd = openat(out, "secret", O_RDONLY);
	SHOW(read(fd, buffer, 10));
	fd = openat(out, "/file", O_RDONLY);
	SHOW(read(fd, buffer, 10));
	printf("%s\n", buffer);
	SHOW(faccessat(in, "../../secret", F_OK, 0));
	SHOW(faccessat(in, "../file", F_OK, 0));
	SHOW(faccessat(out, "jail/absolute", F_OK, 0));
	/* Out again. */
	SHOW(fchdir(out));
	cwd();
	text("secret");
	text("/secret");
	text("jail/../secret");
	SHOW(chdir("jail"));
	cwd();
	text("../file");
	SHOW(fchdir(out));
	/* The way that everybody knows. */
	SHOW(chdir(".."));
	SHOW(chroot("."));
	text("/file");
	for (int i = 0; i < 64; i++)
		(void)!chdir("..");
	SHOW(chroot("."));
	struct stat st;
	SHOW(stat(fsabi_place, &st));
	link_text("/proc/self/root");
	link_text("/proc/self/cwd");
}

static void seen_from_outside(void)
{
	int go[2], ready[2];
	char path[64];

	if (pipe(go) != 0 || pipe(ready) != 0)
		return;
	pid_t child = CHILD({
		char c = 0;
		SHOW(chroot("jail"));
		SHOW(chdir("/inner"));
		fflush(stdout);
		(void)!write(ready[1], &c, 1);
		(void)!read(go[0], &c, 1);
	});
	char c = 0;
	(void)!read(ready[0], &c, 1);
	snprintf(path, sizeof(path), "/proc/%d/root", child);
	char buffer[4096];
	ssize_t n = readlink(path, buffer, sizeof(buffer));
	HOLDS(n == (ssize_t)strlen(fsabi_place) + 5 &&
		memcmp(buffer, fsabi_place, strlen(fsabi_place)) == 0);
	snprintf(path, sizeof(path), "/proc/%d/cwd", child);
	n = readlink(path, buffer, sizeof(buffer));
	HOLDS(n == (ssize_t)strlen(fsabi_place) + 11);
	snprintf(path, sizeof(path), "/proc/%d/root/inner/file", child);
	HOLDS(access(path, F_OK) == 0);
	snprintf(path, sizeof(path), "/proc/%d/root/../secret", child);
	HOLDS(access(path, F_OK) == 0);
	(void)!write(go[1], &c, 1);
	show_end("a child's root", child);
}

static void *changes_root(void *arg)
{
	SHOW(chroot(arg));
	return NULL;
}

static void shared_root(void)
{
	pthread_t t;

	pthread_create(&t, NULL, changes_root, "jail");
	pthread_join(t, NULL);
	text("/file");
	SHOW_CHILD(text("/file"));
}

/* A program is looked for in the root, and what /proc/self/exe leads to stays what it was. */
static void programs(void)
{
	char self[4096];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	self[n > 0 ? n : 0] = 0;
	int in = open(self, O_RDONLY), out = open("jail/program", O_WRONLY | O_CREAT, 0755);
	char buffer[65536];
	while ((n = read(in, buffer, sizeof(buffer))) > 0)
		(void)!write(out, buffer, (size_t)n);
	close(in);
	close(out);
	put("jail/script", "#!/program again\n");
	chmod("jail/script", 0755);
	put("jail/wrong", "#!/nothing\n");
	chmod("jail/wrong", 0755);
	SHOW_CHILD({
		SHOW(chroot("jail"));
		fflush(stdout);
		execl("/program", "program", "again", NULL);
	});
	SHOW_CHILD({
		SHOW(chroot("jail"));
		fflush(stdout);
		execl("/script", "script", NULL);
	});
	SHOW_CHILD({
		SHOW(chroot("jail"));
		SHOW(execl("/wrong", "wrong", NULL));
		SHOW(execl("/jail/program", "program", NULL));
		SHOW(execl("/script/x", "program", NULL));
	});
	/* A program that is gone. */
	SHOW_CHILD({
		int fd = open("jail/program", O_RDONLY);
		unlink("jail/program");
		char *argv[] = {"program", "gone", NULL};
		fexecve(fd, argv, argv + 2);
	});
}

static void errors(void)
{
	put("plain", "");
	mkdir("closed", 0);
	SHOW(chroot("nothing"));
	SHOW(chroot(""));
	SHOW(chroot("plain"));
	SHOW(chroot("plain/x"));
	SHOW(chroot(NULL));
	SHOW(chroot((char *)8));
	SHOW(chroot((char *)-8));
	char longest[5000];
	memset(longest, 'a', sizeof(longest));
	longest[4999] = 0;
	SHOW(chroot(longest));
	longest[300] = 0;
	SHOW(chroot(longest));
	(void)!symlink("loop", "loop");
	SHOW(chroot("loop"));
	SHOW_CHILD({
		if (setresuid(1234, 1234, 1234) != 0)
			return;
		SHOW(chroot("jail"));
		SHOW(chroot("nothing"));
		SHOW(chroot("plain"));
		SHOW(chroot("closed"));
		SHOW(chroot("closed/x"));
	});
	/* The root goes: nothing can be found any more. */
	mkdir("vanishing", 0755);
	SHOW_CHILD({
		int out = open(".", O_RDONLY);
		SHOW(chroot("vanishing"));
		SHOW(chdir("/"));
		SHOW(unlinkat(out, "vanishing", AT_REMOVEDIR));
		SHOW(access("/", F_OK));
		SHOW(access("/x", F_OK));
		SHOW(mkdir("/x", 0755));
		SHOW(open("/x", O_CREAT | O_WRONLY, 0644));
		cwd();
		SHOW(access("..", F_OK));
	});
}

int main(int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[argc > 2 ? 1 : argc - 1], "gone") == 0) {
		char buffer[4096];
		ssize_t n = readlink("/proc/self/exe", buffer, sizeof(buffer) - 1);
		buffer[n > 0 ? n : 0] = 0;
		const char *end = strrchr(buffer, '/');
		printf("exe: %s\n", end ? end : buffer);
		HOLDS(access("/proc/self/exe", X_OK) == 0);
		return 0;
	}
	if (argc > 1) {
		printf("runs: %s, %s\n", argv[0], argv[1]);
		return 3;
	}
	fsabi_begin();
	make();
	SHOW_CHILD(inside());
	SHOW_CHILD(open_directory());
	seen_from_outside();
	SHOW_CHILD(shared_root());
	programs();
	errors();
	cwd();
	return 0;
}

// summary: what can't be started for another reason than its contents: scripts, names, permissions, and execveat's own errors
//
// Seen to fail: while a file that may be executed but not read could be started.
#include "images.h"

/* A program that exits with the result of prctl(PR_GET_DUMPABLE). */
static const unsigned char exit_dumpable[] = {0xb8, 157, 0, 0, 0, 0xbf, 3, 0, 0, 0, 0x0f, 0x05,
	0x89, 0xc7, 0xb8, 60, 0, 0, 0, 0x0f, 0x05};

/* -- scripts -- */

static void script(const char *text)
{
	put_bytes("a script", text, strlen(text), 0755);
	start(text, "a script");
}

static void scripts(void)
{
	struct image i = good();
	char name[300], line[700];

	put_bytes("program", &i, sizeof(i), 0755);
	put_bytes("closed", &i, sizeof(i), 0644);
	script("");
	script("#");
	script("#!");
	script("#! ");
	script("#!\n");
	script("#!  \t \n");
	script("# !program\n");
	script(" #!program\n");
	script("#!program");
	script("#!program\n");
	script("#! \tprogram \t\n");
	script("#!program an argument\n");
	script("#!closed\n");
	script("#!nowhere\n");
	script("#!program/x\n");
	script("#!/\n");
	script("#!/dev/null\n");
	script("#!empty\n");
	script("#!text\n");
	/* Its own interpreter, and a row of them. */
	script("#!a script\n");
	symlink("a script", "script");
	script("#!script\n");
	for (int n = 0; n < 8; n++) {
		snprintf(name, sizeof(name), "row%d", n);
		snprintf(line, sizeof(line), n ? "#!row%d\n" : "#!program\n", n - 1);
		put_bytes(name, line, strlen(line), 0755);
		start(name, name);
	}
	/* What is read of the line ends after 256 bytes. */
	static const int lengths[] = {200, 240, 252, 253, 254, 255, 256, 257, 300};
	for (unsigned n = 0; n < sizeof(lengths) / sizeof(lengths[0]); n++) {
		memset(name, 'n', sizeof(name));
		memcpy(name, "./././", 6);
		name[lengths[n] - 2] = 0;
		snprintf(line, sizeof(line), "#!%s\n", name);
		put_bytes("a script", line, strlen(line), 0755);
		snprintf(line, sizeof(line), "a name of %d", lengths[n] - 2);
		start(line, "a script");
		snprintf(line, sizeof(line), "#!program %s\n", name);
		put_bytes("a script", line, strlen(line), 0755);
		snprintf(line, sizeof(line), "an argument of %d", lengths[n] - 2);
		start(line, "a script");
	}
}

/* -- names and permissions -- */

static void names(void)
{
	struct image i = good();

	put_bytes("program", &i, sizeof(i), 0755);
	put_bytes("closed", &i, sizeof(i), 0600);
	memcpy(i.code, exit_dumpable, sizeof(exit_dumpable));
	put_bytes("readable", &i, sizeof(i), 0555);
	put_bytes("unreadable", &i, sizeof(i), 0111);
	put_bytes("unreadable script", "#!unreadable\n", 13, 0555);
	put_bytes("script nobody reads", "#!program\n", 10, 0111);
	/* Whose loader may not be read. */
	struct image loaded = with_interpreter("secret loader");
	put_bytes("loaded", &loaded, sizeof(loaded), 0755);
	i.e.e_type = ET_DYN;
	i.e.e_entry -= BASE;
	i.p[0].p_vaddr = 0;
	put_bytes("secret loader", &i, sizeof(i), 0111);
	symlink("program", "link");
	symlink("loop", "loop");
	symlink("nowhere", "dangling");
	mkfifo("fifo", 0755);
	start("link", "link");
	start("loop", "loop");
	start("dangling", "dangling");
	start("fifo", "fifo");
	start("closed", "closed");
	start("readable", "readable");
	start("unreadable", "unreadable");
	start("loaded", "loaded");
	start("directory", "directory");
	start("program/", "program/");
	start("program/x", "program/x");
	mkdir("private", 0700);
	put_bytes("private/program", &i, sizeof(i), 0755);
	put_bytes("private script", "#!private/program\n", 18, 0755);
	show_end("as nobody", CHILD({
		if (setresgid(65534, 65534, 65534) || setresuid(65534, 65534, 65534))
			_exit(1);
		start("program", "program");
		start("readable", "readable");
		start("unreadable", "unreadable");
		start("unreadable script", "unreadable script");
		start("script nobody reads", "script nobody reads");
		start("loaded", "loaded");
		start("closed", "closed");
		start("private/program", "private/program");
		start("private script", "private script");
	}));
}

static long exec_at(int fd, const char *path, int flags)
{
	char *const argv[] = {"name", NULL};

	return syscall(SYS_execveat, fd, path, argv, argv + 1, flags);
}

static void at(void)
{
	struct image i = good();
	char *large[] = {string_of(200000), NULL};

	put_bytes("a script", "#!program\n", 10, 0755);
	put_bytes("foreign", &(struct image){.e.e_ident = "\177ELF"}, sizeof(i), 0755);
	int directory = open(".", O_RDONLY | O_CLOEXEC), path = open("program", O_PATH | O_CLOEXEC);
	int file = open("program", O_RDONLY), script_fd = open("a script", O_RDONLY | O_CLOEXEC);
	int closed = open("closed", O_RDONLY), link = open("link", O_PATH | O_NOFOLLOW);

	SHOW(exec_at(-1, "program", 0));
	SHOW(exec_at(file, "program", 0));
	SHOW(exec_at(directory, "", 0));
	SHOW(exec_at(directory, "", AT_EMPTY_PATH));
	SHOW(exec_at(AT_FDCWD, "", AT_EMPTY_PATH));
	SHOW(exec_at(directory, "program", 1));
	SHOW(exec_at(directory, "program", AT_SYMLINK_FOLLOW));
	SHOW(exec_at(directory, "link", AT_SYMLINK_NOFOLLOW));
	SHOW(exec_at(link, "", AT_EMPTY_PATH));
	SHOW(exec_at(directory, "loop", 0));
	SHOW(exec_at(directory, "nowhere", 0));
	SHOW(exec_at(directory, "closed", 0));
	SHOW(exec_at(closed, "", AT_EMPTY_PATH));
	SHOW(exec_at(directory, "directory", 0));
	SHOW(exec_at(directory, "empty", 0));
	SHOW(exec_at(directory, "foreign", 0));
	SHOW(exec_at(directory, string_of(300), 0));
	SHOW(exec_at(directory, string_of(5000), 0));
	SHOW(exec_at(directory, (char *)8, 0));
	SHOW(exec_at(directory, NULL, AT_EMPTY_PATH));
	SHOW(syscall(SYS_execveat, directory, "program", large, NULL, 0));
	SHOW(syscall(SYS_execveat, directory, "program", NULL, large, 0));
	/* The interpreter could not open a script by a number that is closed. */
	SHOW(exec_at(script_fd, "", AT_EMPTY_PATH));
	SHOW(exec_at(directory, "a script", 0));
	struct image asks = with_interpreter("text");
	put_bytes("asks", &asks, sizeof(asks), 0755);
	SHOW(exec_at(directory, "asks", 0));
	asks = with_interpreter("empty");
	put_bytes("asks", &asks, sizeof(asks), 0755);
	SHOW(exec_at(directory, "asks", 0));
	SHOW_CHILD(exec_at(directory, "program", 0));
	SHOW_CHILD(exec_at(path, "", AT_EMPTY_PATH));
	SHOW_CHILD(exec_at(file, "", AT_EMPTY_PATH));
	SHOW_CHILD(exec_at(directory, "link", 0));
	free(large[0]);
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	fsabi_begin();
	make_files();
	scripts();
	names();
	at();
	return 0;
}

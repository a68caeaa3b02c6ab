// summary: setuid, setreuid, setresuid, setfsuid and their group kin: from every state, to every id, and what each change lets one do
//
// Seen to fail: with a setreuid() that leaves the saved id alone, and before there were capabilities and more than 32 groups.
#include "abi.h"
#include <fcntl.h>
#include <grp.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

/* The raw calls: a C library changes all threads, and has its own opinion about errors. */
#define uid(name, ...) syscall(SYS_##name, __VA_ARGS__)

static const int ids[] = {-1, 0, 1111, 2222};
enum { IDS = sizeof(ids) / sizeof(ids[0]) };

static long get(int number)
{
	int r, e, s;

	syscall(number, &r, &e, &s);
	return (long)r * 100000000 + e * 10000 + s;
}

static void state(const char *what, long result)
{
	int failed = errno;
	long uids = get(SYS_getresuid), gids = get(SYS_getresgid);

	printf("%s: %s; uid %ld/%ld gid %ld/%ld\n", what, result == -1 ? error_name(failed) : "ok",
		uids, uid(setfsuid, -1), gids, uid(setfsgid, -1));
}

/* Each attempt in a child of its own, as most can't be taken back. */
static void try_all(const char *from, void (*begin)(void), void (*attempt)(int, int, int))
{
	int status;

	printf("-- %s\n", from);
	fflush(stdout);
	for (int a = 0; a < IDS; a++)
		for (int b = 0; b < IDS; b++)
			for (int c = 0; c < IDS; c++) {
				pid_t child = fork();

				if (child == 0) {
					begin();
					errno = 0;
					attempt(ids[a], ids[b], ids[c]);
					fflush(stdout);
					_exit(0);
				}
				if (waitpid(child, &status, 0) != child || status)
					printf("child: %x\n", status);
			}
}

static void as_root(void)
{
}

static void as_user(void)
{
	uid(setresgid, 1111, 1111, 1111);
	uid(setresuid, 1111, 1111, 1111);
}

static void as_setuid_program(void)
{
	uid(setresgid, 1111, 2222, 2222);
	uid(setresuid, 1111, 2222, 2222);
}

static void as_root_for_a_while(void)
{
	uid(setresuid, 1111, 0, 2222);
}

static void all_three(int a, int b, int c)
{
	char what[64];

	snprintf(what, sizeof(what), "setresuid(%d, %d, %d)", a, b, c);
	state(what, uid(setresuid, a, b, c));
	errno = 0;
	snprintf(what, sizeof(what), "setresgid(%d, %d, %d)", a, b, c);
	state(what, uid(setresgid, a, b, c));
}

static void two_and_one(int a, int b, int c)
{
	char what[64];

	if (c == -1) {
		snprintf(what, sizeof(what), "setregid(%d, %d)", a, b);
		state(what, uid(setregid, a, b));
		errno = 0;
		snprintf(what, sizeof(what), "setreuid(%d, %d)", a, b);
		state(what, uid(setreuid, a, b));
	} else if (b == -1 && c == 0) {
		snprintf(what, sizeof(what), "setgid(%d)", a);
		state(what, uid(setgid, a));
		errno = 0;
		snprintf(what, sizeof(what), "setuid(%d)", a);
		state(what, uid(setuid, a));
	} else if (b == 0 && c == 0) {
		/* These tell the id before, whatever happens. */
		printf("setfsgid(%d): %ld\n", a, uid(setfsgid, a));
		printf("setfsuid(%d): %ld\n", a, uid(setfsuid, a));
		state("then", 0);
	}
}

static int opens(const char *path, int flags)
{
	int fd = open(path, flags);

	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}

static char name[64];

/* Files are opened with the file system's ids, and access() asks for the real ones. */
static void rights(void)
{
	uid(setresuid, 0, 1111, 0);
	printf("effective: open %d\n", opens(name, O_RDONLY));
	SHOW(access(name, R_OK));
	SHOW(faccessat(AT_FDCWD, name, R_OK, AT_EACCESS));
	SHOW(syscall(SYS_faccessat2, AT_FDCWD, name, R_OK, AT_EACCESS));
	uid(setresuid, 1111, 0, 0);
	printf("real: open %d\n", opens(name, O_RDONLY));
	SHOW(access(name, R_OK));
	SHOW(syscall(SYS_faccessat2, AT_FDCWD, name, R_OK, AT_EACCESS));
	SHOW(syscall(SYS_faccessat2, AT_FDCWD, name, R_OK, 0x4000));
	SHOW(syscall(SYS_faccessat2, 99, "x", R_OK, 0));
	uid(setresuid, 0, 0, 0);
	uid(setfsuid, 1111);
	printf("fsuid: open %d\n", opens(name, O_RDONLY));
	SHOW(chmod(name, 0600));
	uid(setresuid, -1, 0, -1);
	printf("fsuid follows: open %d\n", opens(name, O_RDONLY));
	/* A group of the many. */
	gid_t groups[] = {7, 3333, 9};
	SHOW(chown(name, 0, 3333));
	SHOW(chmod(name, 0640));
	SHOW(setgroups(3, groups));
	uid(setresuid, 1111, 1111, 1111);
	printf("group: open %d, to write %d\n", opens(name, O_RDONLY), opens(name, O_WRONLY));
}

static void not_ours(void)
{
	as_user();
	SHOW(uid(setgroups, 0, NULL));
	SHOW(uid(setuid, 0));
	SHOW(uid(setgid, 0));
	SHOW(chmod(name, 0777));
	SHOW(chown(name, 1111, -1));
	SHOW(nice(-1));
}

static void group_lists(void)
{
	gid_t many[65536], got[8] = {0};

	for (int i = 0; i < 65536; i++)
		many[i] = (gid_t)(65536 - i);
	SHOW(uid(setgroups, 65537, many));
	SHOW(uid(setgroups, -1, many));
	SHOW(uid(setgroups, 3, 8));
	SHOW(uid(setgroups, 65536, many));
	SHOW(uid(getgroups, 0, NULL));
	SHOW(uid(getgroups, 8, got));
	SHOW(uid(getgroups, 65536, 8));
	SHOW(uid(setgroups, 3, many));
	SHOW(uid(getgroups, 8, got));
	printf("%d %d %d\n", got[0], got[1], got[2]);
	SHOW(uid(getgroups, 2, got));
	SHOW(uid(setgroups, 1, (gid_t[]){(gid_t)-1}));
	SHOW(uid(setgroups, 0, NULL));
	SHOW(uid(getgroups, 8, got));
}

/* Root's loss of rights also ends dumping of the process, and what PR_SET_KEEPCAPS says. */
static void side_effects(void)
{
	SHOW(prctl(PR_SET_KEEPCAPS, 2));
	SHOW(prctl(PR_SET_KEEPCAPS, 1));
	SHOW(prctl(PR_GET_KEEPCAPS));
	SHOW(prctl(PR_GET_DUMPABLE));
	SHOW(uid(setresuid, 1111, 1111, 1111));
	SHOW(prctl(PR_GET_DUMPABLE));
	SHOW(prctl(PR_GET_KEEPCAPS));
	SHOW(prctl(PR_SET_DUMPABLE, 1));
	SHOW(uid(setresuid, 1111, 1111, 1111));
	SHOW(prctl(PR_GET_DUMPABLE));
}

static void in_child(const char *what, void (*f)(void))
{
	printf("-- %s\n", what);
	fflush(stdout);
	pid_t child = fork();
	if (child == 0) {
		f();
		fflush(stdout);
		_exit(0);
	}
	waitpid(child, NULL, 0);
}

int main(void)
{
	snprintf(name, sizeof(name), "/dev/shm/airlock-ids-%d", (int)getpid());
	int fd = open(name, O_RDWR | O_CREAT, 0600);
	HOLDS(fd >= 0);
	close(fd);
	try_all("root: all three", as_root, all_three);
	try_all("root: others", as_root, two_and_one);
	try_all("a user: all three", as_user, all_three);
	try_all("a user: others", as_user, two_and_one);
	try_all("a set-uid program: all three", as_setuid_program, all_three);
	try_all("a set-uid program: others", as_setuid_program, two_and_one);
	try_all("root for a while: others", as_root_for_a_while, two_and_one);
	in_child("rights", rights);
	in_child("not ours", not_ours);
	in_child("groups", group_lists);
	in_child("side effects", side_effects);
	unlink(name);
	return 0;
}

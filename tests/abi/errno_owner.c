// summary: every call that takes a path, made by somebody to whom the files do not belong: on what may be read, searched, written or not
// quick: most
//
// Seen to fail: when chown(-1, -1) was the owner's alone, and when devices were refused before the path was looked at.
#include "pathcalls.h"

#include <grp.h>

#define NOBODY 65534

struct owned {
	const char *what;
	const char *path;
};

static const struct owned owned[] = {
	{"somebody's file", "file"},
	{"somebody's secret file", "secret"},
	{"somebody's file for all", "lent"},
	{"one's own file", "own"},
	{"one's own file in a directory that is not", "full/own"},
	{"somebody's directory", "dir"},
	{"somebody's full directory", "full"},
	{"somebody's hidden directory", "hidden"},
	{"in a hidden directory", "hidden/file"},
	{"missing in a hidden directory", "hidden/made"},
	{"out of a hidden directory", "hidden/../file"},
	{"a hidden directory itself", "hidden/."},
	{"somebody's in a sticky directory", "sticky/file"},
	{"somebody's directory in a sticky directory", "sticky/dir"},
	{"missing in a sticky directory", "sticky/made"},
	{"missing in a directory not to be written", "dir/made"},
	{"missing", "made"},
	{"a device", "null"},
	{"a link to a file", "to-file"},
	{"here", "."},
};
#define OWNED (sizeof(owned) / sizeof(owned[0]))

/* access(2) asks for the real user; the saved one leads back. */
static void become(uid_t uid, gid_t gid)
{
	if (uid == NOBODY) {
		syscall(SYS_setresgid, gid, gid, 0);
		syscall(SYS_setresuid, uid, uid, 0);
	} else {
		syscall(SYS_setresuid, uid, uid, 0);
		syscall(SYS_setresgid, gid, gid, 0);
	}
}

/* Whether others' files may be linked depends on the system's settings (protected_hardlinks), so these are for links(). */
static bool is_link_call(const struct path_call *c)
{
	return c->number == SYS_link || c->number == SYS_linkat;
}

static void links(void)
{
	int hidden = open("hidden", O_RDONLY);

	become(NOBODY, NOBODY);
	SHOW(link("own", "made"));
	SHOW(link("own", "file"));
	SHOW(link("own", "dir/made"));
	SHOW(link("own", "hidden/made"));
	SHOW(link("hidden/file", "made2"));
	SHOW(linkat(AT_FDCWD, "own", AT_FDCWD, "sticky/made", 0));
	SHOW(linkat(AT_FDCWD, "own", AT_FDCWD, "full/own", 0));
	SHOW(linkat(AT_FDCWD, "full/own", AT_FDCWD, "full/made", 0));
	SHOW(linkat(AT_FDCWD, "hidden/own", AT_FDCWD, "full/made", 0));
	SHOW(link("dir", "made2"));
	SHOW(fchdir(hidden));
	become(0, 0);
	close(hidden);
}

/* Whoever may not change the mode may give nothing away that has bits to lose. */
static void bits_to_lose(void)
{
	static const int modes[] = {04755, 02755, 02745, 01755, 06000};

	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		chmod("file", modes[i]);
		chown("own", NOBODY, 0);
		chmod("own", modes[i]);
		look("own");
		become(NOBODY, NOBODY);
		SHOW(chown("file", -1, -1));
		SHOW(chown("own", -1, -1));
		look("own");
		SHOW(chown("own", NOBODY, NOBODY));
		become(0, 0);
		look("own");
		look("file");
	}
}

int main(void)
{
	setgroups(0, NULL);
	pathcalls_begin();
	for (size_t i = 0; i < PATH_CALLS; i++)
		for (size_t k = 0; k < OWNED && !is_link_call(&path_calls[i]); k++) {
			become(NOBODY, NOBODY);
			bool done = pathcalls_try(&path_calls[i], owned[k].what, AT_FDCWD,
				(unsigned long)owned[k].path);
			become(0, 0);
			if (done)
				pathcalls_again(&path_calls[i]);
		}
	links();
	pathcalls_again(&path_calls[PATH_CALLS - 1]);
	bits_to_lose();
	return 0;
}

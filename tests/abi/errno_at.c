// summary: every call that takes a directory to start from, with every kind of descriptor as that directory, and which error comes first
// quick: most
//
// Seen to fail: when calls with AT_EMPTY_PATH, and those that set times, were EBADF and EINVAL for a pipe.
#include "pathcalls.h"

struct start {
	const char *what;
	int fd;
};

static struct start starts[] = {
	{"a directory", -1},
	{"a directory by name only", -1},
	{"no descriptor", 999},
	{"less than none", -1},
	{"a file", -1},
	{"a file by name only", -1},
	{"a link by name only", -1},
	{"a pipe", -1},
	{"a directory that is gone", -1},
};
#define STARTS (sizeof(starts) / sizeof(starts[0]))

static char too_long[5000];

struct below {
	const char *what;
	const char *path;
};

static const struct below below[] = {
	{"a file in it", "file"},
	{"missing in it", "made"},
	{"a directory in it", "dir"},
	{"empty", ""},
	{"itself", "."},
	{"no address", NULL},
	{"a bad address", (char *)8},
	{"too long", too_long},
	{"an absolute path that is missing", "/no/such/file"},
};
#define BELOW (sizeof(below) / sizeof(below[0]))

static void open_starts(void)
{
	int ends[2];

	for (size_t i = 0; i < STARTS; i++)
		if (starts[i].fd != 999)
			close(starts[i].fd);
	starts[0].fd = open(".", O_RDONLY | O_DIRECTORY);
	starts[1].fd = open(".", O_PATH);
	starts[4].fd = open("file", O_RDONLY);
	starts[5].fd = open("file", O_PATH);
	starts[6].fd = open("to-dir", O_PATH | O_NOFOLLOW);
	pipe(ends);
	close(ends[1]);
	starts[7].fd = ends[0];
	mkdir("going", 0755);
	starts[8].fd = open("going", O_RDONLY | O_DIRECTORY);
	rmdir("going");
}

int main(void)
{
	pathcalls_begin();
	memset(too_long, 'x', sizeof(too_long) - 1);
	open_starts();
	for (size_t i = 0; i < PATH_CALLS; i++) {
		if (path_calls[i].directory < 0)
			continue;
		for (size_t s = 0; s < STARTS; s++)
			for (size_t k = 0; k < BELOW; k++) {
				char what[200];
				snprintf(what, sizeof(what), "from %s: %s", starts[s].what,
					below[k].what);
				if (pathcalls_try(&path_calls[i], what, starts[s].fd,
					    (unsigned long)below[k].path)) {
					pathcalls_again(&path_calls[i]);
					open_starts();
				}
			}
	}
	return 0;
}

// summary: every call that takes a path, with every kind of path that there is: good, missing, too long, in a circle, unreadable
// quick: most
//
// Seen to fail: when open and mknod looked at a path before flags and modes that can't be, when a new name too long was refused
// before the old one was looked for, and when stat of no path at all, with AT_EMPTY_PATH, was EFAULT.
#include "pathcalls.h"

#include <sys/mman.h>

#define PAGE 4096UL

struct path_kind {
	const char *what;
	const char *path;
};

static char name_255[256], name_256[257], path_4095[4096], path_4096[4097];

static char process[40], process_status[60], process_none[60], process_below[60], process_link[60];

static struct path_kind kinds[] = {
	{"no address", NULL},
	{"a bad address", (char *)8},
	{"an address of the kernel", (char *)0xffff800000000000},
	{"an address that is none", (char *)0x8000000000000000},
	{"running into nothing", NULL},
	{"running into nothing behind a name too long", NULL},
	{"empty", ""},
	{"a name of 255", name_255},
	{"a name of 256", name_256},
	{"a path of 4095", path_4095},
	{"a path of 4096", path_4096},
	{"missing", "made"},
	{"missing with a slash", "made/"},
	{"missing with a slash and a dot", "made/."},
	{"in what is missing", "made/x"},
	{"a file", "file"},
	{"a file with a slash", "file/"},
	{"a file with a slash and a dot", "file/."},
	{"in a file", "file/x"},
	{"beside a file, by way of it", "file/../dir"},
	{"a directory", "dir"},
	{"a directory with a slash", "dir/"},
	{"a directory with a slash and a dot", "dir/."},
	{"a directory by way of it", "dir/../dir"},
	{"the directory above", "dir/.."},
	{"a full directory", "full"},
	{"here", "."},
	{"a loop", "loop"},
	{"a loop with a slash", "loop/"},
	{"in a loop", "loop/x"},
	{"a dangling link", "gone"},
	{"a dangling link with a slash", "gone/"},
	{"in a dangling link", "gone/x"},
	{"a link to a file", "to-file"},
	{"a link to a file with a slash", "to-file/"},
	{"a link to a directory", "to-dir"},
	{"a link to a directory with a slash", "to-dir/"},
	{"in a link to a directory", "to-dir/made"},
	{"a pipe", "fifo"},
	{"in a pipe", "fifo/x"},
	{"a socket", "sock"},
	{"a device", "null"},
	{"a device without a driver", "driverless"},
	{"a process", process},
	{"a file of a process", process_status},
	{"missing in a process", process_none},
	{"in a file of a process", process_below},
	{"a process's link to a directory", process_link},
};
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static void make_paths(void)
{
	char *edge =
		mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	munmap(edge + PAGE, PAGE);
	memset(edge, 'x', PAGE);
	kinds[4].path = edge + PAGE - 5;
	kinds[5].path = edge + PAGE - 1000;
	snprintf(process, sizeof(process), "/proc/%d", (int)getpid());
	snprintf(process_status, sizeof(process_status), "%s/status", process);
	snprintf(process_none, sizeof(process_none), "%s/none", process);
	snprintf(process_below, sizeof(process_below), "%s/status/x", process);
	snprintf(process_link, sizeof(process_link), "%s/cwd", process);
	memset(name_255, 'n', 255);
	memset(name_256, 'n', 256);
	for (int i = 0; i < 4096; i += 2)
		memcpy(path_4096 + i, "./", 2);
	memcpy(path_4095, path_4096, 4095);
}

int main(void)
{
	pathcalls_begin();
	make_paths();
	for (size_t i = 0; i < PATH_CALLS; i++)
		for (size_t k = 0; k < KINDS; k++) {
			/* It has no O_NONBLOCK, and nobody reads. */
			if (path_calls[i].number == SYS_creat &&
				strcmp(kinds[k].what, "a pipe") == 0)
				continue;
			if (pathcalls_try(&path_calls[i], kinds[k].what, AT_FDCWD,
				    (unsigned long)kinds[k].path))
				pathcalls_again(&path_calls[i]);
		}
	return 0;
}

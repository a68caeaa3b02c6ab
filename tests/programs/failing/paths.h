/* What ways with names begin with: a file, and a link to it. Each file that includes this has its own. */
#ifndef FAILING_PATHS_H
#define FAILING_PATHS_H

#include "failing.h"

#include <fcntl.h>
#include <unistd.h>

#define HERE AT_FDCWD
static const char file[] = FOLDER "/file", link_name[] = FOLDER "/link";
static char value[300];
static long fd;

static inline void make_file(void)
{
	long f = must(SYS_open, file, O_RDWR | O_CREAT, 0644);

	must(SYS_write, f, value, sizeof(value));
	must(SYS_close, f);
}

static inline void make_link(void)
{
	make_file();
	must(SYS_symlink, file, link_name);
}

static inline void remake_file(long result)
{
	(void)result;
	make_file();
}

#endif

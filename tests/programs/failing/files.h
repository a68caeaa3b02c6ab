/* What ways with descriptors begin with: a file with holes, a pipe. Each file that includes this has its own. */
#ifndef FAILING_FILES_H
#define FAILING_FILES_H

#include "failing.h"

#include <fcntl.h>
#include <unistd.h>

#define PAGES 4096L
static const char file[] = FOLDER "/file";
static long fd;
static long ends[2];
static int *const pair = (int *)buffer;

#define IN (buffer + BUFFER_SIZE)

static inline void make_empty(void)
{
	fd = must(SYS_open, file, O_RDWR | O_CREAT, 0644);
}

/* Five pages, every other of them a hole. */
static inline void make_file(void)
{
	make_empty();
	for (int i = 0; i < 5; i += 2)
		must(SYS_pwrite64, fd, IN, PAGES, i * PAGES);
}

static inline void make_pipe(void)
{
	must(SYS_pipe, pair);
	ends[0] = pair[0];
	ends[1] = pair[1];
	must(SYS_fcntl, ends[1], F_SETFL, O_NONBLOCK);
}

static inline void make_full_pipe(void)
{
	make_pipe();
	must(SYS_write, ends[1], IN, 3 * PAGES);
}

static inline void shut(long result)
{
	must(SYS_close, result);
}

#endif

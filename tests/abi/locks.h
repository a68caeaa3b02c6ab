/* What the ABI programs about locks on files share. */
#ifndef ABI_LOCKS_H
#define ABI_LOCKS_H

#include "fsabi.h"
#include "proc.h"

#include <sys/file.h>

/* Names that a static library does not know of by itself. */
#ifndef F_OFD_GETLK
#define F_OFD_GETLK 36
#define F_OFD_SETLK 37
#define F_OFD_SETLKW 38
#endif

static inline const char *lock_type(short type)
{
	return type == F_RDLCK	 ? "read"
	       : type == F_WRLCK ? "write"
	       : type == F_UNLCK ? "none"
				 : "?";
}

static inline int lock_call(
	int fd, int command, short type, short whence, off_t start, off_t length)
{
	struct flock l = {.l_type = type, .l_whence = whence, .l_start = start, .l_len = length};

	return fcntl(fd, command, &l);
}

/* F_SETLK from the start of the file. */
static inline int lock_at(int fd, short type, off_t start, off_t length)
{
	return lock_call(fd, F_SETLK, type, SEEK_SET, start, length);
}

/* Prints what stands in the way of a lock of all bytes from start on, for somebody else: a child asks, lock by lock. */
static inline void lock_ranges_from(const char *path, const char *what, off_t start)
{
	fflush(stdout);
	pid_t parent = getpid(), child = fork();
	if (child == 0) {
		int fd = open(path, O_RDWR);
		printf("%s:", what);
		for (;;) {
			struct flock l = {.l_type = F_WRLCK, .l_start = start};
			if (fcntl(fd, F_GETLK, &l) != 0) {
				printf(" %s", error_name(errno));
				break;
			}
			if (l.l_type == F_UNLCK)
				break;
			printf(" %s %ld+%ld%s", lock_type(l.l_type), (long)l.l_start, (long)l.l_len,
				l.l_whence == SEEK_SET ? "" : " whence?");
			printf(l.l_pid == parent ? ""
				: l.l_pid == -1	 ? " by a file"
						 : " by another");
			if (l.l_len == 0)
				break;
			start = l.l_start + l.l_len;
		}
		printf("\n");
		fflush(stdout);
		_exit(0);
	}
	waitpid(child, NULL, 0);
}

static inline void lock_ranges(const char *path, const char *what)
{
	lock_ranges_from(path, what, 0);
}

/* Waits until somebody has told so through a pipe. */
static inline void await_byte(int fd)
{
	char c;

	if (read(fd, &c, 1) != 1)
		printf("await_byte: %s\n", error_name(errno));
}

static inline void tell_byte(int fd)
{
	if (write(fd, "x", 1) != 1)
		printf("tell_byte: %s\n", error_name(errno));
}

#endif

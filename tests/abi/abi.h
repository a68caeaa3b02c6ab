/* What the ABI programs share. Each prints what Linux does; the guest must print the same. */
#ifndef ABI_H
#define ABI_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Arguments that are wrong are what these programs are about. */
#pragma GCC diagnostic ignored "-Wstringop-overflow"
#pragma GCC diagnostic ignored "-Wstringop-overread"
#pragma GCC diagnostic ignored "-Warray-bounds"

/* The name of an error number: the same in every C library. */
static inline const char *error_name(int number)
{
	static char text[32];
	switch (number) {
#define NAME(x) \
	case x: \
		return #x
		NAME(EPERM);
		NAME(ENOENT);
		NAME(ESRCH);
		NAME(EINTR);
		NAME(EIO);
		NAME(E2BIG);
		NAME(ENOEXEC);
		NAME(EBADF);
		NAME(ECHILD);
		NAME(EAGAIN);
		NAME(ENOMEM);
		NAME(EACCES);
		NAME(EFAULT);
		NAME(EBUSY);
		NAME(EEXIST);
		NAME(ENODEV);
		NAME(ENOTDIR);
		NAME(EISDIR);
		NAME(EINVAL);
		NAME(EMFILE);
		NAME(ENOTTY);
		NAME(EFBIG);
		NAME(ENOSPC);
		NAME(ESPIPE);
		NAME(EROFS);
		NAME(EPIPE);
		NAME(ERANGE);
		NAME(ENAMETOOLONG);
		NAME(ENOSYS);
		NAME(ELOOP);
		NAME(EOVERFLOW);
		NAME(EOPNOTSUPP);
		NAME(ELIBBAD);
		NAME(EXDEV);
		NAME(ENXIO);
		NAME(ETXTBSY);
		NAME(EDESTADDRREQ);
		NAME(EDEADLK);
		NAME(ENOLCK);
		NAME(ENOTEMPTY);
		NAME(ENODATA);
		NAME(ECANCELED);
#undef NAME
	default:
		snprintf(text, sizeof(text), "error %d", number);
		return text;
	}
}

/* Prints the result of a call that sets errno: its value, or the error. */
#define SHOW(call)                                                    \
	do {                                                          \
		errno = 0;                                            \
		long show_result = (long)(call);                      \
		if (show_result == -1)                                \
			printf("%s: %s\n", #call, error_name(errno)); \
		else                                                  \
			printf("%s: %ld\n", #call, show_result);      \
	} while (0)

/* The same where the value is none of the test's business. */
#define SHOW_OK(call)                                                                    \
	do {                                                                             \
		errno = 0;                                                               \
		long show_result = (long)(call);                                         \
		printf("%s: %s\n", #call, show_result == -1 ? error_name(errno) : "ok"); \
	} while (0)

/*
 * Waits until a process is in a state: 'S' asleep (its first thread, in a call that a signal ends), 'T' stopped, 'Z' dead.
 * Instead of a time after which that should be so: on a busy machine it is not. Returns if there is no such process.
 */
static inline void until_state(pid_t pid, char state)
{
	char path[40], text[512];

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	for (;;) {
		int fd = open(path, O_RDONLY | O_CLOEXEC);
		ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
		if (fd >= 0)
			close(fd);
		if (n <= 0)
			return;
		text[n] = 0;
		const char *name_end = strrchr(text, ')');
		if (!name_end || name_end[2] == state)
			return;
		usleep(1000);
	}
}

/* A truth; the line says which one failed. */
#define HOLDS(condition) printf("%s: %s\n", #condition, (condition) ? "yes" : "NO")

#endif

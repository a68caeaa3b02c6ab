/*
 * What of a process a failed call must not have changed, as text: its areas, descriptors with their places and flags, limits,
 * credentials, working directory, mask and actions and alternate stack of signals, timers, children; and the folder in which the
 * ways make their files.
 */
#include "failing.h"

#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#define TEXT_MAX 32768

struct state {
	size_t used;
	char text[TEXT_MAX];
};

static __attribute__((format(printf, 2, 3))) void add(struct state *s, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	int n = vsnprintf(s->text + s->used, TEXT_MAX - s->used, format, args);
	va_end(args);
	if (n < 0 || s->used + (size_t)n >= TEXT_MAX)
		complain("the state is longer than %d bytes", TEXT_MAX);
	s->used += (size_t)n;
}

/* Lines that tell how much memory or time was used. */
static int is_usage(const char *line)
{
	static const char *const begin[] = {
		"Vm", "Rss", "State:", "voluntary_ctxt_switches:", "nonvoluntary_ctxt_switches:"};

	for (size_t i = 0; i < sizeof(begin) / sizeof(begin[0]); i++)
		if (strncmp(line, begin[i], strlen(begin[i])) == 0)
			return 1;
	return 0;
}

/* A file's lines, without those. */
static void add_file(struct state *s, const char *path)
{
	static char text[TEXT_MAX];
	int fd = open(path, O_RDONLY);
	size_t n = 0;
	ssize_t got;

	while ((got = read(fd, text + n, sizeof(text) - 1 - n)) > 0)
		n += (size_t)got;
	close(fd);
	text[n] = '\0';
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
		if (!is_usage(line))
			add(s, "%s: %s\n", path, line);
}

static void add_descriptors(struct state *s)
{
	char name[64], place[256];
	struct stat st;

	for (int fd = 0; fd < 150; fd++) {
		int flags = fcntl(fd, F_GETFL);

		if (flags < 0)
			continue;
		snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
		ssize_t n = readlink(name, place, sizeof(place));
		if (fstat(fd, &st))
			memset(&st, 0, sizeof(st));
		add(s, "descriptor %d: %.*s flags %#x %#x at %ld, %ld bytes\n", fd,
			(int)(n > 0 ? n : 0), place, flags, fcntl(fd, F_GETFD),
			(long)lseek(fd, 0, SEEK_CUR), (long)st.st_size);
	}
}

static int is_name(const struct dirent *e)
{
	return e->d_name[0] != '.';
}

static void add_folder(struct state *s, const char *path)
{
	struct dirent **names;
	int n = scandir(path, &names, is_name, alphasort);
	char at[512], text[64] = "";
	struct stat st;

	for (int i = 0; i < n; i++) {
		snprintf(at, sizeof(at), "%s/%s", path, names[i]->d_name);
		free(names[i]);
		lstat(at, &st);
		ssize_t length = llistxattr(at, text, sizeof(text));
		add(s, "file %s: mode %o links %lu owner %u:%u %ld bytes, attributes %zd\n", at,
			st.st_mode, (unsigned long)st.st_nlink, st.st_uid, st.st_gid,
			(long)st.st_size, length);
		if (S_ISDIR(st.st_mode))
			add_folder(s, at);
	}
	if (n >= 0)
		free(names);
}

static void add_signals(struct state *s)
{
	struct sigaction a;
	stack_t stack;
	uint64_t set;

	must(SYS_rt_sigprocmask, SIG_BLOCK, NULL, &set, 8);
	add(s, "blocked %#lx\n", (unsigned long)set);
	must(SYS_rt_sigpending, &set, 8);
	add(s, "pending %#lx\n", (unsigned long)set);
	for (int i = 1; i < 65; i++)
		if (!sigaction(i, NULL, &a) && (a.sa_handler != SIG_DFL || a.sa_flags))
			add(s, "action %d: %p %#x\n", i, (void *)a.sa_handler, a.sa_flags);
	sigaltstack(NULL, &stack);
	add(s, "alternate stack %p %#x %zu\n", stack.ss_sp, stack.ss_flags, stack.ss_size);
}

static void add_rest(struct state *s)
{
	struct itimerval t;
	uint64_t cpus = 0;
	siginfo_t info = {0};
	char cwd[256];
	mode_t mask = umask(0);

	umask(mask);
	for (int i = 0; i < 3; i++)
		if (!getitimer(i, &t))
			add(s, "timer %d: %s\n", i,
				t.it_value.tv_sec || t.it_value.tv_usec ? "on" : "off");
	add(s, "folder %s umask %o group %d session %d nice %d\n", getcwd(cwd, sizeof(cwd)), mask,
		getpgrp(), getsid(0), getpriority(PRIO_PROCESS, 0));
	kernel(SYS_sched_getaffinity, 0, sizeof(cpus), &cpus);
	add(s, "processors %#lx policy %d\n", (unsigned long)cpus, sched_getscheduler(0));
	long child = kernel(SYS_waitid, P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT, NULL);
	add(s, "children: %ld, %s\n", child, info.si_pid ? "one to wait for" : "none");
}

struct state *state_take(void)
{
	struct state *s = calloc(1, sizeof(*s));

	add_file(s, "/proc/self/maps");
	add_file(s, "/proc/self/status");
	add_file(s, "/proc/self/limits");
	add_descriptors(s);
	add_folder(s, FOLDER);
	add_signals(s);
	add_rest(s);
	return s;
}

const char *state_difference(struct state *before, struct state *after)
{
	static char text[1024];
	char *a = before->text, *b = after->text;

	if (!strcmp(a, b))
		return NULL;
	while (*a && *b) {
		size_t n = strcspn(a, "\n"), m = strcspn(b, "\n");

		if (n != m || strncmp(a, b, n))
			break;
		a += n + 1;
		b += m + 1;
	}
	snprintf(text, sizeof(text), "before '%.*s', after '%.*s'", (int)strcspn(a, "\n"), a,
		(int)strcspn(b, "\n"), b);
	return text;
}

void state_drop(struct state *s)
{
	free(s);
}

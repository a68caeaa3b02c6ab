/* What the kernel has in use: /proc/airlock-memory. */
#include "failing.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define KINDS_MAX 96

struct usage {
	unsigned count;
	struct {
		char name[40];
		unsigned long value;
	} kind[KINDS_MAX];
};

static int fd = -1;

/* The descriptor is kept: opening the file is itself something in use. */
void usage_init(void)
{
	fd = open("/proc/airlock-memory", O_RDONLY);
	if (fd < 0)
		complain("this kernel has no /proc/airlock-memory");
}

void visit_processors(void)
{
	uint64_t before, one;

	must(SYS_sched_getaffinity, 0, sizeof(before), &before);
	for (int cpu = 0; cpu < 64; cpu++) {
		one = 1UL << cpu;
		if (before & one) {
			must(SYS_sched_setaffinity, 0, sizeof(one), &one);
			must(SYS_getpid);
		}
	}
	must(SYS_sched_setaffinity, 0, sizeof(before), &before);
}

/* A thread that its parent has been told about may still be on its way off its processor, with its stack. */
struct usage *usage_take(void)
{
	static char text[8192];
	struct usage *u = calloc(1, sizeof(*u));

	visit_processors();
	ssize_t n = pread(fd, text, sizeof(text) - 1, 0);
	char *line = text;

	if (n <= 0)
		complain("/proc/airlock-memory: %zd", n);
	text[n] = '\0';
	while (*line && u->count < KINDS_MAX) {
		char *end = strchr(line, '\n'), *blank;

		*end = '\0';
		blank = strrchr(line, ' ');
		*blank = '\0';
		snprintf(u->kind[u->count].name, sizeof(u->kind[0].name), "%.39s", line);
		u->kind[u->count++].value = strtoul(blank + 1, NULL, 10);
		line = end + 1;
	}
	return u;
}

/* Each CPU keeps the last address space that it had, so their number is not exact. */
static int differs(const char *name, unsigned long before, unsigned long after)
{
	long more = (long)(after - before);

	return more && (strcmp(name, "slab:mm") != 0 || labs(more) > sysconf(_SC_NPROCESSORS_ONLN));
}

static int counts(const char *name, int all)
{
	return all || (strcmp(name, "frames") != 0 && strcmp(name, "tables") != 0);
}

const char *usage_difference(const struct usage *before, const struct usage *after, int all)
{
	static char text[1024];
	size_t n = 0;

	for (unsigned i = 0; i < before->count && n < sizeof(text) - 64; i++)
		if (differs(before->kind[i].name, before->kind[i].value, after->kind[i].value) &&
			counts(before->kind[i].name, all))
			n += (size_t)snprintf(text + n, sizeof(text) - n, " %s %+ld",
				before->kind[i].name,
				(long)(after->kind[i].value - before->kind[i].value));
	return n ? text : NULL;
}

const char *usage_settles(const struct usage *before, int all, int ms)
{
	const char *what = NULL;

	for (int i = 0; i < ms; i++) {
		struct usage *now = usage_take();

		what = usage_difference(before, now, all);
		free(now);
		if (!what)
			return NULL;
		usleep(i < 10 ? 0 : 1000);
	}
	return what;
}

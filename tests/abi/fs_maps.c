// summary: /proc/PID/maps and smaps of thousands of areas: read whole, in small pieces, from the middle and again, while areas come and go; the first lines cost no more than these
//
// Seen to fail: when every read of the beginning made the text of all areas, the first lines of smaps took as long as all of it; stress-ng's
// madvise did nothing else for a minute.
#include "mmabi.h"
#include <pthread.h>
#include <time.h>

#define AREAS 4000

static char *base;

/* Every other page can be written, so that each is an area. */
static void make_areas(void)
{
	base = fresh(AREAS, PROT_READ, ANON | MAP_NORESERVE);
	for (size_t i = 0; i < AREAS; i += 2)
		mprotect(base + i * PAGE, PAGE, RW);
}

static int begins_area(const char *line, unsigned long *start, unsigned long *end)
{
	return sscanf(line, "%lx-%lx ", start, end) == 2;
}

/* How many of our areas a file of /proc tells of, read by n bytes. Each must be one page, and begin where the last one ended. */
static int count(const char *path, size_t n, int *in_order)
{
	int fd = open(path, O_RDONLY), found = 0;
	char buffer[8192], line[512];
	unsigned long start, end, last = (unsigned long)base;
	size_t used = 0;
	ssize_t got;

	*in_order = 1;
	while ((got = read(fd, buffer, n)) > 0)
		for (ssize_t i = 0; i < got; i++) {
			if (used < sizeof(line) - 1)
				line[used++] = buffer[i];
			if (buffer[i] != '\n')
				continue;
			line[used] = '\0';
			used = 0;
			if (!begins_area(line, &start, &end) || start < (unsigned long)base ||
				start >= (unsigned long)base + AREAS * PAGE)
				continue;
			found++;
			*in_order &= start == last && end == start + PAGE;
			last = end;
		}
	close(fd);
	return found;
}

static void whole(const char *path, const size_t *sizes, int n)
{
	int in_order;

	for (int i = 0; i < n; i++) {
		HOLDS(count(path, sizes[i], &in_order) == AREAS);
		HOLDS(in_order);
	}
}

/* What is read at a place is the same whatever was read before. */
static void places(const char *path)
{
	static const off_t at[] = {0, 5000, 100000, 4096, 140000, 4095, 1};
	char all[sizeof(at) / sizeof(at[0])][64], again[64];
	int fd = open(path, O_RDONLY), same = 1;
	ssize_t n, total = 0;
	static char text[1 << 20];

	while ((n = read(fd, text + total, sizeof(text) - (size_t)total)) > 0)
		total += n;
	HOLDS(total > 150000);
	for (size_t i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
		HOLDS(pread(fd, all[i], 64, at[i]) > 0);
		same &= all[i][0] == text[at[i]];
	}
	HOLDS(same);
	HOLDS(lseek(fd, 120000, SEEK_SET) == 120000 && read(fd, again, 64) > 0);
	HOLDS(again[0] == text[120000]);
	HOLDS(lseek(fd, 0, SEEK_SET) == 0 && read(fd, again, 64) == 64 && !memcmp(again, text, 64));
	HOLDS(pread(fd, again, 64, total) == 0 && pread(fd, again, 64, total * 10) == 0);
	close(fd);
}

static volatile int over;

static void *change(void *arg)
{
	char *p = base + AREAS / 2 * PAGE;

	for (int i = 0; !over; i++)
		mprotect(p, 100 * PAGE, i & 1 ? PROT_NONE : RW);
	return arg;
}

/* The areas that nobody touches are told of once each. */
static void changing(const char *path)
{
	pthread_t t;
	int in_order, right = 1;

	HOLDS(pthread_create(&t, NULL, change, NULL) == 0);
	for (int i = 0; i < 5; i++) {
		int n = count(path, 1000, &in_order);
		right &= n >= AREAS - 101 && n <= AREAS;
	}
	over = 1;
	pthread_join(t, NULL);
	HOLDS(right);
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Twenty looks at the beginning, against one at all of it: the best of some. */
static int beginning_is_cheap(const char *path)
{
	double best = 1e9;
	int in_order;
	char first[100];

	for (int i = 0; i < 5; i++) {
		double start = now();
		for (int j = 0; j < 20; j++) {
			int fd = open(path, O_RDONLY);
			if (read(fd, first, sizeof(first)) <= 0)
				return 0;
			close(fd);
		}
		double few = now() - start;
		start = now();
		count(path, 8192, &in_order);
		double ratio = few / (now() - start);
		best = ratio < best ? ratio : best;
	}
	return best < 4;
}

int main(void)
{
	static const size_t sizes[] = {8192, 4096, 1000, 61};

	make_areas();
	whole("/proc/self/maps", sizes, 4);
	whole("/proc/self/smaps", sizes, 2);
	places("/proc/self/maps");
	HOLDS(beginning_is_cheap("/proc/self/maps"));
	HOLDS(beginning_is_cheap("/proc/self/smaps"));
	changing("/proc/self/maps");
	return 0;
}

// summary: /proc/PID/smaps and smaps_rollup: what of an area is in memory, how it is shared, and its flags
// cpus: 1
//
// Seen to fail: with the neighbours of a page that is read taken from an aligned block only; with pages of a store that count as dirty only if the entry that maps them is (the other mapping's).
#include "abi.h"

#include <sys/mman.h>
#include <sys/wait.h>

#define PAGE 4096UL
#define HUGE (2UL << 20)

static char text[1 << 20];

static void slurp(const char *path)
{
	int fd = open(path, O_RDONLY);
	ssize_t n, all = 0;

	while ((n = read(fd, text + all, sizeof(text) - 1 - (size_t)all)) > 0)
		all += n;
	text[all] = '\0';
	close(fd);
}

/* The text of the area at p: from its first line on. */
static const char *area_of(const void *p)
{
	unsigned long start, end;

	slurp("/proc/self/smaps");
	for (const char *line = text; *line; line = strchr(line, '\n') + 1)
		if (sscanf(line, "%lx-%lx ", &start, &end) == 2 && start <= (unsigned long)p &&
			(unsigned long)p < end)
			return line;
	return "";
}

/* In kB; -1: there is no such key. */
static long field(const char *area, const char *key)
{
	const char *line = strchr(area, '\n');
	char want[40];
	long value;

	snprintf(want, sizeof(want), "\n%s:", key);
	line = line ? strstr(line, want) : NULL;
	return line && sscanf(line + strlen(want), "%ld", &value) == 1 ? value : -1;
}

static void show(const char *what, const void *p)
{
	static const char *const keys[] = {"Size", "Rss", "Pss", "Shared_Clean", "Shared_Dirty",
		"Private_Clean", "Private_Dirty", "Anonymous", "LazyFree", "AnonHugePages",
		"ShmemPmdMapped", "Swap", "SwapPss", "Locked"};
	const char *area = area_of(p);

	printf("%s:", what);
	for (unsigned i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		printf(" %s %ld", keys[i], field(area, keys[i]));
	printf("\n");
}

/* Those that say what the program has asked for. */
static void show_flags(const char *what, const void *p)
{
	const char *line = strstr(area_of(p), "\nVmFlags: ");
	char flags[200] = "", *save, *f;

	if (line)
		sscanf(line, "\nVmFlags: %199[^\n]", flags);
	printf("%s:", what);
	for (f = strtok_r(flags, " ", &save); f; f = strtok_r(NULL, " ", &save))
		if (strstr("rd wr ex sh mr mw me ms gd lo dc lf ac nr wf hg nh", f))
			printf(" %s", f);
	printf("\n");
}

/* All but those that Linux had not always. */
static void show_keys(const char *at)
{
	char key[40];

	for (at = strchr(at, '\n'); at && at[1]; at = strchr(at + 1, '\n')) {
		if (sscanf(at + 1, "%39[A-Za-z_]:", key) != 1 || strchr("0123456789abcdef", at[1]))
			break;
		if (strcmp(key, "KSM") != 0 && strcmp(key, "Pss_Dirty") != 0)
			printf(" %s", key);
	}
	printf("\n");
}

static char *map(int prot, int flags, int fd, size_t length)
{
	char *p = mmap(NULL, length, prot, flags, fd, 0);

	return p == MAP_FAILED ? NULL : p;
}

#define PRIVATE (MAP_PRIVATE | MAP_ANONYMOUS)
#define SHARED (MAP_SHARED | MAP_ANONYMOUS)
#define BOTH (PROT_READ | PROT_WRITE)

static void in_a_child(void (*fn)(char *p), char *p)
{
	int status;
	pid_t child;

	fflush(stdout);
	child = fork();
	if (child == 0) {
		fn(p);
		fflush(stdout);
		_exit(0);
	}
	waitpid(child, &status, 0);
}

static void look_at_copies(char *p)
{
	show("a child has the same pages", p);
	p[0] = 2;
	show("but one that it wrote", p);
	munmap(p + PAGE, PAGE);
	show("in its first part", p);
}

static void anonymous(void)
{
	/* Alone between pages that can't join it. */
	char *p = map(PROT_NONE, PRIVATE, -1, 18 * PAGE);

	p += PAGE;
	mprotect(p, 16 * PAGE, BOTH);
	show("untouched", p);
	(void)*(volatile char *)(p + 8 * PAGE);
	show("read", p);
	for (int i = 0; i < 3; i++)
		p[i * PAGE] = 1;
	show("three pages written", p);
	HOLDS(field(area_of(p), "Referenced") == 12);
	in_a_child(look_at_copies, p);
	show("after the child", p);
	HOLDS(mlock(p, 2 * PAGE) == 0);
	show("two locked", p);
	show_flags("locked", p);
	show("the rest", p + 4 * PAGE);
	munlock(p, 16 * PAGE);
	show("unlocked", p);
	madvise(p, PAGE, MADV_DONTNEED);
	show("one given back", p);
	mprotect(p, 16 * PAGE, PROT_NONE);
	show("not to be touched", p);
}

static void look_at_shared(char *p)
{
	show("a child that has touched nothing", p);
	(void)*(volatile char *)p;
	(void)*(volatile char *)(p + PAGE);
	show("that has read two pages", p);
}

static void shared(void)
{
	int fd = memfd_create("smaps", 0);
	char *p, *q;

	HOLDS(ftruncate(fd, 8 * PAGE) == 0);
	p = map(BOTH, MAP_SHARED, fd, 8 * PAGE);
	show("a file", p);
	p[0] = p[PAGE] = 1;
	show("two pages written", p);
	/* What lies around the page that is read is mapped, too, as far as one page table goes. */
	char *table = map(PROT_NONE, PRIVATE, -1, 2 * HUGE);
	table = (char *)(((unsigned long)table + HUGE - 1) & -HUGE);
	static const int places[] = {15, 31, 505, 510, 511, 0};
	for (unsigned i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		q = mmap(table + places[i] * PAGE, 8 * PAGE, PROT_READ, MAP_SHARED | MAP_FIXED, fd,
			0);
		(void)*(volatile char *)q;
		printf("at page %d of a table, ", places[i]);
		show("mapped again", q);
		if (places[i])
			mmap(q, 8 * PAGE, PROT_NONE, PRIVATE | MAP_FIXED, -1, 0);
	}
	show("one mapped again", p);
	show("the other mapping", q);
	munmap(q, 8 * PAGE);
	show("once only", p);
	q = map(BOTH, MAP_PRIVATE, fd, 8 * PAGE);
	q[0] = 2;
	show("a private copy", q);
	show("of this", p);
	in_a_child(look_at_shared, p);
	munmap(p, 8 * PAGE);
	munmap(q, 8 * PAGE);
	close(fd);
}

static void flags(const char *self)
{
	int fd = open(self, O_RDONLY), memory = memfd_create("smaps", 0);

	HOLDS(ftruncate(memory, PAGE) == 0);
	show_flags("private", map(BOTH, PRIVATE, -1, PAGE));
	show_flags("read-only", map(PROT_READ, PRIVATE, -1, PAGE));
	show_flags("none", map(PROT_NONE, PRIVATE, -1, PAGE));
	show_flags("code", map(PROT_READ | PROT_EXEC, PRIVATE, -1, PAGE));
	show_flags("shared", map(BOTH, SHARED, -1, PAGE));
	show_flags("shared read-only", map(PROT_READ, SHARED, -1, PAGE));
	show_flags("file", map(PROT_READ, MAP_PRIVATE, fd, PAGE));
	show_flags("file, shared", map(PROT_READ, MAP_SHARED, fd, PAGE));
	show_flags("file, written to", map(BOTH, MAP_PRIVATE, fd, PAGE));
	show_flags("memory, read", map(PROT_READ, MAP_SHARED, memory, PAGE));
	show_flags("memory, written to", map(BOTH, MAP_SHARED, memory, PAGE));
	show_flags("not reserved", map(BOTH, PRIVATE | MAP_NORESERVE, -1, PAGE));
	show_flags("stack", &fd);
	static const int advice[] = {
		MADV_DONTFORK, MADV_WIPEONFORK, MADV_HUGEPAGE, MADV_NOHUGEPAGE};
	for (unsigned i = 0; i < 4; i++) {
		char *p = map(BOTH, PRIVATE, -1, 4 * PAGE);
		SHOW(madvise(p, 4 * PAGE, advice[i]));
		show_flags("advised", p);
	}
	close(fd);
	close(memory);
}

static void huge(void)
{
	char *p = map(BOTH, PRIVATE, -1, 3 * HUGE), *at;

	at = (char *)(((unsigned long)p + HUGE - 1) & ~(HUGE - 1));
	SHOW(madvise(p, 3 * HUGE, MADV_HUGEPAGE));
	at[0] = 1;
	const char *area = area_of(at);
	long all = field(area, "AnonHugePages");
	/* A system may have none, or no memory in one piece. */
	HOLDS(all == 0 || all == 2048);
	HOLDS(field(area, "Anonymous") == (all ? 2048 : 4));
	HOLDS(field(area, "Rss") == field(area, "Private_Dirty"));
	HOLDS(all == 0 || field(area, "THPeligible") == 1);
	munmap(at, PAGE);
	HOLDS(field(area_of(at + PAGE), "AnonHugePages") == 0);
	char *small = map(BOTH, PRIVATE, -1, 4 * PAGE);
	SHOW(madvise(small, 4 * PAGE, MADV_NOHUGEPAGE));
	SHOW(field(area_of(small), "THPeligible"));
}

static long sum(const char *key)
{
	char want[40];
	long all = 0, value;

	snprintf(want, sizeof(want), "\n%s:", key);
	slurp("/proc/self/smaps");
	for (const char *at = text; (at = strstr(at, want)) != NULL; at++)
		if (sscanf(at + strlen(want), "%ld", &value) == 1)
			all += value;
	return all;
}

static void rollup(void)
{
	long rss = sum("Rss"), dirty = sum("Private_Dirty"), locked = sum("Locked");

	slurp("/proc/self/smaps_rollup");
	HOLDS(strstr(text, "---p 00000000 00:00 0 ") != NULL);
	HOLDS(strstr(text, " [rollup]\n") != NULL);
	HOLDS(labs(field(text, "Rss") - rss) <= 64);
	HOLDS(labs(field(text, "Private_Dirty") - dirty) <= 64);
	HOLDS(field(text, "Locked") == locked);
	HOLDS(labs(field(text, "Pss_Anon") + field(text, "Pss_File") + field(text, "Pss_Shmem") -
		      field(text, "Pss")) <= 2);
	printf("rollup:");
	show_keys(text);
}

static void of_a_zombie(void)
{
	char path[60];
	pid_t child = fork();
	siginfo_t info;

	if (child == 0)
		_exit(0);
	waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT);
	snprintf(path, sizeof(path), "/proc/%d/smaps", child);
	slurp(path);
	HOLDS(text[0] == '\0');
	waitpid(child, NULL, 0);
	SHOW(open(path, O_RDONLY));
	SHOW(open("/proc/self/task/1234567/smaps", O_RDONLY));
}

int main(int argc, char **argv)
{
	/* So that looking changes nothing. */
	memset(text, 1, sizeof(text));
	printf("area:");
	show_keys(area_of(&text[PAGE]));
	anonymous();
	shared();
	flags(argv[0]);
	huge();
	rollup();
	of_a_zombie();
	return argc != 1;
}

// summary: calls on several areas, one of which refuses: what is done before, what after
#include "mmabi.h"

#include <fcntl.h>
#include <sys/wait.h>

/* Whether a child could read, and write, each page; and what fork makes of it. */
static int survives(char *p, int write)
{
	pid_t pid = fork();

	if (pid == 0) {
		if (write)
			*(volatile char *)p = 1;
		else
			(void)*(volatile char *)p;
		_exit(0);
	}
	int status = -1;
	waitpid(pid, &status, 0);
	return status == 0;
}

static void rights(const char *what, char *p, int pages)
{
	printf("%s:", what);
	for (int i = 0; i < pages; i++)
		printf(" %s%s", survives(p + i * PAGE, 0) ? "r" : "-",
			survives(p + i * PAGE, 1) ? "w" : "-");
	printf("\n");
}

static char *with_hole(int prot)
{
	char *p = fresh(8, prot, ANON);

	munmap(p + 3 * PAGE, PAGE);
	return p;
}

static void protecting(void)
{
	char *p = with_hole(RW);

	SHOW(mprotect(p + PAGE, 4 * PAGE, PROT_READ));
	rights("a hole", p, 8);
	SHOW(mprotect(p + 3 * PAGE, 2 * PAGE, PROT_NONE));
	rights("begins with a hole", p, 8);
	SHOW(mprotect(p + 2 * PAGE, 2 * PAGE, PROT_NONE));
	rights("ends with a hole", p, 8);
	munmap(p, 8 * PAGE);

	int fd = open("/proc/self/exe", O_RDONLY);
	p = fresh(8, PROT_READ, ANON);
	HOLDS(mmap(p + 2 * PAGE, PAGE, PROT_READ, MAP_SHARED | MAP_FIXED, fd, 0) == p + 2 * PAGE);
	SHOW(mprotect(p, 4 * PAGE, RW));
	rights("a file that is read-only", p, 8);
	SHOW(mprotect(p + 2 * PAGE, 4 * PAGE, RW));
	rights("begins with it", p, 8);
	SHOW(mprotect(p + 2 * PAGE, 1 * PAGE, PROT_READ | PROT_EXEC));
	munmap(p + 5 * PAGE, PAGE);
	SHOW(mprotect(p, 6 * PAGE, RW));
	SHOW(mprotect(p + 3 * PAGE, 5 * PAGE, RW));
	rights("the hole behind it", p, 8);
	munmap(p, 8 * PAGE);
	close(fd);
}

static long locked(void)
{
	char line[200];
	long kib = -1;
	FILE *f = fopen("/proc/self/status", "r");

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "VmLck: %ld", &kib) == 1)
			break;
	if (f)
		fclose(f);
	return kib;
}

static void locking(void)
{
	char *p = with_hole(RW);

	SHOW(mlock(p + PAGE, 4 * PAGE));
	SHOW(locked());
	SHOW(munlock(p + 3 * PAGE, PAGE));
	SHOW(mlock(p + 3 * PAGE, 2 * PAGE));
	SHOW(locked());
	SHOW(mlock(p + 4 * PAGE, 2 * PAGE));
	SHOW(locked());
	SHOW(munlock(p, 8 * PAGE));
	SHOW(locked());
	SHOW(munlock(p + 4 * PAGE, 4 * PAGE));
	SHOW(locked());
	munmap(p, 8 * PAGE);
}

static void filled(char *p, char with)
{
	for (int i = 0; i < 8; i++)
		if (i != 3)
			p[i * PAGE] = with;
}

static void contents(const char *what, const char *p)
{
	printf("%s:", what);
	for (int i = 0; i < 8; i++)
		if (i != 3)
			printf(" %d", p[i * PAGE]);
	printf("\n");
}

static void in_child(const char *what, const char *p)
{
	fflush(stdout);
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		contents(what, p);
		fflush(stdout);
		_exit(0);
	}
	waitpid(pid, &status, 0);
	printf("%s\n", status == 0 ? "read" : "died");
}

static void advising(void)
{
	char *p = with_hole(RW);
	int fd = open("/proc/self/exe", O_RDONLY);

	filled(p, 7);
	SHOW(madvise(p + PAGE, 4 * PAGE, MADV_DONTNEED));
	contents("DONTNEED over a hole", p);
	SHOW(madvise(p + PAGE, 4 * PAGE, MADV_WIPEONFORK));
	filled(p, 9);
	in_child("WIPEONFORK over a hole", p);
	SHOW(madvise(p, 8 * PAGE, MADV_KEEPONFORK));
	in_child("KEEPONFORK over a hole", p);
	HOLDS(mmap(p + 5 * PAGE, PAGE, RW, MAP_PRIVATE | MAP_FIXED, fd, 0) == p + 5 * PAGE);
	filled(p, 5);
	SHOW(madvise(p, 8 * PAGE, MADV_WIPEONFORK));
	in_child("WIPEONFORK and a file", p);
	SHOW(madvise(p, 8 * PAGE, MADV_FREE));
	SHOW(madvise(p + 3 * PAGE, PAGE, MADV_DONTNEED));
	SHOW(madvise(p + 3 * PAGE, PAGE, MADV_DONTFORK));
	SHOW(madvise(p + 2 * PAGE, 2 * PAGE, MADV_DONTFORK));
	in_child("DONTFORK before a hole", p);
	close(fd);
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	protecting();
	locking();
	advising();
	return 0;
}

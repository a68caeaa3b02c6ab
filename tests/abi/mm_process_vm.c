// summary: process_vm_readv and process_vm_writev: own memory, a child's, errors, partial results
#include "abi.h"
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/uio.h>
#include <sys/wait.h>

#define PAGE 4096UL
#define RW (PROT_READ | PROT_WRITE)

static long rd(long pid, void *l, long ln, void *r, long rn, long flags)
{
	return syscall(SYS_process_vm_readv, pid, l, ln, r, rn, flags);
}

static long wr(long pid, void *l, long ln, void *r, long rn, long flags)
{
	return syscall(SYS_process_vm_writev, pid, l, ln, r, rn, flags);
}

static void errors(char *p, char *q)
{
	long self = getpid();
	struct iovec a = {p, 100}, b = {q, 100}, none = {p, 0}, big = {p, -1UL};
	struct iovec bad = {(void *)0x10000, 100}, high = {(void *)-4096L, 100};
	struct iovec two[2] = {{q, 50}, {(void *)0x10000, 50}};
	struct iovec end[2] = {{q + 3 * PAGE - 10, 100}, {q, 10}};
	struct iovec loc2[2] = {{p, 50}, {(void *)0x10000, 50}};

	SHOW(rd(self, &a, 1, &b, 1, 0));
	SHOW(wr(self, &a, 1, &b, 1, 0));
	SHOW(rd(self, &a, 1, &b, 1, 1));
	SHOW(rd(-1, &a, 1, &b, 1, 0));
	SHOW(rd(0, &a, 1, &b, 1, 0));
	SHOW(rd(99999999, &a, 1, &b, 1, 0));
	SHOW(wr(99999999, &a, 1, &b, 1, 0));
	SHOW(rd(99999999, &none, 1, &b, 1, 0));
	SHOW(rd(99999999, &a, 1, &none, 1, 0));
	SHOW(rd(99999999, &a, 1, &b, 1, 1));
	SHOW(rd(self, &none, 1, &b, 1, 0));
	SHOW(rd(self, &a, 1, &none, 1, 0));
	SHOW(rd(self, &a, 0, &b, 1, 0));
	SHOW(rd(self, &a, 1, &b, 0, 0));
	SHOW(rd(self, NULL, 0, NULL, 0, 0));
	SHOW(rd(self, NULL, 1, &b, 1, 0));
	SHOW(rd(self, &a, 1, NULL, 1, 0));
	SHOW(rd(self, (void *)-4096L, 1, &b, 1, 0));
	SHOW(rd(self, &a, 1, (void *)-4096L, 1, 0));
	SHOW(rd(self, &a, 1025, &b, 1, 0));
	SHOW(rd(self, &a, 1, &b, 1025, 0));
	SHOW(rd(self, &a, -1, &b, 1, 0));
	SHOW(rd(self, &a, 1, &b, -1, 0));
	SHOW(rd(self, &big, 1, &b, 1, 0));
	SHOW(rd(self, &a, 1, &big, 1, 0));
	SHOW(rd(self, &bad, 1, &b, 1, 0));
	SHOW(rd(self, &a, 1, &bad, 1, 0));
	SHOW(wr(self, &bad, 1, &b, 1, 0));
	SHOW(wr(self, &a, 1, &bad, 1, 0));
	SHOW(rd(self, &high, 1, &b, 1, 0));
	SHOW(rd(self, &a, 1, &high, 1, 0));
	SHOW(rd(self, &a, 1, two, 2, 0));
	SHOW(wr(self, &a, 1, two, 2, 0));
	SHOW(rd(self, loc2, 2, &b, 1, 0));
	SHOW(rd(self, &a, 1, end, 2, 0));
	SHOW(wr(self, &a, 1, end, 2, 0));
	SHOW(mprotect(q, PAGE, PROT_READ));
	SHOW(rd(self, &a, 1, &b, 1, 0));
	SHOW(wr(self, &a, 1, &b, 1, 0));
	SHOW(mprotect(q, PAGE, PROT_NONE));
	SHOW(rd(self, &a, 1, &b, 1, 0));
	SHOW(mprotect(q, PAGE, RW));
	SHOW(mprotect(p, PAGE, PROT_READ));
	SHOW(rd(self, &a, 1, &b, 1, 0));
	SHOW(wr(self, &a, 1, &b, 1, 0));
	SHOW(mprotect(p, PAGE, RW));
}

static void contents(char *p, char *q)
{
	struct iovec l[3] = {{p + 1, 3000}, {p + 5000, 0}, {p + 4000, 3000}};
	struct iovec r[2] = {{q + 4000, 200}, {q + 100, 3700}};

	memset(p, 0, 3 * PAGE);
	for (size_t i = 0; i < 3 * PAGE; i++)
		q[i] = (char)(i * 7 + i / 256);
	SHOW(rd(getpid(), l, 3, r, 2, 0));
	HOLDS(memcmp(p + 1, q + 4000, 200) == 0 && memcmp(p + 201, q + 100, 2800) == 0);
	HOLDS(memcmp(p + 4000, q + 2900, 900) == 0 && p[4900] == 0 && p[0] == 0);
	memset(q, 0, 3 * PAGE);
	SHOW(wr(getpid(), l, 3, r, 2, 0));
	HOLDS(memcmp(p + 1, q + 4000, 200) == 0 && memcmp(p + 4000, q + 2900, 900) == 0);
}

static void of_child(char *p)
{
	int to_child[2], from_child[2];
	char c, buffer[10] = "from above";
	struct iovec l = {buffer, 10}, r = {p, 10};

	HOLDS(pipe(to_child) == 0 && pipe(from_child) == 0);
	strcpy(p, "parent's");
	pid_t pid = fork();
	if (pid == 0) {
		strcpy(p, "the child");
		if (write(from_child[1], "x", 1) != 1 || read(to_child[0], &c, 1) != 1)
			_exit(1);
		_exit(memcmp(p, "from above", 10) == 0 ? 0 : 2);
	}
	HOLDS(read(from_child[0], &c, 1) == 1);
	HOLDS(wr(pid, &l, 1, &r, 1, 0) == 10);
	HOLDS(strcmp(p, "parent's") == 0);
	memset(buffer, 0, 10);
	HOLDS(rd(pid, &l, 1, &r, 1, 0) == 10 && memcmp(buffer, "from above", 10) == 0);
	HOLDS(write(to_child[1], "x", 1) == 1);
	int status;
	/* A zombie has no memory. */
	until_state(pid, 'Z');
	SHOW(rd(pid, &l, 1, &r, 1, 0));
	HOLDS(waitpid(pid, &status, 0) == pid && status == 0);
	SHOW(rd(pid, &l, 1, &r, 1, 0));
}

static void not_allowed(char *p)
{
	char buffer[10];
	struct iovec l = {buffer, 10}, r = {p, 10};
	pid_t parent = getpid(), pid = fork();
	int status;

	if (pid == 0) {
		if (setgid(65534) || setuid(65534))
			_exit(1);
		SHOW(rd(parent, &l, 1, &r, 1, 0));
		SHOW(wr(parent, &l, 1, &r, 1, 0));
		SHOW(rd(getpid(), &l, 1, &r, 1, 0));
		fflush(stdout);
		_exit(0);
	}
	HOLDS(waitpid(pid, &status, 0) == pid && status == 0);
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	char *p = mmap(NULL, 4 * PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *q = mmap(NULL, 4 * PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	munmap(p + 3 * PAGE, PAGE);
	munmap(q + 3 * PAGE, PAGE);
	errors(p, q);
	contents(p, q);
	of_child(p);
	not_allowed(p);
	return 0;
}

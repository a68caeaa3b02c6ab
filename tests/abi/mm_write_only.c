// summary: memory that a program asked to write only is readable too, by itself and by calls: untouched, written, shared, of a file, after mprotect and fork
//
// Seen to fail: a read of untouched PROT_WRITE memory, by the program or by the kernel for it, was a fault without end; stress-ng's sysbadaddr
// found that (area_prot_unwritten() in mm/mm_private.h).
#include "mmabi.h"
#include <sys/uio.h>
#include <sys/wait.h>

static int ends[2];

/* Through a pipe, so that the kernel reads p. */
static int kernel_reads(const char *p)
{
	char byte = 'x';

	return write(ends[1], p, 1) == 1 && read(ends[0], &byte, 1) == 1 &&
	       byte == *(volatile const char *)p;
}

/* What looks from outside needs PROT_READ itself. */
static int other_reads(const char *p, int can)
{
	char byte = 'x';
	struct iovec here = {&byte, 1}, there = {(char *)p, 1};
	ssize_t n = process_vm_readv(getpid(), &here, 1, &there, 1, 0);

	return can ? n == 1 && byte == *(volatile const char *)p : n == -1 && errno == EFAULT;
}

static int child_reads(volatile char *p, char want)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		int same = *p == want;
		*p = 'c';
		_exit(same && *p == 'c' ? 0 : 1);
	}
	return waitpid(pid, &status, 0) == pid && status == 0;
}

static void anonymous(int flags)
{
	volatile char *p = fresh(4, PROT_WRITE, flags | MAP_ANONYMOUS);
	char *q = fresh(4, PROT_WRITE, flags | MAP_ANONYMOUS);

	HOLDS(p[0] == 0);
	HOLDS(kernel_reads(q));
	HOLDS(other_reads(q + PAGE, 0) && other_reads(q, 0));
	HOLDS(mprotect(q, PAGE, PROT_READ) == 0 && other_reads(q, 1));
	HOLDS(mprotect(q, PAGE, PROT_EXEC) == 0 && other_reads(q, 0));
	HOLDS(mprotect(q, PAGE, PROT_WRITE) == 0);
	HOLDS(access(q + 2 * PAGE, F_OK) == -1 && errno == ENOENT);
	p[0] = p[PAGE] = 'a';
	HOLDS(p[0] == 'a' && p[PAGE] == 'a' && p[2 * PAGE] == 0);
	HOLDS(child_reads(p, 'a'));
	HOLDS(p[0] == (flags & MAP_SHARED ? 'c' : 'a'));
	p[0] = 'b';
	HOLDS(p[0] == 'b');
	HOLDS(child_reads(p + 2 * PAGE, 0));
}

static void changed(int from)
{
	volatile char *p = fresh(4, RW, ANON);
	char sum = p[0];

	p[PAGE] = 'a';
	HOLDS(mprotect((void *)p, 4 * PAGE, from) == 0);
	HOLDS(mprotect((void *)p, 4 * PAGE, PROT_WRITE) == 0);
	HOLDS(p[0] == sum && p[PAGE] == 'a' && p[2 * PAGE] == 0);
	p[0] = p[2 * PAGE] = 'b';
	HOLDS(p[0] == 'b' && p[2 * PAGE] == 'b' && p[PAGE] == 'a');
}

/* A frame that a child has, too, when its owner changes the permissions. */
static void while_shared(void)
{
	volatile char *p = fresh(1, RW, ANON);
	int go[2], status;
	char byte;

	p[0] = 'a';
	HOLDS(pipe(go) == 0);
	pid_t pid = fork();
	if (pid == 0) {
		close(go[1]);
		_exit(read(go[0], &byte, 1) == 0 && p[0] == 'a' ? 0 : 1);
	}
	close(go[0]);
	HOLDS(mprotect((void *)p, PAGE, PROT_WRITE) == 0);
	HOLDS(p[0] == 'a');
	HOLDS(kernel_reads((char *)p));
	p[0] = 'b';
	HOLDS(p[0] == 'b');
	close(go[1]);
	HOLDS(waitpid(pid, &status, 0) == pid && status == 0);
}

static void of_file(const char *self, int flags)
{
	char head[8];
	int file = open(self, O_RDONLY), memory = memfd_create("m", 0);

	HOLDS(pread(file, head, 8, 0) == 8 && pwrite(memory, head, 8, 0) == 8);
	volatile char *p = mmap(NULL, PAGE, PROT_WRITE, flags, memory, 0);
	HOLDS(p != MAP_FAILED && p[0] == head[0] && p[7] == head[7] && p[8] == 0);
	HOLDS(kernel_reads((char *)p + 1));
	p[0] = 'b';
	HOLDS(p[0] == 'b' && p[1] == head[1]);
	HOLDS(pread(memory, head, 1, 0) == 1 && head[0] == (flags == MAP_SHARED ? 'b' : 0x7f));
	p = mmap(NULL, 4 * PAGE, PROT_WRITE, MAP_PRIVATE, file, 0);
	HOLDS(p != MAP_FAILED && p[0] == 0x7f && p[1] == 'E');
	HOLDS(kernel_reads((char *)p + 2 * PAGE));
	HOLDS(munmap((void *)p, 4 * PAGE) == 0);
	close(file);
	close(memory);
}

int main(int argc, char **argv)
{
	(void)argc;
	HOLDS(pipe(ends) == 0);
	anonymous(MAP_PRIVATE);
	anonymous(MAP_SHARED);
	changed(PROT_NONE);
	changed(PROT_READ);
	changed(RW);
	while_shared();
	of_file(argv[0], MAP_PRIVATE);
	of_file(argv[0], MAP_SHARED);
	return 0;
}

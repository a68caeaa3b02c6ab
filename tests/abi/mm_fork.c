// summary: what a fork copies: private, shared, advised, hidden, locked and cut areas
#include "mmabi.h"
#include <sys/wait.h>

static int global = 5;

static void in_child(void (*f)(char *), char *p)
{
	int status;

	fflush(stdout);
	pid_t pid = fork();
	if (pid == 0) {
		f(p);
		fflush(stdout);
		_exit(0);
	}
	HOLDS(waitpid(pid, &status, 0) == pid && status == 0);
}

static void private_child(char *p)
{
	HOLDS(p[0] == 1 && p[PAGE] == 2 && p[2 * PAGE] == 0 && global == 5);
	p[0] = 11;
	p[2 * PAGE] = 33;
	global = 6;
	HOLDS(p[0] == 11 && p[2 * PAGE] == 33);
}

static void shared_child(char *p)
{
	HOLDS(p[0] == 1);
	p[0] = 2;
	p[3 * PAGE] = 4;
}

static void advised_child(char *p)
{
	HOLDS(p[0] == 1 && !mapped(p + PAGE) && p[2 * PAGE] == 0 && p[3 * PAGE] == 4);
	p[2 * PAGE] = 9;
	HOLDS(p[2 * PAGE] == 9);
}

static void hidden_child(char *p)
{
	HOLDS(mprotect(p, 2 * PAGE, RW) == 0);
	HOLDS(p[0] == 1 && p[PAGE] == 2);
	p[0] = 8;
}

static void many_child(char *p)
{
	int ok = 1;

	for (size_t i = 0; i < 3000; i++)
		ok &= p[i * PAGE] == (char)i;
	HOLDS(ok);
	for (size_t i = 0; i < 3000; i += 2)
		p[i * PAGE] = 77;
}

static void set_first(char *p)
{
	p[0] = 1;
}

static void locked_child(char *p)
{
	SHOW(madvise(p, PAGE, MADV_DONTNEED));
}

static void advice_errors(char *p, char *s)
{
	SHOW(madvise(p, PAGE, MADV_WIPEONFORK));
	SHOW(madvise(p, PAGE, MADV_KEEPONFORK));
	SHOW(madvise(s, PAGE, MADV_WIPEONFORK));
	SHOW(madvise(s, PAGE, MADV_KEEPONFORK));
	SHOW(madvise(s, PAGE, MADV_DONTFORK));
	SHOW(madvise(s, PAGE, MADV_DOFORK));
	SHOW(madvise(p, 0, MADV_DONTFORK));
	SHOW(madvise(p + 1, PAGE, MADV_DONTFORK));
	SHOW(madvise((void *)0x10000, PAGE, MADV_DONTFORK));
	SHOW(madvise((void *)0x10000, PAGE, MADV_WIPEONFORK));
	SHOW(madvise((void *)0x10000, PAGE, MADV_FREE));
	SHOW(madvise(s, PAGE, MADV_FREE));
	SHOW(madvise(p, PAGE, MADV_FREE));
	SHOW(madvise(p, PAGE, MADV_POPULATE_READ));
	SHOW(madvise(p, PAGE, MADV_POPULATE_WRITE));
	SHOW(madvise((void *)0x10000, PAGE, MADV_POPULATE_READ));
	SHOW(madvise((void *)0x10000, PAGE, MADV_POPULATE_WRITE));
	SHOW(mprotect(p, PAGE, PROT_READ));
	SHOW(madvise(p, PAGE, MADV_POPULATE_READ));
	SHOW(madvise(p, PAGE, MADV_POPULATE_WRITE));
	SHOW(mprotect(p, PAGE, PROT_NONE));
	SHOW(madvise(p, PAGE, MADV_POPULATE_READ));
	SHOW(mprotect(p, PAGE, RW));
	SHOW(madvise(p, PAGE, MADV_HUGEPAGE));
	SHOW(madvise(p, PAGE, MADV_NOHUGEPAGE));
	SHOW(madvise(p, PAGE, MADV_WILLNEED));
	SHOW(madvise(p, PAGE, MADV_COLD));
	SHOW(madvise(p, PAGE, MADV_PAGEOUT));
	SHOW(madvise(p, PAGE, 12345));
	SHOW(madvise(p, PAGE, -1));
	SHOW(madvise((void *)0x10000, PAGE, 12345));
}

int main(void)
{
	char *p = fresh(3, RW, ANON), *s = fresh(4, RW, MAP_SHARED | MAP_ANONYMOUS),
	     *a = fresh(4, RW, ANON);
	char *h = fresh(2, RW, ANON), *m = fresh(3000, RW, ANON);

	setvbuf(stdout, NULL, _IOLBF, 0);
	p[0] = 1;
	p[PAGE] = 2;
	in_child(private_child, p);
	HOLDS(p[0] == 1 && p[PAGE] == 2 && p[2 * PAGE] == 0 && global == 5);
	p[0] = 3;
	HOLDS(p[0] == 3);
	s[0] = 1;
	in_child(shared_child, s);
	HOLDS(s[0] == 2 && s[3 * PAGE] == 4);
	for (int i = 0; i < 4; i++)
		a[i * PAGE] = (char)(i + 1);
	SHOW(madvise(a + PAGE, PAGE, MADV_DONTFORK));
	SHOW(madvise(a + 2 * PAGE, PAGE, MADV_WIPEONFORK));
	in_child(advised_child, a);
	HOLDS(a[0] == 1 && a[PAGE] == 2 && a[2 * PAGE] == 3 && a[3 * PAGE] == 4);
	SHOW(madvise(a, 4 * PAGE, MADV_DOFORK));
	SHOW(madvise(a, 4 * PAGE, MADV_KEEPONFORK));
	h[0] = 1;
	h[PAGE] = 2;
	SHOW(mprotect(h, 2 * PAGE, PROT_NONE));
	in_child(hidden_child, h);
	SHOW(mprotect(h, 2 * PAGE, PROT_READ));
	HOLDS(h[0] == 1 && h[PAGE] == 2);
	for (size_t i = 0; i < 3000; i++)
		m[i * PAGE] = (char)i;
	in_child(many_child, m);
	int ok = 1;
	for (size_t i = 0; i < 3000; i++)
		ok &= m[i * PAGE] == (char)i;
	HOLDS(ok);
	in_child(set_first, s);
	HOLDS(s[0] == 1);
	SHOW(mlock(p, PAGE));
	in_child(locked_child, p);
	SHOW(madvise(p, PAGE, MADV_DONTNEED));
	SHOW(munlock(p, PAGE));
	advice_errors(p, s);
	return 0;
}

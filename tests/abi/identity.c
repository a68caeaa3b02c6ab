// summary: uname, process and user ids, groups, umask, names, limits
#include "abi.h"
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/utsname.h>

int main(void)
{
	struct utsname u;
	HOLDS(uname(&u) == 0);
	HOLDS(strcmp(u.sysname, "Linux") == 0);
	HOLDS(strcmp(u.machine, "x86_64") == 0);
	HOLDS(u.release[0] >= '5' && strchr(u.release, '.') != NULL);
	HOLDS(u.nodename[0] != 0 && u.version[0] != 0);

	HOLDS(getpid() > 0);
	HOLDS(getpid() == syscall(SYS_gettid));
	HOLDS(getppid() >= 0 && getppid() != getpid());
	SHOW(getuid());
	SHOW(geteuid());
	SHOW(getgid());
	SHOW(getegid());
	uid_t r, e, s;
	SHOW(getresuid(&r, &e, &s));
	printf("%d %d %d\n", r, e, s);
	SHOW(getresgid(&r, &e, &s));
	printf("%d %d %d\n", r, e, s);
	HOLDS(getgroups(0, NULL) >= 0);
	SHOW(getgroups(-1, NULL));
	HOLDS(getsid(0) >= 0 && getpgrp() >= 0);

	umask(022);
	SHOW(umask(077));
	SHOW(umask(07777));
	SHOW(umask(022));

	char name[17] = "";
	SHOW(prctl(PR_SET_NAME, "a new name"));
	SHOW(prctl(PR_GET_NAME, name));
	puts(name);
	SHOW(prctl(PR_SET_NAME, "a name of more than fifteen bytes"));
	SHOW(prctl(PR_GET_NAME, name));
	puts(name);
	SHOW(prctl(PR_GET_DUMPABLE));
	SHOW(prctl(-1, 0, 0, 0, 0));
	SHOW(prctl(9999, 0, 0, 0, 0));

	struct rlimit limit;
	SHOW(getrlimit(RLIMIT_STACK, &limit));
	printf("%lu\n", limit.rlim_cur);
	SHOW(getrlimit(99, &limit));
	limit = (struct rlimit){4096, 100000};
	SHOW(setrlimit(RLIMIT_LOCKS, &limit));
	SHOW(getrlimit(RLIMIT_LOCKS, &limit));
	printf("%lu %lu\n", limit.rlim_cur, limit.rlim_max);
	limit = (struct rlimit){2, 1};
	SHOW(setrlimit(RLIMIT_LOCKS, &limit));
	limit = (struct rlimit){64, 64};
	struct rlimit old;
	SHOW(prlimit(0, RLIMIT_LOCKS, &limit, &old));
	printf("%lu %lu\n", old.rlim_cur, old.rlim_max);
	SHOW(prlimit(0x7ffffff0, RLIMIT_LOCKS, NULL, &old));
	return 0;
}

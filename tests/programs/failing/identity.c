/* Calls that change who a process is; EAGAIN: what is counted for a user. */
#include "failing.h"

#include <string.h>

#define USER_ERRORS            \
	{                      \
		ENOMEM, EAGAIN \
	}

static void be_root(long result)
{
	(void)result;
	must(SYS_setresuid, 0, 0, 0);
}

WAY(setuid, plain, .errors = USER_ERRORS)
{
	return kernel(SYS_setuid, 0);
}
WAY(setreuid, other, .undo = be_root, .errors = USER_ERRORS)
{
	return kernel(SYS_setreuid, 1000, 0);
}
WAY(setresuid, other, .undo = be_root, .errors = USER_ERRORS)
{
	return kernel(SYS_setresuid, 1001, 0, 0);
}
WAY(setgid, plain)
{
	return kernel(SYS_setgid, 0);
}
WAY(setregid, plain)
{
	return kernel(SYS_setregid, 0, 0);
}
WAY(setresgid, plain)
{
	return kernel(SYS_setresgid, 0, 0, 0);
}
WAY(setfsuid, plain)
{
	return kernel(SYS_setfsuid, 0);
}
WAY(setfsgid, plain)
{
	return kernel(SYS_setfsgid, 0);
}
WAY(setgroups, plain)
{
	return kernel(SYS_setgroups, 10, memset(buffer, 0, 64));
}

WAY(setpgid, plain)
{
	return kernel(SYS_setpgid, 0, 0);
}

static void become_member(void)
{
	kernel(SYS_setpgid, 0, 0);
}

/* Fails, for the leader of a group; what it would allocate comes before that. */
WAY(setsid, leader, .prepare = become_member)
{
	long result = kernel(SYS_setsid);

	return result == -EPERM ? 0 : result;
}

// summary: capget, capset, prctl's capability options: rules, what changes of users and execve make of them, what they permit
//
// Seen to fail: with cred_fix_users() that leaves the permitted set, and with capset() that does not look at the bounding set.
#include "abi.h"
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <signal.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

/* What any host's root has, also in a container: everything is tried below these. */
#define BASE                                                                                  \
	(1UL << CAP_CHOWN | 1UL << CAP_DAC_OVERRIDE | 1UL << CAP_FOWNER | 1UL << CAP_FSETID | \
		1UL << CAP_KILL | 1UL << CAP_SETGID | 1UL << CAP_SETUID | 1UL << CAP_SETPCAP)
#define BIT(n) (1UL << (n))

static char name[64], self[4096];

static long cap_get(int pid, unsigned long sets[3])
{
	struct __user_cap_header_struct h = {_LINUX_CAPABILITY_VERSION_3, pid};
	struct __user_cap_data_struct d[2] = {{0}};
	long r = syscall(SYS_capget, &h, d);

	sets[0] = d[0].effective | (unsigned long)d[1].effective << 32;
	sets[1] = d[0].permitted | (unsigned long)d[1].permitted << 32;
	sets[2] = d[0].inheritable | (unsigned long)d[1].inheritable << 32;
	return r;
}

static long cap_set(unsigned long effective, unsigned long permitted, unsigned long inheritable)
{
	struct __user_cap_header_struct h = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct d[2] = {
		{(unsigned)effective, (unsigned)permitted, (unsigned)inheritable},
		{(unsigned)(effective >> 32), (unsigned)(permitted >> 32),
			(unsigned)(inheritable >> 32)}};

	return syscall(SYS_capset, &h, d);
}

static void state(const char *what)
{
	unsigned long s[3], bound = 0, ambient = 0;

	cap_get(0, s);
	for (int i = 0; i <= CAP_LAST_CAP; i++) {
		bound |= prctl(PR_CAPBSET_READ, i) == 1 ? BIT(i) : 0;
		ambient |= prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, i, 0, 0) == 1 ? BIT(i) : 0;
	}
	printf("%s: e %lx p %lx i %lx b %lx a %lx, bits %x, uid %d/%d\n", what, s[0], s[1], s[2],
		bound, ambient, prctl(PR_GET_SECUREBITS), getuid(), geteuid());
}

/* For every case a child that begins with the base set and nothing above. */
static void in_child(const char *what, void (*f)(void))
{
	int status = 0;

	printf("-- %s\n", what);
	fflush(stdout);
	pid_t child = fork();
	if (child == 0) {
		for (int i = 0; i <= CAP_LAST_CAP; i++)
			if (!(BASE & BIT(i)))
				prctl(PR_CAPBSET_DROP, i);
		cap_set(BASE, BASE, 0);
		f();
		fflush(stdout);
		_exit(0);
	}
	if (waitpid(child, &status, 0) != child || status)
		printf("child: %x\n", status);
}

static void headers(void)
{
	struct __user_cap_header_struct h = {0};
	struct __user_cap_data_struct d[2] = {{0}};
	static const unsigned versions[] = {0, _LINUX_CAPABILITY_VERSION_1,
		_LINUX_CAPABILITY_VERSION_2, _LINUX_CAPABILITY_VERSION_3,
		_LINUX_CAPABILITY_VERSION_3 + 1};

	for (int i = 0; i < 5; i++) {
		h = (struct __user_cap_header_struct){versions[i], 0};
		SHOW(syscall(SYS_capget, &h, d));
		printf("%x -> %x: %x %x\n", versions[i], h.version, d[0].effective, d[1].effective);
		h = (struct __user_cap_header_struct){versions[i], 0};
		SHOW(syscall(SYS_capget, &h, NULL));
		h = (struct __user_cap_header_struct){versions[i], 0};
		SHOW(syscall(SYS_capset, &h, d));
	}
	h = (struct __user_cap_header_struct){_LINUX_CAPABILITY_VERSION_3, -1};
	SHOW(syscall(SYS_capget, &h, d));
	SHOW(syscall(SYS_capset, &h, d));
	h.pid = 0x3fffffff;
	SHOW(syscall(SYS_capget, &h, d));
	SHOW(syscall(SYS_capset, &h, d));
	h.pid = getppid();
	SHOW(syscall(SYS_capget, &h, d));
	SHOW(syscall(SYS_capset, &h, d));
	SHOW(syscall(SYS_capget, 8, d));
	SHOW(syscall(SYS_capget, NULL, NULL));
	SHOW(syscall(SYS_capget, &h, 8));
	SHOW(syscall(SYS_capset, 8, d));
	h.pid = 0;
	SHOW(syscall(SYS_capset, &h, 8));
}

static void sets(void)
{
	state("begin");
	SHOW(cap_set(BASE | BIT(CAP_SYS_TIME), BASE, 0));
	SHOW(cap_set(BASE, BASE | BIT(CAP_SYS_TIME), 0));
	SHOW(cap_set(BASE, BASE, BIT(CAP_SYS_TIME)));
	SHOW(cap_set(BASE, BASE, BIT(CAP_CHOWN) | BIT(60)));
	state("inheritable");
	SHOW(cap_set(BASE & ~BIT(CAP_SETPCAP), BASE, BIT(CAP_CHOWN)));
	SHOW(prctl(PR_CAPBSET_DROP, CAP_FOWNER));
	SHOW(prctl(PR_CAPBSET_DROP, 63));
	SHOW(cap_set(BASE, BASE, BIT(CAP_CHOWN)));
	SHOW(prctl(PR_CAPBSET_DROP, CAP_FOWNER));
	SHOW(prctl(PR_CAPBSET_DROP, CAP_LAST_CAP + 1));
	SHOW(prctl(PR_CAPBSET_READ, CAP_LAST_CAP + 1));
	SHOW(prctl(PR_CAPBSET_READ, CAP_FOWNER));
	state("dropped");
	SHOW(cap_set(BASE, BASE, BIT(CAP_FOWNER)));
	SHOW(cap_set(0, BIT(CAP_KILL) | BIT(CAP_FOWNER), BIT(CAP_KILL)));
	SHOW(cap_set(0, BASE, 0));
	SHOW(cap_set(0, BIT(CAP_KILL), BIT(CAP_KILL) | BIT(CAP_FOWNER)));
	state("less");
	SHOW(cap_set(0, 0, 0));
	state("nothing");
	SHOW(cap_set(0, BIT(CAP_KILL), 0));
}

static void ambient(void)
{
	SHOW(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_KILL, 0, 0));
	SHOW(cap_set(BASE, BASE, BIT(CAP_KILL) | BIT(CAP_CHOWN)));
	SHOW(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_KILL, 0, 0));
	SHOW(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_CHOWN, 0, 0));
	SHOW(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, 64, 0, 0));
	SHOW(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_KILL, 1, 0));
	SHOW(prctl(PR_CAP_AMBIENT, 99, CAP_KILL, 0, 0));
	SHOW(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 1, 0, 0));
	state("raised");
	SHOW(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_LOWER, CAP_CHOWN, 0, 0));
	state("lowered");
	SHOW(cap_set(BASE, BASE, BIT(CAP_CHOWN)));
	state("gone with the inheritable one");
	SHOW(cap_set(BASE, BASE, BIT(CAP_KILL)));
	SHOW(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_KILL, 0, 0));
	SHOW(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0));
	state("cleared");
	SHOW(prctl(PR_SET_SECUREBITS, SECBIT_NO_CAP_AMBIENT_RAISE));
	SHOW(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_KILL, 0, 0));
}

static void securebits(void)
{
	SHOW(prctl(PR_SET_SECUREBITS, 1 << 20));
	SHOW(prctl(PR_SET_SECUREBITS, SECBIT_KEEP_CAPS));
	SHOW(prctl(PR_GET_KEEPCAPS));
	SHOW(prctl(PR_SET_KEEPCAPS, 0));
	SHOW(prctl(PR_GET_SECUREBITS));
	SHOW(prctl(PR_SET_SECUREBITS, SECBIT_KEEP_CAPS_LOCKED));
	SHOW(prctl(PR_SET_KEEPCAPS, 1));
	SHOW(prctl(PR_SET_KEEPCAPS, 2));
	SHOW(prctl(PR_SET_SECUREBITS, 0));
	SHOW(prctl(PR_SET_SECUREBITS, SECBIT_KEEP_CAPS_LOCKED | SECBIT_KEEP_CAPS));
	SHOW(prctl(PR_SET_SECUREBITS, SECBIT_KEEP_CAPS_LOCKED | SECBIT_NOROOT));
	SHOW(prctl(PR_GET_SECUREBITS));
	SHOW(cap_set(0, BASE, 0));
	SHOW(prctl(PR_SET_SECUREBITS, SECBIT_KEEP_CAPS_LOCKED));
}

static void users(void)
{
	syscall(SYS_setresuid, -1, 1111, -1);
	state("effective user");
	syscall(SYS_setresuid, -1, 0, -1);
	state("root again");
	syscall(SYS_setfsuid, 1111);
	state("file system's user");
	syscall(SYS_setfsuid, 0);
	state("file system's root again");
	syscall(SYS_setresuid, 1111, 1111, 0);
	state("saved root");
	syscall(SYS_setresuid, 0, 0, 0);
	state("root from saved");
	syscall(SYS_setresuid, 1111, 1111, 1111);
	state("user for good");
}

static void users_keeping(void)
{
	prctl(PR_SET_KEEPCAPS, 1);
	cap_set(BASE, BASE, BIT(CAP_KILL));
	prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_KILL, 0, 0);
	syscall(SYS_setresuid, 1111, 1111, 1111);
	state("kept");
	SHOW(cap_set(BIT(CAP_SETUID), BASE, 0));
	SHOW(syscall(SYS_setresuid, 2222, 0, 3333));
	state("with CAP_SETUID alone");
	SHOW(syscall(SYS_setgid, 7));
}

static void users_unfixed(void)
{
	prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP);
	syscall(SYS_setresuid, 1111, 1111, 1111);
	state("not fixed");
	SHOW(access(name, R_OK));
}

/* What each permits, by a user who has that one alone. */
static void one(unsigned long capability)
{
	prctl(PR_SET_KEEPCAPS, 1);
	syscall(SYS_setresgid, 1111, 1111, 1111);
	syscall(SYS_setresuid, 1111, 1111, 1111);
	cap_set(BIT(capability), BIT(capability), 0);
	printf("with %lu:\n", capability);
	SHOW_OK(open(name, O_RDONLY));
	SHOW_OK(open(name, O_WRONLY));
	SHOW(chmod(name, 02710));
	SHOW(chown(name, 1111, 1111));
	SHOW(kill(getppid(), 0));
	SHOW(syscall(SYS_setresuid, 1111, 1111, 5));
	SHOW(syscall(SYS_setresgid, 1111, 1111, 5));
	SHOW(syscall(SYS_setgroups, 0, NULL));
	SHOW(prctl(PR_CAPBSET_DROP, CAP_WAKE_ALARM));
	SHOW(chroot("/"));
	SHOW(mknod("/dev/shm/x", S_IFCHR | 0600, 0x103));
	SHOW(setpriority(PRIO_PROCESS, 0, -1));
	SHOW(setrlimit(RLIMIT_LOCKS, &(struct rlimit){1, 1}));
	SHOW(setrlimit(RLIMIT_LOCKS, &(struct rlimit){1, 2}));
}

static void each(void)
{
	for (unsigned long i = 0; i <= CAP_SETPCAP; i++) {
		if (!(BASE & BIT(i)))
			continue;
		fflush(stdout);
		if (chmod(name, 0600) || chown(name, 0, 0))
			printf("no file\n");
		pid_t child = fork();
		if (child == 0) {
			one(i);
			fflush(stdout);
			_exit(0);
		}
		waitpid(child, NULL, 0);
	}
}

static void again(const char *what)
{
	fflush(stdout);
	execl(self, self, what, NULL);
	printf("execl: %s\n", error_name(errno));
}

static void exec_root(void)
{
	cap_set(BIT(CAP_KILL), BIT(CAP_KILL), 0);
	again("root");
}

static void exec_root_no_new(void)
{
	cap_set(BIT(CAP_KILL), BIT(CAP_KILL), 0);
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	again("root without new rights");
}

static void exec_user(void)
{
	prctl(PR_SET_KEEPCAPS, 1);
	syscall(SYS_setresuid, 1111, 1111, 1111);
	again("user");
}

static void exec_ambient(void)
{
	prctl(PR_SET_KEEPCAPS, 1);
	syscall(SYS_setresuid, 1111, 1111, 1111);
	cap_set(BASE, BASE, BIT(CAP_KILL));
	SHOW(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_KILL, 0, 0));
	again("user with an ambient one");
}

static void exec_real_root(void)
{
	syscall(SYS_setresuid, 0, 1111, 1111);
	again("real root");
}

static void exec_effective_root(void)
{
	syscall(SYS_setresuid, 1111, 0, 0);
	again("effective root");
}

static void exec_noroot(void)
{
	prctl(PR_SET_SECUREBITS, SECBIT_NOROOT);
	again("root is nothing");
}

int main(int argc, char **argv)
{
	if (argc > 1) {
		state(argv[1]);
		printf("secure %lu\n", getauxval(AT_SECURE));
		return 0;
	}
	snprintf(self, sizeof(self), "%s", argv[0]);
	snprintf(name, sizeof(name), "/dev/shm/airlock-caps-%d", (int)getpid());
	close(open(name, O_RDWR | O_CREAT, 0600));
	in_child("headers", headers);
	in_child("sets", sets);
	in_child("ambient", ambient);
	in_child("securebits", securebits);
	in_child("users", users);
	in_child("users, keeping", users_keeping);
	in_child("users, not fixed", users_unfixed);
	in_child("each", each);
	in_child("exec", exec_root);
	in_child("exec", exec_root_no_new);
	in_child("exec", exec_user);
	in_child("exec", exec_ambient);
	in_child("exec", exec_real_root);
	in_child("exec", exec_effective_root);
	in_child("exec", exec_noroot);
	unlink(name);
	return 0;
}

/*
 * uname, sethostname, setdomainname: on the host in a namespace of its own, so that nobody else's name changes.
 *
 * Seen to fail: with a longer name's end left behind a shorter one.
 */
#include "proc.h"

#include <linux/capability.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/utsname.h>

static void show(void)
{
	struct utsname u;

	SHOW(uname(&u));
	printf("host \"%s\", domain \"%s\", %s\n", u.nodename, u.domainname, u.sysname);
	/* What is behind a name is empty. */
	size_t n = strlen(u.nodename);
	int rest = 0;
	for (; n < sizeof(u.nodename); n++)
		rest += u.nodename[n] != 0;
	printf("behind it: %d\n", rest);
}

static void proc_text(const char *path)
{
	char text[200];
	int fd = open(path, O_RDONLY);
	ssize_t n = read(fd, text, sizeof(text) - 1);

	text[n > 0 ? n : 0] = 0;
	printf("%s: %s", path, text);
	close(fd);
}

static void write_to(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);

	SHOW(write(fd, text, strlen(text)) == (ssize_t)strlen(text) ? 0 : -1);
	close(fd);
}

int main(void)
{
	char longest[80];

	/* The guest is alone, and has no namespaces. */
	if (unshare(CLONE_NEWUTS) != 0 && errno != ENOSYS) {
		printf("unshare: %s\n", error_name(errno));
		return 1;
	}
	memset(longest, 'x', sizeof(longest));
	SHOW(sethostname("one", 3));
	SHOW(setdomainname("two.example", 11));
	show();
	proc_text("/proc/sys/kernel/hostname");
	proc_text("/proc/sys/kernel/domainname");
	SHOW(sethostname("a-longer-name", 13));
	SHOW(sethostname("short", 5));
	show();
	SHOW(sethostname("cut here", 3));
	show();
	SHOW(sethostname("", 0));
	show();
	SHOW(sethostname(NULL, 0));
	SHOW(sethostname(longest, 64));
	show();
	SHOW(sethostname(longest, 65));
	SHOW(sethostname(longest, -1));
	SHOW(setdomainname(longest, 64));
	SHOW(setdomainname(longest, 65));
	SHOW(setdomainname(longest, -1));
	SHOW(setdomainname("d", 1));
	SHOW(sethostname(NULL, 1));
	SHOW(sethostname((char *)8, 10));
	SHOW(sethostname((char *)-8, 10));
	SHOW(setdomainname(NULL, 1));
	SHOW(setdomainname((char *)0x800000000000, 3));
	SHOW(syscall(SYS_uname, NULL));
	SHOW(syscall(SYS_uname, 8));
	SHOW(syscall(SYS_uname, -8L));
	/* What could not be read has changed nothing. */
	char *pages = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	munmap(pages + 4096, 4096);
	memcpy(pages + 4094, "zz", 2);
	SHOW(sethostname(pages + 4094, 2));
	SHOW(sethostname(pages + 4094, 3));
	show();
	write_to("/proc/sys/kernel/hostname", "written\n");
	write_to("/proc/sys/kernel/domainname", "also.written");
	show();
	SHOW_CHILD({
		if (setresuid(1000, 1000, 1000) != 0)
			return 1;
		SHOW(sethostname("mine", 4));
		SHOW(setdomainname("mine", 4));
		SHOW(sethostname(longest, 65));
		SHOW(sethostname(NULL, 5));
		SHOW(open("/proc/sys/kernel/hostname", O_WRONLY));
	});
	show();
	/* A child's is the same. */
	SHOW_CHILD(SHOW(sethostname("by-a-child", 10)));
	show();
	return 0;
}

// summary: oom_score, oom_score_adj and oom_adj: what they accept, who may set them, who inherits them
//
// Seen to fail: before octal numbers, ERANGE and EINVAL for a file that is only read were as on Linux.
#include "abi.h"

#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/wait.h>

static int put(const char *name, const char *text)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/%s", name);
	int fd = open(path, O_WRONLY);
	if (fd < 0)
		return -1;
	ssize_t n = write(fd, text, strlen(text));
	int error = errno;
	close(fd);
	errno = error;
	return n == (ssize_t)strlen(text) ? 0 : -1;
}

static long get(const char *name)
{
	char path[64], text[32] = "";

	snprintf(path, sizeof(path), "/proc/self/%s", name);
	int fd = open(path, O_RDONLY);
	if (fd < 0 || read(fd, text, sizeof(text) - 1) <= 0)
		return -99999;
	close(fd);
	return atol(text);
}

static void put_and_show(const char *name, const char *text)
{
	int result = put(name, text);

	printf("%s <- '%s': %s; %ld %ld\n", name, text, result ? error_name(errno) : "ok",
		get("oom_score_adj"), get("oom_adj"));
}

static void values(void)
{
	static const char *const texts[] = {"0", "1", "-1", "500", "500\n", " 7", "+8", "1000",
		"1001", "-1000", "-1001", "0x10", "010", "", "x", "5x", "5 5", "--5", "99999999999",
		"-0"};
	static const char *const old[] = {
		"0", "1", "15", "16", "-16", "-17", "-18", "7", "-3", "x"};

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		put_and_show("oom_score_adj", texts[i]);
	for (size_t i = 0; i < sizeof(old) / sizeof(*old); i++)
		put_and_show("oom_adj", old[i]);
	put_and_show("oom_score_adj", "0");
}

static void scores(void)
{
	put("oom_score_adj", "-1000");
	printf("never: %ld\n", get("oom_score"));
	put("oom_score_adj", "1000");
	HOLDS(get("oom_score") >= 1300 && get("oom_score") < 1400);
	put("oom_score_adj", "-500");
	HOLDS(get("oom_score") >= 300);
	put("oom_score_adj", "0");
	HOLDS(get("oom_score") >= 666 && get("oom_score") < 700);
	SHOW(put("oom_score", "5"));
}

static int child(void (*fn)(void))
{
	int status = -1;
	fflush(stdout);
	pid_t pid = fork();

	if (pid == 0) {
		fn();
		fflush(stdout);
		_exit(0);
	}
	waitpid(pid, &status, 0);
	return status;
}

static void inherited(void)
{
	printf("a child has %ld\n", get("oom_score_adj"));
	put("oom_score_adj", "77");
}

/* Who is no longer privileged may go up, and down to where it was put with privileges. */
static void unprivileged(void)
{
	if (setresuid(65534, 65534, 65534))
		_exit(2);
	/* The files are root's while the process is not dumpable. */
	prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
	put_and_show("oom_score_adj", "400");
	put_and_show("oom_score_adj", "300");
	put_and_show("oom_score_adj", "-300");
}

/* The host's root may lack it. */
static void drop_resource(void)
{
	struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2];

	if (syscall(SYS_capget, &head, data))
		exit(2);
	data[0].effective &= ~(1U << CAP_SYS_RESOURCE);
	data[0].permitted &= ~(1U << CAP_SYS_RESOURCE);
	if (syscall(SYS_capset, &head, data))
		exit(2);
}

int main(void)
{
	drop_resource();
	printf("at first %ld\n", get("oom_score_adj"));
	values();
	scores();
	put("oom_score_adj", "300");
	SHOW(child(inherited));
	printf("the parent has %ld\n", get("oom_score_adj"));
	SHOW(child(unprivileged));
	return 0;
}
